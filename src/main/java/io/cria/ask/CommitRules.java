package io.cria.ask;

import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.AskedTotals;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * When a part whose requests have ended may be committed: not when too many of them failed by the
 * transport's fault, and not when nearly nothing of what the stage asked last brought a text. What
 * is refused stays open: nothing is burnt.
 */
final class CommitRules {
  /** Requests that are looked back upon at least, as far as there are so many. */
  private static final long LOOKED_BACK = 16;

  /** The share without a text from which on asking is useless. */
  private static final double USELESS = 0.9;

  private final String root;
  private final String stage;
  private final double failedShare;
  private final List<Committed> seen = new ArrayList<>();

  /** A committed part. */
  private record Committed(long requests, long usable) {}

  /**
   * @param root of the run, for messages
   * @param failedShare of a part's requests that may be left without an answer
   */
  CommitRules(String root, String stage, double failedShare) {
    this.root = root;
    this.stage = stage;
    this.failedShare = failedShare;
  }

  /** Looks at what is committed of the stage before these rounds' parts. */
  void begin(RunDirectory run, StageDeclaration of, int lastRound) {
    if (!seen.isEmpty()) {
      return;
    }
    long requests = 0;
    for (int round = lastRound; round >= 0 && requests < LOOKED_BACK; round--) {
      List<Manifest> parts = RunTables.committed(run, of.answers(round));
      for (int i = parts.size() - 1; i >= 0; i--) {
        AskedTotals asked = parts.get(i).asked();
        if (asked != null) {
          seen.add(0, new Committed(asked.requests(), asked.usable()));
          requests += asked.requests();
        }
      }
    }
  }

  void committed(AskedTotals totals) {
    seen.add(new Committed(totals.requests(), totals.usable()));
    long kept = 0;
    for (int i = seen.size() - 1; i >= 0; i--) {
      if (kept >= LOOKED_BACK) {
        seen.remove(i);
      } else {
        kept += seen.get(i).requests();
      }
    }
  }

  /**
   * Whether a part of an earlier invocation was refused its commit, or its asking ended, because
   * nearly nothing brought a text: only then are answers without one asked anew. A part that was
   * cut off early keeps what it has.
   *
   * @param ended the rows that have ended
   * @param usable those with a text
   */
  static boolean wasRefused(int rows, BitSet ended, BitSet usable) {
    int known = ended.cardinality();
    return known >= Math.min(LOOKED_BACK, rows) && isUseless(known, usable.cardinality());
  }

  private static boolean isUseless(long ended, long usable) {
    return ended > 0 && ended - usable >= USELESS * ended;
  }

  /**
   * Judges parts that have ended and are not committed.
   *
   * @param ended their sums, in order
   * @param more whether requests that are planned already come after them
   * @return whether they may be committed; else there is too little to judge by yet
   * @throws CriaException ({@link ExitCode#ENDPOINT}) when they may not
   */
  boolean mayCommit(List<AskedTotals> ended, boolean more) {
    long requests = 0;
    long usable = 0;
    for (AskedTotals totals : ended) {
      requests += totals.requests();
      usable += totals.usable();
    }
    for (int i = seen.size() - 1; i >= 0 && requests < LOOKED_BACK; i--) {
      requests += seen.get(i).requests();
      usable += seen.get(i).usable();
    }
    if (requests == 0 || !isUseless(Math.max(requests, more ? LOOKED_BACK : 0), usable)) {
      return true;
    }
    if (more && requests < LOOKED_BACK) {
      return false;
    }
    throw new CriaException(
        ExitCode.ENDPOINT,
        root
            + ": of the last "
            + requests
            + " requests of "
            + stage
            + " "
            + (requests - usable)
            + " brought no usable text ("
            + words(ended)
            + "): look at the address (with /v1?), the model, the key, the model's thinking mode"
            + " and max tokens, then give the same command again; nothing of it is committed");
  }

  /**
   * @param closes whether the round may be closed without them
   * @throws CriaException ({@link ExitCode#ENDPOINT}) when too many requests of a part are left
   *     without an answer
   */
  void requireAnswered(OpenPart part, AskedTotals totals, boolean closes) {
    long most = Math.max(1, (long) Math.floor(failedShare * totals.requests()));
    long failed = totals.failed();
    if (failed > 0 && (failed > most || failed == totals.requests())) {
      throw new CriaException(
          ExitCode.ENDPOINT,
          root
              + ": "
              + failed
              + " of "
              + totals.requests()
              + " requests of "
              + stage
              + " round "
              + part.part().round()
              + " got no answer ("
              + words(List.of(totals))
              + "): see to the server and give the same command again to ask them anew"
              + (closes ? ", or give --close-round to commit it as it is" : "")
              + " (limits.failedShare is "
              + failedShare
              + ")");
    }
  }

  private static String words(List<AskedTotals> ended) {
    List<String> failures =
        ended.stream()
            .flatMap(totals -> totals.firstFailures().stream())
            .distinct()
            .limit(AskedTotals.FAILURES_TOLD)
            .toList();
    return failures.isEmpty() ? "empty answers" : String.join("; ", failures);
  }
}
