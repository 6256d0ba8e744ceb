package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MinHashTest {
  private static final Tokenizer ROUGE = Tokenizer.named("rouge-en");

  @Test
  void theEstimateIsNearTheJaccardSimilarityOfTokenOccurrences() {
    MinHash minHash = MinHash.unigrams(4_000);
    List<String> texts = Corpora.tiny(31, 60, 15, 3, 20);
    for (String a : texts) {
      for (String b : texts.subList(0, 10)) {
        List<String> x = ROUGE.tokens(a);
        List<String> y = ROUGE.tokens(b);
        assertThat(MinHash.jaccard(minHash.signature(x), minHash.signature(y)))
            .isCloseTo(jaccard(x, y), within(0.05));
      }
    }
  }

  private static double jaccard(List<String> x, List<String> y) {
    Map<String, Integer> left = new HashMap<>();
    x.forEach(token -> left.merge(token, 1, Integer::sum));
    int both = 0;
    for (String token : y) {
      if (left.merge(token, -1, Integer::sum) >= 0) {
        both++;
      }
    }
    return x.size() + y.size() == 0 ? 0 : (double) both / (x.size() + y.size() - both);
  }

  @Test
  void pairsAboveTheThresholdHaveAtLeastItsJaccardSimilarity() {
    for (double threshold : new double[] {0.4, 0.7, 0.9}) {
      List<List<String>> texts =
          Corpora.tiny(32, 300, 4, 1, 25).stream().map(ROUGE::tokens).toList();
      int similar = 0;
      for (List<String> a : texts) {
        for (List<String> b : texts) {
          if (RougeL.f(a, b) > threshold) {
            similar++;
            assertThat(jaccard(a, b)).isGreaterThanOrEqualTo(MinHash.jaccardAt(threshold) - 1e-12);
          }
        }
      }
      assertThat(similar).isGreaterThan(500);
    }
    assertThat(MinHash.jaccardAt(0.7)).isCloseTo(0.538, within(0.001));
  }

  @Test
  void textsWithoutTokensResembleNothing() {
    MinHash minHash = MinHash.unigrams(8);
    int[] empty = minHash.signature(List.of());
    assertThat(empty).containsOnly(MinHash.EMPTY);
    assertThat(MinHash.jaccard(empty, empty)).isZero();
    assertThat(new LshBands(2, 4).keys(empty)).isEmpty();
  }

  @Test
  void nGramsCompareRunsOfTokens() {
    MinHash minHash = MinHash.ngrams(2_000, 3);
    int[] text = minHash.signature(List.of("a", "b", "c", "d", "e"));
    assertThat(MinHash.jaccard(text, minHash.signature(List.of("a", "b", "c", "d", "f"))))
        .isCloseTo(0.5, within(0.06));
    assertThat(MinHash.jaccard(text, minHash.signature(List.of("e", "d", "c", "b", "a")))).isZero();
    assertThat(
            MinHash.jaccard(
                minHash.signature(List.of("a", "b")), minHash.signature(List.of("a", "b"))))
        .isEqualTo(1);
  }

  @Test
  void signaturesAreTheSameOnEveryMachine() {
    assertThat(MinHash.unigrams(3).signature(List.of("write", "a", "story")))
        .containsExactly(SIGNATURE);
    assertThat(MinHash.unigrams(2).signature(List.of("write", "a", "story")))
        .containsExactly(SIGNATURE[0], SIGNATURE[1]);
  }

  private static final int[] SIGNATURE = {-2_147_006_367, -1_757_142_013, -157_903_612};

  @Test
  void signaturesOfDifferentLengthsAreNotCompared() {
    assertThatThrownBy(() -> MinHash.jaccard(new int[3], new int[4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 and 4");
  }

  @ParameterizedTest
  @CsvSource({"32, 4, 0.54", "32, 4, 0.7", "20, 5, 0.6", "8, 2, 0.3", "64, 3, 0.4"})
  void theSCurveHoldsForSimulatedPairs(int bands, int rows, double similarity) {
    LshBands lsh = new LshBands(bands, rows);
    MinHash minHash = MinHash.unigrams(lsh.functions());
    SeededRandom random = new SeededRandom(bands);
    int pairs = 1_500;
    int found = 0;
    int shared = (int) Math.round(similarity * 100);
    for (int i = 0; i < pairs; i++) {
      // 100 distinct elements in the union, `shared` of them in both
      List<String> a = new ArrayList<>();
      List<String> b = new ArrayList<>();
      for (int e = 0; e < 100; e++) {
        String element = Long.toHexString(random.nextLong());
        if (e < shared || e % 2 == 0) {
          a.add(element);
        }
        if (e < shared || e % 2 == 1) {
          b.add(element);
        }
      }
      long[] left = lsh.keys(minHash.signature(a));
      long[] right = lsh.keys(minHash.signature(b));
      boolean candidate = false;
      for (int band = 0; band < bands; band++) {
        candidate |= left[band] == right[band];
      }
      found += candidate ? 1 : 0;
    }
    double expected = lsh.recall(similarity);
    double error = Math.sqrt(expected * (1 - expected) / pairs);
    assertThat((double) found / pairs).isCloseTo(expected, within(4 * error + 0.002));
  }

  @Test
  void bandsAreTheMostSelectiveThatReachTheRecall() {
    LshBands bands = LshBands.forRecall(MinHash.jaccardAt(0.7), 0.95, 256);
    assertThat(bands).isEqualTo(new LshBands(35, 4));
    assertThat(bands.recall(MinHash.jaccardAt(0.7))).isGreaterThanOrEqualTo(0.95);
    assertThat(new LshBands(34, 4).recall(MinHash.jaccardAt(0.7))).isLessThan(0.95);
    assertThat(bands.recall(1)).isEqualTo(1);
    assertThat(bands.recall(0)).isZero();
    assertThatThrownBy(() -> LshBands.forRecall(0.1, 0.999, 16))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("needs more than 16 hash functions");
  }

  @Test
  void minHashInFrontOfTheLosslessIndexChangesNothing() {
    List<String> texts = Corpora.tiny(33, 3_000, 60, 3, 16);
    Selection wanted = new PoolIndex(EngineOptions.published()).select(texts);
    EngineOptions options =
        EngineOptions.published().withPrefilter(Prefilter.MINHASH_LOSSLESS).withHotFrequency(50);
    for (double recall : new double[] {0.3, 0.95}) {
      PoolIndex index = new PoolIndex(options.withRecall(recall).withThreads(2));
      Selection selection = index.select(texts);
      Selection decided = new PoolIndex(options.withRecall(recall)).decide(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(selection.neighbour(i)).isEqualTo(wanted.neighbour(i));
        assertThat(Double.compare(selection.score(i), wanted.score(i))).isZero();
        assertThat(decided.survives(i)).isEqualTo(wanted.survives(i));
      }
    }
  }

  @Test
  void minHashAloneDropsOnlyWhatIsSimilarToAKeptText() {
    List<String> texts = Corpora.tiny(34, 2_000, 60, 3, 16);
    EngineOptions options = EngineOptions.published().withPrefilter(Prefilter.MINHASH);
    Selection selection = new PoolIndex(options).select(texts);
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      if (selection.survives(i)) {
        kept.add(texts.get(i));
      } else {
        double f = RougeL.f(texts.get(i), kept.get(selection.neighbour(i)), ROUGE);
        assertThat(f).isGreaterThan(0.7).isEqualTo(selection.score(i));
      }
    }
    int exact = new PoolIndex(EngineOptions.published()).select(texts).survivors();
    assertThat(selection.survivors()).isCloseTo(exact, within(exact / 10));
    assertThat(new PoolIndex(options.withRecall(0.3)).select(texts).survivors())
        .isGreaterThan(selection.survivors());
  }

  @Test
  void prefiltersAreNamed() {
    for (Prefilter prefilter : Prefilter.values()) {
      assertThat(Prefilter.named(prefilter.key())).isEqualTo(prefilter);
    }
    assertThatThrownBy(() -> Prefilter.named("lsh"))
        .isInstanceOf(CriaException.class)
        .hasMessage("unknown prefilter, 'lsh': use lossless, minhash+lossless or minhash");
  }

  @Test
  void aLoneTextHasOneKeyABandAndTheSameForTheSameTokens() {
    LshBands bands = new LshBands(4, 2);
    MinHash minHash = MinHash.unigrams(8);
    List<String> tokens = new ArrayList<>(List.of("b", "a", "b"));
    long[] keys = bands.keys(minHash.signature(tokens));
    Collections.reverse(tokens);
    Collections.swap(tokens, 0, 1);
    assertThat(bands.keys(minHash.signature(tokens)))
        .isEqualTo(keys)
        .hasSize(4)
        .doesNotHaveDuplicates();
  }
}
