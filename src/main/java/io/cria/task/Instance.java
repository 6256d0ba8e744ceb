package io.cria.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a kept candidate: a row of the table {@code instances}, kept or not.
 *
 * @param instanceId {@link Ids#instance}
 * @param candidateId the instruction it belongs to
 * @param answerId the answer it was read from
 * @param round the candidate's round
 * @param row the candidate's row
 * @param item the candidate's item
 * @param n order within the instruction
 * @param input empty where there is none
 * @param output the answer
 * @param reason a {@link Reason} when dropped, null when kept
 */
public record Instance(
    String instanceId,
    String candidateId,
    String answerId,
    int round,
    int row,
    int item,
    int n,
    String input,
    String output,
    @Nullable String reason) {
  public Instance {
    Objects.requireNonNull(instanceId, "instanceId");
    Objects.requireNonNull(candidateId, "candidateId");
    Objects.requireNonNull(answerId, "answerId");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
  }

  public boolean kept() {
    return reason == null;
  }
}
