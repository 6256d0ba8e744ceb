package io.cria.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.evaluate.EvaluationReport;
import io.cria.evaluate.EvaluationText;
import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.PairVerdicts;
import io.cria.pipeline.RunRecord;
import io.cria.stage.EvaluationReporting;
import io.cria.storage.Json;
import io.cria.task.CriaException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.spark.sql.Row;

/** The counts of an evaluation's report against the table of verdicts, and the text beside it. */
final class EvaluationReportCheck {
  /** What the table calls the question who won, and a verdict that was not given. */
  static final String WINNER = "winner";

  static final String NONE = "none";

  private static final String TIE = "tie";
  private static final String NO_VERDICT = "no_verdict";

  private final JudgedPlace place;
  private final Verified.Builder out;
  private final Optional<JsonNode> report;

  EvaluationReportCheck(JudgedPlace place, Verified.Builder out) {
    this.place = place;
    this.out = out;
    this.report = isEvaluation() ? place.report() : Optional.empty();
  }

  private boolean isEvaluation() {
    try {
      return RunRecord.read(place.directory())
          .filter(record -> "evaluation".equals(record.identity().get(RunRecord.KIND)))
          .isPresent();
    } catch (CriaException e) {
      // told where the record is verified
      return false;
    }
  }

  /** Whether the last call judged so, by people or else by a model. */
  boolean tells(String kind, boolean ofPeople) {
    return report
        .filter(told -> told.path(kind + "s").isObject())
        .filter(told -> raters(told).stream().anyMatch(rater -> isPerson(rater) == ofPeople))
        .isPresent();
  }

  private static List<String> raters(JsonNode report) {
    return report.path("raters").findValuesAsText("name");
  }

  private static boolean isPerson(String rater) {
    return !rater.startsWith(PairVerdicts.MODEL);
  }

  /**
   * @param kinds of verdicts
   * @param rows the verdicts of a kind and a name; of all names where that is empty
   */
  void check(List<String> kinds, BiFunction<String, String, List<Row>> rows) {
    report.ifPresent(
        told -> {
          for (String kind : kinds) {
            if (told.path(kind + "s").isObject()) {
              List<Row> verdicts = rows.apply(kind, "");
              raters(told, verdicts);
              if (kind.equals("pair")) {
                results(told, verdicts);
              } else {
                levels(told, verdicts);
              }
            }
          }
          text();
        });
  }

  private void raters(JsonNode told, List<Row> verdicts) {
    Map<String, Long> shown = new TreeMap<>();
    Map<String, Long> without = new TreeMap<>();
    for (Row row : verdicts) {
      if (!row.getAs("question").equals(WINNER)) {
        shown.merge(row.getAs("rater"), 1L, Long::sum);
        without.merge(row.getAs("rater"), row.getAs("verdict").equals(NONE) ? 1L : 0L, Long::sum);
      }
    }
    for (JsonNode rater : told.path("raters")) {
      String name = rater.path("name").asText();
      compare("shown to " + name, rater.path("shown"), shown.getOrDefault(name, 0L));
      compare(
          "without a verdict of " + name, rater.path(NO_VERDICT), without.getOrDefault(name, 0L));
    }
  }

  private void results(JsonNode told, List<Row> verdicts) {
    Map<String, Set<String>> sides = new HashMap<>();
    for (JsonNode key : lines("pairs-key/key.jsonl")) {
      sides.put(
          key.path("pair_id").asText(),
          Set.of(key.path("left").asText(), key.path("right").asText()));
    }
    for (JsonNode result : told.path("pairs").path("results")) {
      String rater = result.path("rater").asText();
      String first = result.path("first").asText();
      String second = result.path("second").asText();
      Map<String, Long> found = new HashMap<>();
      for (Row row : verdicts) {
        if (row.getAs("question").equals(WINNER)
            && row.getAs("rater").equals(rater)
            && Set.of(first, second).equals(sides.get(row.<String>getAs("subject_id")))) {
          found.merge(row.getAs("verdict"), 1L, Long::sum);
        }
      }
      if (!rater.equals(PairVerdicts.PEOPLE)) {
        String whose = " of " + first + " against " + second + " by " + rater;
        compare("wins" + whose, result.path("wins"), found.getOrDefault(first, 0L));
        compare("losses" + whose, result.path("losses"), found.getOrDefault(second, 0L));
        compare("ties" + whose, result.path("ties"), found.getOrDefault(TIE, 0L));
        compare(
            "pairs without a verdict" + whose,
            result.path(NO_VERDICT),
            found.getOrDefault(NONE, 0L));
      }
    }
  }

  private void levels(JsonNode told, List<Row> verdicts) {
    Map<String, String> answerers = new HashMap<>();
    for (JsonNode key : lines("levels-key/key.jsonl")) {
      answerers.put(key.path("answer_id").asText(), key.path("answerer").asText());
    }
    for (JsonNode count : told.path("levels").path("counts")) {
      String rater = count.path("rater").asText();
      String answerer = count.path("answerer").asText();
      Map<String, Long> found = new HashMap<>();
      for (Row row : verdicts) {
        if (row.getAs("rater").equals(rater)
            && answerer.equals(answerers.get(row.<String>getAs("subject_id")))) {
          found.merge(row.getAs("verdict"), 1L, Long::sum);
        }
      }
      for (String level : LevelVerdicts.LEVELS) {
        compare(
            "answers of " + answerer + " of level " + level + " by " + rater,
            count.path("levels").path(level),
            found.getOrDefault(level, 0L));
      }
      compare(
          "answers of " + answerer + " without a level by " + rater,
          count.path(NO_VERDICT),
          found.getOrDefault(NONE, 0L));
    }
  }

  private List<JsonNode> lines(String file) {
    // a damaged line is told where the verdicts' subjects are looked for
    return JsonLines.read(place.directory(), file, new Findings());
  }

  private void compare(String what, JsonNode told, long found) {
    if (told.asLong(-1) != found) {
      wrong(
          JudgedPlace.REPORT,
          "says " + told + " " + what + ", and the table verdicts " + found + ": it was edited");
    }
  }

  /** The text for people follows from the numbers. */
  private void text() {
    Optional<String> there = place.directory().text(EvaluationReporting.TEXT);
    try {
      EvaluationReport numbers =
          Json.read(place.directory().text(JudgedPlace.REPORT).orElse(""), EvaluationReport.class);
      if (!there.equals(Optional.of(EvaluationText.of(numbers)))) {
        wrong(EvaluationReporting.TEXT, "is not what " + JudgedPlace.REPORT + " says");
      }
    } catch (IllegalArgumentException e) {
      wrong(JudgedPlace.REPORT, "is no report of an evaluation: " + e.getMessage());
    }
  }

  private void wrong(String file, String what) {
    if (place.isOpen()) {
      out.note(place.prefix() + file + " is older than the verdicts: evaluate again");
    } else {
      out.findings().add(place.prefix() + file, what);
    }
  }
}
