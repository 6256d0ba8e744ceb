package io.cria.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The counts that a server gave, each of which may be missing, null, a text, or in another
 * provider's place.
 *
 * @param prompt tokens of the prompt; null where not told
 * @param cached of these, cached ones; null where not told
 * @param completion tokens generated; null where not told
 * @param reasoning of these, tokens of thinking; null where not told
 */
record TokensTold(
    @Nullable Integer prompt,
    @Nullable Integer cached,
    @Nullable Integer completion,
    @Nullable Integer reasoning) {

  /** Reads an answer's {@code usage}. */
  static TokensTold of(JsonNode usage) {
    Integer prompt = first(usage, "prompt_tokens", "input_tokens");
    Integer completion = first(usage, "completion_tokens", "output_tokens");
    Integer total = first(usage, "total_tokens");
    if (completion == null && prompt != null && total != null && total > prompt) {
      completion = total - prompt;
    }
    return new TokensTold(
        prompt,
        first(
            usage,
            "prompt_tokens_details/cached_tokens",
            "input_tokens_details/cached_tokens",
            "prompt_cache_hit_tokens",
            "cached_tokens"),
        completion,
        first(
            usage,
            "completion_tokens_details/reasoning_tokens",
            "output_tokens_details/reasoning_tokens",
            "reasoning_tokens"));
  }

  private static @Nullable Integer first(JsonNode usage, String... pointers) {
    for (String pointer : pointers) {
      Integer count = count(usage.at("/" + pointer));
      if (count != null) {
        return count;
      }
    }
    return null;
  }

  private static @Nullable Integer count(JsonNode node) {
    double count = -1;
    if (node.isNumber()) {
      count = node.doubleValue();
    } else if (node.isTextual() && node.textValue().strip().matches("\\d{1,9}(\\.0*)?")) {
      count = Double.parseDouble(node.textValue().strip());
    }
    return count >= 0 && count <= Integer.MAX_VALUE ? (int) count : null;
  }

  /** Whether the server says that it generated nothing. */
  boolean generatedNothing() {
    return completion != null && completion == 0;
  }

  /** Whether the server says that not even a prompt was read. */
  boolean countsNothing() {
    return generatedNothing() && prompt != null && prompt == 0;
  }

  /** Whether the server says that all it generated was thinking. */
  boolean onlyReasoned() {
    return completion != null && completion > 0 && reasoning != null && reasoning >= completion;
  }

  /**
   * The usage of an answer, estimated where it was not told. A server that counts nothing at all
   * for an answer with a text does not count.
   *
   * @param promptBytes UTF-8 bytes of the request's texts
   * @param generated all that the model wrote
   */
  Usage usage(long promptBytes, String generated) {
    boolean counts = !generatedNothing() || prompt == null || prompt > 0 || generated.isEmpty();
    Integer promptTokens = counts ? prompt : null;
    Integer completionTokens = counts ? completion : null;
    int known = promptTokens == null ? quarter(promptBytes) : promptTokens;
    return new Usage(
        known,
        cached == null || !counts ? 0 : Math.min(cached, known),
        completionTokens == null
            ? quarter(generated.getBytes(StandardCharsets.UTF_8).length)
            : completionTokens,
        promptTokens == null || completionTokens == null);
  }

  /** The usage of what is no answer: null where the server did not tell both counts. */
  @Nullable Usage told() {
    return prompt == null || completion == null ? null : usage(0, "");
  }

  private static int quarter(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, (bytes + 3) / 4);
  }
}
