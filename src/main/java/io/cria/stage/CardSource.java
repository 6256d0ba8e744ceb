package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.Spend;
import io.cria.dataset.CardFacts;
import io.cria.filter.Translationese;
import io.cria.run.ExampleStatistics;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.TableDeclaration;
import io.cria.run.Versions;
import io.cria.storage.AskedTotals;
import io.cria.storage.Manifest;
import io.cria.task.DatasetStatistics;
import io.cria.task.Example;
import io.cria.task.SeededRandom;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Gathers what the dataset card says from manifests, tables and ledger. */
final class CardSource {
  private static final int USD_DIGITS = 6;
  private static final String KOREAN = "ko";

  private final RunContext context;
  private final List<Integer> rounds;
  private final CardFacts.Judged judged;

  CardSource(RunContext context, List<Integer> rounds, CardFacts.Judged judged) {
    this.context = context;
    this.judged = judged;
    this.rounds = rounds;
  }

  CardFacts facts(Dataset<Row> examples) {
    NavigableMap<String, Long> candidates = counts(Line.GENERATE.table());
    NavigableMap<String, Long> instances = counts(Line.INSTANCES.table());
    NavigableMap<String, Long> failed = failures(candidates);
    long kept = candidates.getOrDefault("kept", 0L);
    long all = candidates.values().stream().mapToLong(Long::longValue).sum();
    candidates.remove("kept");
    instances.remove("kept");
    failed.keySet().forEach(candidates::remove);
    DatasetStatistics statistics = ExampleStatistics.of(examples);
    return new CardFacts(
        title(),
        languages(),
        amounts(examples, statistics, all, kept, failed),
        statistics,
        origin(),
        candidates,
        instances,
        failed,
        cost(),
        context.config().terms(),
        judged,
        translationese(examples));
  }

  /** What the dataset is called. */
  String title() {
    return context.config().recipe() + " dataset by " + context.config().model();
  }

  /**
   * What the run file says of the languages; else what is known: the English tokenizer is chosen
   * for English.
   */
  List<String> languages() {
    List<String> languages = context.config().languages();
    if (languages != null) {
      return languages;
    }
    String language = context.config().language();
    if (language != null) {
      return List.of(language);
    }
    return context.config().similarity().tokenizer().equals("rouge-en") ? List.of("en") : List.of();
  }

  /** Of Korean examples, how many have each mark of translation; none for other languages. */
  private NavigableMap<String, Long> translationese(Dataset<Row> examples) {
    NavigableMap<String, Long> counts = new TreeMap<>();
    if (!KOREAN.equals(context.config().language())) {
      return counts;
    }
    Translationese.names().forEach(name -> counts.put(name, 0L));
    examples
        .select("instruction", "output")
        .flatMap(new Marks(), Encoders.STRING())
        .toDF("mark")
        .groupBy("mark")
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    return counts;
  }

  /** The marks of one example. */
  private static final class Marks implements FlatMapFunction<Row, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<String> call(Row example) {
      return Translationese.marks(example.getString(0) + "\n" + example.getString(1)).iterator();
    }
  }

  /** Rows by reason over all rounds of a table, from the manifests. */
  private NavigableMap<String, Long> counts(TableDeclaration table) {
    NavigableMap<String, Long> sum = new TreeMap<>();
    for (int round : rounds) {
      for (Manifest part : RunTables.committed(context.run(), table.round(round))) {
        part.counts().forEach((reason, rows) -> sum.merge(reason, rows, Long::sum));
      }
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
      Dataset<Row> examples,
      DatasetStatistics statistics,
      long all,
      long kept,
      NavigableMap<String, Long> failed) {
    long failures = failed.values().stream().mapToLong(Long::longValue).sum();
    long requests =
        rounds.stream().mapToLong(r -> Planning.planned(context, Line.GENERATE, r)).sum();
    return new CardFacts.Counts(
        statistics.instances(),
        examples.filter(examples.col("source").equalTo(Example.SEED)).count(),
        statistics.instructions(),
        statistics.classification(),
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

  /** That of the answers that count, and beside it that of all attempts. */
  private CardFacts.Cost cost() {
    AskedTotals.Won won = AskedTotals.Won.NONE;
    for (Manifest part : Spend.committed(context.run())) {
      AskedTotals asked = part.asked();
      won = asked == null ? won : won.plus(asked.won());
    }
    Spend total = Spend.of(context.run());
    return new CardFacts.Cost(
        won.answers(),
        won.promptTokens(),
        won.completionTokens(),
        won.unpriced() > 0 ? null : won.usd().setScale(USD_DIGITS, RoundingMode.HALF_UP),
        total.unpriced() > 0 ? null : total.usd().setScale(USD_DIGITS, RoundingMode.HALF_UP));
  }
}
