package io.cria.config;

import io.cria.task.Decoding;
import io.cria.task.ExtraFields;
import io.cria.task.Key;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Decoding} as it is written in a configuration. What is left out is not sent. */
public record DecodingConfig(
    @Key(value = "Tokens that an answer may have", min = 1, needed = "1024") Integer maxTokens,
    @Key(value = "Sampling temperature; 0 takes the likeliest token", min = 0)
        @Nullable Double temperature,
    @Key(
            value = "Nucleus sampling: the share of the likeliest tokens that are drawn from",
            min = 0,
            max = 1)
        @Nullable Double topP,
    @Key(
            value =
                "Least probability of a token that is drawn, as a share of the likeliest"
                    + " one's; only some servers know it",
            min = 0,
            max = 1)
        @Nullable Double minP,
    @Key("Penalty of tokens that have occurred; servers take -2 to 2")
        @Nullable Double presencePenalty,
    @Key("Penalty of tokens by how often they have occurred; servers take -2 to 2")
        @Nullable Double frequencyPenalty,
    @Key("Divisor for tokens that have occurred, 1 for none; only some servers know it")
        @Nullable Double repeatPenalty,
    @Key("Texts that end an answer and are no part of it") List<String> stop,
    @Key("Token id to bias; only some servers know it") Map<String, Integer> logitBias,
    @Key("Whether each request is sent a sampling seed of its own") Boolean seeded,
    @Key(
            "Fields of the provider's own, sent as they are: {reasoning_effort: low},"
                + " {chat_template_kwargs: {enable_thinking: false}}")
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
