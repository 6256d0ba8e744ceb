package io.cria.llm;

import java.io.IOException;

/** The folder that holds the ledger segments of one stage and round. */
@FunctionalInterface
public interface SegmentStore {
  /**
   * Opens a new segment.
   *
   * @param segmentName a file name, used once
   * @throws IOException when it exists or cannot be made
   */
  SegmentOutput create(String segmentName) throws IOException;
}
