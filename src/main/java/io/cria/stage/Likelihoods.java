package io.cria.stage;

import io.cria.evaluate.PairLikelihood;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.Optional;

/**
 * What an answerer holds of the set's pairs, a file an answerer in the evaluation's directory.
 *
 * @param format version of this record
 * @param from what stands for the model and the texts
 * @param pairs in the set's order
 */
public record Likelihoods(int format, String from, List<PairLikelihood> pairs) {
  private static final int FORMAT = 1;

  public Likelihoods {
    pairs = List.copyOf(pairs);
  }

  /** As they were measured now. */
  public static Likelihoods measured(String from, List<PairLikelihood> pairs) {
    return new Likelihoods(FORMAT, from, pairs);
  }

  private static String file(String answerer) {
    return "likelihood/" + answerer + ".json";
  }

  /** Those of an answerer; empty where none were measured. */
  public static Optional<Likelihoods> read(RunDirectory run, String answerer) {
    return run.text(file(answerer)).map(text -> of(run.path(file(answerer)), text));
  }

  private static Likelihoods of(String path, String text) {
    try {
      return Json.read(text, Likelihoods.class);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED, path + ": damaged: remove it, and it is measured anew", e);
    }
  }

  /** Keeps them. */
  public void write(RunDirectory run, String answerer) {
    run.replace(file(answerer), Json.write(this));
  }
}
