package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verdicts of people: what a file may say, and what of it counts. */
class VerdictFileTest {
  private static final Set<String> SUBJECTS = Set.of("one", "two");
  private static final Map<String, List<String>> QUESTIONS =
      Map.of("valid_task", List.of("yes", "no"), "level", List.of("A", "B", "C", "D"));

  private static VerdictFile read(String name, String... lines) {
    return VerdictFile.read(name, String.join("\n", lines), SUBJECTS, QUESTIONS);
  }

  private static String line(String rater, String subject, String question, String verdict) {
    return String.format(
        "{\"rater\": \"%s\", \"subject\": \"%s\", \"question\": \"%s\", \"verdict\": \"%s\"}",
        rater, subject, question, verdict);
  }

  @Test
  void whatStandsThereIsRead() {
    VerdictFile file =
        read(
            "anna.jsonl",
            line("anna", "one", "valid_task", "Yes"),
            "",
            "{\"at\": \"2026-01-31T12:00:00Z\", \"reason\": \"Lücke\", \"rater\": \"anna\","
                + " \"subject\": \"two\", \"question\": \"level\", \"verdict\": \"b\"}",
            "");
    assertThat(file.rater()).isEqualTo("anna");
    assertThat(file.replaced()).isZero();
    assertThat(file.entries())
        .containsExactly(
            new VerdictFile.Entry("one", "valid_task", "yes", ""),
            new VerdictFile.Entry("two", "level", "B", "Lücke"));
  }

  @Test
  void aLaterLineOfTheSameQuestionCountsAndTheOthersAreTold() {
    VerdictFile file =
        read(
            "anna.jsonl",
            line("anna", "one", "valid_task", "yes"),
            line("anna", "two", "valid_task", "yes"),
            line("anna", "one", "valid_task", "no"));
    assertThat(file.replaced()).isEqualTo(1);
    assertThat(file.entries())
        .extracting(VerdictFile.Entry::subject, VerdictFile.Entry::verdict)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("one", "no"),
            org.assertj.core.groups.Tuple.tuple("two", "yes"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rater\": \"anna\" | not JSON",
        "[] | not a JSON object",
        "{\"rater\": \"anna\", \"rating\": \"yes\"} | unknown key 'rating': known are"
            + " rater, subject, question, verdict, and perhaps reason and at",
        "{\"subject\": \"one\"} | the key 'rater' is missing",
        "{\"rater\": \"anna\", \"subject\": 1, \"question\": \"level\", \"verdict\": \"A\"} | the"
            + " key 'subject' holds no text",
      })
  void whatIsNoVerdictIsToldWithItsLine(String line, String words) {
    bad(() -> read("f.jsonl", line("anna", "one", "level", "A"), line), "f.jsonl:2: " + words);
  }

  @Test
  void whatIsNotAskedHereIsToldWithItsLine() {
    bad(
        () -> read("f.jsonl", line("anna", "three", "level", "A")),
        "f.jsonl:1: unknown subject 'three'");
    bad(
        () -> read("f.jsonl", line("anna", "one", "better", "left")),
        "f.jsonl:1: unknown question 'better'");
    bad(
        () -> read("f.jsonl", line("anna", "one", "level", "yes")),
        "f.jsonl:1: unknown verdict 'yes' on level: give one of A, B, C, D");
    bad(
        () -> read("f.jsonl", line("model:gpt", "one", "level", "A")),
        "f.jsonl:1: 'model:gpt' is no rater's name");
    bad(
        () -> read("f.jsonl", line("people", "one", "level", "A")),
        "f.jsonl:1: 'people' stands for several raters together");
    bad(
        () -> read("f.jsonl", line("anna", "one", "level", "A"), line("ben", "two", "level", "A")),
        "f.jsonl:2: two raters in one file, anna and ben");
    bad(() -> read("f.jsonl", "", " "), "f.jsonl: no verdicts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2026-01-31", "31.1.2026 12:00", ""})
  void aTimeThatIsNoneIsToldWithItsLine(String at) {
    String line = line("anna", "one", "level", "A");
    bad(
        () -> read("f.jsonl", line.replace("}", ", \"at\": \"" + at + "\"}")),
        "f.jsonl:1: '" + at + "' is no time: write at as in 2026-01-31T12:00:00Z");
  }

  @Test
  void aTimeMayHaveAFractionAndAnOffset() {
    for (String at : List.of("2026-01-31T12:00:00.25Z", "2026-01-31T12:00:00+09:00")) {
      String line = line("anna", "one", "level", "A");
      assertThat(read("f.jsonl", line.replace("}", ", \"at\": \"" + at + "\"}")).entries())
          .hasSize(1);
    }
  }

  @Test
  void whoWithdrawsGivesNothing() {
    VerdictFile file = read("a.jsonl", line("anna", "one", "level", "A"));
    VerdictFile.requireNone(List.of(file), List.of("ben"));
    bad(
        () -> VerdictFile.requireNone(List.of(file), List.of("ben", "anna")),
        "a.jsonl: the verdicts of 'anna' are given and withdrawn at once");
  }

  @Test
  void oneNameForTwoPeopleIsRefusedAndBothFilesAreNamed() {
    VerdictFile first = read("a.jsonl", line("anna", "one", "level", "A"));
    VerdictFile second = read("b.jsonl", line("anna", "one", "level", "B"));
    VerdictFile copy = read("c.jsonl", line("anna", "one", "level", "A"));
    VerdictFile other = read("d.jsonl", line("ben", "one", "level", "B"));
    bad(
        () -> VerdictFile.ofDifferentRaters(List.of(first, other, second)),
        "a.jsonl, b.jsonl: two files of different content are both of the rater 'anna'");
    assertThat(VerdictFile.ofDifferentRaters(List.of(first, other, copy)))
        .containsExactly(first, other);
  }

  private static void bad(Runnable work, String words) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining(words);
  }
}
