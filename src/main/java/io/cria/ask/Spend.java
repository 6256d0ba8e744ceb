package io.cria.ask;

import io.cria.llm.LedgerRecord;
import io.cria.run.RunContext;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run has asked and paid, summed over its ledger: every attempt counts, also those whose
 * answer was lost or superseded.
 *
 * @param records attempts in the ledger
 * @param usd sum of the known prices
 * @param unpriced answers without a known price
 * @param suspectedPaid attempts without an answer that the provider may have billed
 * @param promptTokens tokens sent
 * @param completionTokens tokens generated
 * @param outcomes attempts by outcome
 * @param damage torn or damaged lines, each with its place
 */
public record Spend(
    long records,
    BigDecimal usd,
    long unpriced,
    long suspectedPaid,
    long promptTokens,
    long completionTokens,
    Map<String, Long> outcomes,
    List<String> damage) {
  public Spend {
    outcomes = new TreeMap<>(outcomes);
    damage = List.copyOf(damage);
  }

  public static Spend of(RunContext context) {
    return of(context.run());
  }

  /** Reads the whole ledger in this process. */
  public static Spend of(RunDirectory run) {
    Sum sum = new Sum();
    sum.read(run, LedgerFiles.segments(run));
    return sum.total();
  }

  private static final class Sum {
    private long records;
    private BigDecimal usd = BigDecimal.ZERO;
    private long unpriced;
    private long suspectedPaid;
    private long promptTokens;
    private long completionTokens;
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final List<String> damage = new ArrayList<>();

    void read(RunDirectory run, List<String> segments) {
      for (String segment : segments) {
        var report = LedgerTable.read(run, segment, this::add);
        report.torn().forEach(where -> damage.add("torn last line, ignored: " + where));
        damage.addAll(report.corrupt());
      }
    }

    private void add(LedgerRecord record) {
      records++;
      outcomes.merge(record.outcome().word(), 1L, Long::sum);
      suspectedPaid += record.suspectedPaid() ? 1 : 0;
      Double price = record.usd();
      if (price != null) {
        usd = usd.add(BigDecimal.valueOf(price));
      }
      var usage = record.usage();
      if (usage != null) {
        unpriced += price == null ? 1 : 0;
        promptTokens += usage.prompt();
        completionTokens += usage.completion();
      }
    }

    Spend total() {
      return new Spend(
          records, usd, unpriced, suspectedPaid, promptTokens, completionTokens, outcomes, damage);
    }
  }
}
