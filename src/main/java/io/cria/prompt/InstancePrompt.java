package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.text.PythonText;
import java.util.Map;

/** Asks for instances of an instruction. */
@FunctionalInterface
public interface InstancePrompt {
  /** The prompt for {@code instruction}. */
  BuiltPrompt build(String instruction, boolean isClassification);

  /**
   * The prompt a recipe names: {@code self-instruct} or {@code quickstart}.
   *
   * @throws CriaException bad input: another name, a file missing or wrong
   */
  static InstancePrompt named(String name, PromptFiles files) {
    return switch (name) {
      case "self-instruct" -> selfInstruct(files);
      case "quickstart" -> quickstart(files);
      default ->
          throw CriaException.badInput(
              "unknown prompt \"" + name + "\" of instances: use self-instruct or quickstart");
    };
  }

  /**
   * Self-Instruct, section 2.2, step 3. Output first for classification tasks, so that every label
   * comes up: the label, then an input that has it. Input first for all others. Reads {@code
   * instances-output-first.txt} and {@code instances-input-first.txt}, slot {@code instruction}.
   * The prompt ends with a line end: the answer starts on a line of its own.
   */
  static InstancePrompt selfInstruct(PromptFiles files) {
    Template inputFirst = files.template("instances-input-first.txt", "instruction");
    Template outputFirst = files.template("instances-output-first.txt", "instruction");
    return (instruction, isClassification) -> {
      Template template = isClassification ? outputFirst : inputFirst;
      return BuiltPrompt.of(
          template.render(Map.of("instruction", PythonText.strip(instruction))) + "\n");
    };
  }

  /**
   * For a very small model: one output, no input, after a few plain demonstrations. Reads {@code
   * outputs.txt}, slot {@code instruction}; the prompt ends where the output begins.
   */
  static InstancePrompt quickstart(PromptFiles files) {
    Template outputs = files.template("outputs.txt", "instruction");
    return (instruction, isClassification) ->
        BuiltPrompt.of(outputs.render(Map.of("instruction", NumberedTasks.oneLine(instruction))));
  }
}
