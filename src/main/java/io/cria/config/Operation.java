package io.cria.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cria.task.Amount;
import io.cria.task.Key;
import io.cria.task.LanguageTag;
import io.cria.task.Terms;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What may change between invocations on one run: where the model is, how hard it is driven, what
 * may be spent, how much is wanted, which exports are written.
 */
public record Operation(
    @Key(
            "Where the model answers; without baseUrl at --base-url, OPENAI_BASE_URL or"
                + " OpenAI's address")
        Endpoint endpoint,
    @Key("How hard the endpoint is driven, and what it may fail") Limits limits,
    @Key("What the run may take, over all its invocations") Caps caps,
    @Key(
            value =
                "Kept machine instructions wanted; the last round is kept whole, so there"
                    + " may be more",
            min = 1)
        Integer target,
    @Key(value = "Partitions of a paid stage; without it Spark's default", min = 1)
        @Nullable Integer parallelism,
    @Key(
            value =
                "Of the similarity rule; lossless ones give the same result, minhash is"
                    + " approximate",
            oneOf = "PREFILTERS")
        String prefilter,
    @Key(value = "Files of the dataset that are written", oneOf = "EXPORTS") List<String> exports,
    @Key("Whether the dataset has the seed tasks too") Boolean includeSeeds,
    @Key("Price list; without it conf/prices.yaml, yours or the shipped one")
        @Nullable String prices,
    @Key(
            "How examples are moderated; for recipes with the stage moderate, which has the"
                + " defaults without it")
        @Nullable ModerationConfig moderation,
    @Key("Which examples the dataset has, by what was judged of them") SelectionConfig select,
    @Key("Under which terms the dataset is handed on; for its card, manifest and files")
        Terms terms,
    @Key(
            "Codes of the dataset's languages for its card, by ISO 639 or BCP 47; without it what"
                + " language says")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable List<String> languages,
    @Key("Whether a run that ends with a dataset writes its report") Boolean report) {
  /** What is written where nobody says otherwise. */
  public static final List<String> USUAL_EXPORTS =
      List.of("parquet", "alpaca", "self-instruct", "prompt-completion", "chat");

  /** Those, and what is written where it is asked for. */
  public static final List<String> EXPORTS =
      List.of(
          "parquet",
          "alpaca",
          "self-instruct",
          "prompt-completion",
          "chat",
          "sharegpt",
          "alpaca-eval");

  public static final List<String> PREFILTERS = List.of("lossless", "minhash+lossless", "minhash");

  /** Where a model answers, and with which key. */
  public record Endpoint(
      @Key("Address with the version path, such as http://127.0.0.1:8000/v1")
          @Nullable String baseUrl,
      @Key(
              value =
                  "chat or completions over HTTP, or embedded: a GGUF file in llama.cpp on"
                      + " this machine",
              oneOf = "DIALECTS")
          String dialect,
      @Key("Environment variable with the key; none for a server without keys")
          @Nullable String keyEnv,
      @Key(
              "File with the key, instead of a variable: on each host that asks, mode 0600"
                  + " or a mounted secret")
          @Nullable String keyFile,
      @Key(
              value = "Which fields the server understands; without it told by the address",
              oneOf = "CAPABILITIES")
          @Nullable String capabilities,
      @Key("The embedded model's file; without it the small model in the cache")
          @Nullable String gguf,
      @Key(value = "The embedded model's worker processes; without it as many as cores", min = 1)
          @Nullable Integer workers,
      @Key(
              "Header that carries the key, with the word before it: Authorization: Bearer"
                  + " or api-key; without it told by the address")
          @Nullable String keyHeader,
      @Key("Azure's dated version, for a baseUrl that ends in /openai/deployments/NAME")
          @Nullable String apiVersion,
      @Key(
              "Further headers, for gateways: name to a plain value, env:NAME or file:PATH;"
                  + " no secret is written here")
          Map<String, String> headers) {
    public static final String EMBEDDED = "embedded";

    /** Of an endpoint that moderates and answers nothing: no run file's own. */
    public static final String MODERATIONS = "moderations";

    /** In place of a variable's name: no key is sent, and none is looked for. */
    public static final String NO_KEY = "none";

    public static final List<String> CAPABILITIES = List.of("openai", "llamacpp", "plain");
    public static final List<String> DIALECTS = List.of("chat", "completions", EMBEDDED);
    public static final Endpoint DEFAULT =
        new Endpoint(null, "chat", "OPENAI_API_KEY", null, null, null, null, null, null, Map.of());

    public Endpoint {
      dialect = Defaults.or(dialect, "chat");
      keyEnv = keyEnv == null && keyFile == null ? "OPENAI_API_KEY" : keyEnv;
      if (!DIALECTS.contains(dialect) && !dialect.equals(MODERATIONS)) {
        throw new IllegalArgumentException(
            "dialect must be one of " + DIALECTS + ", not '" + dialect + "'");
      }
      requirePlainAddress(baseUrl);
      EndpointHeaders.requireKeyPlace(keyEnv, keyFile);
      if (capabilities != null && !CAPABILITIES.contains(capabilities)) {
        throw new IllegalArgumentException(
            "capabilities must be one of " + CAPABILITIES + ", not '" + capabilities + "'");
      }
      if (workers != null && workers < 1) {
        throw new IllegalArgumentException("workers must be at least 1, not " + workers);
      }
      EndpointHeaders.requireKeyHeader(keyHeader);
      EndpointHeaders.requireApiVersion(apiVersion);
      headers = EndpointHeaders.checked(Defaults.or(headers, Map.of()));
    }

    /** An address may hold a secret before it is known to be none: it is not shown. */
    private static void requirePlainAddress(@Nullable String address) {
      if (address == null) {
        return;
      }
      URI uri;
      try {
        uri = new URI(address);
      } catch (URISyntaxException e) {
        throw notPlain();
      }
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (uri.getRawQuery() != null && uri.getRawQuery().startsWith("api-version=")) {
        throw new IllegalArgumentException(
            "baseUrl has a query: give it up to the deployment's name, and the version as"
                + " endpoint.apiVersion");
      }
      if (!web || uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null) {
        throw notPlain();
      }
    }

    private static IllegalArgumentException notPlain() {
      return new IllegalArgumentException(
          "baseUrl is not a plain http(s) address: give one such as http://127.0.0.1:8000/v1,"
              + " without user, key or query");
    }

    /** The same at another address. */
    public Endpoint at(String address) {
      return new Endpoint(
          address,
          dialect,
          keyEnv,
          keyFile,
          capabilities,
          gguf,
          workers,
          keyHeader,
          apiVersion,
          headers);
    }

    /** The same address for moderation. */
    Endpoint moderating() {
      return new Endpoint(
          baseUrl,
          MODERATIONS,
          keyEnv,
          keyFile,
          capabilities,
          null,
          null,
          keyHeader,
          apiVersion,
          headers);
    }

    /**
     * @throws IllegalArgumentException where it moderates and answers nothing
     */
    Endpoint answering() {
      if (dialect.equals(MODERATIONS)) {
        throw new IllegalArgumentException(
            "dialect must be one of " + DIALECTS + ", not '" + dialect + "'");
      }
      return this;
    }

    public boolean isEmbedded() {
      return dialect.equals(EMBEDDED);
    }

    /** Whether a key may be sent at all. */
    public boolean hasKey() {
      return !isEmbedded() && (keyFile != null || !NO_KEY.equals(keyEnv));
    }

    /** Whether whoever asks finds the model on its own machine: there most servers want no key. */
    public boolean isOnThisMachine() {
      String host = baseUrl == null ? null : URI.create(baseUrl).getHost();
      return isEmbedded()
          || (host != null
              && (host.equals("localhost")
                  || host.equals("[::1]")
                  || host.matches("127(\\.\\d{1,3}){3}")));
    }
  }

  /** How hard an endpoint is driven, and what it may fail. */
  public record Limits(
      @Key(value = "Requests in flight per executor", min = 1) Integer inFlight,
      @Key(value = "Tries of one request, the first included", min = 1) Integer attempts,
      @Key(value = "Deadline of one try", min = 1) Integer attemptSeconds,
      @Key(value = "Deadline of one request with all its tries; at least attemptSeconds", min = 1)
          Integer totalSeconds,
      @Key(value = "How long an endpoint that is down is waited for", min = 0)
          Integer outageSeconds,
      @Key(
              value =
                  "Share of a part's requests that may stay without an answer by the"
                      + " transport's fault; one may in any case, all never",
              min = 0,
              below = 1)
          Double failedShare,
      @Key(
              value =
                  "Requests a minute that the endpoint allows, over all executors; without"
                      + " it learnt from its answers",
              min = 1)
          @Nullable Integer requestsPerMinute,
      @Key(
              value =
                  "Tokens a minute that the endpoint allows, prompts and answers together,"
                      + " over all executors; without it learnt from its answers",
              min = 1)
          @Nullable Long tokensPerMinute,
      @Key(
              value =
                  "How long a stop waits for what is in flight; without it as long as for"
                      + " any answer, but 6 s where a cluster ends a driver that it runs",
              min = 0)
          @Nullable Integer drainSeconds) {
    public static final Limits DEFAULT = new Limits(64, 6, 120, 900, 600, 0.02, null, null, null);

    public Limits {
      inFlight = Defaults.or(inFlight, 64);
      attempts = Defaults.or(attempts, 6);
      attemptSeconds = Defaults.or(attemptSeconds, 120);
      totalSeconds = Defaults.or(totalSeconds, 900);
      outageSeconds = Defaults.or(outageSeconds, 600);
      failedShare = Defaults.or(failedShare, 0.02);
      if (inFlight < 1 || attempts < 1 || attemptSeconds < 1 || totalSeconds < attemptSeconds) {
        throw new IllegalArgumentException(
            "inFlight, attempts and attemptSeconds must be at least 1 and totalSeconds at"
                + " least attemptSeconds");
      }
      if (outageSeconds < 0) {
        throw new IllegalArgumentException("outageSeconds must not be negative: " + outageSeconds);
      }
      if (!(failedShare >= 0 && failedShare < 1)) {
        throw new IllegalArgumentException("failedShare must lie in [0, 1), not " + failedShare);
      }
      requirePositive("requestsPerMinute", requestsPerMinute);
      requirePositive("tokensPerMinute", tokensPerMinute);
      if (drainSeconds != null && drainSeconds < 0) {
        throw new IllegalArgumentException("drainSeconds must not be negative: " + drainSeconds);
      }
    }

    /** How long a stop waits for what is in flight, at most. */
    public Duration drain() {
      return Duration.ofSeconds(drainSeconds == null ? attemptSeconds : drainSeconds);
    }

    private static void requirePositive(String name, @Nullable Number value) {
      if (value != null && value.longValue() < 1) {
        throw new IllegalArgumentException(name + " must be at least 1, not " + value);
      }
    }
  }

  /** What a directory may take, over all invocations on it. Null for no cap. */
  public record Caps(
      @Key(value = "HTTP requests, retries included; without it no cap", min = 0)
          @Nullable Long requests,
      @Key(value = "Tokens of prompts and answers together; without it no cap", min = 0)
          @Nullable Long tokens,
      @Key(value = "US dollars by the price list; without it no cap", min = 0, max = 1000000000)
          @Nullable BigDecimal usd,
      @Key(
              value =
                  "US dollars to generate an accepted instruction: generation ends where the"
                      + " last rounds cost more; without it no cap",
              min = 0,
              max = 1000000000)
          @Nullable BigDecimal usdPerInstruction) {
    public static final Caps DEFAULT = new Caps(null, null, null, null);
    private static final BigDecimal MOST_USD = BigDecimal.valueOf(1_000_000_000);

    public Caps {
      requireNotNegative("requests", requests);
      requireNotNegative("tokens", tokens);
      requireNotNegative("usd", usd);
      requireNotNegative("usdPerInstruction", usdPerInstruction);
    }

    private static void requireNotNegative(String name, @Nullable Number value) {
      if (value != null && value.doubleValue() < 0) {
        throw new IllegalArgumentException(name + " must not be negative: " + value);
      }
      if (value instanceof BigDecimal dollars && dollars.compareTo(MOST_USD) > 0) {
        throw new IllegalArgumentException(
            name + " must be at most " + MOST_USD + ", not " + value + "; leave it out for no cap");
      }
    }

    /** Whether anything is bounded. */
    public boolean areSet() {
      return requests != null || tokens != null || usd != null;
    }

    /** Whether prices must be known. */
    public boolean needPrices() {
      return usd != null || usdPerInstruction != null;
    }

    /** The bounds. */
    public Amount amount() {
      return new Amount(
          requests == null ? Amount.NO_BOUND : requests,
          tokens == null ? Amount.NO_BOUND : tokens,
          usd == null ? Amount.NO_BOUND : Amount.nanoUsd(usd));
    }
  }

  public Operation {
    endpoint = Defaults.or(endpoint, Endpoint.DEFAULT).answering();
    limits = Defaults.or(limits, Limits.DEFAULT);
    caps = Defaults.or(caps, Caps.DEFAULT);
    target = Defaults.or(target, 1000);
    prefilter = Defaults.or(prefilter, "lossless");
    exports = List.copyOf(Defaults.or(exports, USUAL_EXPORTS));
    includeSeeds = Defaults.or(includeSeeds, false);
    select = Defaults.or(select, SelectionConfig.NONE);
    terms = Defaults.or(terms, Terms.NONE);
    languages =
        languages == null
            ? null
            : languages.stream().map(each -> new LanguageTag(each).tag()).distinct().toList();
    report = Defaults.or(report, true);
    if (target < 1) {
      throw new IllegalArgumentException("target must be at least 1, not " + target);
    }
    if (parallelism != null && parallelism < 1) {
      throw new IllegalArgumentException("parallelism must be at least 1, not " + parallelism);
    }
    if (!PREFILTERS.contains(prefilter)) {
      throw new IllegalArgumentException(
          "prefilter must be one of " + PREFILTERS + ", not '" + prefilter + "'");
    }
    for (String export : exports) {
      if (!EXPORTS.contains(export)) {
        throw new IllegalArgumentException("unknown export '" + export + "': known are " + EXPORTS);
      }
    }
  }
}
