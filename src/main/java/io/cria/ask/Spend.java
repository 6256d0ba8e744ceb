package io.cria.ask;

import io.cria.llm.Outcome;
import io.cria.llm.Prices;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.AskedTotals;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a run has asked and paid: every attempt counts, also those whose answer was lost or
 * superseded. Summed over the manifests of committed parts; of the ledger itself only what no
 * committed part has summed is read.
 *
 * @param records attempts in the ledger
 * @param usd sum of the known prices
 * @param unpriced answers without a known price
 * @param suspectedPaid attempts without an answer that the provider may have billed
 * @param unsure what is not known for sure, as it counts against caps
 * @param promptTokens tokens sent
 * @param completionTokens tokens generated
 * @param usable answers that brought a text
 * @param outcomes attempts by outcome
 * @param failures the server's own words for the first requests that brought nothing
 * @param damage torn or damaged lines, each with its place
 */
public record Spend(
    long records,
    BigDecimal usd,
    long unpriced,
    long suspectedPaid,
    AskedTotals.Unsure unsure,
    long promptTokens,
    long completionTokens,
    long usable,
    Map<String, Long> outcomes,
    List<String> failures,
    List<String> damage) {
  public Spend {
    // a status of 0.2.0 has none
    unsure = unsure == null ? AskedTotals.Unsure.NONE : unsure;
    outcomes = new TreeMap<>(outcomes);
    failures = List.copyOf(failures);
    damage = List.copyOf(damage);
  }

  /** Whether the endpoint ever answered anything but a failure of its own. */
  boolean isAnswered() {
    return outcomes.keySet().stream()
        .anyMatch(
            word ->
                !word.equals(Outcome.RETRY_TRANSIENT.word())
                    && !word.equals(Outcome.STOP_JOB.word())
                    && !word.equals(Outcome.FAILED.word()));
  }

  /**
   * What of the caps it has taken: of attempts of which it is not known what was billed, all that
   * they may have cost.
   *
   * @param prices by which answers count that were kept without a price
   * @param model asked
   */
  public Amount taken(Prices prices, String model, LocalDate day) {
    BigDecimal dollars = usd.add(unsure.usd());
    Prices.Entry price = prices.entry(model, day).orElse(null);
    if (price != null) {
      dollars = dollars.add(price.usd(unsure.promptTokens(), unsure.completionTokens()));
    }
    return new Amount(
        records, promptTokens + completionTokens + unsure.tokens(), Amount.nanoUsd(dollars));
  }

  /** Of a run as it stands; what is not blank counts as a text. */
  public static Spend of(RunDirectory run) {
    return of(run, text -> !text.isBlank());
  }

  /**
   * Of a run as it stands.
   *
   * @param usable what counts as a text
   */
  static Spend of(RunDirectory run, Predicate<String> usable) {
    AskedTotals sum = AskedTotals.NONE;
    Map<String, Long> summed = new HashMap<>();
    for (Manifest part : readable(run)) {
      AskedTotals asked = part.asked();
      if (asked != null) {
        sum = sum.plus(asked);
        asked.segments().forEach(segment -> summed.put(segment.name(), segment.bytes()));
      }
    }
    Settlement.Sum open = new Settlement.Sum();
    List<String> damage = new ArrayList<>(sum.damage());
    for (LedgerFiles.Found segment : LedgerFiles.segments(run)) {
      Long read = summed.get(segment.path());
      // a file that a killed writer left open may be listed with less than can be read of it
      if (read == null || segment.bytes() > read) {
        LedgerScan.rest(run, segment, read == null ? 0 : read, usable, open::add, damage);
      }
    }
    Map<String, Long> outcomes = new TreeMap<>(sum.outcomes());
    open.outcomes.forEach((word, count) -> outcomes.merge(word, count, Long::sum));
    return new Spend(
        sum.attempts() + open.attempts,
        sum.usd().add(open.usd),
        sum.unpriced() + open.unpriced,
        sum.suspectedPaid() + open.suspectedPaid,
        sum.unsure().plus(open.unsure()),
        sum.promptTokens() + open.promptTokens,
        sum.completionTokens() + open.completionTokens,
        sum.usable() + open.usable,
        outcomes,
        told(sum.firstFailures(), open.failures),
        damage);
  }

  private static List<String> told(List<String> committed, List<String> open) {
    List<String> all = new ArrayList<>(committed);
    all.addAll(open);
    return all.stream().distinct().limit(AskedTotals.FAILURES_TOLD).toList();
  }

  /** How many requests of a round have come to an end, by the ledger. */
  public static long answered(RunDirectory run, StageDeclaration stage, int round) {
    Set<String> answered = new HashSet<>();
    for (LedgerFiles.Found segment : LedgerFiles.segments(run, stage.name(), round)) {
      LedgerScan.rest(
          run,
          segment,
          0,
          text -> !text.isBlank(),
          entry -> {
            if (entry.outcome().isTerminal()) {
              answered.add(entry.requestKey());
            }
          },
          new ArrayList<>());
    }
    return answered.size();
  }

  /** What of it can be read: of the rest the ledger tells, and the table is told as damaged. */
  private static List<Manifest> readable(RunDirectory run) {
    List<Manifest> parts = new ArrayList<>();
    for (StageDeclaration stage : Line.asking().toList()) {
      for (int round : RunTables.rounds(run, Line.ANSWERS, stage.name())) {
        try {
          parts.addAll(RunTables.committed(run, stage.answers(round)));
        } catch (CriaException e) {
          System.getLogger(Spend.class.getName())
              .log(System.Logger.Level.DEBUG, "summed from the ledger: {0}", e.getMessage());
        }
      }
    }
    return parts;
  }

  /** The committed parts of the table of answers, stage by stage, round by round. */
  public static List<Manifest> committed(RunDirectory run) {
    List<Manifest> parts = new ArrayList<>();
    for (StageDeclaration stage : Line.asking().toList()) {
      for (int round : RunTables.rounds(run, Line.ANSWERS, stage.name())) {
        parts.addAll(RunTables.committed(run, stage.answers(round)));
      }
    }
    return parts;
  }
}
