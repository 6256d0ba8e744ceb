package io.cria.verify;

import io.cria.pipeline.RunRecord;
import io.cria.run.VerdictTable;
import io.cria.storage.Commits;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** {@code cria verify}: a run, a dataset, shards or a model, whichever lies at a path. */
public final class Verification {
  private Verification() {}

  /**
   * Verifies.
   *
   * @param path of a run, of a dataset or shards that were handed on, of a tuned model or adapter,
   *     or of what {@code cria train-local} left
   * @param base the base model to compare with, in place of the one that a model's card names
   * @param spark asked for where tables are to be read
   * @throws CriaException (bad input) when none of these lies there
   */
  public static Verified of(
      String path, @Nullable Path base, Configuration hadoop, Supplier<SparkSession> spark) {
    RunDirectory place = RunDirectory.at(path, hadoop);
    if (place.exists(RunRecord.FILE)) {
      return new RunVerifier(spark.get(), place, false).verify();
    }
    if (place.exists(Commits.COPY)) {
      String what = DatasetVerifier.what(place);
      return new DatasetVerifier(spark.get(), place, what).verify();
    }
    if (place.root().matches(".*/" + VerdictTable.DIRECTORY + "/kind=[^/]+/name=[^/]+")) {
      throw CriaException.badInput(
          path + ": a judgement is verified with its run: name the run's directory");
    }
    List<String> models =
        List.of(".", "adapter", "model").stream()
            .filter(directory -> place.exists(directory + "/" + ModelCard.FILE))
            .toList();
    if (models.isEmpty()) {
      throw CriaException.badInput(
          path
              + ": neither a run (run.json), a dataset ("
              + Commits.COPY
              + ") nor a tuned model ("
              + ModelCard.FILE
              + ") is here: name one");
    }
    return models(path, place, models, base);
  }

  private static Verified models(
      String path, RunDirectory place, List<String> models, @Nullable Path base) {
    Verified.Builder out = new Verified.Builder("model");
    int sealed = 0;
    for (String model : models) {
      ModelCard card = ModelCard.read(place, model);
      Findings own = new Findings();
      card.verify(own, out::note, base);
      own.first()
          .forEach(line -> out.findings().addLine(model.equals(".") ? line : model + "/" + line));
      out.findings().addUntold(own.count() - own.first().size());
      out.checked(
          model.equals(".") ? "model" : model, card.files(), "files' checksums, card, base");
      sealed += card.isSealed() ? 1 : 0;
    }
    if (sealed == 0 && out.findings().isEmpty()) {
      throw CriaException.badInput(
          path
              + ": "
              + ModelCard.FILE
              + " has no checksums to verify anything by: an earlier Cria wrote it; train or merge"
              + " again");
    }
    return out.done();
  }

  /** What a person is told of a verification that found something, beside the findings. */
  public static Optional<String> remedy(Verified verified) {
    return verified.isWhole()
        ? Optional.empty()
        : Optional.of(
            switch (verified.kind()) {
              case "run" ->
                  "bring the files back from a copy; a table or the dataset is made anew when its"
                      + " directory is removed and the run goes on";
              case "shards" ->
                  "take them again from the run, or write them anew by its stage shards";
              case "dataset" -> "take it again from the run, or write it anew by cria export RUN";
              default -> "take it again from where it was trained";
            });
  }
}
