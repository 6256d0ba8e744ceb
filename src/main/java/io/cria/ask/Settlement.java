package io.cria.ask;

import io.cria.llm.FinishReason;
import io.cria.llm.LedgerEntry;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.llm.Winner;
import io.cria.storage.AskedTotals;
import io.cria.storage.LedgerFiles;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a part's requests came to: for each the answer that counts, and the sums over all attempts.
 *
 * @param answers by row; complete
 * @param totals over the part's own segments
 */
record Settlement(List<Answered> answers, AskedTotals totals) {
  Settlement {
    answers = List.copyOf(answers);
  }

  /**
   * Settles a part from what the ledger holds.
   *
   * @param keys of its requests, by row
   * @param scan of all segments that may hold their answers
   * @param closing whether a request without an answer is taken as not sent; else it is an error
   */
  static Settlement of(OpenPart part, List<String> keys, LedgerScan.Result scan, boolean closing) {
    return of(part, keys, scan, winners(scan.seen()), closing);
  }

  /**
   * Settles a part of which a table was made already.
   *
   * @param counted ids of answers that count before all others; what has none was not sent
   */
  static Settlement ofCounted(
      OpenPart part, List<String> keys, LedgerScan.Result scan, Set<String> counted) {
    Map<String, LedgerScan.Seen> winners = winners(scan.seen());
    for (LedgerScan.Seen seen : scan.seen()) {
      LedgerEntry entry = seen.entry();
      if (entry.outcome().isTerminal()
          && counted.contains(Ids.answer(entry.requestKey(), entry.attempt()))) {
        winners.put(entry.requestKey(), seen);
      }
    }
    return of(part, keys, scan, winners, true);
  }

