package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.AskStage;
import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.run.RoundTable;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.storage.Manifest;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a {@link Question} to every committed round that has not its answers yet: the requests are
 * planned and published, asked, their answers read and published, each step once for all such
 * rounds.
 */
final class QuestionRounds {
  private final RunContext context;
  private final Question question;
  private final RoundTable table;
  private final Subjects subjects;
  private final Prompting prompting;

  QuestionRounds(RunContext context, Question question) {
    this.context = context;
    this.question = question;
    this.table = question.table();
    this.subjects = new Subjects(context);
    this.prompting = new Prompting(context, table.stage(), table.version());
  }

  /** Returns whether there was anything to do. */
  boolean run() {
    List<Integer> pending =
        Subjects.rounds(context).stream().filter(round -> !isDone(round)).toList();
    List<Integer> open =
        context.closeRound() ? pending.stream().filter(this::isPlanned).toList() : List.of();
    List<Integer> rest = pending.stream().filter(round -> !open.contains(round)).toList();
    if (!open.isEmpty()) {
      publish(open, true);
    }
    if (!rest.isEmpty()) {
      plan(rest);
      new AskStage(context, table.stage()).run(rest);
      publish(rest, false);
    }
    return !pending.isEmpty();
  }

  private boolean isDone(int round) {
    return isPlanned(round) && table.isUpToDate(context, round, requests(round));
  }

  private boolean isPlanned(int round) {
    return context.run().exists(RunTables.requests(table.stage(), round))
        && prompting.isPlanned(round, question.inputs(subjects, round));
  }

  private List<Manifest.Input> requests(int round) {
    return List.of(context.run().input(RunTables.requests(table.stage(), round)));
  }

  private void plan(List<Integer> rounds) {
    for (int round : rounds) {
      if (isPlanned(round)) {
        continue;
      }
      prompting.begin(round);
      List<PlannedRequest> requests = new ArrayList<>();
      for (Subject subject : question.subjects(subjects, round)) {
        Question.Words words = question.words(subject);
        requests.add(
            prompting.plan(round, requests.size(), words.prompt(), words.decoding(), subject));
      }
      prompting.publish(round, question.inputs(subjects, round), requests);
    }
  }

  /**
   * @param closing whether a request without an answer is taken as not sent
   */
  private void publish(List<Integer> rounds, boolean closing) {
    AnswerReading answers = new AnswerReading(context, table.stage(), closing);
    table.publish(
        context, rounds, answers.read(rounds, question.reader(), table.order()), this::requests);
  }
}
