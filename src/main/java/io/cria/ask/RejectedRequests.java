package io.cria.ask;

import io.cria.run.AskContext;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * Requests that are committed without an answer, since the server rejected them or never gave one.
 */
public final class RejectedRequests {
  private RejectedRequests() {}

  /**
   * Takes back the parts that hold rejected requests, so that these are asked again: by an
   * invocation that is told to ({@link AskContext#retryRejected}).
   *
   * @param planned the rounds to look at
   * @return how many requests are to be asked again
   */
  public static long reopen(AskContext context, StageDeclaration stage, List<Integer> planned) {
    long reopened = 0;
    for (int round : planned) {
      reopened += reopen(context, stage, round, part -> rejected(context, stage, round, part));
    }
    return reopened;
  }

  /** The same of one round, and of all that brought no text of use or was not sent. */
  public static long reopenUseless(AskContext context, StageDeclaration stage, int round) {
    return reopen(context, stage, round, part -> useless(context, stage, round, part));
  }

  private static long reopen(
      AskContext context, StageDeclaration stage, int round, IntToLongFunction again) {
    Commits commits = new Commits(context.run());
    long reopened = 0;
    int parts = commits.parts(stage.answers(round)).size();
    for (int number = 0; number < parts; number++) {
      long requests = again.applyAsLong(number);
      if (requests > 0) {
        context.lock().requireHeld();
        commits.withdraw(Commits.part(stage.answers(round), number), context.epoch());
        commits.withdraw(Commits.part(stage.table().round(round), number), context.epoch());
      }
      reopened += requests;
    }
    return reopened;
  }

  private static long useless(AskContext context, StageDeclaration stage, int round, int part) {
    return new Commits(context.run())
        .manifest(Commits.part(stage.answers(round), part))
        .map(Manifest::asked)
        .map(asked -> asked.requests() - asked.usable())
        .orElse(0L);
  }

  /** How many requests of these rounds are committed as rejected. */
  public static long rejected(AskContext context, StageDeclaration stage, List<Integer> planned) {
    long rejected = 0;
    for (int round : planned) {
      int parts = new Commits(context.run()).parts(stage.answers(round)).size();
      for (int number = 0; number < parts; number++) {
        rejected += rejected(context, stage, round, number);
      }
    }
    return rejected;
  }

  private static long rejected(AskContext context, StageDeclaration stage, int round, int part) {
    return AskedParts.pinned(context, Commits.partFile(stage.answers(round), part)).stream()
        .filter(Answered::isRejected)
        .count();
  }
}
