package io.cria.dataset;

import io.cria.task.Example;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which examples a fine-tuning file holds, and in which order (the last step of the published
 * Self-Instruct program): those of a sample of the instructions if one is asked for, the seeds if
 * they are wanted, exact duplicates once, all shuffled.
 *
 * <p>Sample and shuffle order by a key, a hash of the run's seed and an id. A key needs nothing but
 * its own row, so a query over many machines gives the same choice and the same order as these
 * functions do over a list.
 *
 * @param seed the run's sampling seed
 * @param includeSeeds whether seed tasks are among the examples
 * @param instructions how many machine-written instructions to keep; all when empty. Seeds are not
 *     counted
 * @param shuffle whether to shuffle; otherwise the order given stays
 */
public record FineTuningSelection(
    long seed, boolean includeSeeds, OptionalInt instructions, boolean shuffle) {
  public FineTuningSelection {
    if (instructions.isPresent() && instructions.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "instructions must be at least 1, not " + instructions.getAsInt());
    }
  }

  /** The examples of the file, from all of a run's examples in their order. */
  public List<Example> apply(List<Example> ordered) {
    Set<String> sampled = sampledInstructions(ordered);
    Set<Pair> seen = new HashSet<>();
    List<Example> chosen = new ArrayList<>();
    for (Example example : ordered) {
      boolean wanted = isSeed(example) ? includeSeeds : sampled.contains(example.instruction());
      if (wanted && seen.add(new Pair(example.prompt(), example.completion()))) {
        chosen.add(example);
      }
    }
    if (shuffle) {
      chosen.sort(
          Comparator.comparing((Example example) -> shuffleKey(seed, example.exampleId()))
              .thenComparing(Example::exampleId));
    }
    return List.copyOf(chosen);
  }

  /** An instruction's key: those with the least keys are the sample. */
  public static String sampleKey(long seed, String instruction) {
    return Ids.sha256("sample\n" + seed + "\n" + instruction);
  }

  /** An example's key: ascending keys are the shuffled order. */
  public static String shuffleKey(long seed, String exampleId) {
    return Ids.sha256("shuffle\n" + seed + "\n" + exampleId);
  }

  private Set<String> sampledInstructions(List<Example> examples) {
    List<String> machine =
        examples.stream()
            .filter(example -> !isSeed(example))
            .map(Example::instruction)
            .distinct()
            .toList();
    if (instructions.isEmpty() || machine.size() <= instructions.getAsInt()) {
      return Set.copyOf(machine);
    }
    List<String> byKey = new ArrayList<>(machine);
    byKey.sort(Comparator.comparing(instruction -> sampleKey(seed, instruction)));
    return Set.copyOf(byKey.subList(0, instructions.getAsInt()));
  }

  private static boolean isSeed(Example example) {
    return example.source().equals(Example.SEED);
  }

  /** What two examples must share to be duplicates. */
  private record Pair(String prompt, String completion) {}
}
