package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Tensors;
import io.cria.sft.train.TrainingRow;
import io.cria.testing.Fixtures;
import io.cria.weights.Safetensors;
import io.cria.weights.StoredTensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reference results of transformers and PEFT on tiny models: some lie among the test resources, the
 * others beside the checkout (tests that need those are skipped where they are not). Limits are
 * those of the goldens' README.
 */
public final class Golden {
  public static final double LOGITS = 2e-5;
  public static final double LOSS = 5e-6;
  public static final double PARAMETERS = 5e-6;
  public static final double NORM = 1e-5;

  public static final List<String> MODELS =
      List.of(
          "gqa_tied",
          "mha_untied",
          "rope_linear",
          "rope_llama3",
          "bias",
          "mistral",
          "head_dim",
          "qwen2_tied",
          "qwen3",
          "smollm3",
          "phi3_mini",
          "phi4_mini",
          "mistral_window");

  private Golden() {}

  /** A file or directory of the goldens. */
  public static Path path(String name) {
    URL resource = Golden.class.getResource("/golden/llama/" + name);
    if (resource == null) {
      return Fixtures.file("golden/llama/" + name);
    }
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Safetensors tensors(String name) {
    return Safetensors.open(path(name));
  }

  public static JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(Files.readString(path(name)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The decoder of a golden model; the weights want gradients when {@code trained}. */
  public static Decoder decoder(String model, boolean trained) {
    return decoder(model, trained, ScalarType.Float);
  }

  public static Decoder decoder(String model, boolean trained, ScalarType type) {
    Path directory = path("models/" + model);
    ModelConfig config = ModelConfigJson.read(directory);
    ModelWeights weights = ModelFiles.load(directory, config);
    weights.named().values().forEach(tensor -> tensor.requires_grad_(trained));
    return new Decoder(config, weights, Rotary.of(config), type);
  }

  public static Tensor tensor(StoredTensor stored) {
    return stored.type().isFloating()
        ? Tensors.of(stored)
        : Tensors.longs(stored.longs(), stored.shape());
  }

  /** The rows of a (B,T) batch, each cut where its attention mask ends. */
  public static List<TrainingRow> rows(Safetensors file, String prefix, int batch) {
    StoredTensor ids = file.tensor(prefix + "input_ids");
    long[] shape = ids.shape();
    int t = (int) shape[shape.length - 1];
    int b = (int) shape[shape.length - 2];
    long[] tokens = ids.longs();
    long[] labels = file.tensor(prefix + "labels").longs();
    long[] mask = file.tensor(prefix + "attention_mask").longs();
    List<TrainingRow> rows = new ArrayList<>();
    for (int row = 0; row < b; row++) {
      int at = (batch * b + row) * t;
      int length = (int) Arrays.stream(mask, at, at + t).sum();
      rows.add(TrainingRow.single(ints(tokens, at, length), ints(labels, at, length)));
    }
    return rows;
  }

  public static int[] ints(long[] values, int from, int length) {
    return Arrays.stream(values, from, from + length).mapToInt(Math::toIntExact).toArray();
  }

  /** Asserts |actual - expected| <= absolute + relative * |expected| for every value. */
  public static void assertClose(
      String what, float[] actual, float[] expected, double absolute, double relative) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    int worst = -1;
    double worstExcess = 0;
    for (int i = 0; i < actual.length; i++) {
      double excess =
          Math.abs((double) actual[i] - expected[i]) - absolute - relative * Math.abs(expected[i]);
      if (!(excess <= worstExcess)) {
        worst = i;
        worstExcess = excess;
      }
    }
    if (worst >= 0) {
      throw new AssertionError(
          what + ": value " + worst + " is " + actual[worst] + ", expected " + expected[worst]);
    }
  }

  public static void assertGradient(String name, Tensor parameter, StoredTensor expected) {
    assertThat(parameter.grad().defined()).as("gradient of " + name).isTrue();
    assertClose(
        "gradient of " + name, Tensors.toFloats(parameter.grad()), expected.floats(), 2e-6, 1e-5);
  }
}
