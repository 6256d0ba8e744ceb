package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter whose inputs are dropped with a share of one half. */
final class DropoutTest {
  @TempDir Path directory;

  private final PackedBatch batch = PackedBatch.of(TrainerTest.rows(3, 4));
  private ModelWeights weights;
  private LoraAdapter adapter;
  private Decoder decoder;

  @BeforeEach
  void loadAnAdapter() throws IOException {
    Natives.load();
    Path base = Golden.path("models/gqa_tied");
    ModelConfig config = ModelConfigJson.read(base);
    Path source = Golden.path("lora/qv/adapter");
    Files.copy(source.resolve(LoraFiles.WEIGHTS), directory.resolve(LoraFiles.WEIGHTS));
    Files.writeString(
        directory.resolve(LoraFiles.CONFIG),
        Files.readString(source.resolve(LoraFiles.CONFIG))
            .replaceFirst("\"lora_dropout\": [0-9.]+", "\"lora_dropout\": 0.5"));
    weights = ModelFiles.load(base, config);
    adapter = LoraFiles.load(directory, weights);
    decoder = new Decoder(config, adapter.attach(weights), Rotary.of(config), ScalarType.Float);
  }

  @AfterEach
  void release() {
    adapter.close();
    weights.close();
  }

  private void train() {
    adapter.named().values().forEach(tensor -> tensor.requires_grad_(true));
  }

  @Test
  void anAdapterThatIsUsedWantsNoGradients() {
    assertThat(adapter.settings().dropout()).isEqualTo(0.5);
    assertThat(adapter.named().values()).noneMatch(Tensor::requires_grad);
  }

  @Test
  void onlyTrainingDrops() {
    train();
    Backpropagation backpropagation = new Backpropagation(decoder, false);
    double evaluated = backpropagation.loss(batch);
    assertThat(backpropagation.loss(batch)).isEqualTo(evaluated);
    assertThat(backpropagation.run(batch, 1))
        .isNotEqualTo(evaluated)
        .isNotEqualTo(backpropagation.run(batch, 1));
  }

  @Test
  void layersThatAreComputedAgainDropTheSame() {
    train();
    torch.manual_seed(3);
    double loss = new Backpropagation(decoder, false).run(batch, 1);
    byte[] stateAfter = Tensors.toBytes(Device.CPU.randomState());
    Map<String, float[]> expected = new TreeMap<>();
    adapter
        .named()
        .forEach(
            (name, tensor) -> {
              expected.put(name, Tensors.toFloats(tensor.grad()));
              tensor.mutable_grad().reset();
            });
    torch.manual_seed(3);
    assertThat(new Backpropagation(decoder, true).run(batch, 1)).isEqualTo(loss);
    assertThat(Tensors.toBytes(Device.CPU.randomState())).isEqualTo(stateAfter);
    expected.forEach(
        (name, gradient) ->
            Golden.assertClose(
                name,
                Tensors.toFloats(Objects.requireNonNull(adapter.named().get(name)).grad()),
                gradient,
                1e-6,
                1e-5));
  }
}
