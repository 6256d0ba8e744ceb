package io.cria.task;

import java.util.List;
import java.util.Objects;

/**
 * A task written by a person, in the shape of the published Self-Instruct seed file.
 *
 * @param id unique within its file
 * @param name short label; may be empty
 * @param instruction what is asked
 * @param instances at least one input/output pair
 * @param isClassification whether the output is one of a small set of labels
 */
public record SeedTask(
    String id,
    String name,
    String instruction,
    List<InputOutput> instances,
    boolean isClassification) {
  public SeedTask {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(instruction, "instruction");
    instances = List.copyOf(instances);
    if (id.isBlank()) {
      throw new IllegalArgumentException("a seed task needs an id");
    }
    if (instruction.isBlank()) {
      throw new IllegalArgumentException("seed task " + id + " has an empty instruction");
    }
    if (instances.isEmpty()) {
      throw new IllegalArgumentException("seed task " + id + " has no instance");
    }
  }
}
