package io.cria.cli;

import io.cria.pipeline.RunStatus;
import io.cria.stage.DatasetStage;
import io.cria.storage.Commits;
import io.cria.storage.RunDirectory;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

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
    out.append(outcome).append(": ").append(PlainPaths.in(run.root())).append('\n');
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
    moderated(out, counts.getOrDefault("moderated", Map.of()));
    if (run.exists("dataset")) {
      out.append(
          String.format(Locale.ROOT, "%-11s %s%n", "dataset", PlainPaths.in(run.path("dataset"))));
      new Commits(run).manifest("dataset").ifPresent(dataset -> leftOut(out, dataset.counts()));
    }
    return out.toString().stripTrailing();
  }

  private static void moderated(StringBuilder out, Map<String, Long> counts) {
    if (counts.containsKey("rows")) {
      out.append(
          String.format(
              Locale.ROOT,
              "%-11s %,d, flagged %,d, with personal data %,d%n",
              "moderated",
              counts.get("rows"),
              counts.getOrDefault("flagged", 0L),
              counts.getOrDefault("pii", 0L)));
    }
  }

  /** What of the examples is not in the dataset. */
  private static void leftOut(StringBuilder out, Map<String, Long> counts) {
    String said =
        counts.entrySet().stream()
            .filter(count -> count.getKey().startsWith(DatasetStage.LEFT_OUT))
            .map(
                count ->
                    String.format(
                        Locale.ROOT,
                        "%s %,d",
                        count.getKey().substring(DatasetStage.LEFT_OUT.length()),
                        count.getValue()))
            .collect(Collectors.joining(", "));
    if (!said.isEmpty()) {
      note(out, "left out", said);
    }
  }

  private static void note(StringBuilder out, String name, String words) {
    out.append(String.format(Locale.ROOT, "%-11s %s%n", name, Visible.of(words)));
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
