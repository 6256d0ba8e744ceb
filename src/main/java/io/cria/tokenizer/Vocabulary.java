package io.cria.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a tokenizer.json that are ours to know: its tokens, and which of them steer the
 * model.
 */
final class Vocabulary {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode root;
  private final Map<String, Integer> ids;

  /** Control tokens, longest first, so that a search meets the longest match. */
  private final Map<String, Integer> control;

  private Vocabulary(ObjectNode root, Map<String, Integer> ids, Map<String, Integer> control) {
    this.root = root;
    this.ids = ids;
    this.control = control;
  }

  /** {@code where} names the file in errors. */
  static Vocabulary parse(byte[] json, String where) {
    JsonNode root;
    try {
      root = JSON.readTree(new String(json, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(where + " is no JSON: take tokenizer.json again from the model");
    }
    JsonNode tokens = root.path("model").path("vocab");
    if (!(root instanceof ObjectNode object) || !tokens.isObject()) {
      throw CriaException.badInput(
          where
              + " holds no tokenizer with a vocabulary of pieces (BPE): give the tokenizer.json of"
              + " a LLaMA-like model");
    }
    Map<String, Integer> ids = new HashMap<>();
    tokens.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
    Map<String, Integer> special = new HashMap<>();
    for (JsonNode added : root.path("added_tokens")) {
      String text = added.path("content").asText();
      ids.put(text, added.path("id").asInt());
      if (added.path("special").asBoolean()) {
        special.put(text, added.path("id").asInt());
      }
    }
    return new Vocabulary(object, ids, longestFirst(special));
  }

  /**
   * The same with these as control tokens too: a token with a role steers the model, whatever the
   * file says of it.
   */
  Vocabulary steeredBy(Collection<String> roles) {
    Map<String, Integer> more = new HashMap<>(control);
    roles.forEach(
        role -> {
          Integer id = ids.get(role);
          if (id != null) {
            more.put(role, id);
          }
        });
    return new Vocabulary(root, ids, longestFirst(more));
  }

  private static Map<String, Integer> longestFirst(Map<String, Integer> tokens) {
    Map<String, Integer> sorted = new LinkedHashMap<>();
    tokens.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByKey(
                    Comparator.comparingInt(String::length).reversed())
                .thenComparing(Map.Entry.comparingByValue()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  Map<String, Integer> ids() {
    return ids;
  }

  /** The text of a token, or null; looks through all. */
  @Nullable String textOf(int id) {
    return ids.entrySet().stream()
        .filter(token -> token.getValue() == id)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** The texts of all added tokens. */
  List<String> added() {
    List<String> texts = new ArrayList<>();
    root.path("added_tokens").forEach(added -> texts.add(added.path("content").asText()));
    return texts;
  }

  /** The texts of added tokens that have this property. */
  Set<String> flagged(String property) {
    Set<String> texts = new HashSet<>();
    for (JsonNode added : root.path("added_tokens")) {
      if (added.path(property).asBoolean()) {
        texts.add(added.path("content").asText());
      }
    }
    return texts;
  }

  Map<String, Integer> control() {
    return control;
  }

  /** The tokenizer.json as a tree; not to be changed. */
  ObjectNode json() {
    return root;
  }

  /** One more than the largest id. */
  int size() {
    return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
  }

  /**
   * The same tokenizer blind to control tokens: in a text they are pieces like any other. They keep
   * their ids under names that no text bears (a noncharacter of Unicode), because taking them out
   * would move other added tokens.
   */
  byte[] withoutControl() {
    return bytes(blind());
  }

  /**
   * The same as {@link #withoutControl} for text that goes on from other text: many tokenizers put
   * a space before a text's first word, which has no place inside.
   *
   * @return empty where the tokenizer puts no space before a text
   */
  Optional<byte[]> withoutLeadingSpace() {
    if (!putsSpaceBefore()) {
      return Optional.empty();
    }
    ObjectNode copy = blind();
    List<ObjectNode> pres = steps(copy.path("pre_tokenizer"), "pretokenizers");
    for (ObjectNode step : pres) {
      if (step.path("type").asText().equals("Metaspace")) {
        step.put("prepend_scheme", "never").remove("add_prefix_space");
      } else if (step.path("type").asText().equals("ByteLevel")) {
        step.put("add_prefix_space", false);
      }
    }
    if (isPrepend(copy.path("normalizer"))) {
      copy.putNull("normalizer");
    }
    for (Iterator<JsonNode> each = copy.path("normalizer").path("normalizers").elements();
        each.hasNext(); ) {
      if (isPrepend(each.next())) {
        each.remove();
      }
    }
    return Optional.of(bytes(copy));
  }

  /** Whether a text's first word gets a space before it that the text does not have. */
  boolean putsSpaceBefore() {
    return steps(root.path("normalizer"), "normalizers").stream().anyMatch(Vocabulary::isPrepend)
        || steps(root.path("pre_tokenizer"), "pretokenizers").stream()
            .anyMatch(Vocabulary::prependsSpace);
  }

  /**
   * Whether that space stands at the very beginning alone, not behind every control token as well:
   * files of SentencePiece's kind that are not "legacy" say so.
   */
  boolean putsSpaceOnlyFirst() {
    return steps(root.path("normalizer"), "normalizers").stream().noneMatch(Vocabulary::isPrepend)
        && steps(root.path("pre_tokenizer"), "pretokenizers").stream()
            .filter(Vocabulary::prependsSpace)
            .allMatch(step -> step.path("prepend_scheme").asText().equals("first"));
  }

  private static boolean isPrepend(JsonNode step) {
    return step.path("type").asText().equals("Prepend");
  }

  private static boolean prependsSpace(JsonNode step) {
    return switch (step.path("type").asText()) {
      case "ByteLevel" -> step.path("add_prefix_space").asBoolean(true);
      // Files from before prepend_scheme have add_prefix_space in its place.
      case "Metaspace" ->
          step.has("prepend_scheme")
              ? !step.path("prepend_scheme").asText().equals("never")
              : step.path("add_prefix_space").asBoolean(true);
      default -> false;
    };
  }

  /** A step by itself, or those of a sequence. */
  private static List<ObjectNode> steps(JsonNode step, String sequence) {
    List<ObjectNode> steps = new ArrayList<>();
    for (JsonNode each : step.has(sequence) ? step.path(sequence) : List.of(step)) {
      if (each instanceof ObjectNode object) {
        steps.add(object);
      }
    }
    return steps;
  }

  private ObjectNode blind() {
    ObjectNode copy = root.deepCopy();
    ObjectNode model = (ObjectNode) copy.get("model");
    ObjectNode tokens = (ObjectNode) model.get("vocab");
    for (JsonNode added : copy.path("added_tokens")) {
      String text = added.path("content").asText();
      if (control.containsKey(text)) {
        String hidden = "\uDBFF\uDFFE" + added.path("id").asInt();
        ((ObjectNode) added).put("content", hidden);
        if (tokens.has(text)) {
          tokens.put(hidden, tokens.remove(text).asInt());
        }
        if (model.path("unk_token").asText().equals(text)) {
          model.put("unk_token", hidden);
        }
      }
    }
    copy.putNull("post_processor");
    copy.putNull("truncation");
    copy.putNull("padding");
    return copy;
  }

  static byte[] bytes(JsonNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }
}
