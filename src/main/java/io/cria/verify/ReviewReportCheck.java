package io.cria.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.evaluate.PairVerdicts;
import io.cria.evaluate.ReviewQuestions;
import io.cria.evaluate.ReviewStatistics;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/** A review's report against its sample and the table of verdicts, counted anew. */
final class ReviewReportCheck {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Figures are computed as they were; another machine may round the last digits. */
  private static final double CLOSE = 1e-9;

  private final JudgedPlace place;
  private final String name;
  private final Verified.Builder out;

  ReviewReportCheck(JudgedPlace place, String name, Verified.Builder out) {
    this.place = place;
    this.name = name;
    this.out = out;
  }

  /**
   * @param verdicts of the review
   */
  void check(List<Row> verdicts) {
    place
        .report()
        .ifPresent(
            report -> {
              expected(verdicts)
                  .forEach((key, value) -> compare(key, tree(value), report.path(key)));
              noVerdict(verdicts, report);
            });
  }

  private Map<String, Object> expected(List<Row> verdicts) {
    Map<String, Integer> raters = new TreeMap<>();
    List<ReviewStatistics.Said> said = new ArrayList<>();
    for (Row row : verdicts) {
      String question = row.getAs("question");
      raters.merge(row.getAs("rater"), 1, Integer::sum);
      if (ReviewQuestions.QUESTIONS.containsKey(question)) {
        said.add(
            new ReviewStatistics.Said(
                row.getAs("subject_id"), question, row.getAs("rater"), row.getAs("verdict")));
      }
    }
    Map<String, Object> expected = new TreeMap<>();
    expected.put("name", name);
    expected.put("raters", raters);
    expected.put("statistics", ReviewStatistics.of(said));
    place
        .units()
        .manifest("sample")
        .map(Manifest::counts)
        .ifPresent(
            counts -> {
              expected.put("examples", counts.getOrDefault("examples", 0L));
              expected.put("sampled", counts.getOrDefault("sampled", 0L));
            });
    place.judge().ifPresent(model -> expected.put("judge", model));
    return expected;
  }

  /** Of the sample, each example that the judge gave no verdict on is counted once. */
  private void noVerdict(List<Row> verdicts, JsonNode report) {
    if (place.judge().isEmpty()) {
      return;
    }
    String judge = PairVerdicts.MODEL + place.judge().get();
    Set<String> judged = new HashSet<>();
    for (Row row : verdicts) {
      if (row.getAs("rater").equals(judge)) {
        judged.add(row.getAs("subject_id"));
      }
    }
    long told = 0;
    for (JsonNode count : report.path("no_verdict")) {
      told += count.asLong();
    }
    compare("no_verdict", tree(place.sample().size() - judged.size()), tree(told));
  }

  private void compare(String key, JsonNode right, JsonNode told) {
    if (isSame(right, told)) {
      return;
    }
    if (place.isOpen()) {
      out.note(place.prefix() + JudgedPlace.REPORT + " is older than the verdicts: review again");
    } else {
      out.findings()
          .add(
              place.prefix() + JudgedPlace.REPORT,
              "its '"
                  + key
                  + "' is not what the sample and the table verdicts come to: it was edited");
    }
  }

  private static JsonNode tree(Object value) {
    try {
      return JSON.readTree(Json.write(value));
    } catch (IOException e) {
      throw new UncheckedIOException("what was just written is JSON", e);
    }
  }

  static boolean isSame(JsonNode one, JsonNode other) {
    return one.equals((a, b) -> isClose(a, b) ? 0 : 1, other);
  }

  private static boolean isClose(JsonNode one, JsonNode other) {
    if (!one.isNumber() || !other.isNumber()) {
      return one.equals(other);
    }
    double most = CLOSE * Math.max(1, Math.abs(one.asDouble()));
    return Math.abs(one.asDouble() - other.asDouble()) <= most;
  }
}
