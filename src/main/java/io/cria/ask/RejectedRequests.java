package io.cria.ask;

import io.cria.run.RunContext;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import java.util.List;

/**
 * Requests that are committed without an answer, since the server rejected them or never gave one.
 */
public final class RejectedRequests {
  private RejectedRequests() {}

  /**
   * Takes back the parts that hold rejected requests, so that these are asked again: by an
   * invocation that is told to ({@link RunContext#retryRejected}).
   *
   * @param planned the rounds to look at
   * @return how many requests are to be asked again
   */
  public static long reopen(RunContext context, StageDeclaration stage, List<Integer> planned) {
    Commits commits = new Commits(context.run());
    long reopened = 0;
    for (int round : planned) {
      int parts = commits.parts(stage.answers(round)).size();
      for (int number = 0; number < parts; number++) {
        long rejected = rejected(context, stage, round, number);
        if (rejected > 0) {
          context.lock().requireHeld();
          commits.withdraw(Commits.part(stage.answers(round), number), context.epoch());
          commits.withdraw(Commits.part(stage.table().round(round), number), context.epoch());
        }
        reopened += rejected;
      }
    }
    return reopened;
  }

  /** How many requests of these rounds are committed as rejected. */
  public static long rejected(RunContext context, StageDeclaration stage, List<Integer> planned) {
    long rejected = 0;
    for (int round : planned) {
      int parts = new Commits(context.run()).parts(stage.answers(round)).size();
      for (int number = 0; number < parts; number++) {
        rejected += rejected(context, stage, round, number);
      }
    }
    return rejected;
  }

  private static long rejected(RunContext context, StageDeclaration stage, int round, int part) {
    return AskedParts.pinned(context, Commits.partFile(stage.answers(round), part)).stream()
        .filter(Answered::isRejected)
        .count();
  }
}
