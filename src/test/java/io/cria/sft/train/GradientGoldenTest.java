package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.weights.Safetensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GradientGoldenTest {
  @SuppressWarnings("UnusedVariable")
  private static final List<String> MODELS = Golden.MODELS;

  @ParameterizedTest
  @FieldSource("MODELS")
  void lossAndEveryGradientAreThoseOfTheReference(String model) {
    Decoder decoder = Golden.decoder(model, true);
    Safetensors golden = Golden.tensors("models/" + model + "/golden.safetensors");
    JsonNode expected = Golden.json("models/" + model + "/golden.json");
    PackedBatch batch = PackedBatch.of(Golden.rows(golden, "", 0));
    int targets = expected.path("valid_targets").asInt();
    assertThat(batch.targets()).hasSize(targets);

    Backpropagation backpropagation = new Backpropagation(decoder, false);
    double loss = backpropagation.run(batch, 1.0 / targets) / targets;

    assertThat(loss).isCloseTo(expected.path("loss").asDouble(), within(Golden.LOSS));
    assertThat(backpropagation.loss(batch) / targets).isCloseTo(loss, within(1e-7));
    assertGradients(decoder, golden);
    double norm = GradientNorm.of(decoder.weights().named().values());
    assertThat(norm / expected.path("grad_norm").asDouble()).isCloseTo(1, within(Golden.NORM));
  }

  private static void assertGradients(Decoder decoder, Safetensors golden) {
    Map<String, Tensor> named = decoder.weights().named();
    assertThat(
            golden.names().stream()
                .filter(name -> name.startsWith("grad."))
                .map(name -> name.substring(5)))
        .containsExactlyInAnyOrderElementsOf(named.keySet());
    named.forEach(
        (name, tensor) -> Golden.assertGradient(name, tensor, golden.tensor("grad." + name)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPackedRowHasTheGradientsOfTheReference(boolean checkpointed) {
    Decoder decoder = Golden.decoder("gqa_tied", true);
    Safetensors golden = Golden.tensors("packed/golden.safetensors");
    JsonNode expected = Golden.json("packed/golden.json");
    TrainingRow row =
        new TrainingRow(
            Golden.ints(golden.tensor("input_ids").longs(), 0, 30),
            Golden.ints(golden.tensor("labels").longs(), 0, 30),
            new int[] {9, 14, 7});
    assertThat(row.targets()).isEqualTo(20);

    double loss =
        new Backpropagation(decoder, checkpointed).run(PackedBatch.of(List.of(row)), 1.0 / 20) / 20;

    assertThat(loss).isCloseTo(expected.path("loss").asDouble(), within(Golden.LOSS));
    assertGradients(decoder, golden);
  }

  @Test
  void microBatchesWithUnequalCountsAreNormalisedByAllTheirTargets() {
    Decoder decoder = Golden.decoder("gqa_tied", true);
    Safetensors golden = Golden.tensors("accumulation/golden.safetensors");
    JsonNode expected = Golden.json("accumulation/golden.json");
    Backpropagation backpropagation = new Backpropagation(decoder, false);

    double first = backpropagation.run(PackedBatch.of(Golden.rows(golden, "micro0.", 0)), 1.0 / 50);
    double second =
        backpropagation.run(PackedBatch.of(Golden.rows(golden, "micro1.", 0)), 1.0 / 50);

    assertThat(first)
        .isCloseTo(
            expected.path("loss_sum_per_micro_batch").get(0).asDouble(), within(50 * Golden.LOSS));
    assertThat((first + second) / 50)
        .isCloseTo(expected.path("loss").asDouble(), within(Golden.LOSS));
    assertGradients(decoder, golden);
  }
}
