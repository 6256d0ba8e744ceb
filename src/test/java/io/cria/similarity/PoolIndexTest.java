package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.SeededRandom;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class PoolIndexTest {
  private static final Tokenizer ROUGE = Tokenizer.named("rouge-en");
  static final List<String> FILES = Corpora.FILES;

  @ParameterizedTest
  @FieldSource("FILES")
  void decidesRealTextsAsThePlainLoop(String file) {
    List<String> texts = Corpora.real(file);
    List<NaiveRule.Decision> wanted = new NaiveRule(ROUGE, 0.7).select(texts);
    for (int hot : new int[] {3, 2_000}) {
      Selection selection =
          new PoolIndex(EngineOptions.published().withHotFrequency(hot).withThreads(2))
              .select(texts);
      assertThat(NaiveRule.firstDifference(wanted, selection)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 500, 2, 0, 12",
    "2, 500, 5, 1, 20",
    "3, 400, 12, 3, 30",
    "4, 600, 42, 0, 8",
    "5, 120, 9, 40, 200",
    "6, 40, 6, 150, 700",
    "7, 400, 30, 8, 24",
    "8, 400, 200, 8, 24",
    "9, 60, 100, 140, 190",
    "10, 300, 60, 14, 75",
    "11, 150, 40, 50, 110"
  })
  void decidesTinyVocabulariesAsThePlainLoop(
      long seed, int count, int vocabulary, int least, int most) {
    List<String> texts = Corpora.tiny(seed, count, vocabulary, least, most);
    for (double threshold : new double[] {0.7, 0.31, 0.5, 0.85, 1.0}) {
      List<NaiveRule.Decision> wanted = new NaiveRule(ROUGE, threshold).select(texts);
      for (int hot : new int[] {0, 4, 40, 1_000_000}) {
        EngineOptions options =
            EngineOptions.of(ROUGE, threshold).withHotFrequency(hot).withChunk(64);
        Selection selection = new PoolIndex(options).select(texts);
        assertThat(NaiveRule.firstDifference(wanted, selection))
            .as("threshold %s hot %d", threshold, hot)
            .isEmpty();
        Selection decided = new PoolIndex(options).decide(texts);
        for (int i = 0; i < texts.size(); i++) {
          assertThat(decided.survives(i)).isEqualTo(wanted.get(i).neighbour() < 0);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0.7, 1", "0.7, 2", "0.5, 3", "0.9, 4"})
  void decidesAsThePlainLoopWhenTextsGrowTooLongForPairKeysOnTheWay(double threshold, long seed) {
    List<String> texts = new ArrayList<>(Corpora.tiny(seed, 400, 40, 4, 14));
    texts.addAll(Corpora.tiny(seed + 10, 60, 60, 100, 160));
    texts.addAll(Corpora.tiny(seed + 20, 150, 40, 15, 90));
    texts.addAll(Corpora.tiny(seed + 30, 200, 20, 3, 45));
    List<NaiveRule.Decision> wanted = new NaiveRule(ROUGE, threshold).select(texts);
    for (int hot : new int[] {0, 5}) {
      PoolIndex index =
          new PoolIndex(EngineOptions.of(ROUGE, threshold).withHotFrequency(hot).withChunk(16));
      for (int from = 0; from < texts.size(); from += 30) {
        int to = Math.min(texts.size(), from + 30);
        Selection part = index.select(texts.subList(from, to));
        assertThat(NaiveRule.firstDifference(wanted.subList(from, to), part))
            .as("hot %d, texts from %d", hot, from)
            .isEmpty();
      }
    }
  }

  @Test
  void decidesEveryTieAtSevenTenthsAsTheDouble() {
    // LCS = L exactly: L shared words, then words of its own on either side.
    List<String> shared = Corpora.words("s", 300);
    List<String> left = Corpora.words("l", 300);
    List<String> right = Corpora.words("r", 300);
    for (int m = 1; m <= 300; m++) {
      for (int n = m; n <= 300; n++) {
        int lcs = 7 * (m + n) / 20;
        if (7 * (m + n) % 20 != 0 || lcs > m) {
          continue;
        }
        String a = text(shared.subList(0, lcs), left.subList(0, m - lcs));
        String b = text(shared.subList(0, lcs), right.subList(0, n - lcs));
        Selection selection = new PoolIndex(EngineOptions.published()).select(List.of(a, b));
        double score = NaiveRule.score(lcs, m, n);
        assertThat(selection.survives(1)).as("%d of %d, %d", lcs, m, n).isEqualTo(!(score > 0.7));
      }
    }
  }

  private static String text(List<String> first, List<String> second) {
    return String.join(" ", first) + " " + String.join(" ", second);
  }

  @Test
  void threadsChunksBatchesAndSeedsInThePoolChangeNothing() {
    List<String> texts = Corpora.tiny(11, 4_000, 60, 4, 14);
    Selection whole = new PoolIndex(EngineOptions.published()).select(texts);
    SeededRandom random = new SeededRandom(3);
    for (int threads = 1; threads <= 5; threads += 2) {
      for (int chunk : new int[] {1, 7, 300, 100_000}) {
        PoolIndex index =
            new PoolIndex(
                EngineOptions.published()
                    .withThreads(threads)
                    .withChunk(chunk)
                    .withHotFrequency(20));
        for (int from = 0; from < texts.size(); ) {
          int to = Math.min(texts.size(), from + 1 + random.nextInt(1_500));
          Selection part = index.select(texts.subList(from, to));
          for (int i = from; i < to; i++) {
            assertThat(part.neighbour(i - from)).isEqualTo(whole.neighbour(i));
            assertThat(Double.compare(part.score(i - from), whole.score(i))).isZero();
          }
          from = to;
        }
        assertThat(index.size()).isEqualTo(whole.survivors());
      }
    }
  }

  @Test
  void keepsWhatThePublishedRuleKeepsOfTheRealMixture() {
    List<String> texts = RealMixture.texts();
    assertThat(texts).hasSize(45_266);
    Selection selection = new PoolIndex(EngineOptions.published().withThreads(2)).select(texts);
    assertThat(selection.survivors()).isEqualTo(26_684);
    assertThat(new PoolIndex(EngineOptions.published()).decide(texts).survivors())
        .isEqualTo(26_684);
  }
}
