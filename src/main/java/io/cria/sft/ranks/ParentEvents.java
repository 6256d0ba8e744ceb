package io.cria.sft.ranks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.cria.sft.train.RunEvents;
import java.nio.file.Path;

/** Passes on to the parent process what rank 0 makes. */
final class ParentEvents implements RunEvents {
  private final ParentLink parent;

  ParentEvents(ParentLink parent) {
    this.parent = parent;
  }

  @Override
  public void metrics(String line) {
    try {
      parent.tell(new RankEvent.Metrics(RankLines.read(line, JsonNode.class)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a line of the metrics is JSON, not " + line, e);
    }
  }

  @Override
  public void saved(int steps, Path checkpoint) {
    parent.saved(steps, checkpoint.toString());
  }

  @Override
  public void awaitKept() {
    parent.awaitKept();
  }
}
