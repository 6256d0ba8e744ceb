package io.cria.sft.model;

import java.util.Set;

/**
 * How positions turn queries and keys.
 *
 * @param dimension R, even: the first R of a head's D values are turned, the others pass
 * @param theta base of the frequencies
 * @param scaling how they are stretched
 * @param unturnedLayers numbers of the layers that turn nothing (NoPE), from 0
 */
public record RotaryConfig(
    int dimension, double theta, RopeScaling scaling, Set<Integer> unturnedLayers) {
  public RotaryConfig {
    if (dimension < 2 || dimension % 2 != 0) {
      throw new IllegalArgumentException(
          "the values of a head that positions turn must be even and at least 2, not " + dimension);
    }
    if (!(theta > 0)) {
      throw new IllegalArgumentException("rope_theta must be above 0, not " + theta);
    }
    if (scaling.kind() == RopeScaling.Kind.LONGROPE
        && (scaling.shortFactors().size() != dimension / 2
            || scaling.longFactors().size() != dimension / 2)) {
      throw new IllegalArgumentException(
          "short_factor and long_factor must have "
              + dimension / 2
              + " numbers each, one for two turned values, not "
              + scaling.shortFactors().size()
              + " and "
              + scaling.longFactors().size());
    }
    unturnedLayers = Set.copyOf(unturnedLayers);
  }

  /** All values of a head are turned, in every layer. */
  public static RotaryConfig whole(int headDimension, double theta, RopeScaling scaling) {
    return new RotaryConfig(headDimension, theta, scaling, Set.of());
  }
}
