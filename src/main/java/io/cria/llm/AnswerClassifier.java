package io.cria.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what an HTTP answer means for its request. Statuses alone do not tell: a 429 may be a rate
 * limit or a spent quota, a 500 may be a prompt too long for a llama.cpp server, a 200 may hold a
 * failure, a page, a stream of events or nothing.
 */
public final class AnswerClassifier {
  /** Of an answer that tells of no failure: the status that it came under. */
  private static final int OWN = -1;

  /** Statuses under which a gateway without its server shows a page for a while. */
  private static final Set<Integer> PAGES = Set.of(403, 404, 405);

  private final Dialect dialect;
  private final int texts;

  /** For answers of that dialect to a request of one text. */
  public AnswerClassifier(Dialect dialect) {
    this(dialect, 1);
  }

  /**
   * For answers of that dialect.
   *
   * @param texts of the request: moderation has a result for each
   */
  AnswerClassifier(Dialect dialect, int texts) {
    this.dialect = dialect;
    this.texts = texts;
  }

  /**
   * The meaning of an answer.
   *
   * @param outcome never {@link Outcome#FAILED}
   * @param status what it came under; of a failure told under a status of success the one that the
   *     failure names, {@link ErrorRules#NONE} where it names none
   * @param text the text, where one could be read and used
   * @param finishReason the provider's word
   * @param usage tokens; null where nothing was answered, or a failure told none
   * @param model the answering model's own word
   * @param id the provider's id of the answer
   * @param error why it is not ok, in the provider's own words where it gave some: not redacted
   * @param page what came is a page for people: the address is wrong, or, where it has answered
   *     properly before, something stands before it for a while
   * @param suspectedPaid what came is no answer, yet one was begun and may be billed
   */
  public record Answer(
      Outcome outcome,
      int status,
      @Nullable String text,
      @Nullable String finishReason,
      @Nullable Usage usage,
      @Nullable String model,
      @Nullable String id,
      @Nullable String error,
      boolean page,
      boolean suspectedPaid) {
    static Answer failed(Outcome outcome, int status, String error) {
      return new Answer(outcome, status, null, null, null, null, null, error, false, false);
    }

    private Answer under(int other) {
      return new Answer(
          outcome, other, text, finishReason, usage, model, id, error, page, suspectedPaid);
    }
  }

  /**
   * Classifies an answer without headers of note.
   *
   * @param status its status
   * @param body its raw body
   * @param promptBytes UTF-8 bytes of the request's texts, for an estimate where the server tells
   *     no usage
   */
  Answer classify(int status, String body, long promptBytes) {
    return classify(
        new HttpReply(status, java.util.Map.of(), body), "http://localhost", promptBytes);
  }

  /**
   * Classifies an answer.
   *
   * @param url where the request was sent
   * @param promptBytes UTF-8 bytes of the request's texts, for an estimate where the server tells
   *     no usage
   */
  Answer classify(HttpReply reply, String url, long promptBytes) {
    int status = reply.status();
    if (status >= 200 && status < 300) {
      Answer answer = succeeded(reply, promptBytes);
      return answer.status() == OWN ? answer.under(status) : answer;
    }
    if (status >= 300 && status < 400) {
      String location = reply.header("location").orElse(null);
      return Answer.failed(
          Outcome.STOP_JOB, status, status + ": " + Redirect.told(location, url, dialect.path()));
    }
    String body = content(reply.body());
    ProviderError error = ProviderError.of(ServerJson.value(body), body);
    String words = Objects.requireNonNullElse(reply.unreadable(), error.message());
    Outcome outcome = ErrorRules.of(status, error);
    String told = status + ": " + LoneSurrogates.replaced(words);
    boolean page = outcome == Outcome.STOP_JOB && PAGES.contains(status) && isPage(reply, body);
    return new Answer(outcome, status, null, null, null, null, null, told, page, false);
  }

  private Answer succeeded(HttpReply reply, long promptBytes) {
    String unreadable = reply.unreadable();
    if (unreadable != null) {
      return Answer.failed(Outcome.BAD_PAID, OWN, unreadable);
    }
    String body = content(reply.body());
    boolean container = body.startsWith("{") || body.startsWith("[");
    if (!container && (EventStream.begins(body) || type(reply).startsWith("text/event-stream"))) {
      return streamed(EventStream.join(body), promptBytes);
    }
    if (!container && isPage(reply, body)) {
      return page();
    }
    List<JsonNode> values = body.startsWith("{") ? ServerJson.values(body) : List.of();
    if (values.size() > 1 && values.stream().allMatch(AnswerClassifier::isChunk)) {
      return streamed(EventStream.join(values), promptBytes);
    }
    JsonNode json = values.isEmpty() ? ServerJson.value(body) : values.get(0);
    if (json != null && json.size() == 1 && json.path(0).has("choices")) {
      json = json.path(0);
    }
    if (json != null && ProviderError.isIn(json)) {
      return failure(json, body);
    }
    return json == null || !json.isObject() ? noObject(body) : answered(json, promptBytes);
  }

