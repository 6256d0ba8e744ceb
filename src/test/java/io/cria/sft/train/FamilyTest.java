package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.PackedAttention;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.GgufExport;
import io.cria.weights.GgufModel;
import io.cria.weights.Safetensors;
import io.cria.weights.TensorType;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every family beyond what the goldens say: files, training, adapters. */
final class FamilyTest {
  @SuppressWarnings("UnusedVariable")
  private static final List<String> FAMILIES =
      List.of("gqa_tied", "qwen2_tied", "qwen3", "smollm3", "phi3_mini", "phi4_mini");

  @TempDir Path directory;

  @ParameterizedTest
  @FieldSource("FAMILIES")
  void aSavedModelIsOfItsOwnFamilyWithTheSameLogitsToTheBit(String name) {
    Path base = Golden.path("models/" + name);
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config)) {
      ModelFiles.save(directory, config, weights, TensorType.F32, base);
      assertThat(ModelConfigJson.read(directory)).isEqualTo(config);
      Safetensors original = Safetensors.open(base.resolve("model.safetensors"));
      assertThat(WeightsDirectory.open(directory).names())
          .containsExactlyInAnyOrderElementsOf(original.names());
      try (ModelWeights again = ModelFiles.load(directory, config)) {
        assertThat(logits(config, again)).isEqualTo(logits(config, weights));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("FAMILIES")
  void aGgufFileIsReadBackToTheSameLogitsToTheBit(String name) throws IOException {
    Path base = Golden.path("models/" + name);
    ModelConfig config = ModelConfigJson.read(base);
    Path file = directory.resolve("model.gguf");
    for (String wording : List.of("config.json", "config_v4.json")) {
      JsonNode json = new ObjectMapper().readTree(Files.readString(base.resolve(wording)));
      GgufExport.write(
          file,
          name,
          json,
          WeightsDirectory.open(base),
          TensorType.F32,
          Map.of("tokenizer.ggml.bos_token_id", 1, "tokenizer.ggml.eos_token_id", 2));
      GgufModel gguf = GgufModel.open(file);
      ModelConfig again =
          ModelConfigJson.parse(
              gguf.config().put("pad_token_id", config.padToken()).toString(), "of the file");
      assertThat(again).isEqualTo(config);
      try (ModelWeights weights = ModelFiles.load(base, config);
          ModelWeights read = ModelFiles.load(gguf, again, "the file")) {
        assertThat(logits(again, read)).isEqualTo(logits(config, weights));
      }
    }
  }

  private static float[] logits(ModelConfig config, ModelWeights weights) {
    try (Rotary rotary = Rotary.of(config)) {
      Decoder decoder = new Decoder(config, weights, rotary, ScalarType.Float);
      return Scoped.withoutGradients(
          () -> {
            long[] ids = IntStream.range(0, 20).mapToLong(i -> 3 + 7 * i % 120).toArray();
            long[] positions = IntStream.range(0, 20).asLongStream().toArray();
            Tensor hidden =
                decoder.hidden(
                    Tensors.longs(ids, 1, 20),
                    Tensors.longs(positions, 1, 20),
                    new PackedAttention(new int[] {20}, config.slidingWindow()));
            return Tensors.toFloats(decoder.logits(hidden));
          });
    }
  }

  @ParameterizedTest
  @FieldSource("FAMILIES")
  void layersThatAreComputedAgainGiveTheSameGradients(String name) {
    PackedBatch batch = batch(name);
    Decoder kept = Golden.decoder(name, true);
    Decoder again = Golden.decoder(name, true);
    double loss = new Backpropagation(kept, false).run(batch, 1.0 / 38);
    assertThat(new Backpropagation(again, true).run(batch, 1.0 / 38)).isEqualTo(loss);
    Map<String, Tensor> recomputed = again.weights().named();
    kept.weights()
        .named()
        .forEach(
            (parameter, tensor) ->
                assertThat(
                        Tensors.toFloats(Objects.requireNonNull(recomputed.get(parameter)).grad()))
                    .as(parameter)
                    .isEqualTo(Tensors.toFloats(tensor.grad())));
  }

  private static PackedBatch batch(String name) {
    return PackedBatch.of(
        Golden.rows(Golden.tensors("models/" + name + "/golden.safetensors"), "", 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "smollm3", "phi4_mini"})
  void bfloat16StaysCloseToFloat32WithFloat32Gradients(String name) {
    JsonNode golden = Golden.json("models/" + name + "/golden.json");
    Decoder decoder = Golden.decoder(name, true, ScalarType.BFloat16);
    double loss = new Backpropagation(decoder, false).run(batch(name), 1.0 / 38) / 38;
    assertThat(loss)
        .isCloseTo(golden.path("loss").asDouble(), within(1e-2))
        .isNotEqualTo(golden.path("loss").asDouble());
    decoder
        .weights()
        .named()
        .forEach(
            (parameter, tensor) ->
                assertThat(tensor.grad().scalar_type().intern())
                    .as(parameter)
                    .isEqualTo(ScalarType.Float));
  }

  @Test
  void normsOfQueriesAndKeysAreTrainedAndDoNotDecay() {
    Map<String, Tensor> named = Golden.decoder("qwen3", true).weights().named();
    Map<String, float[]> before = new LinkedHashMap<>();
    named.forEach((parameter, tensor) -> before.put(parameter, Tensors.toFloats(tensor)));
    assertThat(named).containsKey("model.layers.1.self_attn.q_norm.weight");
    try (AdamW optimizer = new AdamW(named, new SftConfig.Optimizer(1e-2, 0.5, 0.9, 0.999, 1e-8))) {
      named.values().forEach(tensor -> tensor.mutable_grad().put(zeros(tensor)));
      optimizer.step(1e-2, 1);
    }
    named.forEach(
        (parameter, tensor) -> {
          boolean same =
              Arrays.equals(
                  Tensors.toFloats(tensor), Objects.requireNonNull(before.get(parameter)));
          assertThat(same).as(parameter).isEqualTo(parameter.contains("norm"));
        });
  }

  private static Tensor zeros(Tensor like) {
    return Scoped.keep(() -> torch.zeros_like(like.detach()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "smollm3", "phi3_mini", "phi4_mini"})
  void aTrainedModelIsWrittenAsItsOwnFamily(String name) {
    Path base = Golden.path("models/" + name);
    List<TrainingRow> rows =
        Golden.rows(Golden.tensors("models/" + name + "/golden.safetensors"), "", 0);
    try (Trainer trainer =
        new Trainer(
            config(base, directory), new InMemoryRows(rows, 7, true), null, environment())) {
      trainer.run();
    }
    Path model = directory.resolve("model");
    ModelConfig config = ModelConfigJson.read(base);
    assertThat(ModelConfigJson.read(model)).isEqualTo(config);
    try (ModelWeights before = ModelFiles.load(base, config);
        ModelWeights after = ModelFiles.load(model, config);
        Rotary rotary = Rotary.of(config)) {
      double learnt = loss(config, after, rotary, name);
      assertThat(learnt).isLessThan(loss(config, before, rotary, name) - 0.1);
      after
          .named()
          .forEach(
              (parameter, tensor) ->
                  assertThat(Tensors.toFloats(tensor))
                      .as(parameter)
                      .isNotEqualTo(
                          Tensors.toFloats(Objects.requireNonNull(before.named().get(parameter)))));
    }
  }

  private static double loss(ModelConfig config, ModelWeights weights, Rotary rotary, String name) {
    Decoder decoder = new Decoder(config, weights, rotary, ScalarType.Float);
    return new Backpropagation(decoder, false).loss(batch(name)) / 38;
  }

  private static Trainer.Environment environment() {
    return new Trainer.Environment(() -> 0, () -> false, message -> {});
  }

  private static SftConfig config(Path base, Path output) {
    return new SftConfig(
        base.toString(),
        "rows in memory",
        null,
        output.toString(),
        null,
        3.0,
        null,
        null,
        3,
        30,
        new SftConfig.Optimizer(1e-2, 0.1, 0.9, 0.999, 1e-8),
        new SftConfig.Schedule("constant", 0.0, null),
        1.0,
        true,
        "float32",
        SftConfig.FLOAT32,
        "cpu",
        2,
        7L,
        4,
        2,
        2,
        SftConfig.Guards.DEFAULT,
        true);
  }

  @Test
  void anAdapterOfJointProjectionsIsPeftsOwn() throws IOException {
    Path base = Golden.path("models/phi4_mini");
    ModelConfig config = ModelConfigJson.read(base);
    JsonNode golden = Golden.json("models/phi4_mini/golden.json");
    Safetensors expected = Golden.tensors("models/phi4_mini/adapter.safetensors");
    PackedBatch batch = batch("phi4_mini");
    try (ModelWeights weights = ModelFiles.load(base, config);
        ModelWeights merged = ModelFiles.load(base, config);
        LoraAdapter adapter = LoraFiles.load(base.resolve("adapter"), weights);
        Rotary rotary = Rotary.of(config)) {
      assertThat(adapter.layers()).containsKey("model.layers.0.self_attn.qkv_proj");
      adapter.named().values().forEach(tensor -> tensor.requires_grad_(true));
      Decoder decoder = new Decoder(config, adapter.attach(weights), rotary, ScalarType.Float);
      double loss = new Backpropagation(decoder, false).run(batch, 1.0 / 38) / 38;
      assertThat(loss).isCloseTo(golden.path("adapter_loss").asDouble(), within(Golden.LOSS));
      assertThat(loss).isNotCloseTo(golden.path("loss").asDouble(), within(1e-2));
      adapter
          .named()
          .forEach(
              (parameter, tensor) ->
                  Golden.assertGradient(
                      parameter, tensor, expected.tensor("grad.base_model.model." + parameter)));
      adapter.mergeInto(merged);
      assertThat(loss(config, merged, rotary, "phi4_mini")).isCloseTo(loss, within(Golden.LOSS));
    }
  }

  @Test
  void targetsAreThoseOfTheModel() {
    Path base = Golden.path("models/phi4_mini");
    try (ModelWeights weights = ModelFiles.load(base, ModelConfigJson.read(base))) {
      SftConfig.Lora all = new SftConfig.Lora(4, 8.0, 0.0, List.of("all-linear"), true);
      try (LoraAdapter adapter = LoraAdapter.create(weights, all, 1)) {
        assertThat(adapter.layers().keySet())
            .contains("model.layers.1.self_attn.qkv_proj", "model.layers.1.mlp.gate_up_proj")
            .hasSize(8);
      }
      SftConfig.Lora other = new SftConfig.Lora(4, 8.0, 0.0, List.of("q_proj"), true);
      assertThatThrownBy(() -> LoraAdapter.create(weights, other, 1))
          .isInstanceOf(CriaException.class)
          .hasMessage(
              "lora target 'q_proj' does not exist (lora.targets): use all-linear or some of"
                  + " down_proj, gate_up_proj, o_proj, qkv_proj");
    }
  }
}
