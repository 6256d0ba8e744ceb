package io.cria.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One parsed candidate with its verdict: a row of the table of candidates, kept or not.
 *
 * @param candidateId {@link Ids#candidate}
 * @param requestKey the request it was asked by
 * @param answerId the answer it was read from
 * @param round acceptance order, first key
 * @param row acceptance order, second key: the request's row within the round
 * @param item acceptance order, third key: the position within the answer
 * @param raw the text it was read from
 * @param instruction normalised instruction; empty when it did not parse
 * @param input null where the recipe's answers carry none
 * @param output null likewise
 * @param verdict kept, or why not
 */
public record Candidate(
    String candidateId,
    String requestKey,
    String answerId,
    int round,
    int row,
    int item,
    String raw,
    String instruction,
    @Nullable String input,
    @Nullable String output,
    Verdict verdict) {
  public Candidate {
    Objects.requireNonNull(candidateId, "candidateId");
    Objects.requireNonNull(requestKey, "requestKey");
    Objects.requireNonNull(answerId, "answerId");
    Objects.requireNonNull(raw, "raw");
    Objects.requireNonNull(instruction, "instruction");
    Objects.requireNonNull(verdict, "verdict");
  }

  public Candidate withVerdict(Verdict other) {
    return new Candidate(
        candidateId,
        requestKey,
        answerId,
        round,
        row,
        item,
        raw,
        instruction,
        input,
        output,
        other);
  }
}
