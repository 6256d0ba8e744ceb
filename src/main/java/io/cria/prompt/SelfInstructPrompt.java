package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.task.Instruction;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Asks for new instructions after the manner of Self-Instruct (arXiv 2212.10560, section 2.2): a
 * numbered list of demonstrations, most from the seeds and a few from what the model wrote before,
 * the next number left open.
 */
public final class SelfInstructPrompt implements RoundPrompt {
  /** Demonstrations in a prompt. */
  public static final int DEMONSTRATIONS = 8;

  /** Of which at most this many come from the machine pool. */
  public static final int MACHINE_DEMONSTRATIONS = 2;

  private final Template template;
  private final List<Instruction> seeds;
  private final int demonstrations;
  private final int machineDemonstrations;

  private SelfInstructPrompt(
      Template template, List<Instruction> seeds, int demonstrations, int machineDemonstrations) {
    this.template = template;
    this.seeds = List.copyOf(seeds);
    this.demonstrations = demonstrations;
    this.machineDemonstrations = machineDemonstrations;
  }

  /**
   * The usual prompt: {@code round.txt} with the slots {@code demonstrations} and {@code
   * open_number}, sampling all seeds.
   *
   * @throws CriaException bad input when there are fewer seeds than demonstrations
   */
  public static SelfInstructPrompt general(PromptFiles files, List<SeedTask> seeds) {
    return of(files, "round.txt", seeds, "seed tasks", DEMONSTRATIONS, MACHINE_DEMONSTRATIONS);
  }

  /**
   * The variant that asks for classification tasks: {@code round-classification.txt}, sampling such
   * seeds only.
   */
  public static SelfInstructPrompt classificationOnly(PromptFiles files, List<SeedTask> seeds) {
    return of(
        files,
        "round-classification.txt",
        seeds.stream().filter(SeedTask::isClassification).toList(),
        "classification seed tasks",
        DEMONSTRATIONS,
        MACHINE_DEMONSTRATIONS);
  }

  static SelfInstructPrompt of(
      PromptFiles files,
      String file,
      List<SeedTask> seeds,
      String what,
      int demonstrations,
      int machineDemonstrations) {
    if (seeds.size() < demonstrations) {
      throw CriaException.badInput(
          "a prompt shows "
              + demonstrations
              + " "
              + what
              + ", the seed file has "
              + seeds.size()
              + ": add seed tasks");
    }
    return new SelfInstructPrompt(
        files.template(file, "demonstrations", "open_number"),
        seeds.stream().map(seed -> new Instruction(seed.id(), seed.instruction())).toList(),
        demonstrations,
        machineDemonstrations);
  }

  /**
   * A prompt with up to two demonstrations from {@code machine} and the rest from the seeds, each
   * sampled without replacement, then shuffled together.
   *
   * @param machine the kept instructions so far, in acceptance order; only those drawn are read
   */
  @Override
  public BuiltPrompt build(List<Instruction> machine, SeededRandom random) {
    List<Instruction> drawn = new ArrayList<>();
    for (int i : random.sample(machine.size(), machineDemonstrations)) {
      drawn.add(machine.get(i));
    }
    for (int i : random.sample(seeds.size(), demonstrations - drawn.size())) {
      drawn.add(seeds.get(i));
    }
    List<Instruction> shown = random.shuffled(drawn);
    int open = shown.size() + 1;
    String text =
        template.render(
            Map.of(
                "demonstrations",
                NumberedTasks.render(shown.stream().map(Instruction::text).toList()),
                "open_number",
                Integer.toString(open)));
    return new BuiltPrompt(text, shown.stream().map(Instruction::id).toList(), open);
  }
}
