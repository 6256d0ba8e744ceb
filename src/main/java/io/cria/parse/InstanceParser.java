package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.InstanceDraft;
import java.util.List;

/**
 * Reads the instances of one instruction out of an answer and applies the instance rules. Pure and
 * thread-safe.
 */
@FunctionalInterface
public interface InstanceParser {
  /**
   * The answer's instances in order of first appearance, dropped ones included with their reason.
   * Never empty: an answer without instances is one dropped draft. How many instances an
   * instruction may have is decided later.
   *
   * @param instruction what the instances belong to
   * @param isClassification whether the answer was asked for output first
   */
  List<InstanceDraft> parse(String instruction, boolean isClassification, Completion completion);

  /**
   * The parser a recipe names: {@code self-instruct} or {@code single-output} (quickstart).
   *
   * @throws CriaException for another name
   */
  static InstanceParser named(String name) {
    return switch (name) {
      case "self-instruct" -> new SelfInstructInstances();
      case "single-output" -> new SingleOutput();
      default ->
          throw CriaException.badInput(
              "unknown parser \"" + name + "\" of instances: use self-instruct or single-output");
    };
  }
}
