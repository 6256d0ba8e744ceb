package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownPairsTest {
  private static final EngineOptions PUBLISHED = EngineOptions.published();

  /** Of all similar pairs this share, by chance. */
  private static KnownPairs some(List<String> texts, double share, long seed) {
    Tokenizer rouge = Tokenizer.named("rouge-en");
    List<List<String>> tokens = texts.stream().map(rouge::tokens).toList();
    Random random = new Random(seed);
    KnownPairs.Builder builder = new KnownPairs.Builder();
    for (int later = 0; later < texts.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        double f = RougeL.f(tokens.get(later), tokens.get(earlier));
        if (f > 0.7 && random.nextDouble() < share) {
          builder.add(later, earlier, f);
          if (random.nextInt(4) == 0) {
            builder.add(later, earlier, f);
          }
        }
      }
    }
    return builder.build();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.2, 0.6, 1})
  void whateverPartOfThePairsIsKnownTheSelectionIsThatOfThePlainLoop(double share) {
    List<String> texts = Oracle.corpus(71, 600, 50);
    List<String> pool = texts.subList(0, 200);
    List<String> batch = texts.subList(200, 600);
    PoolIndex plain = new PoolIndex(PUBLISHED);
    plain.select(pool);
    Selection wanted = plain.select(batch);
    for (int chunk : new int[] {0, 7, 100}) {
      PoolIndex index = new PoolIndex(PUBLISHED.withChunk(chunk).withThreads(2));
      index.select(pool);
      Selection got = index.select(batch, some(batch, share, chunk));
      for (int i = 0; i < batch.size(); i++) {
        assertThat(got.neighbour(i)).as("text %s", i).isEqualTo(wanted.neighbour(i));
        assertThat(got.score(i)).isEqualTo(Double.valueOf(wanted.score(i)));
      }
    }
  }

  @Test
  void aPartOfABatchKeepsItsOwnPairs() {
    KnownPairs.Builder builder = new KnownPairs.Builder();
    builder.add(9, 2, 0.8);
    builder.add(5, 2, 0.9);
    builder.add(9, 5, 0.75);
    KnownPairs part = builder.build().among(new int[] {2, 4, 9});
    assertThat(part.size()).isEqualTo(1);
    assertThat(part.isOf(part.first(2), 2)).isTrue();
    assertThat(part.earlier(part.first(2))).isZero();
    assertThat(part.score(part.first(2))).isEqualTo(0.8);
    assertThat(part.isOf(part.first(1), 1)).isFalse();
  }

  @Test
  void aPairThatIsNotInOrderIsRefused() {
    KnownPairs.Builder builder = new KnownPairs.Builder();
    assertThatThrownBy(() -> builder.add(3, 3, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aProbeBelowABoundFindsOnlyEarlierNeighbours() {
    List<String> texts = Oracle.corpus(72, 800, 50);
    PoolIndex index = new PoolIndex(PUBLISHED);
    index.append(texts.subList(0, 500));
    List<String> batch = texts.subList(500, 800);
    Selection free = index.probe(batch);
    int[] bounds = new int[batch.size()];
    Arrays.setAll(bounds, i -> free.survives(i) ? 250 : free.neighbour(i) + i % 2);
    Selection bounded = index.probe(batch, bounds);
    int found = 0;
    for (int i = 0; i < batch.size(); i++) {
      boolean within = !free.survives(i) && free.neighbour(i) < bounds[i];
      assertThat(bounded.neighbour(i)).isEqualTo(within ? free.neighbour(i) : Selection.NONE);
      found += within ? 1 : 0;
    }
    assertThat(found).isGreaterThan(20);
  }
}
