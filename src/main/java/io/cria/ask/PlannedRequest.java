package io.cria.ask;

import io.cria.llm.LlmRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of the requests table: a request, and what reading its answer needs.
 *
 * @param request what is sent
 * @param contentKey name of the content, equal for all samples of it
 * @param demonstrations ids of the sampled demonstrations
 * @param openNumber the number the prompt leaves open; 0 where nothing is numbered
 * @param subject the instruction that is asked about; null when new instructions are asked for
 */
public record PlannedRequest(
    LlmRequest request,
    String contentKey,
    List<String> demonstrations,
    int openNumber,
    @Nullable Subject subject) {
  /**
   * A kept candidate that a later stage asks about.
   *
   * @param candidateId its id
   * @param round its round
   * @param row its row
   * @param item its item
   * @param instruction its text
   * @param isClassification null until it is known
   */
  public record Subject(
      String candidateId,
      int round,
      int row,
      int item,
      String instruction,
      @Nullable Boolean isClassification) {
    /** The same with a class. */
    public Subject withClass(@Nullable Boolean other) {
      return new Subject(candidateId, round, row, item, instruction, other);
    }
  }

  public PlannedRequest {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(contentKey, "contentKey");
    demonstrations = List.copyOf(demonstrations);
  }
}
