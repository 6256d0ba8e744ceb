package io.cria.ask;

import io.cria.config.Operation;
import io.cria.llm.Capabilities;
import io.cria.llm.Credentials;
import io.cria.llm.Dialect;
import io.cria.llm.Endpoint;
import io.cria.llm.Prices;
import io.cria.llm.RetryRules;
import io.cria.run.RunContext;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an executor needs to ask the endpoint. Holds where the key is, never the key: each executor
 * reads its own.
 *
 * @param runDirectory the run
 * @param lockOwner the driver this was planned by: when another holds the lock, nothing more is
 *     asked
 * @param stage the ledger's stage
 * @param endpoint address and dialect
 * @param limits window, attempts, deadlines
 * @param prices the price list's text
 */
record AskSettings(
    String runDirectory,
    String lockOwner,
    String stage,
    EndpointSettings endpoint,
    LimitSettings limits,
    String prices)
    implements Serializable {

  /** See {@link Operation.Endpoint}. */
  record EndpointSettings(
      String baseUrl,
      boolean chat,
      String capabilities,
      @Nullable String keyEnv,
      @Nullable String keyFile)
      implements Serializable {}

  /** See {@link Operation.Limits}. */
  record LimitSettings(int inFlight, int attempts, int attemptSeconds, int totalSeconds)
      implements Serializable {}

  static AskSettings of(RunContext context, String stage) {
    Operation.Endpoint endpoint = context.config().endpoint();
    String url = context.baseUrl().get();
    Operation.Limits limits = context.config().limits();
    return new AskSettings(
        context.run().root(),
        context.lock().owner(),
        stage,
        new EndpointSettings(
            url,
            endpoint.dialect().equals("chat"),
            capabilities(endpoint, url),
            endpoint.isEmbedded() ? null : endpoint.keyEnv(),
            endpoint.isEmbedded() ? null : endpoint.keyFile()),
        new LimitSettings(
            limits.inFlight(), limits.attempts(), limits.attemptSeconds(), limits.totalSeconds()),
        context.prices());
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
    return host != null && (host.equals("api.openai.com") || host.endsWith(".openai.com"))
        ? "openai"
        : "plain";
  }

  Endpoint llmEndpoint() {
    Capabilities known =
        switch (endpoint.capabilities()) {
          case "openai" -> Capabilities.openAi();
          case "llamacpp" -> Capabilities.llamaCpp();
          default -> Capabilities.plain();
        };
    return new Endpoint(
        endpoint.baseUrl(), endpoint.chat() ? Dialect.CHAT : Dialect.COMPLETIONS, known);
  }

  /**
   * The key, read on this host. An unset variable means no key: a server that wants one refuses,
   * and the run says so.
   */
  Credentials credentials() {
    if (endpoint.keyFile() != null) {
      return Credentials.fromFile(Path.of(endpoint.keyFile()));
    }
    String variable = endpoint.keyEnv();
    return variable == null || System.getenv(variable) == null
        ? Credentials.none()
        : Credentials.fromEnvironment(variable);
  }

  Prices priceList() {
    return prices.isEmpty() ? Prices.none() : Prices.parse(prices, "the price list");
  }

  RetryRules rules() {
    Duration attempt = Duration.ofSeconds(limits.attemptSeconds());
    return RetryRules.standard()
        .withAttempts(limits.attempts())
        .withAttemptTimeout(attempt)
        .withTotalTimeout(Duration.ofSeconds(limits.totalSeconds()))
        // what is on its way when a run stops is paid for: it is waited for as long as any answer
        .withDrainTimeout(attempt);
  }
}
