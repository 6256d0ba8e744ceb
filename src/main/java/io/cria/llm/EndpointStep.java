package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The innermost step: a request in its dialect over HTTP, the answer classified into a record. */
final class EndpointStep implements Step {
  /** Statuses that servers name when they refuse a key. */
  private static final Set<Integer> KEY_REFUSALS = Set.of(ErrorRules.NONE, 400, 401, 403);

  /** Outcomes whose body is an answer that was paid, not a server's word on a failure. */
  private static final Set<Outcome> PAID_TEXTS =
      Set.of(Outcome.OK, Outcome.TERMINAL_PAID, Outcome.REFUSED, Outcome.EMPTY);

  private final Endpoint endpoint;
  private final Credentials credentials;
  private final Redactor redactor;
  private final Exchange exchange;
  private final Schedule schedule;
  private final Duration retryAfterCap;
  private final Pacer pacer;
  private final Consumer<String> warnings;

  EndpointStep(
      Endpoint endpoint,
      Credentials credentials,
      Exchange exchange,
      Schedule schedule,
      Duration retryAfterCap,
      Pacer pacer,
      Consumer<String> warnings) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.redactor = new Redactor(credentials);
    this.exchange = exchange;
    this.schedule = schedule;
    this.retryAfterCap = retryAfterCap;
    this.pacer = pacer;
    this.warnings = warnings;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    Dialect dialect = Dialect.of(call.request());
    byte[] body = dialect.body(call.request(), endpoint.capabilities());
    Map<String, String> admission = credentials.headers(endpoint.keyHeader());
    Map<String, String> headers = new LinkedHashMap<>(admission);
    headers.putIfAbsent("Accept", "application/json");
    Instant sentAt = schedule.now();
    return exchange
        .post(endpoint.url(dialect), headers, body)
        .handle(
            (reply, error) ->
                error == null
                    ? answered(call, sentAt, admission, reply)
                    : unanswered(call, sentAt, transport(error)));
  }

  private static TransportException transport(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return cause instanceof TransportException e
        ? e
        : new TransportException(TransportException.Reached.SERVER, cause.toString(), cause);
  }

  private Attempted answered(
      Call call, Instant sentAt, Map<String, String> admission, HttpReply reply) {
    Instant now = schedule.now();
    pacer.told(LimitHeaders.requests(reply, now), LimitHeaders.tokens(reply, now));
    Dialect dialect = Dialect.of(call.request());
    AnswerClassifier.Answer answer =
        new AnswerClassifier(dialect, call.request().messages().size())
            .classify(reply, endpoint.url(dialect), call.request().promptBytes());
    Outcome outcome = answer.outcome();
    Sign sign = answer.page() ? Sign.PAGE : Sign.of(outcome, answer.status());
    if (outcome == Outcome.STOP_JOB
        && KEY_REFUSALS.contains(answer.status())
        && credentials.renewed(admission, endpoint.keyHeader())) {
      outcome = Outcome.RETRY_TRANSIENT;
      sign = Sign.UP;
    }
    String error = answer.error();
    LedgerRecord record =
        record(
            call,
            sentAt,
            outcome,
            reply.status(),
            redacted(answer.finishReason()),
            PAID_TEXTS.contains(outcome)
                ? redactor.answer(reply.body())
                : redactor.body(reply.body()),
            answer.text() == null ? null : redactor.answer(answer.text()),
            answer.usage(),
            Objects.requireNonNullElse(redacted(answer.model()), call.request().model()),
            requestId(reply, answer.id()),
            answer.suspectedPaid(),
            error == null ? null : redactor.message(error));
    return new Attempted(
        record, outcome.isRetryable() ? retryAfter(reply) : null, answer.status(), sign);
  }

  private Attempted unanswered(Call call, Instant sentAt, TransportException error) {
    boolean sent = error.reached() == TransportException.Reached.SERVER;
    LedgerRecord record =
        record(
            call,
            sentAt,
            Outcome.RETRY_TRANSIENT,
            null,
            null,
            null,
            null,
            null,
            call.request().model(),
            null,
            sent,
            redactor.message(Objects.requireNonNullElse(error.getMessage(), "no answer")));
    return new Attempted(record, null, ErrorRules.NONE, sent ? Sign.FAILURE : Sign.UNREACHABLE);
  }

  private LedgerRecord record(
      Call call,
      Instant sentAt,
      Outcome outcome,
      @Nullable Integer status,
      @Nullable String finishReason,
      @Nullable String body,
      @Nullable String text,
      @Nullable Usage usage,
      String model,
      @Nullable String requestId,
      boolean suspectedPaid,
      @Nullable String error) {
    LlmRequest request = call.request();
    return new LedgerRecord(
        request.requestKey(),
        call.attempt(),
        request.stage(),
        request.round(),
        request.row(),
        outcome,
        status,
        finishReason,
        body,
        text,
        usage,
        model,
        null,
        requestId,
        sentAt,
        Duration.between(sentAt, schedule.now()).toMillis(),
        null,
        suspectedPaid,
        error,
        null);
  }

  private @Nullable String requestId(HttpReply reply, @Nullable String answerId) {
    String id = reply.header("x-request-id").or(() -> reply.header("request-id")).orElse(answerId);
    return redacted(id);
  }

  private @Nullable String redacted(@Nullable String told) {
    return told == null ? null : redactor.body(told);
  }

  private @Nullable Duration retryAfter(HttpReply reply) {
    Duration wait = RetryAfter.of(reply, schedule.now()).orElse(null);
    if (wait == null || wait.compareTo(retryAfterCap) <= 0) {
      return wait;
    }
    warnings.accept(
        endpoint.display()
            + " asks to wait "
            + wait.toSeconds()
            + " s; waiting "
            + retryAfterCap.toSeconds()
            + " s");
    return retryAfterCap;
  }
}
