package io.cria.ask;

import io.cria.config.Operation;
import io.cria.llm.Capabilities;
import io.cria.llm.Credentials;
import io.cria.llm.Dialect;
import io.cria.llm.Endpoint;
import io.cria.llm.EndpointHealth;
import io.cria.llm.KeyHeader;
import io.cria.llm.LedgerRecord;
import io.cria.llm.MissingSecretException;
import io.cria.llm.Prices;
import io.cria.llm.RetryRules;
import io.cria.run.AskContext;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an executor needs to ask the endpoint. Holds where the key is, never the key: each executor
 * reads its own.
 *
 * @param runDirectory the run
 * @param epoch of the driver's lock: when a later one is there, nothing more is asked
 * @param stage the ledger's stage
 * @param endpoint address and dialect
 * @param limits window, attempts, deadlines; rates are leased by the driver
 * @param prices the price list's text
 * @param history what the run has seen before
 */
record AskSettings(
    String runDirectory,
    long epoch,
    String stage,
    EndpointSettings endpoint,
    LimitSettings limits,
    String prices,
    History history)
    implements Serializable {

  /**
   * @param answered whether the endpoint ever answered this run
   * @param usable whether it ever brought a text
   * @param capped whether attempts are counted against a cap
   * @param text what counts as a text
   */
  record History(boolean answered, boolean usable, boolean capped, LedgerScan.TextTest text)
      implements Serializable {}

  /**
   * See {@link Operation.Endpoint}.
   *
   * @param keyEnv null where no key is sent
   * @param local whether a server on the very machine is asked: it may do without a key
   */
  record EndpointSettings(
      String baseUrl,
      Dialect dialect,
      boolean local,
      String capabilities,
      @Nullable String keyEnv,
      @Nullable String keyFile,
      @Nullable String keyHeader,
      @Nullable String apiVersion,
      TreeMap<String, String> headers)
      implements Serializable {
    /** Of an endpoint whose model answers at {@code url}. */
    static EndpointSettings of(Operation.Endpoint endpoint, String url) {
      return new EndpointSettings(
          url,
          dialect(endpoint),
          endpoint.isOnThisMachine(),
          AskSettings.capabilities(endpoint, url),
          endpoint.hasKey() ? endpoint.keyEnv() : null,
          endpoint.hasKey() ? endpoint.keyFile() : null,
          endpoint.isEmbedded() ? null : endpoint.keyHeader(),
          endpoint.isEmbedded() ? null : endpoint.apiVersion(),
          new TreeMap<>(endpoint.isEmbedded() ? Map.of() : endpoint.headers()));
    }

    private static Dialect dialect(Operation.Endpoint endpoint) {
      return switch (endpoint.dialect()) {
        case "chat" -> Dialect.CHAT;
        case Operation.Endpoint.MODERATIONS -> Dialect.MODERATIONS;
        default -> Dialect.COMPLETIONS;
      };
    }

    Endpoint asked() {
      Capabilities known =
          switch (capabilities) {
            case "openai" -> Capabilities.openAi();
            case "llamacpp" -> Capabilities.llamaCpp();
            default -> Capabilities.plain();
          };
      return new Endpoint(
          baseUrl,
          dialect,
          known,
          keyHeader == null
              ? Endpoint.usualKeyHeader(baseUrl, apiVersion)
              : KeyHeader.parse(keyHeader),
          apiVersion);
    }

    /** As {@link AskSettings#credentials}. */
    Credentials credentials(Map<String, String> environment) {
      return key(environment).withHeaders(headers);
    }

    private Credentials key(Map<String, String> environment) {
      if (keyFile != null) {
        return Credentials.fromFile(Path.of(keyFile));
      }
      if (keyEnv == null || (local && environment.getOrDefault(keyEnv, "").isBlank())) {
        return Credentials.none();
      }
      return Credentials.fromEnvironment(keyEnv, environment);
    }
  }

  /** See {@link Operation.Limits}. */
  record LimitSettings(
      int inFlight,
      int attempts,
      int attemptSeconds,
      int totalSeconds,
      int outageSeconds,
      int drainSeconds)
      implements Serializable {}

  /**
   * @param before what the endpoint was asked before this invocation
   * @param isAnswered whether this invocation has had answers
   * @param text what counts as a text
   */
  static AskSettings of(
      AskContext context,
      String stage,
      Spend before,
      boolean isAnswered,
      LedgerScan.TextTest text) {
    Operation.Endpoint endpoint = context.asking().endpoint();
    String url = context.baseUrl().get();
    Operation.Limits limits = context.asking().limits();
    return new AskSettings(
        context.run().root(),
        context.epoch(),
        stage,
        EndpointSettings.of(endpoint, url),
        new LimitSettings(
            limits.inFlight(),
            limits.attempts(),
            limits.attemptSeconds(),
            limits.totalSeconds(),
            limits.outageSeconds(),
            (int) limits.drain().toSeconds()),
        context.prices(),
        new History(
            isAnswered || before.isAnswered(),
            isAnswered || before.usable() > 0,
            context.asking().caps().areSet(),
            text));
  }

  private static String capabilities(Operation.Endpoint endpoint, String url) {
    String told = endpoint.capabilities();
    if (told != null) {
      return told;
    }
    if (endpoint.isEmbedded()) {
      return "llamacpp";
    }
    String host = URI.create(url).getHost();
    return host != null && (host.endsWith(".openai.com") || KeyHeader.isAzure(host))
        ? "openai"
        : "plain";
  }

  Endpoint llmEndpoint() {
    return endpoint.asked();
  }

  /**
   * The key and the headers for gateways, read on this host.
   *
   * @throws MissingSecretException where one is not there; a server on the very machine is asked
   *     without a key then
   */
  Credentials credentials() {
    return endpoint.credentials(System.getenv());
  }

  Prices priceList() {
    return Prices.listed(prices);
  }

  RetryRules rules() {
    Duration attempt = Duration.ofSeconds(limits.attemptSeconds());
    return RetryRules.standard()
        .withAttempts(limits.attempts())
        .withAttemptTimeout(attempt)
        .withTotalTimeout(Duration.ofSeconds(limits.totalSeconds()))
        .withDrainTimeout(Duration.ofSeconds(limits.drainSeconds()))
        .withOutageTimeout(Duration.ofSeconds(limits.outageSeconds()));
  }

  /** The state of the endpoint in this process, shared by all its tasks. */
  EndpointHealth health() {
    return EndpointHealth.shared(endpoint.baseUrl(), limits.inFlight());
  }

  /** Whether a record brought a text of use. */
  Predicate<LedgerRecord> usable() {
    return record -> {
      String text = record.text();
      return text != null && Settlement.isWhole(record) && history.text().test(text);
    };
  }

  boolean answeredBefore() {
    return history.answered();
  }

  boolean usableBefore() {
    return history.usable();
  }

  boolean capped() {
    return history.capped();
  }

  /** The name of this host. */
  String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // a host without a name of its own: the virtual machine's has what the platform knows
      return ManagementFactory.getRuntimeMXBean().getName();
    }
  }
}
