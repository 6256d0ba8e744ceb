package io.cria.task;

import java.util.Objects;

/**
 * An instruction as the similarity rule sees it: an id to name it by as a neighbour, and its text.
 *
 * @param id seed id or candidate id
 * @param text the instruction
 */
public record Instruction(String id, String text) {
  public Instruction {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
  }
}
