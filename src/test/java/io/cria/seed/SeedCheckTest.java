package io.cria.seed;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.seed.SeedReport.Finding;
import io.cria.seed.SeedReport.Severity;
import io.cria.seed.SeedReport.Share;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SeedCheckTest {
  private static final String ANSWER = "[{\"input\": \"\", \"output\": \"fine\"}]";

  private static SeedReport check(String... lines) {
    byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    return SeedCheck.check(
        new ByteArrayInputStream(bytes), "s.jsonl", new PlainSelector(SeedCheck.DEFAULT_THRESHOLD));
  }

  private static String task(String id, String instruction) {
    return SeedFileTest.line(id, instruction, ANSWER);
  }

  private static Finding warning(int line, String message) {
    return new Finding(Severity.WARNING, line, message);
  }

  @Test
  void everyFaultOfShapeIsAnError() {
    SeedReport report = check("x", task("a", "Name a river."), "{\"id\": \"a\"}");

    assertThat(report.isUsable()).isFalse();
    assertThat(report.findings())
        .filteredOn(finding -> finding.severity() == Severity.ERROR)
        .extracting(Finding::line)
        .containsExactly(1, 3, 3, 3, 3);
    assertThat(report.counts().tasks()).isEqualTo(1);
  }

  @Test
  void theSameInstructionInOtherCaseAndSpacingIsADuplicate() {
    SeedReport report = check(task("a", "Name a river."), task("b", "name  a River. "));

    assertThat(report.findings())
        .contains(warning(2, "b has the same instruction as a (line 1): remove one of them"));
    assertThat(report.counts().duplicates()).isEqualTo(1);
    assertThat(report.counts().nearDuplicates()).isZero();
  }

  @Test
  void aNearDuplicateNamesItsNeighbourAndScore() {
    SeedReport report =
        check(
            task("a", "Name a long river in Europe"),
            task("b", "Tell me about the moon"),
            task("c", "Name a long river in Asia"));

    assertThat(report.findings())
        .contains(
            warning(3, "c is close to a (line 1), ROUGE-L 0.83: reword or remove one of them"));
    assertThat(report.counts().nearDuplicates()).isEqualTo(1);
  }

  @Test
  void aTaskCloseToANearDuplicateOnlyIsFoundToo() {
    SeedReport report =
        check(task("a", "p q r s t u"), task("b", "p q r s v w"), task("c", "r s v w x y"));

    assertThat(report.findings())
        .contains(
            warning(2, "b is close to a (line 1), ROUGE-L 0.67: reword or remove one of them"),
            warning(3, "c is close to b (line 2), ROUGE-L 0.67: reword or remove one of them"));
  }

  @Test
  void aScoreAtTheThresholdIsNoNearDuplicate() {
    assertThat(check(task("a", "p q r s"), task("b", "p q x y")).counts().nearDuplicates())
        .isZero();
  }

  @Test
  void anEmptyOutputIsAWarning() {
    String instances =
        "[{\"input\": \"x\", \"output\": \"y\"}, {\"input\": \"z\", \"output\": \" \"}]";
    SeedReport report = check(SeedFileTest.line("a", "Name a river.", instances));

    assertThat(report.isUsable()).isTrue();
    assertThat(report.findings())
        .contains(
            warning(
                1,
                "a has an empty output in instances[1]: write the answer or remove the instance"));
    assertThat(report.counts().emptyOutputs()).isEqualTo(1);
  }

  @Test
  void imbalanceIsToldForTheWholeFile() {
    String tasks =
        IntStream.range(0, 20)
            .mapToObj(i -> task("t" + i, (i < 5 ? "Write it" : "Word" + i) + " u" + i + " v" + i))
            .collect(Collectors.joining("\n"));

    assertThat(check(tasks).findings())
        .containsExactly(
            warning(0, "no classification task: mark or add some, or few will be generated"),
            warning(
                0,
                "5 of 20 tasks begin with \"write\": vary how they begin, the model imitates it"));
    assertThat(check(task("a", "One two three").replace("false", "true")).findings())
        .containsExactly(
            warning(0, "too few tasks, 1: a self-instruct prompt shows 8 of them"),
            warning(
                0, "every task is a classification: add others, or few others will be generated"));
  }

  @Test
  void scriptsAreToldApart() {
    SeedReport report =
        check(
            task("a", "Name a river"),
            task("b", "강 이름을 말하세요"),
            task("c", "川の名前を言ってください"),
            task("d", "说出一条河的名字"),
            task("e", "1 + 1 = ?"));

    assertThat(report.counts().scripts())
        .containsExactlyInAnyOrder(
            new Share("Latin", 1),
            new Share("Hangul", 1),
            new Share("Japanese", 1),
            new Share("Han", 1),
            new Share("None", 1));
  }

  @Test
  void ofManyFindingsTheFirstAreShownAndTheOthersCounted() {
    String[] lines = IntStream.range(0, 30).mapToObj(i -> "x" + i).toArray(String[]::new);
    String text = SeedReportText.render(check(lines));
    assertThat(text)
        .contains("s.jsonl:20: error: ", "\ns.jsonl: and 10 more errors\n", "not usable: 30 errors")
        .doesNotContain("s.jsonl:21: ", "more warning");
  }

  @Test
  void theReportReadsAsText() {
    SeedReport report = check(task("a", "Name a river."), "x");

    assertThat(SeedReportText.render(report))
        .isEqualTo(
            """
            s.jsonl: warning: too few tasks, 1: a self-instruct prompt shows 8 of them
            s.jsonl: warning: no classification task: mark or add some, or few will be generated
            s.jsonl:2: error: not valid JSON at column 1: write one whole JSON object on the line, each key once

            tasks            1
            classification   0 (0 %)
            instances        1
            with input       0 (0 %)
            without input    1 (100 %)
            empty outputs    0
            duplicates       0
            near-duplicates  0
            first words      name 1
            scripts          Latin 1

            not usable: 1 error, 2 warnings
            """);
  }
}
