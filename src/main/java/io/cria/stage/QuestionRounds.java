package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.ask.MissingAnswers;
import io.cria.ask.OnlineAsker;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.ask.RejectedRequests;
import io.cria.run.RunContext;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import java.util.List;

/**
 * Puts a {@link Question} to every committed round that has not its answers yet: the requests of
 * all such rounds are planned and published, then asked and committed part by part.
 */
final class QuestionRounds {
  private final RunContext context;
  private final Question question;
  private final StageDeclaration stage;
  private final Planning planning;

  QuestionRounds(RunContext context, Question question) {
    this.context = context;
    this.question = question;
    this.stage = question.stage();
    this.planning = Planning.of(context, stage);
  }

  /** Returns whether there was anything to do. */
  boolean run() {
    MissingAnswers.rebuild(context, stage, question.usable());
    List<Integer> rounds = question.ready(Subjects.rounds(context));
    if (context.retryRejected()) {
      retry(rounds);
    }
    List<Integer> pending = rounds.stream().filter(round -> !isDone(round)).toList();
    List<Integer> open =
        context.closeRound() ? pending.stream().filter(this::isPlanned).toList() : List.of();
    List<Integer> rest = pending.stream().filter(round -> !open.contains(round)).toList();
    AskedParts asked =
        new AskedParts(context, stage, new OnlineAsker(context, question.usable()), question);
    if (!open.isEmpty()) {
      boolean unused = asked.run(open, true);
    }
    if (!rest.isEmpty()) {
      rest.forEach(this::plan);
      boolean unused = asked.run(rest, false);
    }
    return !pending.isEmpty();
  }

  private void retry(List<Integer> rounds) {
    long reopened = RejectedRequests.reopen(context, stage, rounds);
    context
        .progress()
        .note(
            stage.name()
                + ": "
                + (reopened > 0
                    ? reopened + " rejected requests are asked again"
                    : "no rejected request"));
  }

  private boolean isDone(int round) {
    return isPlanned(round) && AskedParts.isWhole(context, stage, round);
  }

  private boolean isPlanned(int round) {
    return new Commits(context.run()).manifest(stage.requests(round)).isPresent()
        && planning.isPlanned(round, question.inputs(round));
  }

  private void plan(int round) {
    if (isPlanned(round)) {
      return;
    }
    Planning.Round planned = planning.begin(round);
    for (Subject subject : question.subjects(round)) {
      Question.Words words = question.words(subject);
      planned.add(words.prompt(), words.decoding(), subject);
    }
    planned.publish(question.inputs(round));
  }
}
