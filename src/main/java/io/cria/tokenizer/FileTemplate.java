package io.cria.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.Ids;
import io.cria.task.Message;
import io.cria.task.TrainingExample;
import io.cria.task.UserText;
import io.cria.template.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A template in a YAML file: one layout for examples with an input, one for those without.
 *
 * <pre>
 * withInput: |-
 *   Task: {instruction}
 *   Material: {input}
 *   Answer:
 *   {output}{end}
 * withoutInput: …
 * end: "&lt;|im_end|&gt;"      # optional; the model's own end token otherwise
 * </pre>
 *
 * Slots: {@code instruction}, {@code input}, {@code prompt} (the example's encoded prompt, alone),
 * {@code output} (or {@code completion}, the encoded completion) and {@code end}. What stands
 * before the output is not learnt; output and end are. A question has no encoding of its own: for
 * it, {@code prompt} is the plain encoding's ({@link Example#plainPrompt}).
 */
public final class FileTemplate implements PromptTemplate {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Pattern SLOT = Pattern.compile("\\{([a-z]+)\\}");
  private static final Set<String> SLOTS =
      Set.of("instruction", "input", "prompt", "output", "completion", "end");
  private static final Set<String> KEYS = Set.of("withInput", "withoutInput", "end");

  private final Layout withInput;
  private final Layout withoutInput;
  private final String bos;
  private final String end;

  private FileTemplate(Layout withInput, Layout withoutInput, String bos, String end) {
    this.withInput = withInput;
    this.withoutInput = withoutInput;
    this.bos = bos;
    this.end = end;
  }

  /**
   * Reads a template.
   *
   * @throws CriaException (bad input) naming the file and the layout when a slot is missing,
   *     unknown or misplaced, or the model has no token to end an answer with
   */
  public static FileTemplate open(Path file, ModelTokenizer tokenizer) {
    String text;
    try {
      text = UserText.read(file);
    } catch (IOException e) {
      throw CriaException.badInput(
          "no prompt template at " + file + ": give one of conf/templates or your own");
    }
    return parse(text, file.toString(), tokenizer);
  }

  static FileTemplate parse(String text, String where, ModelTokenizer tokenizer) {
    JsonNode root;
    try {
      root = YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(
          where
              + ":"
              + e.getLocation().getLineNr()
              + " is no YAML: "
              + firstLine(e.getOriginalMessage()));
    }
    root.properties().stream()
        .map(Map.Entry::getKey)
        .filter(key -> !KEYS.contains(key))
        .findFirst()
        .ifPresent(
            key -> {
              throw CriaException.badInput(
                  where
                      + " has the unknown key "
                      + key
                      + ": a template has "
                      + new TreeSet<>(KEYS));
            });
    String end =
        root.path("end")
            .asText(tokenizer.settings().eos() == null ? "" : tokenizer.settings().eos());
    if (end.isEmpty() || tokenizer.encode(end, false).length != 1) {
      throw CriaException.badInput(
          where
              + " ends answers with '"
              + end
              + "', which is no token of this model: set end to one that is");
    }
    String bos = tokenizer.settings().addsBos() ? tokenizer.settings().bos() : null;
    return new FileTemplate(
        Layout.parse(root, "withInput", where, true),
        Layout.parse(root, "withoutInput", where, false),
        bos == null ? "" : bos,
        end);
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("it cannot be read");
  }

  @Override
  public TrainingText training(TrainingExample example) {
    if (!example.singleTask()) {
      return TrainingText.refused(Refusal.MANY_TURNS, "");
    }
    Layout layout = example.input().isEmpty() ? withoutInput : withInput;
    Map<String, String> values =
        Map.of(
            "instruction", example.instruction(),
            "input", example.input(),
            "prompt", example.prompt());
    String answer = layout.answersWithCompletion ? example.completion() : example.output();
    return TrainingText.of(
        List.of(new Segment(begun(layout.context(values)), false), Segment.answer(answer, end)));
  }

  /** A layout for single tasks gets the whole chat as one; a lone question stands for itself. */
  @Override
  public List<TextPiece> prompt(Conversation conversation) {
    List<Map<String, Object>> messages = conversation.messages();
    if (messages.size() == 1) {
      return prompt(content(messages.get(0)), "");
    }
    StringBuilder task = new StringBuilder();
    for (Map<String, Object> message : messages) {
      task.append(task.isEmpty() ? "" : "\n\n");
      if (!Message.SYSTEM.equals(message.get("role"))) {
        task.append(Message.USER.equals(message.get("role")) ? "User: " : "Assistant: ");
      }
      task.append(content(message));
    }
    return prompt(task.toString(), "");
  }

  private static String content(Map<String, Object> message) {
    return message.get("content") instanceof String text ? text : "";
  }

  @Override
  public List<TextPiece> prompt(String instruction, String input) {
    Layout layout = input.isEmpty() ? withoutInput : withInput;
    String plain = Example.plainPrompt(instruction, input);
    return begun(
        layout.context(Map.of("instruction", instruction, "input", input, "prompt", plain)));
  }

  /** Where the model begins every sequence with bos, so does the layout. */
  private List<TextPiece> begun(List<TextPiece> pieces) {
    if (bos.isEmpty()
        || (!pieces.isEmpty()
            && pieces.get(0).fromLayout()
            && pieces.get(0).text().startsWith(bos))) {
      return pieces;
    }
    return Stream.concat(Stream.of(TextPiece.layout(bos)), pieces.stream()).toList();
  }

  @Override
  public String end() {
    return end;
  }

  @Override
  public String hash() {
    return Ids.sha256(String.join("\u0000", "file-3", withInput.text, withoutInput.text, bos, end));
  }

  /** One layout, cut at its slots: texts and slot names in turn, up to the answer. */
  private static final class Layout {
    private final String text;
    private final List<String> parts;
    private final boolean answersWithCompletion;

    private Layout(String text, List<String> parts, boolean answersWithCompletion) {
      this.text = text;
      this.parts = parts;
      this.answersWithCompletion = answersWithCompletion;
    }

    static Layout parse(JsonNode root, String key, String where, boolean hasInput) {
      String text = root.path(key).asText();
      List<String> parts = new ArrayList<>();
      List<String> slots = new ArrayList<>();
      Matcher matcher = SLOT.matcher(text);
      int at = 0;
      while (matcher.find()) {
        if (!SLOTS.contains(matcher.group(1))) {
          throw CriaException.badInput(
              where
                  + ": "
                  + key
                  + " has the unknown slot {"
                  + matcher.group(1)
                  + "}: known are "
                  + new TreeSet<>(SLOTS));
        }
        parts.add(text.substring(at, matcher.start()));
        parts.add(matcher.group(1));
        slots.add(matcher.group(1));
        at = matcher.end();
      }
      boolean task = slots.contains("instruction") || slots.contains("prompt");
      require(task, where, key, "lacks {instruction}");
      require(
          !hasInput || slots.contains("input") || slots.contains("prompt"),
          where,
          key,
          "lacks {input}");
      boolean completion = slots.contains("completion");
      require(completion || slots.contains("output"), where, key, "lacks {output}");
      int size = slots.size();
      String answer = completion ? "completion" : "output";
      boolean ends =
          slots.contains("end")
              && slots.indexOf(answer) == size - 2
              && slots.indexOf("end") == size - 1
              && parts.get(2 * size - 2).isEmpty()
              && text.substring(at).isBlank();
      require(ends, where, key, "does not end with {" + answer + "}{end}");
      return new Layout(text, parts.subList(0, 2 * size - 3), completion);
    }

    private static void require(boolean condition, String where, String key, String what) {
      if (!condition) {
        throw CriaException.badInput(
            where
                + ": "
                + key
                + " "
                + what
                + ": a layout has its task, its material and, last, {output}{end}");
      }
    }

    List<TextPiece> context(Map<String, String> values) {
      List<TextPiece> pieces = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        boolean literal = i % 2 == 0;
        String piece = literal ? parts.get(i) : values.getOrDefault(parts.get(i), "");
        if (!piece.isEmpty()) {
          pieces.add(new TextPiece(piece, literal));
        }
      }
      return pieces;
    }
  }
}
