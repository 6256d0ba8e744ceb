package io.cria.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of a failure. Providers put it under {@code error}, {@code errors} or {@code
 * detail}, at top level, into lists, or write only words; names of members differ. What they call
 * code, type, status or reason is taken together.
 *
 * @param isPage whether it is a page for people, whose words say little
 * @param codes words for what failed, lower-case, letters and digits only
 * @param status the HTTP status that it names; empty where it names none
 * @param flags whether it lists reasons of a moderation
 * @param message its words for people; the whole body where it has none
 */
record ProviderError(
    boolean isPage, Set<String> codes, OptionalInt status, boolean flags, String message) {
  private static final List<String> CODES =
      List.of(
          "code",
          "type",
          "status",
          "status_code",
          "statusCode",
          "error_type",
          "errorType",
          "error_code",
          "errorCode",
          "__type",
          "reason");
  private static final List<String> MESSAGES =
      List.of(
          "message",
          "msg",
          "error_message",
          "errorMessage",
          "error_msg",
          "status_msg",
          "error_description",
          "description",
          "title",
          "Message");
  private static final List<String> NESTED =
      List.of(
          "error",
          "errors",
          "Error",
          "detail",
          "details",
          "base_resp",
          "innererror",
          "metadata",
          "cause");
  private static final List<String> FLAGS =
      List.of("reasons", "flagged_input", "flagged", "categories", "moderation");

  private static final int NODES_MAX = 64;

  /** What is longer is a sentence. */
  private static final int LONGEST_CODE = 32;

  private static final Pattern NAMED_STATUS =
      Pattern.compile(
          "^\\W{0,3}([45]\\d\\d)(?=\\W{1,3}[A-Z]|\\W*$)"
              + "|(?i:\\b(?:error|status|code|http)\\W{1,4}(?:code\\W{1,3})?([45]\\d\\d)\\b)");
  private static final Pattern TITLE = Pattern.compile("(?is)<title[^>]*>\\s*(.+?)\\s*</title>");

  /** Whether a value that came under a good status tells of a failure. */
  static boolean isIn(JsonNode json) {
    if (json.isArray()) {
      return json.size() > 0 && json.get(0).isObject() && isIn(json.get(0));
    }
    if (!json.isObject()) {
      return false;
    }
    if (!ServerJson.saysNothing(json.path("error"))
        || !ServerJson.saysNothing(json.path("x_groq").path("error"))
        || isWord(json.path("object"), "error")
        || isWord(json.path("type"), "error")) {
      return true;
    }
    boolean answers =
        (json.path("choices").isArray() && !json.path("choices").isEmpty()) || json.has("usage");
    return !answers
        && (!ServerJson.saysNothing(json.path("errors"))
            || !ServerJson.saysNothing(json.path("detail"))
            || !ServerJson.saysNothing(json.path("base_resp").path("status_code"))
            || isWord(json.path("status"), "error")
            || MESSAGES.stream()
                .anyMatch(
                    name ->
                        json.path(name).isTextual() && !ServerJson.saysNothing(json.path(name))));
  }

  private static boolean isWord(JsonNode node, String word) {
    return word.equalsIgnoreCase(node.textValue());
  }

  /**
   * Reads a failure.
   *
   * @param json its body, or the part that tells of it; null where it is no JSON
   * @param body the text it was read from
   */
  static ProviderError of(@Nullable JsonNode json, String body) {
    if (json == null || !(json.isContainerNode() || json.isTextual())) {
      boolean page = body.stripLeading().startsWith("<");
      return new ProviderError(page, Set.of(), OptionalInt.empty(), false, words(body));
    }
    Reader reader = new Reader();
    reader.read(json);
    String message = reader.message(body);
    return new ProviderError(
        false,
        reader.codes,
        reader.status.isPresent() ? reader.status : named(message),
        reader.flags,
        message);
  }

  /** Of what is no JSON; of a page its title. */
  private static String words(String body) {
    Matcher title = TITLE.matcher(body);
    return body.isBlank() ? "no message" : title.find() ? title.group(1) : body;
  }

  private static OptionalInt named(String message) {
    Matcher status = NAMED_STATUS.matcher(message);
    if (!status.find()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        Integer.parseInt(status.group(1) == null ? status.group(2) : status.group(1)));
  }

  static String bare(String word) {
    StringBuilder bare = new StringBuilder();
    word.toLowerCase(Locale.ROOT)
        .chars()
        .filter(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        .forEach(c -> bare.append((char) c));
    return bare.toString();
  }

  /** Whether one of its codes is among these. */
  boolean hasCode(Set<String> bareWords) {
    return codes.stream().anyMatch(bareWords::contains);
  }

  /** Whether one of its codes has one of these in it. */
  boolean hasCodeLike(List<String> bareParts) {
    return codes.stream().anyMatch(code -> bareParts.stream().anyMatch(code::contains));
  }

  /** Walks from the outside in, so that the outermost words and status are the ones told. */
  private static final class Reader {
    private final Set<String> codes = new LinkedHashSet<>();
    private final ArrayDeque<JsonNode> ahead = new ArrayDeque<>();
    private OptionalInt status = OptionalInt.empty();
    private boolean flags;
    private String message = "";
    private String shortWord = "";
    private String raw = "";

    void read(JsonNode root) {
      ahead.add(root);
      for (int seen = 0; !ahead.isEmpty() && seen < NODES_MAX; seen++) {
        JsonNode node = ahead.remove();
        if (node.isTextual()) {
          tell(node.textValue());
        } else if (node.isArray()) {
          node.forEach(ahead::add);
        } else if (node.isObject()) {
          object(node);
        }
      }
    }

    String message(String body) {
      String told = message.isEmpty() ? shortWord : message;
      if (told.isEmpty()) {
        return body.isBlank() ? "no message" : body;
      }
      return raw.isEmpty() || told.contains(raw) ? told : told + ": " + raw;
    }

    private void object(JsonNode node) {
      for (String name : CODES) {
        code(node.path(name));
      }
      for (String name : MESSAGES) {
        if (node.path(name).isTextual()) {
          tell(node.path(name).textValue());
        }
      }
      for (String name : FLAGS) {
        flags |= !ServerJson.saysNothing(node.path(name));
      }
      if (raw.isEmpty() && node.path("raw").isTextual()) {
        raw = node.path("raw").textValue().strip();
      }
      for (String name : NESTED) {
        JsonNode inner = node.path(name);
        if (inner.isTextual() && name.equalsIgnoreCase("error")) {
          if (inner.textValue().length() <= LONGEST_CODE) {
            codes.add(bare(inner.textValue()));
          }
          shortWord = shortWord.isEmpty() ? inner.textValue().strip() : shortWord;
        } else if (inner.isContainerNode() || (inner.isTextual() && !MESSAGES.contains(name))) {
          ahead.add(inner);
        }
      }
      if (node.path("Response").isObject()) {
        ahead.add(node.path("Response"));
      }
      if (node.path("x_groq").isObject()) {
        ahead.add(node.path("x_groq"));
      }
      if (node.has("loc") && node.has("msg")) {
        codes.add("validation");
      }
    }

    private void code(JsonNode node) {
      if (node.isTextual()) {
        String word = node.textValue().strip();
        if (word.matches("\\d{3}")) {
          status(Integer.parseInt(word));
        } else {
          codes.add(bare(word));
        }
      } else if (node.isInt()) {
        status(node.intValue());
      }
    }

    private void status(int number) {
      if (status.isEmpty() && number >= 400 && number <= 599) {
        status = OptionalInt.of(number);
      }
    }

    private void tell(String words) {
      if (message.isEmpty()) {
        message = words.strip();
      }
    }
  }
}
