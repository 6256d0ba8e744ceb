package io.cria.view;

import io.cria.page.PageRequest;
import java.util.Optional;

/**
 * Which rows of a table are wanted; whatever is empty does not matter.
 *
 * @param text that stands in instruction, input, output, raw text or id, in any case
 * @param verdict label of a verdict on the row
 */
record RowFilter(
    Optional<String> text,
    Optional<String> kind,
    Optional<String> reason,
    Optional<String> round,
    Optional<String> verdict) {
  static final RowFilter ALL =
      new RowFilter(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** As an address says it. */
  static RowFilter of(PageRequest request) {
    return new RowFilter(
        request.value("q"),
        request.value("kind"),
        request.value("reason"),
        request.value("round"),
        request.value("verdict"));
  }
}