  private static Settlement of(
      OpenPart part,
      List<String> keys,
      LedgerScan.Result scan,
      Map<String, LedgerScan.Seen> winners,
      boolean closing) {
    List<Answered> answers = new ArrayList<>();
    long usable = 0;
    long failed = 0;
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      int row = part.part().firstRow() + i;
      LedgerScan.Seen winner = ended(winners.get(keys.get(i)));
      if (winner == null && !closing) {
        throw gone(keys.get(i));
      }
      Answered answered =
          winner == null ? Answered.notSent(keys.get(i), row) : Answered.of(winner, row);
      answers.add(answered);
      if (winner != null && isUsable(winner.entry())) {
        usable++;
      } else if (winner != null && failures.size() < AskedTotals.FAILURES_TOLD) {
        failures.add(words(answered.outcome(), answered.error()));
      }
      failed += answered.outcome().equals(Outcome.FAILED.word()) ? 1 : 0;
    }
    return new Settlement(
        answers, totals(part, scan, new Ended(keys.size(), usable, failed, failures), answers));
  }

  private static LedgerScan.@Nullable Seen ended(LedgerScan.@Nullable Seen best) {
    return best != null && best.entry().outcome().isTerminal() ? best : null;
  }

  private record Ended(long requests, long usable, long failed, List<String> failures) {}

  /** The best line of each request. */
  static Map<String, LedgerScan.Seen> winners(List<LedgerScan.Seen> lines) {
    Map<String, LedgerScan.Seen> winners = new HashMap<>();
    for (LedgerScan.Seen seen : lines) {
      winners.merge(seen.entry().requestKey(), seen, Settlement::better);
    }
    return winners;
  }

  private static LedgerScan.Seen better(LedgerScan.Seen a, LedgerScan.Seen b) {
    return Winner.ORDER.compare(a.entry(), b.entry()) <= 0 ? a : b;
  }

  /** Whether an answer brought a text that a parser may read. */
  static boolean isUsable(LedgerEntry entry) {
    return entry.hasUsableText()
        && (entry.outcome() == Outcome.OK
            || (entry.outcome() == Outcome.TERMINAL_PAID
                && FinishReason.isCut(entry.finishReason())));
  }

  /** Whether a record holds an answer that the parsers know: whole, or cut by the token limit. */
  static boolean isWhole(LedgerRecord record) {
    return record.outcome() == Outcome.OK
        || (record.outcome() == Outcome.TERMINAL_PAID && FinishReason.isCut(record.finishReason()));
  }

  private static String words(String outcome, @Nullable String error) {
    return outcome + ": " + (error == null ? "no text" : error);
  }

  private static CriaException gone(String key) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        "request "
            + key
            + " has no answer in the ledger any more: a segment was removed; give the command"
            + " again to ask it anew");
  }

  /** Only what lies in the part's own segments: others are summed where they belong. */
  private static AskedTotals totals(
      OpenPart part, LedgerScan.Result scan, Ended ended, List<Answered> answers) {
    Sum sum = new Sum();
    for (LedgerScan.Seen seen : scan.seen()) {
      if (isOwn(part, seen.segment())) {
        sum.add(seen.entry());
      }
    }
    return new AskedTotals(
        ended.requests(),
        ended.usable(),
        ended.failed(),
        sum.attempts,
        sum.suspectedPaid,
        sum.promptTokens,
        sum.cachedTokens,
        sum.completionTokens,
        sum.usd,
        sum.unpriced,
        sum.unsure(),
        sum.outcomes,
        won(answers),
        scan.segments().stream().filter(segment -> isOwn(part, segment.name())).toList(),
        ended.failures(),
        scan.damage().stream()
            .filter(line -> line.contains(LedgerFiles.prefix(part.part().number())))
            .toList());
  }

  private static boolean isOwn(OpenPart part, String segment) {
    return new LedgerFiles.Found(segment, 0).isOf(part.part().number());
  }

  private static AskedTotals.Won won(List<Answered> answers) {
    AskedTotals.Won won = AskedTotals.Won.NONE;
    for (Answered answered : answers) {
      if (answered.isSent()) {
        Usage usage = answered.usage();
        Double usd = answered.usd();
        won =
            won.plus(
                new AskedTotals.Won(
                    1,
                    usage == null ? 0 : usage.prompt(),
                    usage == null ? 0 : usage.completion(),
                    usd == null ? BigDecimal.ZERO : BigDecimal.valueOf(usd),
                    usd == null && usage != null ? 1 : 0));
      }
    }
    return won;
  }

  /** Sums over ledger lines. */
  static final class Sum {
    long attempts;
    long suspectedPaid;
    long promptTokens;
    long cachedTokens;
    long completionTokens;
    BigDecimal usd = BigDecimal.ZERO;
    long unpriced;
    long unpricedPrompt;
    long unpricedCompletion;
    long reservedTokens;
    BigDecimal reservedUsd = BigDecimal.ZERO;
    long usable;
    final Map<String, Long> outcomes = new TreeMap<>();

    /** Words of the first that ended without a text, or stopped the job. */
    final List<String> failures = new ArrayList<>();

    /** What it takes of caps, as far as prices are known. */
    Amount taken() {
      return new Amount(
          attempts,
          promptTokens + completionTokens + reservedTokens,
          Amount.nanoUsd(usd.add(reservedUsd)));
    }

    AskedTotals.Unsure unsure() {
      return new AskedTotals.Unsure(
          reservedTokens, reservedUsd, unpricedPrompt, unpricedCompletion);
    }

    void add(LedgerEntry entry) {
      attempts++;
      boolean ended = entry.outcome().isTerminal() || entry.outcome() == Outcome.STOP_JOB;
      if (ended && !isUsable(entry) && failures.size() < AskedTotals.FAILURES_TOLD) {
        failures.add(words(entry.outcome().word(), entry.error()));
      }
      outcomes.merge(entry.outcome().word(), 1L, Long::sum);
      suspectedPaid += entry.suspectedPaid() ? 1 : 0;
      usable += isUsable(entry) ? 1 : 0;
      Double price = entry.usd();
      if (price != null) {
        usd = usd.add(BigDecimal.valueOf(price));
      }
      Amount reserved = entry.reserved();
      if (reserved != null) {
        reservedTokens += reserved.tokens();
        reservedUsd = reservedUsd.add(reserved.usd());
      }
      @Nullable Usage usage = entry.usage();
      if (usage != null) {
        if (price == null) {
          unpriced++;
          unpricedPrompt += usage.prompt();
          unpricedCompletion += usage.completion();
        }
        promptTokens += usage.prompt();
        cachedTokens += usage.cached();
        completionTokens += usage.completion();
      }
    }
  }
}
