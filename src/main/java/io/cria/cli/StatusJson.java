package io.cria.cli;

import io.cria.ask.Spend;
import io.cria.pipeline.RunRecord;
import io.cria.pipeline.RunStatus;
import io.cria.run.Shortfall;
import io.cria.storage.Hadoop;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.train.TrainingPlace;
import io.cria.train.TrainingStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run stands, for schedulers: the fields of status.json, counts and spend as they are now,
 * and what it cannot tell by itself.
 *
 * @param run the directory
 * @param identityHash the run's identity
 * @param state as in status.json; {@code not started} without one
 * @param dead whether it says running, and its driver was killed
 * @param exitCode of the last invocation; -1 while it runs, and of one that was killed
 * @param reason why that did not end well
 * @param stage the stage it is in, or ended in
 * @param updatedAt when status.json was written; null without one
 * @param invocation what the last invocation was called; empty without a name
 * @param counts rows by table and reason
 * @param spend what the ledger sums up to; null before anything began
 * @param shortfall why the line ends short of its target, where a cap has it so
 * @param trainings each by its name: the fields of its status.json, and whether it is dead
 */
record StatusJson(
    String run,
    String identityHash,
    String state,
    boolean dead,
    int exitCode,
    String reason,
    String stage,
    @Nullable String updatedAt,
    String invocation,
    Map<String, Map<String, Long>> counts,
    @Nullable Spend spend,
    List<Shortfall.Cause> shortfall,
    Map<String, TrainingStatus.Seen> trainings) {
  /** As JSON, with a newline at its end. */
  static String of(RunDirectory directory, RunRecord record) {
    return Json.write(
        RunStatus.look(directory)
            .map(seen -> of(directory, record, seen.status(), seen.dead()))
            .orElseGet(() -> notStarted(directory, record)));
  }

  private static StatusJson of(
      RunDirectory directory, RunRecord record, RunStatus status, boolean dead) {
    return new StatusJson(
        directory.root(),
        record.identityHash(),
        status.state(),
        dead,
        status.exitCode(),
        status.reason(),
        status.stage(),
        status.updatedAt(),
        status.invocation(),
        RunStatus.counts(directory),
        Spend.of(directory),
        status.shortfall(),
        trainings(directory));
  }

  private static StatusJson notStarted(RunDirectory directory, RunRecord record) {
    return new StatusJson(
        directory.root(),
        record.identityHash(),
        "not started",
        false,
        -1,
        "",
        "",
        null,
        "",
        Map.of(),
        null,
        List.of(),
        trainings(directory));
  }

  private static Map<String, TrainingStatus.Seen> trainings(RunDirectory directory) {
    return TrainingPlace.statuses(directory, Hadoop.configuration());
  }
}
