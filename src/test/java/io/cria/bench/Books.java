package io.cria.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came and what was delivered, in all and by the stage that asked. An answer counts when its
 * last byte is with the kernel. Used by one thread.
 */
final class Books {
  private final Line all = new Line();
  private final Map<String, Line> stages = new TreeMap<>();
  private int connections;

  /** One stage's figures, or those of all. */
  private static final class Line {
    long requests;
    long answers;
    long lost;
    long bodies;
    long boughtAgain;
    long promptTokens;
    long completionTokens;
    final Map<String, Long> faults = new TreeMap<>();

    int inFlight;
    int mostInFlight;
    double requestNanos;
    long changedAt;
    long firstAt = -1;
    long lastAt;

    private void move(int by, long now) {
      requestNanos += (double) inFlight * (now - changedAt);
      changedAt = now;
      inFlight += by;
      mostInFlight = Math.max(mostInFlight, inFlight);
    }

    void arrived(long now) {
      if (firstAt < 0) {
        firstAt = now;
      }
      requests++;
      move(1, now);
    }

    void ended(long now) {
      move(-1, now);
      lastAt = now;
    }

    Map<String, Object> figures() {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("requests", requests);
      figures.put("answers", answers);
      figures.put("lost", lost);
      figures.put("faults", faults);
      figures.put("bodies", bodies);
      figures.put("bought_again", boughtAgain);
      figures.put("prompt_tokens", promptTokens);
      figures.put("completion_tokens", completionTokens);
      figures.put("most_in_flight", mostInFlight);
      figures.put("request_seconds", requestNanos / 1e9);
      figures.put("wall_seconds", firstAt < 0 ? 0.0 : Math.max(0, lastAt - firstAt) / 1e9);
      return figures;
    }
  }

  void connected() {
    connections++;
  }

  void arrived(Question question, long now) {
    all.arrived(now);
    line(question).arrived(now);
  }

  /**
   * An answer was delivered.
   *
   * @param times how often this body was answered, this time included
   */
  void answered(Question question, int times, int promptTokens, int completionTokens, long now) {
    for (Line line : new Line[] {all, line(question)}) {
      line.answers++;
      if (times == 1) {
        line.bodies++;
      } else {
        line.boughtAgain++;
      }
      line.promptTokens += promptTokens;
      line.completionTokens += completionTokens;
      line.ended(now);
    }
  }

  /** A request met its fault. */
  void failed(Question question, String fault, long now) {
    for (Line line : new Line[] {all, line(question)}) {
      line.faults.merge(fault, 1L, Long::sum);
      line.ended(now);
    }
  }

  /** The client went away before its answer was delivered. */
  void lost(Question question, long now) {
    for (Line line : new Line[] {all, line(question)}) {
      line.lost++;
      line.ended(now);
    }
  }

  private Line line(Question question) {
    return stages.computeIfAbsent(question.form().stage(), stage -> new Line());
  }

  /** The figures as a tree of maps. */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>(all.figures());
    figures.put("connections", connections);
    Map<String, Object> byStage = new LinkedHashMap<>();
    stages.forEach((stage, line) -> byStage.put(stage, line.figures()));
    figures.put("stages", byStage);
    return figures;
  }
}