  private static boolean isPage(HttpReply reply, String body) {
    return body.startsWith("<") || type(reply).contains("html");
  }

  private static String type(HttpReply reply) {
    return reply.header("content-type").orElse("").toLowerCase(Locale.ROOT);
  }

  /** Words alone are a gateway's, and may be about its limits; JSON in ruins says nothing. */
  private static Answer noObject(String body) {
    String told = "the answer is not a JSON object";
    if (body.isBlank() || body.startsWith("{") || body.startsWith("[")) {
      return Answer.failed(Outcome.BAD_PAID, OWN, told);
    }
    boolean limited = ErrorRules.underSuccess(ProviderError.of(null, body)) == Outcome.RETRY_RATE;
    return Answer.failed(
        limited ? Outcome.RETRY_RATE : Outcome.BAD_PAID,
        OWN,
        told + ": " + LoneSurrogates.replaced(body));
  }

  /** Without a byte order mark and white space before it, which some servers put there. */
  private static String content(String body) {
    int start = 0;
    while (start < body.length()
        && (body.charAt(start) == '\uFEFF' || Character.isWhitespace(body.charAt(start)))) {
      start++;
    }
    return body.substring(start);
  }

  private static boolean isChunk(JsonNode json) {
    return json.path("choices").isArray() || ProviderError.isIn(json);
  }

  private static Answer page() {
    String told = "a page, not an answer of an API";
    return new Answer(Outcome.STOP_JOB, OWN, null, null, null, null, null, told, true, false);
  }

  private static Answer failure(JsonNode json, String body) {
    ProviderError error = ProviderError.of(json, body);
    OptionalInt status = error.status();
    String named = status.isPresent() ? "200 with error " + status.getAsInt() : "200 with error";
    return Answer.failed(
        ErrorRules.underSuccess(error),
        status.orElse(ErrorRules.NONE),
        named + ": " + LoneSurrogates.replaced(error.message()));
  }

  private Answer streamed(EventStream.Joined joined, long promptBytes) {
    JsonNode error = joined.error();
    if (error != null) {
      return failure(error, error.toString());
    }
    return joined.isWhole()
        ? answered(joined.answer(), promptBytes)
        : broken(joined.answer(), null, "the stream of the answer broke off");
  }

  /**
   * The results of moderation are the text. Usage is what the server tells; most tell and bill
   * none, so none is estimated.
   */
  private Answer moderated(JsonNode json) {
    JsonNode results = json.path("results");
    if (!results.isArray() || results.isEmpty()) {
      return failed(Outcome.BAD_PAID, json, null, "the answer has no results");
    }
    if (results.size() != texts) {
      // which result is of which text cannot be told
      return failed(
          Outcome.BAD_PAID,
          json,
          null,
          "the answer has " + results.size() + " results, and the request " + texts + " texts");
    }
    return new Answer(
        Outcome.OK,
        OWN,
        LoneSurrogates.replaced(results.toString()),
        null,
        TokensTold.of(json.path("usage")).told(),
        textOf(json, "model"),
        textOf(json, "id"),
        null,
        false,
        false);
  }

  private Answer answered(JsonNode json, long promptBytes) {
    if (dialect == Dialect.MODERATIONS) {
      return moderated(json);
    }
    TokensTold tokens = TokensTold.of(json.path("usage"));
    JsonNode choice = json.path("choices").path(0);
    if (!choice.isObject()) {
      return tokens.generatedNothing()
          ? failed(Outcome.RETRY_TRANSIENT, json, null, "the answer has no choices and no tokens")
          : failed(Outcome.BAD_PAID, json, null, "the answer has no choices");
    }
    String word = word(choice);
    FinishReason finish = FinishReason.of(word);
    JsonNode failure = choice.path("error");
    if (finish == FinishReason.FAILED || !ServerJson.saysNothing(failure)) {
      return midAnswer(json, word, failure);
    }
    Said said = Said.of(choice, dialect);
    Meaning meaning = meaning(finish, word, said, tokens);
    if (!meaning.outcome().isTerminal()) {
      return failed(meaning.outcome(), json, word, String.valueOf(meaning.error()));
    }
    String text = said.text() == null ? "" : said.text();
    return new Answer(
        meaning.outcome(),
        OWN,
        LoneSurrogates.replaced(text),
        word,
        tokens.usage(promptBytes, text + said.reasoning()),
        textOf(json, "model"),
        textOf(json, "id"),
        LoneSurrogates.replaced(meaning.error()),
        false,
        false);
  }

