package io.cria.ask;

import io.cria.llm.SegmentOutput;
import io.cria.llm.SegmentStore;
import io.cria.storage.LedgerFiles;
import java.io.IOException;

/** The ledger's segments of one stage's round, as the client writes them. */
record LedgerSegments(LedgerFiles files) implements SegmentStore {
  @Override
  public SegmentOutput create(String segmentName) throws IOException {
    LedgerFiles.Segment segment = files.create(segmentName);
    return new SegmentOutput() {
      @Override
      public void write(byte[] bytes) throws IOException {
        segment.write(bytes);
      }

      @Override
      public void sync() throws IOException {
        segment.sync();
      }

      @Override
      public boolean syncIsDurable() {
        return segment.syncIsDurable();
      }

      @Override
      public void close() throws IOException {
        segment.close();
      }
    };
  }
}
