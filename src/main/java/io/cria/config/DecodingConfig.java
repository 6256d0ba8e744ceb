package io.cria.config;

import io.cria.task.Decoding;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Decoding} as it is written in a configuration. What is left out is not sent. */
public record DecodingConfig(
    Integer maxTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Double minP,
    @Nullable Double presencePenalty,
    @Nullable Double frequencyPenalty,
    @Nullable Double repeatPenalty,
    List<String> stop,
    Map<String, Integer> logitBias,
    Boolean seeded) {
  public DecodingConfig {
    if (maxTokens == null) {
      throw new IllegalArgumentException("the key 'maxTokens' is missing");
    }
    stop = List.copyOf(Defaults.or(stop, List.of()));
    logitBias = Map.copyOf(Defaults.or(logitBias, Map.of()));
    seeded = Defaults.or(seeded, false);
  }

  /**
   * What is sent.
   *
   * @param seed the request's own sampling seed, sent only where the configuration says {@code
   *     seeded}
   */
  public Decoding decoding(long seed) {
    return new Decoding(
        maxTokens,
        temperature,
        topP,
        minP,
        presencePenalty,
        frequencyPenalty,
        repeatPenalty,
        stop,
        logitBias,
        seeded ? seed : null);
  }
}
