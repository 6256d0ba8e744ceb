package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.model.ModelWeights;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Tensors;
import io.cria.sft.ranks.LocalRanks;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GradientReductionTest {
  private static final String GATE = "model.layers.0.mlp.gate_proj.weight";
  private static final String UP = "model.layers.0.mlp.up_proj.weight";

  /**
   * Parameters with gradients of their own type that name their rank; the second rank has none of
   * the last two.
   *
   * @param type of all but the norm
   */
  private static Map<String, Tensor> parameters(int rank, ScalarType type) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put(ModelWeights.EMBEDDING, filled(7, rank, type));
    parameters.put(GATE, filled(5, rank, type));
    parameters.put(UP, filled(3, rank, type));
    parameters.put(ModelWeights.NORM, filled(2, rank, ScalarType.Float));
    parameters.forEach(
        (name, tensor) -> {
          if (rank == 0 || !(name.equals(ModelWeights.NORM) || name.equals(UP))) {
            tensor.mutable_grad().put(tensor.detach().add(new Scalar(100.0)));
          }
        });
    return parameters;
  }

  private static Tensor filled(int count, int rank, ScalarType type) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 10 * rank + i;
    }
    return Tensors.floats(values, count).to(type).requires_grad_(true);
  }

  private record Rank(Shares shares, Map<String, Tensor> parameters) {}

  private static List<Rank> run(boolean sharded, long bucketValues, ScalarType type) {
    Natives.load();
    try (LocalRanks ranks = LocalRanks.open(2)) {
      CompletableFuture<Rank> other =
          CompletableFuture.supplyAsync(
              () -> run(LocalRanks.join(1, 2, ranks.port()), sharded, bucketValues, type));
      Rank first = run(ranks.join(), sharded, bucketValues, type);
      return List.of(first, other.join());
    }
  }

  private static Rank run(ProcessGroup group, boolean sharded, long bucketValues, ScalarType type) {
    Map<String, Tensor> parameters = parameters(group.rank(), type);
    Shares shares = Shares.of(parameters, group.rank(), group.size(), sharded);
    ParameterGroups groups = ParameterGroups.of(parameters, 1);
    GradientReduction reduction = new GradientReduction(group, groups, shares, bucketValues);
    for (int index = 0; index < groups.groups().size(); index++) {
      reduction.reduce(index);
    }
    reduction.spread();
    group.gather(1);
    return new Rank(shares, parameters);
  }

  @ParameterizedTest
  @CsvSource({
    "true,1000,Float",
    "true,4,Float",
    "true,1,Float",
    "false,1000,Float",
    "false,4,Float",
    "false,1,Float",
    "true,1000,BFloat16",
    "true,4,BFloat16",
    "true,1,BFloat16",
    "false,4,BFloat16",
    "false,1,BFloat16"
  })
  void gradientsAreSummedInFloat32WhereTheyAreUsed(
      boolean sharded, long bucketValues, ScalarType type) {
    for (Rank rank : run(sharded, bucketValues, type)) {
      rank.shares()
          .updated(rank.parameters())
          .forEach(
              (name, tensor) -> {
                boolean ofOne = name.equals(ModelWeights.NORM) || name.equals(UP);
                float[] expected = new float[(int) tensor.numel()];
                for (int i = 0; i < expected.length; i++) {
                  expected[i] = ofOne ? 100 + i : 210 + 2 * i;
                }
                assertThat(tensor.grad().scalar_type().intern())
                    .as(name)
                    .isEqualTo(ScalarType.Float);
                assertThat(Tensors.toFloats(tensor.grad())).as(name).containsExactly(expected);
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"1000,Float", "4,Float", "1,Float", "1000,BFloat16", "1,BFloat16"})
  void updatedValuesGoFromTheirOwnersToAll(long bucketValues, ScalarType type) {
    List<Rank> ranks = run(true, bucketValues, type);
    Map<String, Tensor> first = ranks.get(0).parameters();
    first.forEach(
        (name, tensor) -> {
          float[] expected =
              Tensors.toFloats(
                  filled(
                      (int) tensor.numel(), ranks.get(0).shares().owner(name), ScalarType.Float));
          for (Rank rank : ranks) {
            assertThat(Tensors.toFloats(rank.parameters().getOrDefault(name, tensor)))
                .as(name)
                .containsExactly(expected);
          }
        });
  }

  @Test
  void everyRankOwnsAboutAsMuch() {
    Map<String, Long> sizes = new TreeMap<>();
    long[] values = {100, 90, 10, 10, 5, 5, 5, 5};
    for (int i = 0; i < values.length; i++) {
      sizes.put("p" + i, values[i]);
    }
    Map<String, Integer> owners = Shares.owners(sizes, 3);
    long[] load = new long[3];
    owners.forEach((name, owner) -> load[owner] += sizes.getOrDefault(name, 0L));
    assertThat(Arrays.stream(load).sum()).isEqualTo(230);
    assertThat(load).containsExactly(100, 90, 40);
    assertThat(Shares.owners(sizes, 3)).isEqualTo(owners);
  }

  @Test
  void parametersAreGroupedInTheOrderOfTheBackwardPass() {
    Natives.load();
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String name :
        List.of(
            ModelWeights.EMBEDDING,
            "model.layers.0.self_attn.q_proj.lora_A.weight",
            "model.layers.10.mlp.up_proj.weight",
            ModelWeights.NORM,
            ModelWeights.HEAD)) {
      parameters.put(name, Tensors.floats(new float[1], 1));
    }
    List<ParameterGroups.Group> groups = ParameterGroups.of(parameters, 11).groups();
    assertThat(groups).hasSize(13);
    assertThat(groups.get(0).name()).isEqualTo("head");
    assertThat(groups.get(0).parameters()).containsOnlyKeys(ModelWeights.NORM, ModelWeights.HEAD);
    assertThat(groups.get(1).name()).isEqualTo("layer-00010");
    assertThat(groups.get(1).parameters()).hasSize(1);
    assertThat(groups.get(5).parameters()).isEmpty();
    assertThat(groups.get(11).parameters()).hasSize(1);
    assertThat(groups.get(12).parameters()).containsOnlyKeys(ModelWeights.EMBEDDING);
  }
}
