package io.cria.report;

import io.cria.evaluate.EvaluationReport;
import io.cria.evaluate.EvaluationText;
import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.PairResult;
import io.cria.evaluate.PairVerdicts;
import io.cria.report.ReportFigures.Compared;
import io.cria.report.ReportFigures.Evaluation;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an evaluation found, from the {@code report.json} of its directory. */
final class EvaluationFigures {
  private static final String FILE = "report.json";

  private EvaluationFigures() {}

  /**
   * Reads one.
   *
   * @throws CriaException (bad input) when there is none, or the file is none
   */
  static Evaluation of(RunDirectory directory) {
    String path = directory.path(FILE);
    String text =
        directory
            .text(FILE)
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        path
                            + ": there is no report of an evaluation here: give the directory of one"
                            + " that has ended"));
    EvaluationReport report;
    String words;
    try {
      report = Json.read(text, EvaluationReport.class);
      words = EvaluationText.of(report);
    } catch (IllegalArgumentException | NullPointerException e) {
      throw CriaException.badInput(
          path
              + ": is no report of an evaluation: give the directory of one, or have it written"
              + " anew by cria evaluate");
    }
    return new Evaluation(name(directory.root()), compared(report), words);
  }

  private static String name(String root) {
    return root.substring(root.lastIndexOf('/') + 1);
  }

  private static List<Compared> compared(EvaluationReport report) {
    List<Compared> compared = new ArrayList<>();
    @Nullable PairVerdicts pairs = report.pairs();
    if (pairs != null) {
      pairs.results().forEach(result -> compared.add(compared("pairs", result)));
    }
    @Nullable LevelVerdicts levels = report.levels();
    if (levels != null) {
      levels.comparisons().forEach(result -> compared.add(compared("levels", result)));
    }
    return compared;
  }

  private static Compared compared(String mode, PairResult result) {
    return new Compared(
        mode,
        Objects.requireNonNull(result.rater()),
        Objects.requireNonNull(result.first()),
        Objects.requireNonNull(result.second()),
        result.wins(),
        result.ties(),
        result.losses(),
        result.winRate(),
        Objects.requireNonNull(result.interval()),
        result.p(),
        Objects.requireNonNull(result.sentence()));
  }
}
