package io.cria.sft.ranks;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;

/** What a rank's process is told on its standard input, one JSON object a line. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RankCommand.Go.class, name = "go"),
  @JsonSubTypes.Type(value = RankCommand.Kept.class, name = "kept"),
  @JsonSubTypes.Type(value = RankCommand.Stop.class, name = "stop")
})
public sealed interface RankCommand {
  /**
   * All ranks are ready: train.
   *
   * @param host where rank 0 is reached
   * @param store rank 0's port of that name
   * @param beats rank 0's port of that name
   * @param hosts by rank, for messages
   */
  record Go(String host, int store, int beats, List<String> hosts) implements RankCommand {
    public Go {
      hosts = List.copyOf(hosts);
    }
  }

  /** The checkpoint of that step has been taken over: it may be removed. */
  record Kept(int step) implements RankCommand {}

  /** End the step, save a checkpoint, and end. */
  record Stop() implements RankCommand {}

  /** The line without its end. */
  default String toLine() {
    return RankLines.write(this);
  }

  /**
   * @throws IllegalArgumentException when the line is no command
   */
  static RankCommand read(String line) {
    try {
      return RankLines.read(line, RankCommand.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no command of a rank: " + line, e);
    }
  }
}
