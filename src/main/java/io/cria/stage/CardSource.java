package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.LedgerTable;
import io.cria.ask.Spend;
import io.cria.dataset.CardFacts;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Usage;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Versions;
import io.cria.storage.Manifest;
import io.cria.task.Example;
import io.cria.task.SeededRandom;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Gathers what the dataset card says from manifests, tables and ledger. */
final class CardSource {
  private static final int USD_DIGITS = 6;

  private final RunContext context;
  private final List<Integer> rounds;

  CardSource(RunContext context, List<Integer> rounds) {
    this.context = context;
    this.rounds = rounds;
  }

  CardFacts facts(Dataset<Row> examples) {
    NavigableMap<String, Long> candidates = counts("candidates");
    NavigableMap<String, Long> instances = counts(InstanceStage.TABLE);
    NavigableMap<String, Long> failed = failures(candidates);
    long kept = candidates.getOrDefault("kept", 0L);
    long all = candidates.values().stream().mapToLong(Long::longValue).sum();
    candidates.remove("kept");
    instances.remove("kept");
    failed.keySet().forEach(candidates::remove);
    return new CardFacts(
        context.config().recipe() + " dataset by " + context.config().model(),
        "other",
        languages(),
        amounts(examples, all, kept, failed),
        origin(),
        candidates,
        instances,
        failed,
        cost(),
        "");
  }

  /** What is known of the languages: the English tokenizer is chosen for English. */
  private List<String> languages() {
    return context.config().similarity().tokenizer().equals("rouge-en") ? List.of("en") : List.of();
  }

  /** Rows by reason over all rounds of a table, from the manifests. */
  private NavigableMap<String, Long> counts(String table) {
    NavigableMap<String, Long> sum = new TreeMap<>();
    for (int round : rounds) {
      context
          .run()
          .manifest(RunTables.round(table, round))
          .map(Manifest::counts)
          .orElse(Map.of())
          .forEach((reason, rows) -> sum.merge(reason, rows, Long::sum));
    }
    return sum;
  }

  /** Of the reasons of candidates, those that are a client's outcome. */
  private static NavigableMap<String, Long> failures(NavigableMap<String, Long> candidates) {
    NavigableMap<String, Long> failed = new TreeMap<>();
    for (io.cria.llm.Outcome outcome : io.cria.llm.Outcome.values()) {
      Long count = candidates.get(outcome.word());
      if (count != null) {
        failed.put(outcome.word(), count);
      }
    }
    Long notSent = candidates.get(AnswerReading.NOT_SENT);
    if (notSent != null) {
      failed.put(AnswerReading.NOT_SENT, notSent);
    }
    return failed;
  }

  private CardFacts.Counts amounts(
      Dataset<Row> examples, long all, long kept, NavigableMap<String, Long> failed) {
    long failures = failed.values().stream().mapToLong(Long::longValue).sum();
    long requests =
        rounds.stream()
            .mapToLong(
                round ->
                    context
                        .run()
                        .manifest(RunTables.requests(GeneratePrompts.STAGE, round))
                        .map(Manifest::rows)
                        .orElse(0L))
            .sum();
    return new CardFacts.Counts(
        examples.count(),
        examples.filter(examples.col("source").equalTo(Example.SEED)).count(),
        examples.select("instruction").distinct().count(),
        examples.filter("is_classification").select("instruction").distinct().count(),
        rounds.size(),
        requests - failures,
        all - failures,
        kept);
  }

  private CardFacts.Origin origin() {
    var config = context.config();
    List<Map.Entry<String, String>> software = new ArrayList<>();
    software.add(Map.entry("cria", Versions.cria()));
    software.add(Map.entry("spark", context.spark().version()));
    return new CardFacts.Origin(
        config.recipe(),
        config.model(),
        decoding(),
        context.seeds().size(),
        context.seedsInput().sha256(),
        Prompts.of(context).contentHash(),
        config.similarity().threshold(),
        config.similarity().tokenizer(),
        config.rounds().seed(),
        SeededRandom.VERSION,
        context.identity(),
        software);
  }

  private String decoding() {
    Map<String, Object> shown =
        new TreeMap<>(
            io.cria.llm.RequestKey.decoding(context.config().generate().decoding().decoding(0)));
    shown.remove("seed");
    shown.remove("logit_bias");
    return shown.entrySet().stream()
        .map(e -> e.getKey() + " " + String.valueOf(e.getValue()).replace("\n", "\\n"))
        .collect(java.util.stream.Collectors.joining(", "));
  }

  private CardFacts.Cost cost() {
    Sums won = new Sums(0, 0, 0, BigDecimal.ZERO, 0);
    LedgerTable ledger = new LedgerTable(context);
    for (String stage : new TreeSet<>(List.of("generate", "classify", "instances"))) {
      List<Integer> planned =
          rounds.stream().filter(r -> context.run().exists(RunTables.requests(stage, r))).toList();
      if (!planned.isEmpty()) {
        won =
            won.plus(
                ledger
                    .winners(stage, planned)
                    .values()
                    .map(new Weigh())
                    .fold(new Sums(0, 0, 0, BigDecimal.ZERO, 0), new Add()));
      }
    }
    Spend total = Spend.of(context);
    return new CardFacts.Cost(
        won.requests(),
        won.promptTokens(),
        won.completionTokens(),
        won.unpriced() > 0 ? null : won.usd().setScale(USD_DIGITS, RoundingMode.HALF_UP),
        total.unpriced() > 0 ? null : total.usd().setScale(USD_DIGITS, RoundingMode.HALF_UP));
  }

  /** Sums that do not depend on the order of adding: prices are decimal. */
  private record Sums(
      long requests, long promptTokens, long completionTokens, BigDecimal usd, long unpriced)
      implements java.io.Serializable {
    Sums plus(Sums other) {
      return new Sums(
          requests + other.requests,
          promptTokens + other.promptTokens,
          completionTokens + other.completionTokens,
          usd.add(other.usd),
          unpriced + other.unpriced);
    }
  }

  private static final class Weigh implements Function<String, Sums> {
    private static final long serialVersionUID = 1L;

    @Override
    public Sums call(String line) {
      LedgerRecord record = LedgerRecord.fromLine(line);
      Usage usage = record.usage();
      @Nullable Double usd = record.usd();
      return new Sums(
          1,
          usage == null ? 0 : usage.prompt(),
          usage == null ? 0 : usage.completion(),
          usd == null ? BigDecimal.ZERO : BigDecimal.valueOf(usd),
          usd == null && usage != null ? 1 : 0);
    }
  }

  private static final class Add implements Function2<Sums, Sums, Sums> {
    private static final long serialVersionUID = 1L;

    @Override
    public Sums call(Sums a, Sums b) {
      return a.plus(b);
    }
  }
}
