package io.cria.select;

import static io.cria.similarity.Prefilter.MINHASH_LOSSLESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.cria.run.RunProgress;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.EngineSelector;
import io.cria.similarity.KnownPairs;
import io.cria.similarity.Oracle;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Prefilter;
import io.cria.similarity.RougeL;
import io.cria.similarity.Selector;
import io.cria.storage.RunDirectory;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import io.cria.testing.LocalSpark;
import io.cria.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SparkSelectorTest {
  private static final EngineOptions PUBLISHED = EngineOptions.published();
  private static final SparkSession SPARK = LocalSpark.session();

  /** Seeds, then batches of these sizes until the texts are used up. */
  private static List<Verdict> judged(Selector selector, List<String> texts, int seeds, int batch) {
    List<Instruction> numbered = Oracle.numbered(texts);
    selector.accept(numbered.subList(0, seeds));
    List<Verdict> verdicts = new ArrayList<>();
    for (int from = seeds; from < texts.size(); from += batch) {
      verdicts.addAll(
          selector.select(numbered.subList(from, Math.min(texts.size(), from + batch))));
    }
    return verdicts;
  }

  private static Selector distributed(EngineOptions options) {
    return distributed(options, 0);
  }

  private static Selector distributed(EngineOptions options, int from) {
    return new EngineSelector(new SparkSelector(SPARK, options, from));
  }

  @ParameterizedTest
  @EnumSource(
      value = Prefilter.class,
      names = {"LOSSLESS", "MINHASH_LOSSLESS"})
  void executorsAndDriverTogetherDecideAsThePlainLoop(Prefilter prefilter) {
    List<String> texts = Oracle.corpus(41, 1_500, 50);
    List<Verdict> wanted = Oracle.verdicts(texts, 0.7);
    assertThat(judged(distributed(PUBLISHED.withPrefilter(prefilter)), texts, 0, 300))
        .isEqualTo(wanted);
  }

  @Test
  void aSmallBatchIsProbedOnTheDriverWithTheSameVerdicts() {
    List<String> texts = Oracle.corpus(42, 1_200, 60);
    List<Verdict> wanted = judged(new EngineSelector(PUBLISHED), texts, 100, 350);
    assertThat(judged(distributed(PUBLISHED), texts, 100, 350)).isEqualTo(wanted);
    assertThat(judged(distributed(PUBLISHED, 10_000), texts, 100, 350)).isEqualTo(wanted);
    assertThat(judged(distributed(PUBLISHED, 300), texts, 100, 350)).isEqualTo(wanted);
  }

  @Test
  void anExecutorThatIsNewBuildsItsIndexFromThePool() {
    List<Instruction> texts = Oracle.numbered(Oracle.corpus(43, 2_000, 70));
    Selector engine = new EngineSelector(PUBLISHED);
    Selector selector = distributed(PUBLISHED);
    // more rounds than increments are kept apart
    for (int from = 0; from < texts.size(); from += 80) {
      List<Instruction> batch = texts.subList(from, from + 80);
      assertThat(selector.select(batch)).isEqualTo(engine.select(batch));
      if (from % 400 == 0) {
        ExecutorIndexes.Resident.forgetAll();
      }
    }
  }

  @Test
  void poolsOfSeveralRunsDoNotMeetInAnExecutor() {
    List<Instruction> texts = Oracle.numbered(Oracle.corpus(44, 300, 40));
    List<Selector> selectors =
        List.of(distributed(PUBLISHED), distributed(PUBLISHED), distributed(PUBLISHED));
    Selector engine = new EngineSelector(PUBLISHED);
    for (int from = 0; from < 300; from += 150) {
      List<Instruction> batch = texts.subList(from, from + 150);
      List<Verdict> wanted = engine.select(batch);
      for (Selector selector : selectors) {
        assertThat(selector.select(batch)).isEqualTo(wanted);
      }
    }
  }

  @Test
  void theJoinOnBandsDecidesAsTheEngineWithMinHash() {
    EngineOptions options = PUBLISHED.withPrefilter(Prefilter.MINHASH).withRecall(0.6);
    List<String> texts = Oracle.corpus(45, 1_500, 60);
    List<Verdict> wanted = judged(new EngineSelector(options), texts, 40, 300);
    assertThat(judged(distributed(options), texts, 40, 300)).isEqualTo(wanted);
    assertThat(wanted).isNotEqualTo(judged(new EngineSelector(PUBLISHED), texts, 40, 300));
  }

  @Test
  void theJoinOnBandsFindsOnlyWhatIsSimilar() {
    EngineOptions options = PUBLISHED.withPrefilter(Prefilter.MINHASH);
    List<String> texts = Oracle.corpus(46, 900, 60);
    List<String> pool = texts.subList(0, 600);
    List<String> batch = texts.subList(600, 900);
    LshJoin join = join(options);
    for (int from = 0; from < pool.size(); from += 15) { // more often than it is laid out anew
      join.append(pool.subList(from, from + 15));
    }
    Hits hits = join.probe(batch).pool();
    Tokenizer rouge = Tokenizer.named("rouge-en");
    int similar = 0;
    int found = 0;
    for (int i = 0; i < batch.size(); i++) {
      String text = batch.get(i);
      boolean any = pool.stream().anyMatch(other -> RougeL.f(text, other, rouge) > 0.7);
      similar += any ? 1 : 0;
      if (hits.position(i) != Hits.NONE) {
        found++;
        assertThat(RougeL.f(text, pool.get(hits.position(i)), rouge))
            .isGreaterThan(0.7)
            .isEqualTo(hits.score(i));
      }
    }
    assertThat(similar).isGreaterThan(100);
    assertThat((double) found / similar).isGreaterThanOrEqualTo(0.95).isLessThanOrEqualTo(1);
  }

  @Test
  void theJoinFindsPairsWithinTheBatch() {
    List<String> batch = Oracle.corpus(47, 500, 60);
    KnownPairs pairs = join(PUBLISHED).probe(batch).batch();
    Tokenizer rouge = Tokenizer.named("rouge-en");
    List<List<String>> tokens = batch.stream().map(rouge::tokens).toList();
    int similar = 0;
    for (int later = 0; later < batch.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        similar += RougeL.f(tokens.get(later), tokens.get(earlier)) > 0.7 ? 1 : 0;
      }
    }
    assertThat(similar).isGreaterThan(200);
    assertThat(pairs.size()).isGreaterThan(similar / 2).isLessThanOrEqualTo(similar);
    // what it claims is so: the engine takes it for granted
    assertThat(new PoolIndex(PUBLISHED).select(batch, pairs).survivors())
        .isEqualTo(new PoolIndex(PUBLISHED).select(batch).survivors());
  }

  @Test
  void manyTextsOfOneTemplateMakeFewPairs() {
    List<String> batch = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      batch.add("write a letter to the mayor of the town about the price of item " + i);
    }
    assertThat(join(PUBLISHED).probe(batch).batch().size())
        .isLessThan(1_000 * PUBLISHED.bands().bands() * LshJoin.FIRST_OF_KEY / 4);
    List<String> twice = new ArrayList<>(batch);
    twice.addAll(batch);
    assertThat(judged(distributed(PUBLISHED.withPrefilter(MINHASH_LOSSLESS)), twice, 0, 1_000))
        .isEqualTo(judged(new EngineSelector(PUBLISHED), twice, 0, 1_000));
  }

  @Test
  void aPoolOfOneTemplateIsSearchedInBoundedTime() {
    // all kept by the rule, and all under a few keys
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      StringBuilder text = new StringBuilder("write a long letter to the mayor of this town");
      for (int word = 0; word < 10; word++) {
        text.append(" w").append((i * 31L + word * 7_919L * i) % 100_003);
      }
      texts.add(text.toString());
    }
    EngineOptions options = PUBLISHED.withPrefilter(MINHASH_LOSSLESS);
    Selector distributed = distributed(options);
    Selector engine = new EngineSelector(PUBLISHED);
    List<Verdict> wanted = judged(engine, texts, 0, 3_000);
    assertThat(wanted.stream().filter(Verdict::kept).count()).isGreaterThan(5_000);
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        java.time.Duration.ofMinutes(2),
        () -> assertThat(judged(distributed, texts, 0, 3_000)).isEqualTo(wanted));
  }

  private static LshJoin join(EngineOptions options) {
    return LshJoin.complete(
        org.apache.spark.api.java.JavaSparkContext.fromSparkContext(SPARK.sparkContext()), options);
  }

  @Test
  void anApproximateRunMeasuresItsRecall(@TempDir Path directory) {
    EngineOptions options = PUBLISHED.withPrefilter(Prefilter.MINHASH).withRecall(0.3);
    RunDirectory run =
        RunDirectory.at(directory.toString(), SPARK.sparkContext().hadoopConfiguration());
    Selector measured =
        new MeasuredSelector(new EngineSelector(options), options, run, RunProgress.silent());
    List<String> texts = Oracle.corpus(48, 900, 60);
    List<Verdict> verdicts = judged(measured, texts, 0, 450);
    long dropped = verdicts.stream().filter(verdict -> !verdict.kept()).count();
    long missed = missed(texts, verdicts);
    assertThat(missed).isPositive();
    assertThat(run.text(MeasuredSelector.FILE).orElseThrow())
        .contains("\"prefilter\" : \"minhash\"")
        .contains("\"recall\" : " + (double) dropped / (dropped + missed))
        .contains("\"sampled\" : 900")
        .contains("\"found\" : " + dropped);
  }

  /** Kept texts that are similar to one kept before them. */
  private static long missed(List<String> texts, List<Verdict> verdicts) {
    Tokenizer rouge = Tokenizer.named("rouge-en");
    List<String> kept = new ArrayList<>();
    long missed = 0;
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      if (verdicts.get(i).kept()) {
        missed += kept.stream().anyMatch(other -> RougeL.f(text, other, rouge) > 0.7) ? 1 : 0;
        kept.add(text);
      }
    }
    return missed;
  }
}