  private record Meaning(Outcome outcome, @Nullable String error) {}

  private static Meaning meaning(
      FinishReason finish, @Nullable String word, Said said, TokensTold tokens) {
    if (said.refusal() != null || finish == FinishReason.REFUSED) {
      String words = Objects.requireNonNullElse(said.refusal(), "");
      String told = words.isBlank() ? Objects.requireNonNullElse(said.text(), "") : words;
      return new Meaning(
          Outcome.REFUSED, "refused by the model" + (told.isBlank() ? "" : ": " + told.strip()));
    }
    if (finish == FinishReason.FILTERED) {
      return new Meaning(Outcome.TERMINAL_PAID, "content filter");
    }
    if (said.isBlank() && (!said.reasoning().isBlank() || tokens.onlyReasoned())) {
      boolean cut = finish == FinishReason.CUT;
      return new Meaning(
          Outcome.EMPTY,
          "the model thought and said nothing"
              + (cut ? ": the limit on tokens ended its thinking" : ""));
    }
    if (finish == FinishReason.CUT) {
      return new Meaning(Outcome.TERMINAL_PAID, "cut by length");
    }
    if (finish == FinishReason.UNKNOWN) {
      return new Meaning(
          Outcome.TERMINAL_PAID, "finish_reason \"" + word + "\" is not known, taken as cut");
    }
    if (said.isBlank() && tokens.countsNothing()) {
      return new Meaning(Outcome.RETRY_TRANSIENT, "the answer has no text and no tokens at all");
    }
    if (said.text() != null) {
      return new Meaning(Outcome.OK, null);
    }
    return tokens.generatedNothing()
        ? new Meaning(Outcome.RETRY_TRANSIENT, "the answer's text is null and has no tokens")
        : new Meaning(Outcome.BAD_PAID, "the answer's text is null");
  }

  /** A server that failed after it had begun: what there is must not be taken for the answer. */
  private static Answer midAnswer(JsonNode json, @Nullable String word, JsonNode failure) {
    if (ServerJson.saysNothing(failure)) {
      return broken(json, word, "the server failed in mid-answer: finish_reason " + word);
    }
    ProviderError error = ProviderError.of(failure, failure.toString());
    Answer broken = broken(json, word, "the server failed in mid-answer: " + error.message());
    Answer told =
        ErrorRules.underSuccess(error) == Outcome.RETRY_RATE
            ? failed(Outcome.RETRY_RATE, json, word, String.valueOf(broken.error()))
            : broken;
    return told.under(error.status().orElse(ErrorRules.NONE));
  }

  private static Answer broken(JsonNode json, @Nullable String word, String why) {
    Answer answer = failed(Outcome.RETRY_TRANSIENT, json, word, why);
    return new Answer(
        answer.outcome(),
        ErrorRules.NONE,
        null,
        word,
        answer.usage(),
        answer.model(),
        answer.id(),
        answer.error(),
        false,
        answer.usage() == null);
  }

  private static Answer failed(Outcome outcome, JsonNode json, @Nullable String word, String why) {
    return new Answer(
        outcome,
        OWN,
        null,
        word,
        TokensTold.of(json.path("usage")).told(),
        textOf(json, "model"),
        textOf(json, "id"),
        LoneSurrogates.replaced(why),
        false,
        false);
  }

  /** The word for the answer's end; some servers put it into an object. */
  private static @Nullable String word(JsonNode choice) {
    JsonNode reason =
        choice.hasNonNull("finish_reason")
            ? choice.path("finish_reason")
            : choice.path("finishReason");
    if (reason.isObject()) {
      reason = reason.has("type") ? reason.path("type") : reason.path("reason");
    }
    String word = reason.isNull() || reason.isMissingNode() ? "" : reason.asText();
    return word.isBlank() ? null : LoneSurrogates.replaced(word);
  }

  private static @Nullable String textOf(JsonNode json, String name) {
    return LoneSurrogates.replaced(json.path(name).textValue());
  }
}
