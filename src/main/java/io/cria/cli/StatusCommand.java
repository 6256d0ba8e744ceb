package io.cria.cli;

import io.cria.ask.BudgetJournal;
import io.cria.ask.CapUse;
import io.cria.ask.Spend;
import io.cria.config.AskConfig;
import io.cria.llm.Prices;
import io.cria.pipeline.BesideInputs;
import io.cria.pipeline.Outcome;
import io.cria.pipeline.RunCheck;
import io.cria.pipeline.RunInputs;
import io.cria.pipeline.RunRecord;
import io.cria.pipeline.RunStatus;
import io.cria.pipeline.Sessions;
import io.cria.report.RunReport;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.stage.KeptVerdicts;
import io.cria.stage.ReviewReporting;
import io.cria.storage.Hadoop;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.DatasetStatistics;
import io.cria.task.ExitCode;
import io.cria.train.TrainingPlace;
import io.cria.train.TrainingStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code cria status RUN}: from the run's files; a Spark session is opened for statistics alone.
 */
@Command(
    description = {
      "Tells how a run stands: its state, what was kept and rejected, what was asked and paid; or how",
      "a training of it does, by its directory.",
      "What is damaged or gone is named, with exit code 6. The run may be at work meanwhile."
    },
    footer = {
      "",
      "Examples:",
      "  cria status runs/quickstart",
      "  cria status runs/quickstart --statistics",
      "  cria status hdfs:///data/si --json",
      "  cria status hdfs:///data/si/training/first",
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

  @Option(
      names = "--statistics",
      description =
          "Statistics of the examples, as in Table 1 of Self-Instruct, in place of the rest; opens a"
              + " Spark session.")
  boolean statistics;

  @Override
  ExitCode run() {
    RunDirectory directory = RunDirectory.at(run, Hadoop.configuration());
    if (wait != null && (outcome == null || wait < 0)) {
      throw CriaException.badInput(
          "--wait " + wait + ": give a number of seconds that is not negative, with --outcome");
    }
    if (outcome != null) {
      Duration longest = Duration.ofSeconds(wait == null ? 0 : wait);
      // what is waited for may be there later, under its whole name
      String named = wait == null ? Outcome.named(directory, outcome) : outcome;
      return new OutcomeSearch(directory, named, StatusCommand::pause).told(longest, out());
    }
    if (statistics) {
      tableOne(directory);
      return ExitCode.DONE;
    }
    if (TrainingPlace.isTraining(directory)) {
      training(directory);
      return ExitCode.DONE;
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

  private void tableOne(RunDirectory directory) {
    SparkSession spark = starting(() -> Sessions.open("status"));
    LogLevel.apply(spark, verbose);
    DatasetStatistics counted =
        new RunReport(spark, directory, Clock.systemUTC(), this::say).statistics();
    if (json) {
      out().print(Json.write(counted));
      return;
    }
    counted
        .rows()
        .forEach(
            line ->
                out().print(String.format(Locale.ROOT, "%-40s %10s%n", line.name(), line.value())));
  }

  /** A training of a run, by its own directory. */
  private void training(RunDirectory directory) {
    if (json) {
      out()
          .print(
              TrainingStatus.look(directory)
                  .map(Json::write)
                  .orElse("{\"state\" : \"not started\"}\n"));
      return;
    }
    StringBuilder text = new StringBuilder();
    row(text, "training", run);
    row(text, "state", TrainingStatus.line(directory));
    RunLock.holder(directory)
        .filter(RunLock.Holder::isAlive)
        .ifPresent(holder -> row(text, "driver", driver(holder)));
    out().print(text);
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
    if (record.isLine()) {
      rounds(text, directory);
    }
    tables(text, directory, counts, damage.isEmpty());
    trainings(text, directory);
    uncounted(text, directory);
    ledger(text, spend);
    spent(text, directory, stages, counts);
    damage.forEach(what -> row(text, "damage", PlainPaths.in(String.valueOf(what.getMessage()))));
    out().print(text);
    if (!damage.isEmpty()) {
      throw damage.get(0);
    }
  }

  private void what(StringBuilder text, RunRecord record) {
    row(text, "run", run);
    if (record.isLine()) {
      row(
          text,
          "recipe",
          record.identity().get("recipe") + ", model " + record.identity().get("model"));
    } else {
      row(text, "kind", record.identity().get(RunRecord.KIND) + ", beside a run");
    }
    row(text, "identity", record.identityHash());
    text.append(
            WordWrap.paragraph(
                name("made by"), name(""), Visible.of(madeBy(record)), Terminal.width()))
        .append('\n');
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
      row(text, "reason", PlainPaths.in(last.reason()));
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

  private static void rounds(StringBuilder text, RunDirectory directory) {
    row(text, "rounds", RunTables.rounds(directory, Line.GENERATE.table()).size() + " committed");
  }

  private void tables(
      StringBuilder text,
      RunDirectory directory,
      Map<String, Map<String, Long>> tables,
      boolean isWhole) {
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

  /** Of this directory, and of the reviews of a run. */
  private static void uncounted(StringBuilder text, RunDirectory directory) {
    if (KeptVerdicts.areUncounted(directory)) {
      row(text, "uncounted", "verdicts that its report does not count yet: the same command does");
    }
    for (String name : directory.list(ReviewReporting.REVIEWS)) {
      RunDirectory review =
          RunDirectory.at(directory.path(ReviewReporting.directory(name)), Hadoop.configuration());
      if (KeptVerdicts.areUncounted(review)) {
        row(
            text,
            "uncounted",
            "verdicts of review " + name + ": cria review RUN --name " + name + " counts them");
      }
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
      row(text, "failure", PlainPaths.in(words));
    }
    for (String line : spend.damage()) {
      row(text, "damage", PlainPaths.in(line));
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
    caps(directory, stages, spent, counts).forEach(line -> row(text, "cap", line));
    if (!stages.isEmpty()) {
      text.append(spent.byStage());
    }
  }

  /** By the configuration of the last invocation. */
  private static List<String> caps(
      RunDirectory directory,
      Map<String, Spend> stages,
      SpendText spent,
      Map<String, Map<String, Long>> counts) {
    long kept =
        counts.getOrDefault(Line.GENERATE.table().name(), Map.of()).getOrDefault("kept", 0L);
    try {
      if (RunInputs.areKept(directory)) {
        RunInputs inputs = RunInputs.fromRun(directory, Map.of());
        AskConfig asking = inputs.config().asking();
        return spent.against(asking.caps(), used(directory, stages, asking, inputs.prices()), kept);
      }
      return BesideInputs.of(directory)
          .map(
              told ->
                  spent.against(
                      told.asking().caps(),
                      used(directory, stages, told.asking(), told.prices()),
                      kept))
          .orElse(List.of());
    } catch (CriaException e) {
      return List.of("not known: " + PlainPaths.in(String.valueOf(e.getMessage())));
    }
  }

  private static Amount used(
      RunDirectory directory, Map<String, Spend> stages, AskConfig asking, String prices) {
    return new CapUse(directory, Hadoop.configuration())
        .of(stages, Prices.listed(prices), asking.model(), LocalDate.now(ZoneOffset.UTC));
  }

  private static String name(String name) {
    return String.format(Locale.ROOT, "%-12s ", name);
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(name(name)).append(Visible.of(value)).append('\n');
  }
}
