package io.cria.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.pipeline.RunStatus;
import io.cria.run.Line;
import io.cria.stage.ReviewReporting;
import io.cria.stage.ReviewSample;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.List;
import java.util.Optional;

/**
 * Where what is judged lies: the directory of a review, or an evaluation's.
 *
 * @param prefix of its paths as they are told; empty, or with a {@code /} at its end
 * @param isOpen whether somebody is at work there, or the last call did not end well: then what
 *     lies there may be newer than what was counted
 */
record JudgedPlace(
    RunDirectory directory, String prefix, Units units, boolean isOpen, Findings findings) {
  /** What was found, as numbers. */
  static final String REPORT = ReviewReporting.FILE;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> JUDGES = List.of("judge.json", "inputs/judge.json");

  static JudgedPlace of(RunDirectory directory, String prefix, Units units, Findings findings) {
    return new JudgedPlace(directory, prefix, units, isOpen(directory), findings);
  }

  /** Whether somebody is at work in a directory, or the last call did not end well. */
  static boolean isOpen(RunDirectory directory) {
    if (RunLock.holder(directory).filter(RunLock.Holder::isAlive).isPresent()) {
      return true;
    }
    try {
      return RunStatus.read(directory).filter(status -> status.state().equals("done")).isEmpty();
    } catch (CriaException e) {
      // that it is damaged is told where it is verified; nothing is excused by it
      return false;
    }
  }

  /** The lines of a review's sample. */
  List<JsonNode> sample() {
    return JsonLines.read(directory, ReviewSample.FILE, new Findings());
  }

  /** The model that judges; empty without one. */
  Optional<String> judge() {
    // one that was damaged is not the one that requests were made from, which is told there
    return JUDGES.stream()
        .flatMap(file -> directory.text(file).stream())
        .findFirst()
        .flatMap(JudgedPlace::object)
        .map(judge -> judge.path("model").asText());
  }

  /** Whether the judge that is named is the one that a review's requests were made for. */
  boolean isJudgeAsAsked() {
    String judge = JUDGES.get(0);
    String there = directory.text(judge).map(Ids::sha256).orElse("");
    return units.manifest(Line.REQUESTS.round(Judgements.REVIEW, 0)).stream()
        .flatMap(requests -> requests.inputs().stream())
        .allMatch(input -> !input.path().equals(judge) || input.sha256().equals(there));
  }

  private static Optional<JsonNode> object(String text) {
    try {
      return Optional.of(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (JsonProcessingException e) {
      // no object either: whoever asked for one tells
      return Optional.empty();
    }
  }

  /** The report; one that is damaged, or missing though the last call ended well, is a finding. */
  Optional<JsonNode> report() {
    Optional<String> text = directory.text(REPORT);
    Optional<JsonNode> report = text.flatMap(JudgedPlace::object);
    if (text.isPresent() && report.isEmpty()) {
      findings.add(prefix + REPORT, "is no JSON object: it was damaged");
    } else if (text.isEmpty() && !isOpen) {
      findings.add(prefix + REPORT, "is missing");
    }
    return report;
  }
}
