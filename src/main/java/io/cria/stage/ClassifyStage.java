package io.cria.stage;

import io.cria.config.DecodingConfig;
import io.cria.parse.ClassificationAnswer;
import io.cria.prompt.ClassificationPrompt;
import io.cria.stage.PlannedRequest.Subject;
import io.cria.stage.rows.Schemas;
import io.cria.storage.Manifest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Asks of each kept instruction whether it is a classification task (Self-Instruct, section 2.2,
 * step 2).
 */
public final class ClassifyStage implements Stage {
  public static final String TABLE = "classified";
  static final int VERSION = 1;
  private static final String NAME = "classify";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean run(RunContext context) {
    List<Integer> pending =
        Subjects.rounds(context).stream().filter(round -> !isDone(context, round)).toList();
    if (pending.isEmpty()) {
      return false;
    }
    boolean closing = context.closeRound() && Prompting.arePlanned(context, NAME, pending);
    plan(context, pending);
    if (!closing) {
      new AskStage(context, NAME).run(pending);
    }
    List<Row> rows = new Answers(context, NAME, closing).read(pending, new Reader(), ORDER);
    commit(context, pending, rows);
    return true;
  }

  static final Comparator<Row> ORDER =
      Comparator.<Row>comparingInt(r -> r.getInt(2))
          .thenComparingInt(r -> r.getInt(3))
          .thenComparingInt(r -> r.getInt(4));

  private static boolean isDone(RunContext context, int round) {
    return context.run().exists(Tables.requests(NAME, round))
        && new Prompting(context, NAME, VERSION).isPlanned(round, planInputs(context, round))
        && Tables.upToDate(
                context, Tables.round(TABLE, round), NAME, VERSION, tableInputs(context, round))
            .isPresent();
  }

  private static List<Manifest.Input> planInputs(RunContext context, int round) {
    return List.of(new Subjects(context).candidates(round));
  }

  private static List<Manifest.Input> tableInputs(RunContext context, int round) {
    return List.of(context.run().input(Tables.requests(NAME, round)));
  }

  private static void plan(RunContext context, List<Integer> rounds) {
    ClassificationPrompt prompt = ClassificationPrompt.of(context.prompts());
    DecodingConfig decoding =
        Objects.requireNonNull(context.config().classify(), "classify").decoding();
    Prompting prompting = new Prompting(context, NAME, VERSION);
    for (int round : rounds) {
      if (prompting.isPlanned(round, planInputs(context, round))) {
        continue;
      }
      prompting.begin(round);
      List<PlannedRequest> requests = new ArrayList<>();
      for (Subject subject : new Subjects(context).of(round)) {
        requests.add(
            prompting.plan(
                round, requests.size(), prompt.build(subject.instruction()), decoding, subject));
      }
      prompting.publish(round, planInputs(context, round), requests);
    }
  }

  private static void commit(RunContext context, List<Integer> rounds, List<Row> rows) {
    context.checkpoint();
    for (int round : rounds) {
      List<Row> own = rows.stream().filter(row -> row.getInt(2) == round).toList();
      long yes = own.stream().filter(row -> row.getBoolean(5)).count();
      Tables.publish(
          context,
          Tables.round(TABLE, round),
          NAME,
          VERSION,
          tableInputs(context, round),
          Schemas.CLASSIFIED,
          own,
          Map.of("classification", yes, "other", own.size() - yes));
    }
  }

  /**
   * A request that failed leaves its instruction unclassified: it is taken as no classification
   * task.
   */
  private static final class Reader implements Answers.Reader {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterable<Row> read(PlannedRequest planned, Answers.Answer answer) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      String text = answer.completion() == null ? "" : answer.completion().text();
      return List.of(
          RowFactory.create(
              subject.candidateId(),
              answer.answerId(),
              subject.round(),
              subject.row(),
              subject.item(),
              ClassificationAnswer.isClassification(text),
              text));
    }
  }
}
