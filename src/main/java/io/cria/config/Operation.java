package io.cria.config;

import io.cria.task.Amount;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What may change between invocations on one run: where the model is, how hard it is driven, what
 * may be spent, how much is wanted, which exports are written.
 *
 * @param endpoint where the model answers
 * @param limits how hard it is driven
 * @param caps what may be spent
 * @param target kept machine instructions wanted; the last round is kept whole, so there may be
 *     more
 * @param parallelism partitions of a paid stage; null for Spark's default
 * @param prefilter of the similarity rule; every exact one gives the same result
 * @param exports which files of the dataset are written
 * @param includeSeeds whether the dataset has the seed tasks too
 * @param prices path of a price list; null for the one that ships
 */
public record Operation(
    Endpoint endpoint,
    Limits limits,
    Caps caps,
    Integer target,
    @Nullable Integer parallelism,
    String prefilter,
    List<String> exports,
    Boolean includeSeeds,
    @Nullable String prices) {
  public static final List<String> EXPORTS =
      List.of("parquet", "alpaca", "self-instruct", "prompt-completion", "chat");
  public static final List<String> PREFILTERS = List.of("lossless", "minhash+lossless", "minhash");

  /**
   * @param baseUrl address with the version path, for example {@code http://127.0.0.1:8000/v1};
   *     null only for the embedded model
   * @param dialect {@code chat}, {@code completions} or {@code embedded} (a local server of ours
   *     for a GGUF file)
   * @param keyEnv environment variable with the key; {@link #NO_KEY} for a server without keys
   * @param keyFile file with the key, instead
   * @param capabilities what the server understands: {@code openai}, {@code llamacpp} or {@code
   *     plain}; null to tell by the address
   * @param gguf the embedded model's file; null for the small model in the cache
   * @param workers the embedded model's worker processes; null for as many as cores
   * @param keyHeader the header that carries the key, and the word before the key: {@code
   *     "Authorization: Bearer"}, {@code api-key}; null for the former, or for {@code api-key}
   *     where the address is Azure's or {@code apiVersion} is given
   * @param apiVersion Azure's dated version, for a baseUrl that ends in {@code
   *     /openai/deployments/NAME}; null where the address needs none
   * @param headers further headers, for gateways: name to a plain value, {@code env:NAME} or {@code
   *     file:PATH}; a secret is never written here itself
   */
  public record Endpoint(
      @Nullable String baseUrl,
      String dialect,
      @Nullable String keyEnv,
      @Nullable String keyFile,
      @Nullable String capabilities,
      @Nullable String gguf,
      @Nullable Integer workers,
      @Nullable String keyHeader,
      @Nullable String apiVersion,
      Map<String, String> headers) {
    public static final String EMBEDDED = "embedded";

    /** In place of a variable's name: no key is sent, and none is looked for. */
    public static final String NO_KEY = "none";

    public static final List<String> CAPABILITIES = List.of("openai", "llamacpp", "plain");
    public static final List<String> DIALECTS = List.of("chat", "completions", EMBEDDED);
    public static final Endpoint DEFAULT =
        new Endpoint(null, "chat", "OPENAI_API_KEY", null, null, null, null, null, null, Map.of());

    public Endpoint {
      dialect = Defaults.or(dialect, "chat");
      keyEnv = keyEnv == null && keyFile == null ? "OPENAI_API_KEY" : keyEnv;
      if (!DIALECTS.contains(dialect)) {
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

  /**
   * @param inFlight requests in flight per executor
   * @param attempts tries of one request, the first included
   * @param attemptSeconds deadline of one try
   * @param totalSeconds deadline of one request with all its tries
   * @param outageSeconds how long an endpoint that is down is waited for
   * @param failedShare share of a part's requests that may be left without an answer by the
   *     transport's fault; one may be in any case, all never
   * @param requestsPerMinute requests a minute that the endpoint allows, over all executors; null
   *     where that is to be learnt from its answers
   * @param tokensPerMinute tokens a minute that the endpoint allows, prompts and answers together;
   *     null likewise
   * @param drainSeconds how long what is on its way is waited for after a request to stop; null for
   *     as long as any answer, but 6 s where a cluster that runs the driver ends it by a signal
   */
  public record Limits(
      Integer inFlight,
      Integer attempts,
      Integer attemptSeconds,
      Integer totalSeconds,
      Integer outageSeconds,
      Double failedShare,
      @Nullable Integer requestsPerMinute,
      @Nullable Long tokensPerMinute,
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
            "inFlight, attempts and attemptSeconds must be at least 1 and totalSeconds at least attemptSeconds");
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

    private static void requirePositive(String name, @Nullable Number value) {
      if (value != null && value.longValue() < 1) {
        throw new IllegalArgumentException(name + " must be at least 1, not " + value);
      }
    }
  }

  /**
   * What the whole run may take, over all its invocations. Null for no cap.
   *
   * @param requests HTTP requests, retries included
   * @param tokens prompt and completion together
   * @param usd US dollars, by the price list
   * @param usdPerInstruction US dollars that an accepted instruction may cost in a round: where the
   *     next one is predicted to cost more, generation ends
   */
  public record Caps(
      @Nullable Long requests,
      @Nullable Long tokens,
      @Nullable BigDecimal usd,
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
    endpoint = Defaults.or(endpoint, Endpoint.DEFAULT);
    limits = Defaults.or(limits, Limits.DEFAULT);
    caps = Defaults.or(caps, Caps.DEFAULT);
    target = Defaults.or(target, 1000);
    prefilter = Defaults.or(prefilter, "lossless");
    exports = List.copyOf(Defaults.or(exports, EXPORTS));
    includeSeeds = Defaults.or(includeSeeds, false);
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
