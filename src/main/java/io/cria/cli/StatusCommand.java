package io.cria.cli;

import io.cria.ask.BudgetJournal;
import io.cria.ask.Spend;
import io.cria.llm.Prices;
import io.cria.pipeline.RunCheck;
import io.cria.pipeline.RunInputs;
import io.cria.pipeline.RunRecord;
import io.cria.pipeline.RunStatus;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.train.TrainingPlace;
import io.cria.train.TrainingStatus;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria status RUN}: from the run's files, without a Spark session. */
@Command(
    description = {
      "Tells how a run stands: its state, what was kept and rejected, what was asked and paid.",
      "What is damaged or gone is named, with exit code 6. The run may be at work meanwhile."
    },
    footer = {
      "",
      "Examples:",
      "  cria status runs/quickstart",
      "  cria status hdfs:///data/si --json",
      "  cria status hdfs:///data/si --outcome si-7 --wait 30"
    })
final class StatusCommand extends CriaCommand {
  private static final List<UnfinishedRound> NONE = List.of();
  private static final Duration LOOK = Duration.ofSeconds(1);

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--json",
      description = "One JSON object in place of the text: status.json, and whether to believe it.")
  boolean json;

  @Option(
      names = "--outcome",
      paramLabel = "ID",
      description =
          "What the invocation ID said and how it ended, as if it had run here: its output, its"
              + " error and its exit code. ID is the system property cria.invocation of a driver in a"
              + " cluster.")
  @Nullable String outcome;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "With --outcome: look for it so long.")
  @Nullable Integer wait;

  @Override
  ExitCode run() {
    RunDirectory directory = RunDirectory.at(run, Hadoop.configuration());
    if (wait != null && (outcome == null || wait < 0)) {
      throw CriaException.badInput(
          "--wait " + wait + ": give a number of seconds that is not negative, with --outcome");
    }
    if (outcome != null) {
      Duration longest = Duration.ofSeconds(wait == null ? 0 : wait);
      return new OutcomeSearch(directory, outcome, StatusCommand::pause).told(longest, out());
    }
    RunRecord record =
        RunRecord.read(directory)
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        run + ": there is no run here (no run.json): give the directory of a run"));
    if (json) {
      out().print(StatusJson.of(directory, record));
      return ExitCode.DONE;
    }
    text(directory, record);
    return ExitCode.DONE;
  }

  private static void pause() {
    LockSupport.parkNanos(LOOK.toNanos());
  }

  private void text(RunDirectory directory, RunRecord record) {
    RunCheck check = new RunCheck(directory);
    Map<String, Spend> stages = Spend.byStage(directory);
    Spend spend = Spend.total(stages);
    List<CriaException> damage = check.damage(spend);
    Map<String, Map<String, Long>> counts = RunStatus.counts(directory);
    StringBuilder text = new StringBuilder();
    what(text, record);
    state(text, directory);
    tables(text, directory, counts, damage.isEmpty());
    trainings(text, directory);
    ledger(text, spend);
    spent(text, directory, stages, counts);
    damage.forEach(what -> row(text, "damage", String.valueOf(what.getMessage())));
    out().print(text);
    if (!damage.isEmpty()) {
      throw damage.get(0);
    }
  }

  private void what(StringBuilder text, RunRecord record) {
    row(text, "run", run);
    row(
        text,
        "recipe",
        record.identity().get("recipe") + ", model " + record.identity().get("model"));
    row(text, "identity", record.identityHash());
    row(text, "made by", madeBy(record));
  }

  private static String madeBy(RunRecord record) {
    return record.versions().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "))
        + ", commit "
        + record.gitCommit();
  }

  private static void state(StringBuilder text, RunDirectory directory) {
    Optional<RunStatus.Seen> seen = RunStatus.look(directory);
    if (seen.isEmpty()) {
      row(text, "state", "not started");
      return;
    }
    RunStatus last = seen.get().status();
    row(
        text,
        "state",
        (seen.get().dead() ? "ended without a word, while it was running" : last.state())
            + (last.stage().isEmpty() ? "" : ", stage " + last.stage())
            + (last.exitCode() < 0 ? "" : ", exit code " + last.exitCode())
            + ", "
            + last.updatedAt());
    if (!last.invocation().isEmpty()) {
      row(text, "invocation", last.invocation());
    }
    if (last.exitCode() < 0) {
      RunLock.holder(directory).ifPresent(holder -> row(text, "driver", driver(holder)));
    }
    if (!last.reason().isEmpty()) {
      row(text, "reason", last.reason());
    }
  }

  private static String driver(RunLock.Holder holder) {
    return "process "
        + holder.pid()
        + " on "
        + holder.host()
        + ", last sign of life "
        + holder.heartbeat()
        + (holder.isGone() ? ", gone" : "");
  }

  private void tables(
      StringBuilder text,
      RunDirectory directory,
      Map<String, Map<String, Long>> tables,
      boolean isWhole) {
    row(text, "rounds", RunTables.rounds(directory, Line.GENERATE.table()).size() + " committed");
    for (UnfinishedRound open : isWhole ? UnfinishedRound.of(directory) : NONE) {
      row(
          text,
          "unfinished",
          open.stage()
              + " round "
              + open.round()
              + ": "
              + open.answered()
              + " of "
              + open.planned()
              + " requests answered; the same command goes on");
    }
    tables.forEach((table, counts) -> row(text, table, counted(counts)));
    List<String> exports = directory.list("dataset");
    if (!exports.isEmpty()) {
      row(text, "dataset", run + "/dataset: " + String.join(", ", exports));
    }
  }

  private static void trainings(StringBuilder text, RunDirectory directory) {
    for (String name : TrainingPlace.names(directory)) {
      RunDirectory training =
          TrainingPlace.of(directory.root(), name, Hadoop.configuration()).directory();
      row(text, "training", name + ": " + TrainingStatus.line(training));
    }
  }

  /** For example {@code 80: kept 51, similar 20, too_short 9}. */
  private static String counted(Map<String, Long> counts) {
    String rows = String.valueOf(counts.getOrDefault("rows", 0L));
    String reasons =
        counts.entrySet().stream()
            .filter(entry -> !entry.getKey().equals("rows"))
            .sorted(
                Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    return reasons.isEmpty() ? rows : rows + ": " + reasons;
  }

  private static void ledger(StringBuilder text, Spend spend) {
    String outcomes =
        spend.outcomes().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    row(text, "requests", spend.records() + (outcomes.isEmpty() ? "" : ": " + outcomes));
    row(text, "tokens", spend.promptTokens() + " sent, " + spend.completionTokens() + " generated");
    for (String words : spend.failures()) {
      row(text, "failure", words);
    }
    for (String line : spend.damage()) {
      row(text, "damage", line);
    }
  }

  private static void spent(
      StringBuilder text,
      RunDirectory directory,
      Map<String, Spend> stages,
      Map<String, Map<String, Long>> counts) {
    SpendText spent = new SpendText(stages).withLost(BudgetJournal.known(directory));
    row(text, "spent", spent.spent());
    spent.apart().forEach(line -> row(text, "", line));
    if (BudgetJournal.isOpen(directory)) {
      row(
          text,
          "",
          "and what a job holds that is at work or was killed: its end, or the next command, tells");
    }
    if (RunInputs.areKept(directory)) {
      caps(directory, spent, counts).forEach(line -> row(text, "cap", line));
    }
    if (!stages.isEmpty()) {
      text.append(spent.byStage());
    }
  }

  /** By the configuration of the last invocation. */
  private static List<String> caps(
      RunDirectory directory, SpendText spent, Map<String, Map<String, Long>> counts) {
    long kept =
        counts.getOrDefault(Line.GENERATE.table().name(), Map.of()).getOrDefault("kept", 0L);
    try {
      RunInputs inputs = RunInputs.fromRun(directory, Map.of());
      Prices prices = Prices.listed(inputs.prices());
      return spent.against(inputs.config(), prices, LocalDate.now(ZoneOffset.UTC), kept);
    } catch (CriaException e) {
      return List.of("not known: " + e.getMessage());
    }
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-12s ", name)).append(value).append('\n');
  }
}
