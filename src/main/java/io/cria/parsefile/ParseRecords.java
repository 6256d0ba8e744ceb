package io.cria.parsefile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.filter.FilterChain;
import io.cria.filter.Filters;
import io.cria.parse.CandidateParser;
import io.cria.parse.InstanceParser;
import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.Draft;
import io.cria.task.ExitCode;
import io.cria.task.InstanceDraft;
import io.cria.task.Verdict;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Parser and heuristics of a published program on one recorded answer, without a run: what {@code
 * cria parse} does to a line. A record has {@code text}, optionally {@code finish_reason}; for
 * Alpaca optionally {@code demonstrations} (3); for instances {@code instruction} and {@code
 * is_classification}. Other keys are ignored.
 *
 * <p>The result is {@code {"accepted": […], "rejected": [{"text", "reason"}]}}, both in order of
 * appearance, before the similarity rule and before any limit: instructions as texts, Alpaca tasks
 * as objects, instances as [input, output]; a rejected text is the item, the block or the whole
 * answer. Thread-safe.
 */
public final class ParseRecords {
  private static final int ALPACA_DEMONSTRATIONS = 3;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** Whose rules, and of what. */
  public enum Kind {
    INSTRUCTIONS,
    ALPACA,
    INSTANCES;

    /**
     * The kind of that lower-case name.
     *
     * @throws CriaException for another name
     */
    public static Kind named(String name) {
      return switch (name) {
        case "instructions" -> INSTRUCTIONS;
        case "alpaca" -> ALPACA;
        case "instances" -> INSTANCES;
        default ->
            throw CriaException.badInput(
                "unknown kind \"" + name + "\": use instructions, alpaca or instances");
      };
    }
  }

  private final Kind kind;
  private final CandidateParser lists = CandidateParser.named("numbered-list");
  private final CandidateParser blocks = CandidateParser.named("alpaca-blocks");
  private final InstanceParser instances = InstanceParser.named("self-instruct");
  private final FilterChain selfInstruct = Filters.selfInstruct();
  private final FilterChain alpaca = Filters.alpaca();

  public ParseRecords(Kind kind) {
    this.kind = kind;
  }

  /**
   * One line of JSON to one line of JSON.
   *
   * @throws CriaException when the line is no JSON object or a key is missing or of another type
   */
  public String parseLine(String line) {
    JsonNode record;
    try {
      record = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          "not JSON (" + e.getOriginalMessage() + "): write one JSON object a line",
          e);
    }
    return withEscapedLoneSurrogates(parse(record).toString());
  }

  /**
   * The result for one record.
   *
   * @throws CriaException when it is no object or a key is missing or of another type
   */
  public ObjectNode parse(JsonNode record) {
    if (!record.isObject()) {
      throw CriaException.badInput("not a JSON object: write one JSON object a line");
    }
    Completion completion = new Completion(text(record, "text"), finishReason(record));
    ObjectNode result = JSON.createObjectNode();
    ArrayNode accepted = result.putArray("accepted");
    ArrayNode rejected = result.putArray("rejected");
    switch (kind) {
      case INSTRUCTIONS -> {
        for (Draft draft : lists.parse(completion, 0)) {
          if (keeps(selfInstruct, draft, rejected)) {
            accepted.add(draft.instruction());
          }
        }
      }
      case ALPACA -> {
        for (Draft draft : blocks.parse(completion, demonstrations(record))) {
          if (keeps(alpaca, draft, rejected)) {
            accepted
                .addObject()
                .put("instruction", draft.instruction())
                .put("input", draft.input())
                .put("output", draft.output());
          }
        }
      }
      case INSTANCES -> {
        String instruction = text(record, "instruction");
        boolean classification = flag(record, "is_classification");
        for (InstanceDraft draft : instances.parse(instruction, classification, completion)) {
          if (draft.reason() == null) {
            accepted.addArray().add(draft.input()).add(draft.output());
          } else {
            reject(rejected, draft.raw(), draft.reason());
          }
        }
      }
    }
    return result;
  }

  private static boolean keeps(FilterChain filters, Draft draft, ArrayNode rejected) {
    Verdict verdict = filters.judge(draft);
    if (verdict.reason() != null) {
      reject(rejected, draft.raw(), verdict.reason());
    }
    return verdict.kept();
  }

  private static void reject(ArrayNode rejected, String text, String reason) {
    rejected.addObject().put("text", text).put("reason", reason);
  }

  private static String text(JsonNode record, String key) {
    JsonNode value = record.path(key);
    if (!value.isTextual()) {
      throw CriaException.badInput("key \"" + key + "\" is not a text: give a JSON string");
    }
    return value.textValue();
  }

  private static @Nullable String finishReason(JsonNode record) {
    JsonNode value = record.path("finish_reason");
    return value.isMissingNode() || value.isNull() ? null : text(record, "finish_reason");
  }

  private static boolean flag(JsonNode record, String key) {
    JsonNode value = record.path(key);
    if (!value.isBoolean()) {
      throw CriaException.badInput("key \"" + key + "\" is not a truth value: give true or false");
    }
    return value.booleanValue();
  }

  private static int demonstrations(JsonNode record) {
    JsonNode value = record.path("demonstrations");
    if (value.isMissingNode()) {
      return ALPACA_DEMONSTRATIONS;
    }
    if (!value.isInt() || value.intValue() < 0) {
      throw CriaException.badInput(
          "key \"demonstrations\" is not a count: give the number of demonstrations in the prompt");
    }
    return value.intValue();
  }

  /**
   * UTF-8 has no form for half a surrogate pair, which a cut answer may hold; JSON's escape has.
   */
  private static String withEscapedLoneSurrogates(String json) {
    StringBuilder out = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); ) {
      int codePoint = json.codePointAt(i);
      if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
        out.append(String.format(Locale.ROOT, "\\u%04x", codePoint));
      } else {
        out.appendCodePoint(codePoint);
      }
      i += Character.charCount(codePoint);
    }
    return out.toString();
  }
}
