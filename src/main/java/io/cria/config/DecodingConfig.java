package io.cria.config;

import io.cria.task.Decoding;
import io.cria.task.ExtraFields;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@link Decoding} as it is written in a configuration. What is left out is not sent.
 *
 * @param seeded whether each request is sent a sampling seed of its own
 * @param extra fields of the provider's own, by their names on the wire ({@code reasoning_effort},
 *     {@code chat_template_kwargs}, {@code top_k} …): values of any depth, sent as they are
 */
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
    Boolean seeded,
    Map<String, @Nullable Object> extra) {
  public DecodingConfig {
    if (maxTokens == null) {
      throw new IllegalArgumentException("the key 'maxTokens' is missing");
    }
    stop = List.copyOf(Defaults.or(stop, List.of()));
    logitBias = Map.copyOf(Defaults.or(logitBias, Map.of()));
    seeded = Defaults.or(seeded, false);
    extra = ExtraFields.checked(Defaults.or(extra, Map.<String, @Nullable Object>of()));
    // what cannot be sent is told before a run is made
    Decoding unused =
        new Decoding(
            maxTokens,
            temperature,
            topP,
            minP,
            presencePenalty,
            frequencyPenalty,
            repeatPenalty,
            stop,
            logitBias,
            null,
            extra);
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
        seeded ? seed : null,
        extra);
  }
}
