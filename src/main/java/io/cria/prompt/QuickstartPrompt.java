package io.cria.prompt;

import io.cria.task.Instruction;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import io.cria.text.PythonText;
import java.util.List;

/**
 * Asks a model of some hundred million parameters for one new task. Such a model can go on with a
 * short list of plain lines, and little more.
 */
public final class QuickstartPrompt implements RoundPrompt {
  /** Longer seeds are not shown: a small model loses the thread. */
  public static final int LONGEST_DEMONSTRATION_WORDS = 16;

  private final SelfInstructPrompt list;

  private QuickstartPrompt(SelfInstructPrompt list) {
    this.list = list;
  }

  /**
   * Reads {@code tasks.txt}, slots {@code demonstrations} and {@code open_number}. Demonstrations
   * come from the {@link #suits suitable} seeds; where these are too few, from all.
   */
  public static QuickstartPrompt of(PromptFiles files, List<SeedTask> seeds) {
    List<SeedTask> suitable = seeds.stream().filter(QuickstartPrompt::suits).toList();
    List<SeedTask> shown = suitable.size() >= SelfInstructPrompt.DEMONSTRATIONS ? suitable : seeds;
    return new QuickstartPrompt(
        SelfInstructPrompt.of(
            files, "tasks.txt", shown, "seed tasks", SelfInstructPrompt.DEMONSTRATIONS, 0));
  }

  /**
   * Whether a small model can take the seed as a pattern: short, complete without an input, no
   * classification.
   */
  public static boolean suits(SeedTask seed) {
    return !seed.isClassification()
        && seed.instances().get(0).input().isBlank()
        && PythonText.words(seed.instruction()).size() <= LONGEST_DEMONSTRATION_WORDS;
  }

  /**
   * A prompt with eight seeds; {@code machine} is not shown: a small model's own tasks would lead
   * it astray.
   */
  @Override
  public BuiltPrompt build(List<Instruction> machine, SeededRandom random) {
    return list.build(machine, random);
  }
}
