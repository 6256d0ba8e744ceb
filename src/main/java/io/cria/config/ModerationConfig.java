package io.cria.config;

import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import io.cria.task.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How examples are moderated, and what becomes of those that are flagged. May change between
 * invocations: other languages moderate anew, another policy exports anew.
 */
public record ModerationConfig(
    @Key(
            value =
                "drop leaves flagged examples out of the dataset, flag keeps them, both with"
                    + " the scores in the Parquet files; keep takes no notice",
            oneOf = "POLICIES")
        String policy,
    @Key(value = "Languages whose rules texts are held against", oneOf = "LANGUAGES")
        List<String> languages,
    @Key("Service that is asked in place of the rules; without it these moderate")
        @Nullable Service service) {
  public static final String DROP = "drop";
  public static final String FLAG = "flag";
  public static final String KEEP = "keep";
  public static final List<String> POLICIES = List.of(DROP, FLAG, KEEP);

  /** Languages with rules that ship. */
  public static final List<String> LANGUAGES = List.of("en", "ko");

  public static final ModerationConfig DEFAULT = new ModerationConfig(FLAG, LANGUAGES, null);

  /** A service that speaks OpenAI's moderations. */
  public record Service(
      @Key("The model's name at the service") String model,
      @Key(
              value = "Where the service is; without baseUrl OpenAI's",
              without = {"dialect", "gguf", "workers"})
          Endpoint endpoint,
      @Key("How hard the service is driven, and what it may fail") Limits limits,
      @Key(value = "Texts of one request", min = 1, max = 512) Integer batch) {
    private static final String OPENAI = "https://api.openai.com/v1";
    private static final int MOST = 512;

    public Service {
      model = Defaults.or(model, "omni-moderation-latest");
      endpoint = addressed(Defaults.or(endpoint, Endpoint.DEFAULT)).moderating();
      limits = Defaults.or(limits, Limits.DEFAULT);
      batch = Defaults.or(batch, 16);
      if (batch < 1 || batch > MOST) {
        throw new IllegalArgumentException("batch must lie in 1 to " + MOST + ", not " + batch);
      }
    }

    private static Endpoint addressed(Endpoint endpoint) {
      if (endpoint.isEmbedded()) {
        throw new IllegalArgumentException("endpoint: the embedded model moderates nothing");
      }
      return endpoint.baseUrl() != null ? endpoint : endpoint.at(OPENAI);
    }
  }

  public ModerationConfig {
    policy = Defaults.or(policy, FLAG);
    languages = List.copyOf(Defaults.or(languages, LANGUAGES));
    if (!POLICIES.contains(policy)) {
      throw new IllegalArgumentException(
          "policy must be one of " + POLICIES + ", not '" + policy + "'");
    }
    if (languages.isEmpty()) {
      throw new IllegalArgumentException("languages is empty: known are " + LANGUAGES);
    }
    for (String language : languages) {
      if (!LANGUAGES.contains(language)) {
        throw new IllegalArgumentException(
            "no rules for the language '" + language + "': known are " + LANGUAGES);
      }
    }
  }
}
