package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cria.evaluate.ReviewStatistics.Said;
import io.cria.evaluate.ReviewStatistics.Yes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a review's verdicts come to, by hand where they are few. */
class ReviewStatisticsTest {
  private static final List<String> QUESTIONS = List.copyOf(ReviewQuestions.QUESTIONS.keySet());

  /** A rater's verdicts on a subject, a letter a question: y, n, or - for none. */
  private static List<Said> said(String rater, String subject, String letters) {
    List<Said> said = new ArrayList<>();
    for (int i = 0; i < letters.length(); i++) {
      if (letters.charAt(i) != '-') {
        said.add(
            new Said(subject, QUESTIONS.get(i), rater, letters.charAt(i) == 'y' ? "yes" : "no"));
      }
    }
    return said;
  }

  private static Yes of(ReviewStatistics statistics, String question, @Nullable String rater) {
    return statistics.shares().stream()
        .filter(yes -> yes.question().equals(question))
        .filter(yes -> rater == null ? yes.rater() == null : rater.equals(yes.rater()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theQuestionsAreThoseOfThePaper() {
    assertThat(QUESTIONS).containsExactly("valid_task", "fitting_input", "acceptable_output");
    assertThat(ReviewQuestions.QUESTIONS.get("valid_task")).containsExactly("yes", "no");
  }

  @Test
  void oneRaterHasNoMajorityBesideThemselvesAndNobodyToAgreeWith() {
    List<Said> verdicts = new ArrayList<>(said("anna", "1", "yyy"));
    verdicts.addAll(said("anna", "2", "yny"));
    verdicts.addAll(said("anna", "3", "y--"));
    ReviewStatistics statistics = ReviewStatistics.of(verdicts);
    assertThat(statistics.shares()).hasSize(4).noneMatch(yes -> yes.rater() == null);
    assertThat(of(statistics, "valid_task", "anna").yes()).isEqualTo(3);
    Yes all = of(statistics, "all_three", "anna");
    assertThat(all.n()).as("only where all three are answered").isEqualTo(2);
    assertThat(all.yes()).isEqualTo(1);
    assertThat(all.share()).isEqualTo(0.5);
    assertThat(statistics.agreements()).isEmpty();
    assertThat(statistics.alphas()).isEmpty();
  }

  @Test
  void threeRatersHaveAMajorityAndAnAlpha() {
    List<Said> verdicts = new ArrayList<>();
    // per subject what anna, ben and cleo say of the first question
    String[] table = {"yyy", "yyn", "nny", "nnn", "yn-"};
    for (int i = 0; i < table.length; i++) {
      verdicts.addAll(said("anna", "s" + i, table[i].substring(0, 1)));
      verdicts.addAll(said("ben", "s" + i, table[i].substring(1, 2)));
      verdicts.addAll(said("cleo", "s" + i, table[i].substring(2, 3)));
    }
    ReviewStatistics statistics = ReviewStatistics.of(verdicts);
    Yes majority = of(statistics, "valid_task", null);
    assertThat(majority.n()).as("a tie is no verdict").isEqualTo(4);
    assertThat(majority.yes()).isEqualTo(2);
    RaterAgreement pair =
        statistics.agreements().stream()
            .filter(a -> a.question().equals("valid_task"))
            .map(ReviewStatistics.Agreement::raters)
            .filter(a -> a.first().equals("anna") && a.second().equals("ben"))
            .findFirst()
            .orElseThrow();
    assertThat(pair.subjects()).isEqualTo(5);
    assertThat(pair.same()).isEqualTo(4);
    // observed 0.8; by chance 3/5 * 2/5 + 2/5 * 3/5 = 0.48
    assertThat(pair.kappa()).isCloseTo((0.8 - 0.48) / 0.52, within(1e-12));
    // 14 values, 7 of each; observed (0 + 4/2 + 4/2 + 0 + 2/1) = 6, expected 98 / 13
    assertThat(statistics.alphas().get(0).alpha()).isCloseTo(1 - 6 * 13 / 98.0, within(1e-12));
  }

  @Test
  void agreementHasNoValueWhereNobodySaidAnythingElse() {
    List<Said> verdicts = new ArrayList<>();
    for (String rater : List.of("anna", "ben", "cleo")) {
      verdicts.addAll(said(rater, "1", "yyy"));
      verdicts.addAll(said(rater, "2", "yyy"));
    }
    ReviewStatistics statistics = ReviewStatistics.of(verdicts);
    assertThat(statistics.alphas()).hasSize(4).allMatch(alpha -> alpha.alpha() == null);
    assertThat(statistics.agreements()).allMatch(pair -> pair.raters().kappa() == null);
  }

  @Test
  void withoutVerdictsNothingIsSaid() {
    ReviewStatistics statistics = ReviewStatistics.of(List.of());
    assertThat(statistics.shares()).isEmpty();
  }
}
