package io.cria.prompt;

import io.cria.text.PythonText;
import java.util.Map;

/**
 * Asks for instances of an instruction (Self-Instruct, section 2.2, step 3). Output first for
 * classification tasks, so that every label comes up: the label, then an input that has it. Input
 * first for all others.
 */
public final class InstancePrompt {
  private final Template inputFirst;
  private final Template outputFirst;

  private InstancePrompt(Template inputFirst, Template outputFirst) {
    this.inputFirst = inputFirst;
    this.outputFirst = outputFirst;
  }

  /**
   * Reads {@code instances-input-first.txt} and {@code instances-output-first.txt}, slot {@code
   * instruction}.
   */
  public static InstancePrompt of(PromptFiles files) {
    return new InstancePrompt(
        files.template("instances-input-first.txt", "instruction"),
        files.template("instances-output-first.txt", "instruction"));
  }

  /**
   * The prompt for {@code instruction}. It ends with a line end: the answer starts on a line of its
   * own.
   */
  public BuiltPrompt build(String instruction, boolean isClassification) {
    Template template = isClassification ? outputFirst : inputFirst;
    return BuiltPrompt.of(
        template.render(Map.of("instruction", PythonText.strip(instruction))) + "\n");
  }
}
