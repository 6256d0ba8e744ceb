package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.task.InputOutput;
import io.cria.task.Instruction;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Asks for whole tasks, instruction, input and output at once, after the manner of Stanford Alpaca:
 * requirements, then numbered blocks between {@code ###}, the first few from the seeds, the next
 * one open after the label of its instruction.
 */
public final class AlpacaPrompt implements RoundPrompt {
  /** Seed tasks in a prompt, each with its first instance. */
  public static final int DEMONSTRATIONS = 3;

  /** Tasks a request asks for, the demonstrations counted in. */
  public static final int TASKS = 20;

  private final Template template;
  private final List<SeedTask> seeds;
  private final Labels labels;

  private AlpacaPrompt(Template template, List<SeedTask> seeds, Labels labels) {
    this.template = template;
    this.seeds = List.copyOf(seeds);
    this.labels = labels;
  }

  /**
   * Reads {@code request.txt}, with the slots {@code task_count} and {@code demonstrations}.
   *
   * @throws CriaException bad input when there are fewer than three seeds
   */
  public static AlpacaPrompt of(PromptFiles files, List<SeedTask> seeds, Labels labels) {
    if (seeds.size() < DEMONSTRATIONS) {
      throw CriaException.badInput(
          "a prompt shows "
              + DEMONSTRATIONS
              + " seed tasks, the seed file has "
              + seeds.size()
              + ": add seed tasks");
    }
    return new AlpacaPrompt(
        files.template("request.txt", "task_count", "demonstrations"), seeds, labels);
  }

  /**
   * A prompt with three seeds sampled without replacement, in random order; {@code machine} is not
   * shown.
   */
  @Override
  public BuiltPrompt build(List<Instruction> machine, SeededRandom random) {
    List<SeedTask> shown =
        Arrays.stream(random.sample(seeds.size(), DEMONSTRATIONS)).mapToObj(seeds::get).toList();
    StringBuilder blocks = new StringBuilder();
    for (int i = 0; i < shown.size(); i++) {
      appendBlock(blocks, i + 1, shown.get(i));
    }
    int open = shown.size() + 1;
    blocks.append("###\n").append(label(open, labels.instruction()));
    String text =
        template.render(
            Map.of("task_count", Integer.toString(TASKS), "demonstrations", blocks.toString()));
    return new BuiltPrompt(text, shown.stream().map(SeedTask::id).toList(), open);
  }

  private void appendBlock(StringBuilder out, int number, SeedTask seed) {
    InputOutput first = seed.instances().get(0);
    String input = first.input().isEmpty() ? labels.noInput().get(0) : first.input();
    out.append("###\n").append(label(number, labels.instruction())).append(' ');
    out.append(NumberedTasks.oneLine(seed.instruction())).append('\n');
    out.append(label(number, labels.input())).append('\n').append(input).append('\n');
    out.append(label(number, labels.output())).append('\n').append(first.output()).append('\n');
  }

  private static String label(int number, List<String> words) {
    return number + ". " + words.get(0) + ":";
  }
}
