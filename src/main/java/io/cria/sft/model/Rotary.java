package io.cria.sft.model;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864) in the half-split layout of transformers:
 * of the R values of a head that turn, value i turns together with value i + R/2, by position *
 * frequency i.
 */
public final class Rotary implements AutoCloseable {
  private final Tensor inverseFrequencies; // (R/2)
  private final double attentionFactor;

  private Rotary(Tensor inverseFrequencies, double attentionFactor) {
    this.inverseFrequencies = inverseFrequencies;
    this.attentionFactor = attentionFactor;
  }

  public static Rotary of(ModelConfig config) {
    return of(config, Device.CPU);
  }

  public static Rotary of(ModelConfig config, Device device) {
    return of(config.rotary(), device);
  }

  static Rotary of(RotaryConfig config) {
    return of(config, Device.CPU);
  }

  private static Rotary of(RotaryConfig config, Device device) {
    int half = config.dimension() / 2;
    RopeScaling scaling = config.scaling();
    float[] exponents = new float[half];
    for (int i = 0; i < half; i++) {
      exponents[i] = (float) (2 * i) / config.dimension();
    }
    // All in float32 and by the library's own power, as the reference does: a last bit here is a
    // visible angle at position 8000.
    float[] powers =
        Scoped.call(
            () ->
                Tensors.toFloats(
                    torch.pow(new Scalar(config.theta()), Tensors.floats(exponents, half))));
    float[] frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = frequency(powers[i], i, scaling);
    }
    return new Rotary(
        Scoped.keep(() -> device.put(Tensors.floats(frequencies, half))),
        scaling.attentionFactor());
  }

  /**
   * @param power theta to the power 2 at / R
   */
  private static float frequency(float power, int at, RopeScaling scaling) {
    float frequency = 1 / power;
    float factor = (float) scaling.factor();
    return switch (scaling.kind()) {
      case DEFAULT -> frequency;
      case LINEAR -> frequency / factor;
      case LLAMA3 -> {
        float wavelength = (float) (2 * Math.PI) / frequency;
        float longest = (float) (scaling.originalLength() / scaling.lowFrequencyFactor());
        float shortest = (float) (scaling.originalLength() / scaling.highFrequencyFactor());
        if (wavelength < shortest) {
          yield frequency;
        }
        if (wavelength > longest) {
          yield frequency / factor;
        }
        float low = (float) scaling.lowFrequencyFactor();
        float width = (float) (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
        float smooth = (scaling.originalLength() / wavelength - low) / width;
        yield (1 - smooth) * frequency / factor + smooth * frequency;
      }
      case LONGROPE -> 1 / (scaling.shortFactors().get(at).floatValue() * power);
    };
  }

  /** (R/2) radians per position, after scaling. */
  public Tensor inverseFrequencies() {
    return inverseFrequencies;
  }

  /**
   * Cosines and sines of a batch's positions.
   *
   * @param positions (B,T) int64
   * @param type in which the heads will be
   */
  public Angles angles(Tensor positions, ScalarType type) {
    Tensor angles =
        positions
            .to(ScalarType.Float)
            .unsqueeze(-1)
            .mul(inverseFrequencies)
            .unsqueeze(2); // (B,T,1,R/2)
    return new Angles(stretched(angles.cos()).to(type), stretched(angles.sin()).to(type));
  }

  private Tensor stretched(Tensor values) {
    return attentionFactor == 1 ? values : values.mul(new Scalar(attentionFactor));
  }

  /**
   * @param cosines (B,T,1,R/2)
   * @param sines (B,T,1,R/2)
   */
  public record Angles(Tensor cosines, Tensor sines) {
    /** Turns the first R values of the heads of (B,T,heads,D) by their tokens' angles. */
    public Tensor rotate(Tensor heads) {
      long half = cosines.size(-1);
      long passing = heads.size(-1) - 2 * half;
      TensorVector parts =
          heads.split_with_sizes(
              passing == 0 ? new long[] {half, half} : new long[] {half, half, passing}, -1);
      Tensor first = parts.get(0);
      Tensor second = parts.get(1);
      TensorVector turned =
          new TensorVector(
              first.mul(cosines).sub(second.mul(sines)), second.mul(cosines).add(first.mul(sines)));
      if (passing > 0) {
        turned.push_back(parts.get(2));
      }
      return torch.cat(turned, -1);
    }
  }

  @Override
  public void close() {
    Tensors.release(inverseFrequencies);
  }
}
