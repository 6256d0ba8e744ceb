package io.cria.ask;

import io.cria.run.AskContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.filter2.compat.FilterCompat;

/**
 * Parts of the table {@code answers} that are gone while what was made from them stands: made anew
 * from the ledger, with the very answers that count by the table that stands.
 */
public final class MissingAnswers {
  private final AskContext context;
  private final StageDeclaration stage;
  private final LedgerScan.TextTest usable;
  private final Commits commits;

  private MissingAnswers(AskContext context, StageDeclaration stage, LedgerScan.TextTest usable) {
    this.context = context;
    this.stage = stage;
    this.usable = usable;
    this.commits = new Commits(context.run());
  }

  /**
   * Makes anew what is missing of a stage.
   *
   * @param usable what counts as a text of use
   * @throws CriaException when the ledger lacks an answer that a table was made from
   */
  public static void rebuild(
      AskContext context, StageDeclaration stage, LedgerScan.TextTest usable) {
    MissingAnswers missing = new MissingAnswers(context, stage, usable);
    for (int round : RunTables.rounds(context.run(), stage.table())) {
      missing.rebuild(round);
    }
  }

  private void rebuild(int round) {
    if (commits.manifest(stage.requests(round)).isEmpty()) {
      return;
    }
    int known = commits.parts(stage.answers(round)).size();
    List<Manifest> made = AskedParts.committed(context, stage, round);
    for (int number = known; number < made.size(); number++) {
      rebuild(new Part(round, number), commits.input(stage.requests(round)));
    }
    if (known < made.size()) {
      context
          .progress()
          .note(
              stage.answers(round)
                  + ": "
                  + (made.size() - known)
                  + " missing parts made anew from the ledger");
    }
  }

  private void rebuild(Part part, Manifest.Input requests) {
    OpenPart open = open(part);
    List<LedgerFiles.Found> segments =
        LedgerFiles.segments(context.run(), stage.name(), part.round());
    Set<String> counted = counted(part);
    Settlement settlement =
        Settlement.ofCounted(
            open,
            RequestFile.keys(context, open),
            LedgerScan.of(context, segments, usable),
            counted);
    settlement.answers().forEach(answer -> counted.remove(answer.answerId()));
    if (!counted.isEmpty()) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          context.run().path("ledger")
              + ": the answer "
              + counted.iterator().next()
              + " that "
              + stage.table().round(part.round())
              + " was made from is gone: bring the folder back from a copy");
    }
    AskedParts.pin(context, stage, part, requests, settlement);
  }

  private OpenPart open(Part part) {
    long rows = commits.manifest(stage.requests(part.round())).map(Manifest::rows).orElse(0L);
    return OpenPart.untouched(
        part,
        (int) Math.min(Part.ROWS, rows - part.firstRow()),
        Commits.partFile(stage.requests(part.round()), part.number()));
  }

  /** The ids of the answers that the committed part was made from. */
  private Set<String> counted(Part part) {
    Set<String> ids = new HashSet<>();
    try (ParquetGroups groups =
        ParquetGroups.open(
            context.run(),
            context.spark().sparkContext().hadoopConfiguration(),
            Commits.partFile(stage.table().round(part.round()), part.number()),
            FilterCompat.NOOP)) {
      groups.forEachRemaining(
          group -> {
            if (group.getFieldRepetitionCount("answer_id") > 0) {
              ids.add(group.getString("answer_id", 0));
            }
          });
    }
    return ids;
  }
}
