package io.cria.prompt;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.task.CriaException;
import io.cria.task.Labels;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks whether a task is a classification task (Self-Instruct, section 2.2, step 2): the same fixed
 * demonstrations each time, then the instruction, to be answered yes or no.
 */
public final class ClassificationPrompt {
  private final Template template;
  private final Template question;
  private final String demonstrations;

  private ClassificationPrompt(Template template, Template question, String demonstrations) {
    this.template = template;
    this.question = question;
    this.demonstrations = demonstrations;
  }

  /**
   * An answered question.
   *
   * @param instruction the task
   * @param isClassification the answer
   */
  public record Demonstration(
      @JsonProperty(value = "instruction", required = true) String instruction,
      @JsonProperty(value = "is_classification", required = true) boolean isClassification) {}

  /**
   * Reads {@code classification.txt} (slots {@code demonstrations} and {@code question}), {@code
   * classification-question.txt} (slot {@code instruction}; the form of both the demonstrations'
   * and the asked question) and {@code classification-demonstrations.jsonl}.
   *
   * @param labels the words for yes and no
   * @throws CriaException bad input, naming file and line
   */
  public static ClassificationPrompt of(PromptFiles files, Labels labels) {
    Template template = files.template("classification.txt", "demonstrations", "question");
    Template question = files.template("classification-question.txt", "instruction");
    String file = "classification-demonstrations.jsonl";
    String shown =
        demonstrations(files.path(file), files.text(file)).stream()
            .map(
                demonstration ->
                    ask(question, demonstration.instruction())
                        + " "
                        + (demonstration.isClassification() ? labels.yes() : labels.no()).get(0))
            .collect(Collectors.joining("\n\n"));
    return new ClassificationPrompt(template, question, shown);
  }

  /** The question for {@code instruction}. */
  public BuiltPrompt build(String instruction) {
    return BuiltPrompt.of(
        template.render(
            Map.of("demonstrations", demonstrations, "question", ask(question, instruction))));
  }

  private static String ask(Template question, String instruction) {
    return question.render(Map.of("instruction", PythonText.strip(instruction)));
  }

  /**
   * Reads lines of {@code {"instruction": …, "is_classification": …}}; empty lines are skipped.
   *
   * @param name the file's path, for errors
   */
  public static List<Demonstration> demonstrations(String name, String jsonLines) {
    ObjectReader reader =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build()
            .readerFor(Demonstration.class);
    List<Demonstration> read = new ArrayList<>();
    List<String> lines = jsonLines.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      try {
        Demonstration demonstration = reader.readValue(lines.get(i));
        read.add(demonstration);
      } catch (JsonProcessingException e) {
        throw CriaException.badInput(
            "not a demonstration ("
                + e.getOriginalMessage()
                + "), "
                + name
                + ":"
                + (i + 1)
                + ": write {\"instruction\": \"…\", \"is_classification\": true or false}");
      }
    }
    return List.copyOf(read);
  }
}
