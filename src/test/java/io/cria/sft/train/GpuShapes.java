package io.cria.sft.train;

import io.cria.sft.model.Architecture;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.RopeScaling;
import io.cria.sft.model.RotaryConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shapes of models that the programs for GPUs compute with. */
final class GpuShapes {
  private GpuShapes() {}

  /** SmolLM2-135M's. */
  static ModelConfig small() {
    return of(49152, 576, 1536, 30, 9, 3, 64, true, null);
  }

  /** Llama-3.2-1B's. */
  static ModelConfig one() {
    return of(128256, 2048, 8192, 16, 32, 8, 64, true, null);
  }

  /** Llama-2-7B's. */
  static ModelConfig seven() {
    return of(32000, 4096, 11008, 32, 32, 32, 128, false, null);
  }

  /** For trying a harness where there is no GPU. */
  static ModelConfig tiny() {
    return of(512, 64, 128, 2, 4, 2, 16, true, null);
  }

  /** Of attention alone. */
  static ModelConfig heads(int heads, int groups, int size, @Nullable Integer window) {
    return of(8, heads * size, 8, 1, heads, groups, size, true, window);
  }

  private static ModelConfig of(
      int vocabulary,
      int hidden,
      int intermediate,
      int layers,
      int heads,
      int groups,
      int size,
      boolean tied,
      @Nullable Integer window) {
    return new ModelConfig(
        Architecture.LLAMA,
        vocabulary,
        hidden,
        intermediate,
        layers,
        heads,
        groups,
        size,
        8192,
        1e-5,
        RotaryConfig.whole(size, 1e5, RopeScaling.NONE),
        tied,
        false,
        false,
        false,
        false,
        false,
        window,
        null,
        List.of(),
        null);
  }
}
