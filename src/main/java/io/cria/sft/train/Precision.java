package io.cria.sft.train;

import io.cria.sft.natives.CpuFeatures;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.MatrixRate;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * In which type the linear layers compute.
 *
 * @param type Float or BFloat16
 * @param reason why, for the run's first line
 */
record Precision(ScalarType type, String reason) {
  /**
   * The type that a setting means. {@code auto} is bfloat16 on a processor with instructions for it
   * (avx512_bf16, amx) where a short trial shows that they are the faster ones, which not every
   * such processor keeps.
   */
  static Precision of(String setting) {
    return of(setting, SftConfig.FLOAT32, Device.CPU);
  }

  /**
   * The type that the settings mean on a device. On a GPU {@code auto} is bfloat16, for which those
   * that this libtorch is built for have units of their own; weights kept in bfloat16 are computed
   * with in it.
   */
  static Precision of(String setting, String weights, Device device) {
    if (!setting.equals(SftConfig.AUTO)) {
      return new Precision(
          setting.equals(SftConfig.BFLOAT16) ? ScalarType.BFloat16 : ScalarType.Float,
          "as configured");
    }
    if (weights.equals(SftConfig.BFLOAT16)) {
      return new Precision(ScalarType.BFloat16, "the type of the weights");
    }
    if (device.isCuda()) {
      return new Precision(ScalarType.BFloat16, "the GPU has units for it");
    }
    if (!CpuFeatures.hasBfloat16()) {
      return new Precision(ScalarType.Float, "the processor has no bfloat16 instructions");
    }
    return choose(
        MatrixRate.measure(ScalarType.Float, 512, 576, 1536, 4),
        MatrixRate.measure(ScalarType.BFloat16, 512, 576, 1536, 4));
  }

  static Precision choose(double float32Rate, double bfloat16Rate) {
    boolean faster = bfloat16Rate >= float32Rate;
    return new Precision(
        faster ? ScalarType.BFloat16 : ScalarType.Float,
        String.format(
            Locale.ROOT,
            "products run at %.0f GFLOP/s in bfloat16 and %.0f in float32",
            bfloat16Rate / 1e9,
            float32Rate / 1e9));
  }

  /** As in the configuration. */
  String word() {
    return type == ScalarType.BFloat16 ? SftConfig.BFLOAT16 : SftConfig.FLOAT32;
  }
}
