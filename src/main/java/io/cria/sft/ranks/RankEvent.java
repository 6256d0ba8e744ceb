package io.cria.sft.ranks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a rank's process tells on its standard output, one JSON object a line. Native libraries may
 * print lines of their own between them.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RankEvent.Ready.class, name = "ready"),
  @JsonSubTypes.Type(value = RankEvent.Message.class, name = "message"),
  @JsonSubTypes.Type(value = RankEvent.Metrics.class, name = "metrics"),
  @JsonSubTypes.Type(value = RankEvent.Checkpoint.class, name = "checkpoint"),
  @JsonSubTypes.Type(value = RankEvent.End.class, name = "end")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface RankEvent {
  /**
   * The first: native libraries are loaded and, on rank 0, two ports are open.
   *
   * @param torch version of libtorch
   * @param device as libtorch names it
   * @param store port at which the ranks find one another; null on other ranks, and on one alone
   * @param beats port of the heartbeats; null as the other
   */
  record Ready(
      int rank, String torch, String device, @Nullable Integer store, @Nullable Integer beats)
      implements RankEvent {}

  /** Progress, for people; rank 0 only. */
  record Message(String text) implements RankEvent {}

  /** A line of the metrics; rank 0 only. */
  record Metrics(JsonNode line) implements RankEvent {}

  /**
   * A checkpoint is whole; rank 0 only. It stays until {@link RankCommand.Kept} comes.
   *
   * @param path its directory
   */
  record Checkpoint(int step, String path) implements RankEvent {}

  /**
   * The last line; the process ends with its code.
   *
   * @param code an exit code as everywhere: 0 done, 3 stopped and resumable, 2 bad input, 6
   *     refused, 1 a fault
   * @param finished whether there is a result
   * @param steps done
   * @param totalSteps of the whole training, of which fewer may be done in a result when its time
   *     was over; 0 where it did not come so far
   * @param message one line, of a failure
   * @param lost the rank whose loss ended the training, or -1
   * @param again whether a fault may pass when the training is tried again; true where absent
   * @param evalBefore held-out loss before the first step; null without
   * @param evalAfter held-out loss after the last; null without
   */
  record End(
      int code,
      boolean finished,
      int steps,
      int totalSteps,
      String message,
      int lost,
      Boolean again,
      @Nullable Double evalBefore,
      @Nullable Double evalAfter)
      implements RankEvent {
    public End {
      again = again == null || again;
    }
  }

  /** The line without its end. */
  default String toLine() {
    return RankLines.write(this);
  }

  /** The event of a line; empty for a line that is none, which something else has printed. */
  static Optional<RankEvent> read(String line) {
    if (!line.startsWith("{\"event\":")) {
      return Optional.empty();
    }
    try {
      return Optional.of(RankLines.read(line, RankEvent.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
