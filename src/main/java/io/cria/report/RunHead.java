package io.cria.report;

import io.cria.report.ReportFigures.Head;
import io.cria.sql.RecordedRule;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which run it is and how it stands, from run.json and status.json. */
final class RunHead {
  private static final String RUNNING = "running";

  private final RunDirectory run;
  private final Recorded recorded;

  private RunHead(RunDirectory run, Recorded recorded) {
    this.run = run;
    this.recorded = recorded;
  }

  /** What of run.json is told. */
  private record Recorded(
      @Nullable String identityHash,
      @Nullable Map<String, Object> identity,
      @Nullable Map<String, String> versions) {}

  /** What of status.json is told. */
  private record Status(@Nullable String state, @Nullable String reason) {}

  static RunHead of(RunDirectory run) {
    String text = run.text("run.json").orElse("{}");
    try {
      return new RunHead(run, Json.read(text, Recorded.class));
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.path("run.json")
              + ": cannot be read ("
              + e.getMessage()
              + "): restore it, or take another directory",
          e);
    }
  }

  /** Hash of what the run is. */
  String identity() {
    return Objects.requireNonNullElse(recorded.identityHash(), "");
  }

  /** The tokenizer of the similarity rule; that of the published one where there is none. */
  String tokenizer() {
    return RecordedRule.tokenizer(keys());
  }

  Head head(Instant now) {
    String path = run.root();
    return new Head(
        path.substring(path.lastIndexOf('/') + 1),
        path.startsWith("file:/") ? path.substring("file:".length()) : path,
        word("recipe"),
        word("model"),
        identity(),
        state(),
        new TreeMap<>(Objects.requireNonNullElse(recorded.versions(), Map.of()))
            .entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ")),
        now.truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private Map<String, Object> keys() {
    return Objects.requireNonNullElse(recorded.identity(), Map.of());
  }

  private String word(String key) {
    return keys().get(key) instanceof String word ? word : "";
  }

  private boolean isHeld() {
    return RunLock.holder(run).filter(RunLock.Holder::isAlive).isPresent();
  }

  private String state() {
    return run.text("status.json")
        .map(
            text -> {
              try {
                Status status = Json.read(text, Status.class);
                String reason = Objects.requireNonNullElse(status.reason(), "");
                if (RUNNING.equals(status.state()) && !isHeld()) {
                  return "not at work, its driver was killed";
                }
                return Objects.requireNonNullElse(status.state(), "")
                    + (reason.isEmpty() ? "" : ": " + reason);
              } catch (IllegalArgumentException e) {
                return "not known, its status.json is damaged";
              }
            })
        .orElse("not started");
  }
}
