package io.cria.prompt;

import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import io.cria.text.PythonText;
import java.util.List;
import java.util.Map;

/**
 * The prompts for a model of some hundred million parameters, which can go on with a short list or
 * answer a plain request, and little more: one task a request after eight numbered lines, then one
 * output after three plain demonstrations.
 */
public final class QuickstartPrompt {
  /** Longer seeds are not shown: a small model loses the thread. */
  public static final int LONGEST_DEMONSTRATION_WORDS = 16;

  private final SelfInstructPrompt tasks;
  private final Template outputs;

  private QuickstartPrompt(SelfInstructPrompt tasks, Template outputs) {
    this.tasks = tasks;
    this.outputs = outputs;
  }

  /**
   * Reads {@code tasks.txt} (slots {@code demonstrations} and {@code open_number}) and {@code
   * outputs.txt} (slot {@code instruction}). Demonstrations come from the {@link #suits suitable}
   * seeds; where these are too few, from all.
   */
  public static QuickstartPrompt of(PromptFiles files, List<SeedTask> seeds) {
    List<SeedTask> suitable = seeds.stream().filter(QuickstartPrompt::suits).toList();
    List<SeedTask> shown = suitable.size() >= SelfInstructPrompt.DEMONSTRATIONS ? suitable : seeds;
    return new QuickstartPrompt(
        SelfInstructPrompt.of(
            files, "tasks.txt", shown, "seed tasks", SelfInstructPrompt.DEMONSTRATIONS, 0),
        files.template("outputs.txt", "instruction"));
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
   * Asks for one new task. Demonstrations come from the seeds alone: a small model's own tasks
   * would lead it astray.
   */
  public BuiltPrompt task(SeededRandom random) {
    return tasks.build(List.of(), random);
  }

  /** Asks for the output of {@code instruction}. */
  public BuiltPrompt output(String instruction) {
    return BuiltPrompt.of(outputs.render(Map.of("instruction", NumberedList.oneLine(instruction))));
  }
}
