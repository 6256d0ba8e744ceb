package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.InstanceDraft;
import io.cria.task.Labels;
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
   * The parser a recipe names, for answers in the published programs' words.
   *
   * @throws CriaException for another name
   */
  static InstanceParser named(String name) {
    return named(name, Labels.ENGLISH);
  }

  /**
   * The parser a recipe names: {@code self-instruct}, {@code single-output} (quickstart) or {@code
   * lenient-instances} (Self-Instruct's in any words, and in the forms that models write).
   *
   * @param labels what stands before the parts of an instance
   * @throws CriaException for another name, or labels that the parser does not know
   */
  static InstanceParser named(String name, Labels labels) {
    return switch (name) {
      case "self-instruct" -> {
        LineLabels.requirePublished(name, labels, "lenient-instances");
        yield new SelfInstructInstances();
      }
      case "single-output" -> new SingleOutput();
      case "lenient-instances" -> new LenientInstances(labels);
      default ->
          throw CriaException.badInput(
              "unknown parser \""
                  + name
                  + "\" of instances: use self-instruct, single-output or lenient-instances");
    };
  }
}
