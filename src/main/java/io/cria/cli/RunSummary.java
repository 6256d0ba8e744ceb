package io.cria.cli;

import io.cria.pipeline.RunStatus;
import io.cria.storage.RunDirectory;
import java.util.Locale;
import java.util.Map;

/** What a person is told when a command on a run has ended well. */
final class RunSummary {
  private final RunDirectory run;

  RunSummary(RunDirectory run) {
    this.run = run;
  }

  /**
   * @param worked whether there was anything to do
   */
  String text(boolean worked) {
    return text(worked ? "Done" : "Nothing to do: every stage was done before");
  }

  /** Of a stage that the recipe does without. */
  String without(String stage, String recipe) {
    return text("Nothing to do: the recipe " + recipe + " has no stage " + stage);
  }

  private String text(String outcome) {
    Map<String, Map<String, Long>> counts = RunStatus.counts(run);
    StringBuilder out = new StringBuilder();
    out.append(outcome).append(": ").append(shown(run.root())).append('\n');
    line(out, "candidates", counts.getOrDefault("candidates", Map.of()));
    line(out, "instances", counts.getOrDefault("instances", Map.of()));
    long examples = counts.getOrDefault("examples", Map.of()).getOrDefault("rows", 0L);
    out.append(String.format(Locale.ROOT, "%-11s %,d%n", "examples", examples));
    RunStatus.read(run)
        .ifPresent(
            status -> {
              status.shortfall().forEach(cause -> note(out, "cap", cause.reason()));
              status.spend().failures().forEach(words -> note(out, "failure", words));
            });
    if (run.exists("dataset")) {
      out.append(String.format(Locale.ROOT, "%-11s %s", "dataset", shown(run.path("dataset"))));
    }
    return out.toString().stripTrailing();
  }

  private static void note(StringBuilder out, String name, String words) {
    out.append(String.format(Locale.ROOT, "%-11s %s%n", name, words));
  }

  /** A local path as people write it. */
  private static String shown(String path) {
    return path.startsWith("file:/") ? path.substring("file:".length()) : path;
  }

  private static void line(StringBuilder out, String table, Map<String, Long> counts) {
    out.append(
        String.format(Locale.ROOT, "%-11s kept %,d", table, counts.getOrDefault("kept", 0L)));
    counts.forEach(
        (reason, rows) -> {
          if (!reason.equals("kept") && !reason.equals("rows")) {
            out.append(String.format(Locale.ROOT, ", %s %,d", reason, rows));
          }
        });
    out.append('\n');
  }
}
