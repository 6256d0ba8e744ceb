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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

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
  /** Nothing was asked. */
  private static final Spend NONE =
      new Spend(
          0,
          BigDecimal.ZERO,
          0,
          0,
          AskedTotals.Unsure.NONE,
          0,
          0,
          0,
          Map.of(),
          List.of(),
          List.of());

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
  Amount taken(Prices prices, String model, LocalDate day) {
    return taken(records, promptTokens + completionTokens, usd, unsure, prices.entry(model, day));
  }

  /** The same of any sums. */
  static Amount taken(
      long attempts,
      long tokens,
      BigDecimal usd,
      AskedTotals.Unsure unsure,
      Optional<Prices.Entry> price) {
    BigDecimal later =
        price
            .map(known -> known.usd(unsure.promptTokens(), unsure.completionTokens()))
            .orElse(BigDecimal.ZERO);
    return new Amount(
        attempts, tokens + unsure.tokens(), Amount.nanoUsd(usd.add(unsure.usd()).add(later)));
  }

  /** Of a run as it stands; what is not blank counts as a text. */
  public static Spend of(RunDirectory run) {
    return total(byStage(run));
  }

  /** Of the stages together. */
  public static Spend total(Map<String, Spend> stages) {
    return stages.values().stream().reduce(NONE, Spend::plus);
  }

  /** Of each stage that has asked anything, in the order of the line. */
  public static Map<String, Spend> byStage(RunDirectory run) {
    return byStage(run, text -> !text.isBlank());
  }

  /**
   * The same.
   *
   * @param usable what counts as a text
   */
  static Map<String, Spend> byStage(RunDirectory run, Predicate<String> usable) {
    Map<String, Spend> stages = new LinkedHashMap<>();
    for (String stage : stages(run)) {
      Spend spend = of(run, stage, usable);
      if (!spend.equals(NONE)) {
        stages.put(stage, spend);
      }
    }
    return stages;
  }

  /** Those of the line, and whatever else has a ledger. */
  private static Set<String> stages(RunDirectory run) {
    Set<String> names = new LinkedHashSet<>();
    RunTables.asked(run).forEach(stage -> names.add(stage.name()));
    names.addAll(LedgerFiles.stages(run));
    return names;
  }

  private static Spend of(RunDirectory run, String stage, Predicate<String> usable) {
    AskedTotals sum = AskedTotals.NONE;
    Map<String, Long> summed = new HashMap<>();
    for (Manifest part : readable(run, stage)) {
      AskedTotals asked = part.asked();
      if (asked != null) {
        sum = sum.plus(asked);
        asked.segments().forEach(segment -> summed.put(segment.name(), segment.bytes()));
      }
    }
    Settlement.Sum open = new Settlement.Sum();
    List<String> damage = new ArrayList<>(sum.damage());
    for (LedgerFiles.Found segment : LedgerFiles.segments(run, stage)) {
      Long read = summed.get(segment.path());
      // a file that a killed writer left open may be listed with less than can be read of it
      if (read == null || segment.bytes() > read) {
        LedgerScan.rest(run, segment, read == null ? 0 : read, usable, open::add, damage);
      }
    }
    return of(sum, damage).plus(of(open));
  }

  private static Spend of(AskedTotals sum, List<String> damage) {
    return new Spend(
        sum.attempts(),
        sum.usd(),
        sum.unpriced(),
        sum.suspectedPaid(),
        sum.unsure(),
        sum.promptTokens(),
        sum.completionTokens(),
        sum.usable(),
        sum.outcomes(),
        sum.firstFailures(),
        damage);
  }

  private static Spend of(Settlement.Sum open) {
    return new Spend(
        open.attempts,
        open.usd,
        open.unpriced,
        open.suspectedPaid,
        open.unsure(),
        open.promptTokens,
        open.completionTokens,
        open.usable,
        open.outcomes,
        open.failures,
        List.of());
  }

  private Spend plus(Spend other) {
    Map<String, Long> both = new TreeMap<>(outcomes);
    other.outcomes.forEach((word, count) -> both.merge(word, count, Long::sum));
    return new Spend(
        records + other.records,
        usd.add(other.usd),
        unpriced + other.unpriced,
        suspectedPaid + other.suspectedPaid,
        unsure.plus(other.unsure),
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        usable + other.usable,
        both,
        joined(failures, other.failures).distinct().limit(AskedTotals.FAILURES_TOLD).toList(),
        joined(damage, other.damage).toList());
  }

  private static Stream<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream());
  }

  /**
   * How many requests of a round have come to an end: those of its committed parts, and what the
   * ledger has of the others.
   */
  public static long answered(RunDirectory run, StageDeclaration stage, int round) {
    long committed = 0;
    Set<String> settled = new HashSet<>();
    for (Manifest part : RunTables.committed(run, stage.answers(round))) {
      AskedTotals asked = part.asked();
      if (asked != null) {
        committed += asked.requests();
        asked.segments().forEach(segment -> settled.add(LedgerFiles.partOf(segment.name())));
      }
    }
    Set<String> answered = new HashSet<>();
    for (LedgerFiles.Found segment : LedgerFiles.segments(run, stage.name(), round)) {
      if (!settled.contains(LedgerFiles.partOf(segment.name()))) {
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
    }
    return committed + answered.size();
  }

  /** What of it can be read: of the rest the ledger tells, and the table is told as damaged. */
  private static List<Manifest> readable(RunDirectory run, String stage) {
    List<Manifest> parts = new ArrayList<>();
    for (int round : RunTables.rounds(run, Line.ANSWERS, stage)) {
      try {
        parts.addAll(RunTables.committed(run, Line.ANSWERS.round(stage, round)));
      } catch (CriaException e) {
        System.getLogger(Spend.class.getName())
            .log(System.Logger.Level.DEBUG, "summed from the ledger: {0}", e.getMessage());
      }
    }
    return parts;
  }

  /** The committed parts of the table of answers, stage by stage, round by round. */
  public static List<Manifest> committed(RunDirectory run) {
    List<Manifest> parts = new ArrayList<>();
    for (StageDeclaration stage : RunTables.asked(run)) {
      for (int round : RunTables.rounds(run, Line.ANSWERS, stage.name())) {
        parts.addAll(RunTables.committed(run, stage.answers(round)));
      }
    }
    return parts;
  }
}
