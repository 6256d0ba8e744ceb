package io.cria.task;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words between the texts of a recipe: what stands before a task, an input, an output, and how
 * a question is answered. Of each list the first is written in prompts and examples, and all are
 * understood in answers. A label has no colon; the number that may stand beside it is no part of it
 * either.
 *
 * <p>What is left out (null) is as in the published programs, {@link #ENGLISH}.
 */
public record Labels(
    @Key("Before a task in demonstrations and in what a model is tuned on") List<String> task,
    @Key("Before a task that has its input and output with it") List<String> instruction,
    @Key("Before an input") List<String> input,
    @Key("Before an output") List<String> output,
    @Key("Before each of several instances, with its number") List<String> example,
    @Key("Before the output where it comes first") List<String> classLabel,
    @Key("What stands for an input that there is not") List<String> noInput,
    @Key("The answer to a question") List<String> yes,
    @Key("The other answer to a question") List<String> no)
    implements Serializable {
  /** Those of the published programs. */
  public static final Labels ENGLISH =
      new Labels(null, null, null, null, null, null, null, null, null);

  public Labels(
      @Nullable List<String> task,
      @Nullable List<String> instruction,
      @Nullable List<String> input,
      @Nullable List<String> output,
      @Nullable List<String> example,
      @Nullable List<String> classLabel,
      @Nullable List<String> noInput,
      @Nullable List<String> yes,
      @Nullable List<String> no) {
    this.task = words("task", task, "Task");
    this.instruction = words("instruction", instruction, "Instruction");
    this.input = words("input", input, "Input");
    this.output = words("output", output, "Output");
    this.example = words("example", example, "Example");
    this.classLabel = words("classLabel", classLabel, "Class label");
    this.noInput = words("noInput", noInput, "<noinput>");
    this.yes = words("yes", yes, "Yes", "yes", "YES");
    this.no = words("no", no, "No");
  }

  private static List<String> words(String name, @Nullable List<String> given, String... ifAbsent) {
    List<String> words = given == null ? List.of(ifAbsent) : List.copyOf(given);
    if (words.isEmpty()) {
      throw new IllegalArgumentException(name + " is an empty list: give a word");
    }
    for (String word : words) {
      if (word.isBlank() || !word.strip().equals(word) || word.indexOf('\n') >= 0) {
        throw new IllegalArgumentException(
            name + " has '" + word + "': give words without white space around them");
      }
    }
    return words;
  }
}
