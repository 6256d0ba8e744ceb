package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeededRandomTest {
  /** The reference sequence of SplitMix64 for seed 1234567, as its authors' C code prints it. */
  @Test
  void sequenceIsSplitMix64() {
    SeededRandom random = new SeededRandom(1234567L);
    assertThat(
            new String[] {
              Long.toUnsignedString(random.nextLong()),
              Long.toUnsignedString(random.nextLong()),
              Long.toUnsignedString(random.nextLong())
            })
        .containsExactly("6457827717110365317", "3203168211198807973", "9817491932198370423");
  }

  @Test
  void streamsDifferInEveryPartOfTheirName() {
    long base = SeededRandom.of(1, "generate", 2, 3).nextLong();
    assertThat(SeededRandom.of(1, "generate", 2, 3).nextLong()).isEqualTo(base);
    assertThat(SeededRandom.of(2, "generate", 2, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(1, "generatf", 2, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(1, "generate", 3, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(1, "generate", 3, 2).nextLong()).isNotEqualTo(base);
  }

  @Test
  void boundedDrawsAreUniform() {
    SeededRandom random = new SeededRandom(5);
    int[] counts = new int[6];
    for (int i = 0; i < 60_000; i++) {
      counts[random.nextInt(6)]++;
    }
    // six standard deviations of a binomial(60000, 1/6)
    assertThat(Arrays.stream(counts).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(9_450, 10_550));
  }

  @Test
  void samplesHaveNoRepeatAndEveryElementIsEquallyLikely() {
    int[] counts = new int[10];
    for (int i = 0; i < 10_000; i++) {
      int[] sample = SeededRandom.of(7, "sample", 0, i).sample(10, 3);
      assertThat(Arrays.stream(sample).distinct().count()).isEqualTo(3);
      Arrays.stream(sample).forEach(x -> counts[x]++);
    }
    assertThat(Arrays.stream(counts).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(2_725, 3_275));
  }

  @Test
  void sampleOfMoreThanThereIsTakesAll() {
    assertThat(new SeededRandom(3).sampleInOrder(4, 9)).containsExactly(0, 1, 2, 3);
    assertThat(new SeededRandom(3).sample(0, 2)).isEmpty();
  }

  @Test
  void shuffleKeepsTheElements() {
    List<Integer> numbers = IntStream.range(0, 50).boxed().toList();
    assertThat(new SeededRandom(11).shuffled(numbers))
        .isNotEqualTo(numbers)
        .containsExactlyInAnyOrderElementsOf(numbers);
  }

  @Test
  void boundMustBePositive() {
    assertThatThrownBy(() -> new SeededRandom(0).nextInt(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bound must be positive, not 0");
  }
}
