package io.cria.sft.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where a run stands, besides tensors. The place in the data and in the schedule, and the random
 * numbers of the next step, follow from the steps. Format 1 had all of the optimizer in one file,
 * and the state of a generator of random numbers, which is not needed any more.
 *
 * @param format version of this record
 * @param steps steps done, skipped ones included
 * @param updates updates of the optimizer
 * @param tokens tokens computed
 * @param targets labels learnt from
 * @param seconds time trained
 * @param losses what the spike guard looks back on
 * @param skippedInRow steps skipped just before
 * @param firstEvaluationLoss before the first step; NaN without evaluation
 * @param precision in which the linear layers compute
 * @param workers micro-batches side by side: part of the order of summation
 * @param ranks that trained together: the other part of it
 * @param optimizerFiles names of the files with the optimizer's moments
 * @param data the training rows' fingerprint
 * @param identity the settings that decide the result
 * @param torch version of libtorch
 * @param java version of the virtual machine
 */
public record TrainerState(
    int format,
    int steps,
    int updates,
    long tokens,
    long targets,
    double seconds,
    List<Double> losses,
    int skippedInRow,
    double firstEvaluationLoss,
    String precision,
    int workers,
    int ranks,
    List<String> optimizerFiles,
    String data,
    Map<String, String> identity,
    String torch,
    String java) {
  static final int FORMAT = 2;
  static final String FILE = "trainer.json";

  private static final int OLDEST_FORMAT = 1;
  private static final String OLDEST_OPTIMIZER = "optimizer.safetensors";

  private static final ObjectMapper JSON = new ObjectMapper();

  public TrainerState {
    if (format == OLDEST_FORMAT) {
      ranks = 1;
      optimizerFiles = List.of(OLDEST_OPTIMIZER);
    }
    optimizerFiles = optimizerFiles == null ? List.of() : List.copyOf(optimizerFiles);
  }

  static TrainerState read(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      TrainerState state = JSON.readValue(Files.readString(file), TrainerState.class);
      if (state.format() < OLDEST_FORMAT || state.format() > FORMAT) {
        throw CriaException.badInput(
            file
                + " has format "
                + state.format()
                + ", this program reads "
                + OLDEST_FORMAT
                + " to "
                + FORMAT
                + ": use the version that wrote it");
      }
      return state;
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read "
              + file
              + " ("
              + e.getMessage()
              + "): remove this checkpoint to go on from the one before");
    }
  }

  String json() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of plain values is always JSON", e);
    }
  }
}
