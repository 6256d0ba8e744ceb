package io.cria.llm;

import io.cria.task.Part;

/** Where the ledger segments of each part of a stage go. */
@FunctionalInterface
public interface SegmentStores {
  /** The folder for the segments of {@code part}. */
  SegmentStore of(Part part);
}
