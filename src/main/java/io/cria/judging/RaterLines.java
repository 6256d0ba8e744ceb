package io.cria.judging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.evaluate.VerdictFile;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A rater's file of verdicts as lines that can be added and taken back, subject by subject, in the
 * order in which the subjects were last judged. The same file as {@link VerdictFile}.
 */
final class RaterLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String rater;
  private final Map<String, Map<String, ObjectNode>> bySubject;

  private RaterLines(String rater, Map<String, Map<String, ObjectNode>> bySubject) {
    this.rater = rater;
    this.bySubject = bySubject;
  }

  /**
   * What a rater's file says.
   *
   * @param place of the file, for messages
   * @param text its content; empty where there is no file yet
   * @throws io.cria.task.CriaException (bad input) when it is no file of verdicts on this sheet
   */
  static RaterLines read(String place, Optional<String> text, String rater, Sheet sheet) {
    Map<String, Map<String, ObjectNode>> bySubject = new LinkedHashMap<>();
    if (text.isPresent()) {
      VerdictFile unused =
          VerdictFile.read(place, text.get(), sheet.subjects(), sheet.verdicts()); // well formed
      for (String line : text.get().split("\\R")) {
        if (!line.isBlank()) {
          ObjectNode object = object(line);
          String subject = object.path("subject").textValue();
          Map<String, ObjectNode> lines = bySubject.remove(subject);
          Map<String, ObjectNode> own = lines == null ? new LinkedHashMap<>() : lines;
          own.put(object.path("question").textValue(), object);
          bySubject.put(subject, own);
        }
      }
    }
    return new RaterLines(rater, bySubject);
  }

  private static ObjectNode object(String line) {
    try {
      return (ObjectNode) JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("it was read before", e);
    }
  }

  /** The same with what is now said of a subject, in place of what was. */
  RaterLines with(String subject, Map<String, String> verdicts, String comment, Instant at) {
    Map<String, ObjectNode> lines = new LinkedHashMap<>();
    verdicts.forEach(
        (question, verdict) ->
            lines.put(
                question,
                JSON.createObjectNode()
                    .put("rater", rater)
                    .put("subject", subject)
                    .put("question", question)
                    .put("verdict", verdict)
                    .put("reason", comment)
                    .put("at", at.truncatedTo(ChronoUnit.SECONDS).toString())));
    Map<String, Map<String, ObjectNode>> more = new LinkedHashMap<>(bySubject);
    more.remove(subject);
    more.put(subject, lines);
    return new RaterLines(rater, more);
  }

  /** The same without what was said of a subject. */
  RaterLines without(String subject) {
    Map<String, Map<String, ObjectNode>> fewer = new LinkedHashMap<>(bySubject);
    fewer.remove(subject);
    return new RaterLines(rater, fewer);
  }

  /** The subject that was judged last. */
  Optional<String> latest() {
    return bySubject.keySet().stream().reduce((earlier, later) -> later);
  }

  /** Question to verdict of a subject; empty where nothing was said of it. */
  Map<String, String> verdicts(String subject) {
    Map<String, String> verdicts = new LinkedHashMap<>();
    bySubject
        .getOrDefault(subject, Map.of())
        .forEach((question, line) -> verdicts.put(question, line.path("verdict").textValue()));
    return verdicts;
  }

  /** What the rater wrote beside the verdicts on a subject; may be empty. */
  String comment(String subject) {
    return bySubject.getOrDefault(subject, Map.of()).values().stream()
        .map(line -> line.path("reason").asText(""))
        .filter(reason -> !reason.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** Whether every question is answered. */
  boolean isJudged(String subject, Set<String> questions) {
    return bySubject.getOrDefault(subject, Collections.emptyMap()).keySet().containsAll(questions);
  }

  /** The file's content. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Map<String, ObjectNode> lines : bySubject.values()) {
      for (JsonNode line : lines.values()) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }
}
