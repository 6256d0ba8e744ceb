package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.SeededRandom;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Inputs that would make a careless engine quadratic or large. The limits are wide: tens of times
 * what is needed.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class AdversarialTest {
  private final SeededRandom random = new SeededRandom(17);

  @Test
  void oneTextManyTimes() {
    Selection selection =
        select(Collections.nCopies(100_000, "write a story about a dog and its friend"));
    assertThat(selection.survivors()).isEqualTo(1);
    assertThat(selection.neighbour(99_999)).isZero();
  }

  @Test
  void oneTemplateWithOneFreeWord() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      texts.add("given a list of items write a function that returns the item named x" + i);
    }
    assertThat(select(texts).survivors()).isEqualTo(1);
  }

  @Test
  void oneTemplateWhoseFreeWordsKeepTextsJustApart() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      texts.add(
          "write a function that returns the item named x" + i + " y" + i + " z" + i + " u" + i);
    }
    assertThat(select(texts).survivors()).isEqualTo(3_000);
  }

  @Test
  void twoHundredWordsDrawnEvenly() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      texts.add(words(12, 200));
    }
    Selection selection = select(texts);
    assertThat(selection.survivors()).isGreaterThan(29_000);
  }

  @Test
  void longTextsOfHotWordsOnlyTakeAFewKibibytesEach() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      texts.add(words(150, 200));
    }
    PoolIndex index = new PoolIndex(EngineOptions.published().withHotFrequency(100));
    long before = usedMemory();
    index.append(texts);
    assertThat((usedMemory() - before) / texts.size()).as("bytes a text").isLessThan(12_000);
    assertThat(index.size()).isEqualTo(1_000);
  }

  @Test
  void soDoLongTextsThatFollowManyShortOnes() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 2_100; i++) {
      texts.add(words(10, 200));
    }
    PoolIndex index = new PoolIndex(EngineOptions.published().withHotFrequency(50));
    index.append(texts);
    long before = usedMemory();
    for (int i = 0; i < 20; i++) {
      texts.clear();
      for (int j = 0; j < 50; j++) {
        texts.add(words(150, 200));
      }
      index.append(texts);
    }
    assertThat((usedMemory() - before) / 1_000).as("bytes a text").isLessThan(12_000);
    assertThat(index.size()).isEqualTo(3_100);
  }

  /** Of objects still in use. */
  private static long usedMemory() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  @Test
  void textsWithoutTokensAreAllKept() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      texts.add(List.of("", " \n", "…!?", "한국어 문장", "😀😀", "中文").get(i % 6));
    }
    assertThat(select(texts).survivors()).isEqualTo(20_000);
    Selection unicode =
        new PoolIndex(EngineOptions.of(Tokenizer.named("unicode-1"), 0.7)).select(texts);
    assertThat(unicode.survivors()).isEqualTo(2 + 20_000 / 6 * 4 + 2);
  }

  @Test
  void textsOfOneToken() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      texts.add("w" + i % 1_000);
    }
    assertThat(select(texts).survivors()).isEqualTo(1_000);
  }

  @Test
  void textsOfTenThousandTokens() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      texts.add(words(10_000, i % 2 == 0 ? 100_000 : 300));
      texts.add(texts.get(2 * i) + " end");
    }
    Selection selection = select(texts);
    assertThat(selection.survivors()).isEqualTo(20);
    assertThat(selection.neighbour(39)).isEqualTo(19);
  }

  @Test
  void aTextLongerThanAnyPage() {
    String longText = words(200_000, 1_000_000);
    Selection selection = select(List.of("a b c d", longText, longText + " end", "a b c d e"));
    assertThat(selection.neighbour(2)).isEqualTo(1);
    assertThat(selection.neighbour(3)).isZero();
  }

  private String words(int count, int vocabulary) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append('w').append(random.nextInt(vocabulary)).append(' ');
    }
    return text.toString();
  }

  private static Selection select(List<String> texts) {
    return new PoolIndex(EngineOptions.published().withThreads(2)).select(texts);
  }
}
