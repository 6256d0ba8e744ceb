package io.cria.task;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a model is to decode: what the server is told beside the prompt. A null value is not sent.
 *
 * @param maxTokens tokens the answer may have, at least 1
 * @param temperature at least 0
 * @param topP in [0, 1]
 * @param minP in [0, 1]; only some servers know it
 * @param presencePenalty in [-2, 2]
 * @param frequencyPenalty in [-2, 2]
 * @param repeatPenalty above 0, 1 is none; only some servers know it
 * @param stop texts that end the answer; not part of it
 * @param logitBias token id to bias; only some servers know it
 * @param seed sampling seed; best effort at most providers
 * @param extra fields of the provider's own, see {@link ExtraFields}
 */
public record Decoding(
    int maxTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Double minP,
    @Nullable Double presencePenalty,
    @Nullable Double frequencyPenalty,
    @Nullable Double repeatPenalty,
    List<String> stop,
    Map<String, Integer> logitBias,
    @Nullable Long seed,
    Map<String, @Nullable Object> extra) {
  public Decoding {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens must be at least 1, not " + maxTokens);
    }
    if (temperature != null && !(temperature >= 0)) {
      throw new IllegalArgumentException("temperature must be at least 0, not " + temperature);
    }
    requireShare("topP", topP);
    requireShare("minP", minP);
    stop = List.copyOf(stop);
    logitBias = java.util.Collections.unmodifiableMap(new TreeMap<>(logitBias));
    extra = ExtraFields.checked(extra);
  }

  /** Without fields of a provider's own. */
  public Decoding(
      int maxTokens,
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Double minP,
      @Nullable Double presencePenalty,
      @Nullable Double frequencyPenalty,
      @Nullable Double repeatPenalty,
      List<String> stop,
      Map<String, Integer> logitBias,
      @Nullable Long seed) {
    this(
        maxTokens,
        temperature,
        topP,
        minP,
        presencePenalty,
        frequencyPenalty,
        repeatPenalty,
        stop,
        logitBias,
        seed,
        Map.of());
  }

  private static void requireShare(String name, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must lie in [0, 1], not " + value);
    }
  }

  public Decoding withSeed(long value) {
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
        value,
        extra);
  }

  public Decoding withStop(List<String> value) {
    return new Decoding(
        maxTokens,
        temperature,
        topP,
        minP,
        presencePenalty,
        frequencyPenalty,
        repeatPenalty,
        value,
        logitBias,
        seed,
        extra);
  }
}
