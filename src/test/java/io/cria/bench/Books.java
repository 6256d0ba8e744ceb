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
    long accepted;
    long acceptedTokens;
    long refused;
    long firstAccepted = -1;
    long lastAccepted;
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

    void accepted(int tokens, long now) {
      if (firstAccepted < 0) {
        firstAccepted = now;
      }
      lastAccepted = now;
      accepted++;
      acceptedTokens += tokens;
    }

    Map<String, Object> figures(RateLimits limits, long start) {
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
      figures.put("accepted", accepted);
      figures.put("refused", refused);
      figures.put("tokens_accepted", acceptedTokens);
      figures.put(
          "accepted_seconds", firstAccepted < 0 ? 0.0 : (lastAccepted - firstAccepted) / 1e9);
      if (firstAccepted >= 0) {
        limits.tell(accepted, acceptedTokens, firstAccepted - start, lastAccepted - start, figures);
      }
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
   * A request was let in by the limits.
   *
   * @param tokens of its prompt and of its answer; 0 where tokens are not limited
   */
  void accepted(Question question, int tokens, long now) {
    all.accepted(tokens, now);
    line(question).accepted(tokens, now);
  }

  /** A request was over a limit. */
  void refused(Question question, long now) {
    all.refused++;
    line(question).refused++;
    failed(question, "over_limit", now);
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

  /**
   * The figures as a tree of maps.
   *
   * @param limits that were enforced
   * @param start when the first request came
   */
  Map<String, Object> figures(RateLimits limits, long start) {
    Map<String, Object> figures = new LinkedHashMap<>(all.figures(limits, start));
    figures.put("connections", connections);
    Map<String, Object> byStage = new LinkedHashMap<>();
    stages.forEach((stage, line) -> byStage.put(stage, line.figures(limits, start)));
    figures.put("stages", byStage);
    return figures;
  }
}
