package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Kappa beside scikit-learn 1.9.1 and statsmodels, alpha beside the package krippendorff 0.9.0. */
class AgreementTest {
  @Test
  void kappaIsThatOfStatsmodels() {
    // both yes 20, yes and no 5, no and yes 10, both no 15
    List<String> first = times("yes", 25, "no", 25);
    List<String> second = times("yes", 20, "no", 5, "yes", 10, "no", 15);
    assertThat(CohenKappa.of(first, second)).hasValueCloseTo(0.4, within(1e-15));
  }

  @Test
  void kappaOfMoreAnswersIsThatOfScikitLearn() {
    assertThat(CohenKappa.of(letters("AABBCCABCA"), letters("AABBCBABCC")))
        .hasValueCloseTo(0.7014925373134329, within(1e-15));
  }

  @Test
  void kappaHasItsEnds() {
    assertThat(CohenKappa.of(letters("ABAB"), letters("ABAB"))).hasValue(1);
    assertThat(CohenKappa.of(letters("ABAB"), letters("BABA"))).hasValue(-1);
    assertThat(CohenKappa.of(letters("AABB"), letters("ABAB"))).hasValue(0);
  }

  @Test
  void kappaHasNoValueWhereChanceExplainsAll() {
    assertThat(CohenKappa.of(letters("AAA"), letters("AAA"))).isEmpty();
    assertThat(CohenKappa.of(List.of(), List.of())).isEmpty();
    assertThat(CohenKappa.of(letters("AAA"), letters("BBB"))).hasValue(0);
  }

  @Test
  void ratersMustHaveRatedTheSame() {
    assertThatThrownBy(() -> CohenKappa.of(letters("AA"), letters("A")))
        .hasMessage("answers of two raters on 2 and 1 subjects");
  }

  /** Krippendorff's own example of four observers and twelve units: 0.743. */
  @Test
  void alphaIsThatOfItsBook() {
    List<String> raters = List.of("123321412...", "1233224125.3", ".3332342251.", "12332441251.");
    assertThat(KrippendorffAlpha.nominal(subjects(raters)))
        .hasValueCloseTo(0.743421052631579, within(1e-12));
  }

  @Test
  void alphaMayBeBelowChance() {
    List<String> raters = List.of("..nynyyny...", "ynnn.yyn..nn", "yyynynnynnn.");
    assertThat(KrippendorffAlpha.nominal(subjects(raters)))
        .hasValueCloseTo(-0.23076923076923084, within(1e-12));
  }

  @Test
  void alphaHasNoValueWithoutTwoAnswersToTellApart() {
    assertThat(KrippendorffAlpha.nominal(subjects(List.of("yyy", "yyy")))).isEmpty();
    assertThat(KrippendorffAlpha.nominal(subjects(List.of("yn.", "..y")))).isEmpty();
    assertThat(KrippendorffAlpha.nominal(List.of())).isEmpty();
    assertThat(KrippendorffAlpha.nominal(subjects(List.of("ynn", "ynn")))).hasValue(1);
  }

  /** The definition: one less the share of differing pairs within subjects over that within all. */
  @Test
  void alphaEqualsThePlainPairLoop() {
    SeededRandom random = new SeededRandom(9);
    for (int round = 0; round < 100; round++) {
      List<List<String>> subjects = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        List<String> answers = new ArrayList<>();
        for (int rater = 0; rater < 4; rater++) {
          if (random.nextInt(4) > 0) {
            answers.add(String.valueOf((char) ('a' + random.nextInt(3))));
          }
        }
        subjects.add(answers);
      }
      assertThat(KrippendorffAlpha.nominal(subjects))
          .hasValueCloseTo(plainAlpha(subjects), within(1e-12));
    }
  }

  private static double plainAlpha(List<List<String>> subjects) {
    List<List<String>> paired = subjects.stream().filter(answers -> answers.size() > 1).toList();
    List<String> all = paired.stream().flatMap(List::stream).toList();
    double within = 0;
    for (List<String> answers : paired) {
      within += answers.size() * differing(answers);
    }
    return 1 - within / all.size() / differing(all);
  }

  /** The share of different answers among ordered pairs of different raters. */
  private static double differing(List<String> answers) {
    int different = 0;
    for (int i = 0; i < answers.size(); i++) {
      for (int j = 0; j < answers.size(); j++) {
        different += answers.get(i).equals(answers.get(j)) ? 0 : 1;
      }
    }
    return (double) different / answers.size() / (answers.size() - 1);
  }

  /** Columns of rater lines; a dot is a missing answer. */
  private static List<List<String>> subjects(List<String> raters) {
    List<List<String>> subjects = new ArrayList<>();
    for (int i = 0; i < raters.get(0).length(); i++) {
      int column = i;
      subjects.add(
          raters.stream()
              .map(line -> line.substring(column, column + 1))
              .filter(answer -> !answer.equals("."))
              .toList());
    }
    return subjects;
  }

  private static List<String> letters(String text) {
    return Stream.of(text.split("")).toList();
  }

  private static List<String> times(Object... pairs) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      all.addAll(Collections.nCopies((Integer) pairs[i + 1], (String) pairs[i]));
    }
    return all;
  }
}
