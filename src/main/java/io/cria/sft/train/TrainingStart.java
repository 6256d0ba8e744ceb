package io.cria.sft.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What rank 0 decides for all ranks before the first step.
 *
 * @param state of the checkpoint to go on from; null for none
 * @param precision in which the linear layers compute, as in the configuration
 * @param reason why
 * @param workers of each rank
 * @param identity the settings, base and data that every rank must have
 */
record TrainingStart(
    @Nullable TrainerState state,
    String precision,
    String reason,
    int workers,
    Map<String, String> identity) {
  static final String DATA = "train (the data)";

  private static final ObjectMapper JSON = new ObjectMapper();

  TrainingStart {
    identity = new TreeMap<>(identity);
  }

  /** Rank 0's start on every rank. */
  static TrainingStart ofFirst(ProcessGroup group, Optional<TrainingStart> own) {
    try {
      byte[] json = own.isPresent() ? JSON.writeValueAsBytes(own.get()) : new byte[0];
      return JSON.readValue(
          new String(group.ofFirst(json), StandardCharsets.UTF_8), TrainingStart.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of plain values is always JSON", e);
    }
  }

  /**
   * Refuses to train together with a rank 0 that has something else.
   *
   * @param here the same of this rank
   */
  void requireSame(Map<String, String> here, int rank) {
    identity.forEach(
        (key, value) -> {
          if (!value.equals(here.get(key))) {
            throw new CriaException(
                ExitCode.BAD_INPUT,
                "rank "
                    + rank
                    + " has another "
                    + key
                    + " than rank 0 ("
                    + here.get(key)
                    + ", not "
                    + value
                    + "): give all ranks the same model, shards and settings");
          }
        });
  }
}
