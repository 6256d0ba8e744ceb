package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.filter.FilterChain;
import io.cria.filter.Filters;
import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.InstanceDraft;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Parsers and filters against {@link PlainRules} on generated answers; {@code -Dcria.answers=N}
 * sets how many of each kind.
 */
class PlainRulesAgreementTest {
  private static final int ANSWERS = Integer.getInteger("cria.answers", 6_000);

  private final RawAnswers answers = new RawAnswers(20221220);
  private final Set<String> reasonsSeen = new HashSet<>();

  @Test
  void lists_agree() {
    CandidateParser parser = CandidateParser.named("numbered-list");
    for (int i = 0; i < ANSWERS; i++) {
      String text = answers.list();
      boolean cut = answers.oneIn(12);
      List<String> got = judged(parser.parse(completion(text, cut), 8), Filters.selfInstruct());
      assertThat(got).as("%s", text).isEqualTo(seen(PlainRules.instructions(text, cut)));
    }
    assertThat(reasonsSeen)
        .contains(
            "+",
            "-cut_by_length",
            "-too_short",
            "-too_long",
            "-keyword",
            "-write_a_program",
            "-punctuation_start",
            "-non_ascii_start");
  }

  @Test
  void blocks_agree() {
    CandidateParser parser = CandidateParser.named("alpaca-blocks");
    for (int i = 0; i < ANSWERS; i++) {
      String text = answers.blocks(3);
      boolean cut = answers.oneIn(6);
      List<String> got = judged(parser.parse(completion(text, cut), 3), Filters.alpaca());
      assertThat(got).as("%s", text).isEqualTo(seen(PlainRules.alpaca(text, cut, 3)));
    }
    assertThat(reasonsSeen)
        .contains(
            "+", "-cut_by_length", "-malformed", "-too_short", "-keyword", "-write_a_program");
  }

  @Test
  void instances_agree() {
    InstanceParser parser = InstanceParser.named("self-instruct");
    for (int i = 0; i < ANSWERS; i++) {
      boolean classification = answers.oneIn(2);
      String text = answers.instances(classification);
      boolean cut = answers.oneIn(6);
      List<String> got =
          parser.parse("Name it.", classification, completion(text, cut)).stream()
              .map(PlainRulesAgreementTest::line)
              .toList();
      assertThat(got)
          .as("%s", text)
          .isEqualTo(seen(PlainRules.instances(text, cut, classification)));
    }
    assertThat(reasonsSeen)
        .contains(
            "+",
            "-cut_by_length",
            "-malformed",
            "-same_as_input",
            "-empty_output",
            "-ends_with_colon",
            "-conflicting_outputs",
            "-duplicate");
  }

  private static Completion completion(String text, boolean cut) {
    return new Completion(text, cut ? "length" : "stop");
  }

  private List<String> seen(List<String> lines) {
    for (String line : lines) {
      reasonsSeen.add(line.startsWith("+") ? "+" : line);
    }
    return lines;
  }

  private static List<String> judged(List<Draft> drafts, FilterChain filters) {
    return drafts.stream().map(draft -> line(draft, filters.judge(draft).reason())).toList();
  }

  private static String line(Draft draft, @Nullable String reason) {
    if (reason != null) {
      return "-" + reason;
    }
    return draft.input() == null
        ? "+" + draft.instruction()
        : "+" + draft.instruction() + "|" + draft.input() + "|" + draft.output();
  }

  private static String line(InstanceDraft draft) {
    return draft.kept() ? "+" + draft.input() + "|" + draft.output() : "-" + draft.reason();
  }
}
