package io.cria.sft.model;

import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864) in the half-split layout of transformers:
 * dimension i of a head turns together with dimension i + D/2, by position * frequency i.
 */
public final class Rotary implements AutoCloseable {
  private final Tensor inverseFrequencies; // (D/2)

  private Rotary(Tensor inverseFrequencies) {
    this.inverseFrequencies = inverseFrequencies;
  }

  public static Rotary of(ModelConfig config) {
    return of(config.headDimension(), config.ropeTheta(), config.ropeScaling());
  }

  static Rotary of(int headDimension, double theta, RopeScaling scaling) {
    int half = headDimension / 2;
    float[] exponents = new float[half];
    for (int i = 0; i < half; i++) {
      exponents[i] = (float) (2 * i) / headDimension;
    }
    // All in float32 and by the library's own power, as the reference does: a last bit here is a
    // visible angle at
    // position 8000.
    float[] frequencies =
        Scoped.call(
            () ->
                Tensors.toFloats(
                    torch.reciprocal(
                        torch.pow(new Scalar(theta), Tensors.floats(exponents, half)))));
    for (int i = 0; i < half; i++) {
      frequencies[i] = scale(frequencies[i], scaling);
    }
    return new Rotary(Scoped.keep(() -> Tensors.floats(frequencies, half)));
  }

  private static float scale(float frequency, RopeScaling scaling) {
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
    };
  }

  /** (D/2) radians per position, after scaling. */
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
            .unsqueeze(2); // (B,T,1,D/2)
    return new Angles(angles.cos().to(type), angles.sin().to(type));
  }

  /**
   * @param cosines (B,T,1,D/2)
   * @param sines (B,T,1,D/2)
   */
  public record Angles(Tensor cosines, Tensor sines) {
    /** Turns the heads of (B,T,heads,D) by their tokens' angles. */
    public Tensor rotate(Tensor heads) {
      TensorVector halves = heads.chunk(2, -1); // 2 of (B,T,heads,D/2)
      Tensor first = halves.get(0);
      Tensor second = halves.get(1);
      return torch.cat(
          new TensorVector(
              first.mul(cosines).sub(second.mul(sines)), second.mul(cosines).add(first.mul(sines))),
          -1);
    }
  }

  @Override
  public void close() {
    Tensors.release(inverseFrequencies);
  }
}
