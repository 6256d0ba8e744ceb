package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.task.Instruction;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.util.List;

/** Asks for new tasks: one request of a round. */
@FunctionalInterface
public interface RoundPrompt {
  /**
   * The prompt of one request.
   *
   * @param machine the kept instructions of earlier rounds, in acceptance order; only those drawn
   *     are read
   * @param random the request's own stream
   */
  BuiltPrompt build(List<Instruction> machine, SeededRandom random);

  /**
   * The prompt a recipe names: {@code self-instruct}, {@code alpaca} or {@code quickstart}.
   *
   * @param classificationOnly for {@code self-instruct}: sample and ask for classification tasks
   *     only
   * @param labels what stands before the parts of a task
   * @throws CriaException bad input: another name, a file missing or wrong, too few seeds
   */
  static RoundPrompt named(
      String name,
      boolean classificationOnly,
      PromptFiles files,
      List<SeedTask> seeds,
      Labels labels) {
    if (classificationOnly && !name.equals("self-instruct")) {
      throw CriaException.badInput(
          "the prompt "
              + name
              + " cannot ask for classification tasks only, classificationOnly: leave it out, or"
              + " use self-instruct");
    }
    return switch (name) {
      case "self-instruct" ->
          classificationOnly
              ? SelfInstructPrompt.classificationOnly(files, seeds)
              : SelfInstructPrompt.general(files, seeds);
      case "alpaca" -> AlpacaPrompt.of(files, seeds, labels);
      case "quickstart" -> QuickstartPrompt.of(files, seeds);
      default ->
          throw CriaException.badInput(
              "unknown prompt \"" + name + "\" of rounds: use self-instruct, alpaca or quickstart");
    };
  }
}
