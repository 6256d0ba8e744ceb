package io.cria.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what an HTTP answer means for its request. Statuses alone do not tell: a 429 may be a rate
 * limit or a spent quota, a 500 may be a prompt too long for a llama.cpp server, a 200 may hold
 * nothing; so types and codes of the providers' error bodies are looked at first.
 */
public final class AnswerClassifier {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Error types and codes after which no request will be taken: money, key, model, a field the
   * server refuses.
   */
  private static final Set<String> STOP =
      Set.of(
          "insufficient_quota",
          "credit_balance_exhausted",
          "organization_spend_limit_exceeded",
          "project_spend_limit_exceeded",
          "organization_usage_limit_exceeded",
          "enforced_spend_limit_reached",
          "billing_hard_limit_reached",
          "billing_not_active",
          "billing_error",
          "invalid_api_key",
          "authentication_error",
          "permission_error",
          "account_deactivated",
          "model_not_found",
          "unsupported_parameter",
          "unsupported_value",
          "unknown_parameter");

  /** Error types and codes that concern this one request, whatever the status. */
  private static final Set<String> REJECT =
      Set.of(
          "context_length_exceeded",
          "exceed_context_size_error",
          "token_limit_exceeded",
          "string_above_max_length",
          "request_too_large",
          "content_filter",
          "content_policy_violation",
          "invalid_prompt");

  private final Dialect dialect;

  /** For answers of that dialect. */
  public AnswerClassifier(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * The meaning of an answer.
   *
   * @param outcome never {@link Outcome#FAILED}
   * @param text the text, where one could be read
   * @param finishReason the provider's word
   * @param usage tokens; null where nothing was answered
   * @param model the answering model's own word
   * @param id the provider's id of the answer
   * @param error why it is not ok, in the provider's own words where it gave some: not redacted
   */
  public record Answer(
      Outcome outcome,
      @Nullable String text,
      @Nullable String finishReason,
      @Nullable Usage usage,
      @Nullable String model,
      @Nullable String id,
      @Nullable String error) {
    static Answer failed(Outcome outcome, String error) {
      return new Answer(outcome, null, null, null, null, null, error);
    }
  }

  /**
   * Classifies an HTTP answer.
   *
   * @param status its status
   * @param body its raw body
   * @param promptBytes UTF-8 bytes of the request's texts, for an estimate where the server tells
   *     no usage
   */
  public Answer classify(int status, String body, long promptBytes) {
    JsonNode json = parse(body);
    return status >= 200 && status < 300 ? paid(json, promptBytes) : refused(status, json, body);
  }

  private static @Nullable JsonNode parse(String body) {
    try {
      JsonNode json = JSON.readTree(body);
      return json == null || json.isMissingNode() ? null : json;
    } catch (JsonProcessingException e) {
      // Not a failure here: whoever asks sees null and says what that means for this status.
      return null;
    }
  }

  private Answer paid(@Nullable JsonNode json, long promptBytes) {
    if (json == null || !json.isObject()) {
      return Answer.failed(Outcome.BAD_PAID, "the answer is not a JSON object");
    }
    JsonNode choice = json.path("choices").path(0);
    if (!choice.isObject()) {
      String told = json.path("error").path("message").asText("");
      return Answer.failed(
          Outcome.BAD_PAID,
          told.isEmpty() ? "the answer has no choices" : "200 with error: " + told);
    }
    String finish = choice.path("finish_reason").textValue();
    String text = dialect.text(choice);
    boolean refused = dialect.refused(choice);
    boolean filtered = "content_filter".equals(finish);
    boolean cut = "length".equals(finish);
    Outcome outcome = refused || filtered || cut ? Outcome.TERMINAL_PAID : Outcome.OK;
    String error =
        refused
            ? "refused by the model"
            : filtered ? "content filter" : cut ? "cut by length" : null;
    if (text == null) {
      if (outcome == Outcome.OK) {
        outcome = Outcome.BAD_PAID;
        error = "the answer's text is null";
      } else {
        text = "";
      }
    }
    return new Answer(
        outcome,
        text,
        finish,
        usage(json.path("usage"), promptBytes, text),
        json.path("model").textValue(),
        json.path("id").textValue(),
        error);
  }

  private static Usage usage(JsonNode usage, long promptBytes, @Nullable String text) {
    if (usage.path("prompt_tokens").isNumber()) {
      return new Usage(
          usage.path("prompt_tokens").intValue(),
          usage.path("prompt_tokens_details").path("cached_tokens").asInt(0),
          usage.path("completion_tokens").asInt(0),
          false);
    }
    long answerBytes = text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    return new Usage(quarter(promptBytes), 0, quarter(answerBytes), true);
  }

  private static int quarter(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, (bytes + 3) / 4);
  }

  private static Answer refused(int status, @Nullable JsonNode json, String body) {
    ProviderError error = ProviderError.of(json, body);
    return Answer.failed(outcome(status, error), status + ": " + error.message());
  }

  private static Outcome outcome(int status, ProviderError error) {
    if (error.isAny(REJECT) || error.tellsOverlongPrompt()) {
      return Outcome.REJECT_ROW;
    }
    if (error.isAny(STOP)) {
      return Outcome.STOP_JOB;
    }
    return switch (status) {
      case 429 -> Outcome.RETRY_RATE;
      case 408, 409, 425 -> Outcome.RETRY_TRANSIENT;
      case 400, 413, 415, 422 -> Outcome.REJECT_ROW;
      default -> status >= 500 ? Outcome.RETRY_TRANSIENT : Outcome.STOP_JOB;
    };
  }

  /**
   * The error object of a body: nested under {@code error}, or at top level as older vLLM servers
   * write it.
   */
  private record ProviderError(
      boolean structured, String type, String code, String detail, String message) {
    static ProviderError of(@Nullable JsonNode json, String body) {
      if (json == null || !json.isObject()) {
        return new ProviderError(false, "", "", "", body.isBlank() ? "no message" : body);
      }
      JsonNode error = json.path("error").isObject() ? json.path("error") : json;
      String message = error.path("message").asText("");
      if (message.isEmpty()) {
        message = json.path("error").isTextual() ? json.path("error").textValue() : body;
      }
      return new ProviderError(
          true,
          word(error.path("type")),
          word(error.path("code")),
          word(error.path("details").path("error_code")),
          Objects.requireNonNullElse(message, body));
    }

    private static String word(JsonNode node) {
      return node.isTextual() ? node.textValue().toLowerCase(Locale.ROOT) : "";
    }

    boolean isAny(Set<String> words) {
      return words.contains(type) || words.contains(code) || words.contains(detail);
    }

    /** Servers that give the case no code of its own say it in these words. */
    boolean tellsOverlongPrompt() {
      String lower = message.toLowerCase(Locale.ROOT);
      return structured
          && (lower.contains("maximum context length") || lower.contains("context size"));
    }
  }
}
