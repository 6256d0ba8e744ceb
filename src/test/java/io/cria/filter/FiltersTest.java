package io.cria.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.Draft;
import io.cria.task.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiltersTest {
  private static final String KEPT = "kept";

  @Test
  void fewer_than_four_words_are_too_short() {
    assertThat(published("")).isEqualTo("too_short");
    assertThat(published("Name it now")).isEqualTo("too_short");
    assertThat(published("Name it right now")).isEqualTo(KEPT);
    assertThat(published("Name it\u001Fright\u3000now")).isEqualTo(KEPT);
  }

  @Test
  void more_than_150_words_are_too_long() {
    assertThat(published("word ".repeat(150))).isEqualTo(KEPT);
    assertThat(published("word ".repeat(151))).isEqualTo("too_long");
  }

  @Test
  void a_keyword_counts_as_a_whole_word_in_any_case() {
    assertThat(published("Describe what the IMAGE shows.")).isEqualTo("keyword");
    assertThat(published("Please go to the shop")).isEqualTo("keyword");
    assertThat(published("Please open the (fıleſ) and read")).isEqualTo("keyword");
    assertThat(published("Read the map\u0301 of it")).isEqualTo("keyword");
    assertThat(published("Imagery and profiles are mapped here")).isEqualTo(KEPT);
    assertThat(published("Read map² and map_ and 2map")).isEqualTo(KEPT);
    assertThat(published("Please go  to the shop")).isEqualTo(KEPT);
  }

  @Test
  void alpacas_keywords_are_more() {
    for (String word : List.of("video", "audio", "music", "flowchart", "diagram")) {
      Draft draft = draft("Say what the " + word + " is.");
      assertThat(word(Filters.alpaca().judge(draft))).isEqualTo("keyword");
      assertThat(word(Filters.selfInstruct().judge(draft))).isEqualTo(KEPT);
    }
  }

  @Test
  void keywords_may_be_looked_for_inside_words() {
    Map<String, Object> parameters = Map.of("words", List.of("그림"), "wholeWords", false);
    Draft draft = draft("이 그림을 설명해 주세요");
    assertThat(judge("keyword", parameters, draft)).isEqualTo("keyword");
    assertThat(judge("keyword", Map.of("words", List.of("그림")), draft)).isEqualTo(KEPT);
  }

  @Test
  void keywords_match_other_scripts_in_any_case() {
    Draft draft = draft("Опиши этот РИСУНОК подробно");
    assertThat(judge("keyword", Map.of("words", List.of("рисунок")), draft)).isEqualTo("keyword");
  }

  @Test
  void write_a_program_is_a_beginning_as_written() {
    assertThat(published("Write a program that sorts.")).isEqualTo("write_a_program");
    assertThat(published("Write a programme for the evening")).isEqualTo("write_a_program");
    assertThat(published("write a program that sorts.")).isEqualTo(KEPT);
    assertThat(published("Please Write a program that sorts.")).isEqualTo(KEPT);
  }

  @Test
  void the_first_character_is_neither_punctuation_nor_foreign() {
    assertThat(published("_Name it right now")).isEqualTo("punctuation_start");
    assertThat(published("「Name it right now")).isEqualTo("non_ascii_start");
    assertThat(published("Über alle Berge gehen")).isEqualTo("non_ascii_start");
    assertThat(published("\uD83D\uDE00 it right now")).isEqualTo("non_ascii_start");
    assertThat(published("1 name it right")).isEqualTo(KEPT);
  }

  @Test
  void a_sentence_ends_with_a_mark() {
    assertThat(judge("no_end_punctuation", Map.of(), draft("Name it")))
        .isEqualTo("no_end_punctuation");
    assertThat(judge("no_end_punctuation", Map.of(), draft(""))).isEqualTo("no_end_punctuation");
    assertThat(judge("no_end_punctuation", Map.of(), draft("Say \"why?\""))).isEqualTo(KEPT);
    assertThat(judge("no_end_punctuation", Map.of(), draft("言って。"))).isEqualTo(KEPT);
    assertThat(judge("no_end_punctuation", Map.of("marks", ":"), draft("Name it:")))
        .isEqualTo(KEPT);
  }

  @Test
  void the_same_words_over_and_over_are_repetitive() {
    assertThat(judge("repetitive", Map.of(), draft("a A b b c d e f g h"))).isEqualTo(KEPT);
    assertThat(judge("repetitive", Map.of(), draft("a a a b c d"))).isEqualTo("repetitive");
    assertThat(judge("repetitive", Map.of("minDistinctRatio", 0.5), draft("a a a b c d")))
        .isEqualTo(KEPT);
    assertThat(judge("repetitive", Map.of("minDistinctRatio", 1), draft("a b a")))
        .isEqualTo("repetitive");
    assertThat(judge("repetitive", Map.of(), draft(""))).isEqualTo(KEPT);
  }

  @Test
  void word_limits_are_parameters() {
    assertThat(judge("too_short", Map.of("minWords", 2), draft("one"))).isEqualTo("too_short");
    assertThat(judge("too_short", Map.of("minWords", 2), draft("one two"))).isEqualTo(KEPT);
    assertThat(judge("too_long", Map.of("maxWords", 1), draft("one two"))).isEqualTo("too_long");
    assertThat(judge("write_a_program", Map.of("prefix", "프로그램"), draft("프로그램을 써라")))
        .isEqualTo("write_a_program");
  }

  @Test
  void the_first_rejection_wins_and_a_failed_draft_keeps_its_reason() {
    assertThat(published("*image")).isEqualTo("too_short");
    assertThat(published("*Show the image now")).isEqualTo("keyword");
    assertThat(word(Filters.selfInstruct().judge(Draft.failed(0, "x", "malformed"))))
        .isEqualTo("malformed");
  }

  @Test
  void by_name_the_defaults_are_the_published_values() {
    assertThat(Filters.selfInstruct().filters())
        .containsExactly(
            Filters.of("too_short", Map.of()),
            Filters.of("too_long", Map.of()),
            Filters.of("keyword", Map.of("words", Filters.SELF_INSTRUCT_KEYWORDS)),
            Filters.of("write_a_program", Map.of()),
            Filters.of("punctuation_start", Map.of()),
            Filters.of("non_ascii_start", Map.of()));
  }

  @Test
  void an_unknown_filter_is_refused_with_the_known_ones() {
    assertThatThrownBy(() -> Filters.of("to_short", Map.of()))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("unknown filter \"to_short\": use too_short, too_long, keyword");
  }

  @Test
  void an_unknown_parameter_is_refused_with_the_known_ones() {
    assertRefused(
        "too_short",
        Map.of("min", 3),
        "unknown parameter \"min\" of filter too_short: use minWords or minCharacters");
    assertRefused(
        "non_ascii_start",
        Map.of("x", 3),
        "unknown parameter \"x\" of filter non_ascii_start: it takes none");
  }

  @Test
  void a_value_that_does_not_fit_is_refused() {
    assertRefused(
        "too_long",
        Map.of("maxWords", "many"),
        "parameter \"maxWords\" of filter too_long is many: give a whole number from 0");
    assertRefused(
        "repetitive",
        Map.of("minDistinctRatio", 1.5),
        "parameter \"minDistinctRatio\" of filter repetitive is 1.5: give a number from 0 to 1");
    assertRefused(
        "keyword",
        Map.of(),
        "parameter \"words\" of filter keyword is nothing: give a list of texts");
    assertRefused(
        "keyword",
        Map.of("words", List.of("a", 1)),
        "parameter \"words\" of filter keyword is [a, 1]: give a list of texts, none of them"
            + " empty");
    assertRefused(
        "keyword",
        Map.of("words", List.of("a"), "wholeWords", "no"),
        "parameter \"wholeWords\" of filter keyword is no: give true or false");
    assertRefused(
        "write_a_program",
        Map.of("prefix", ""),
        "parameter \"prefix\" of filter write_a_program is : give a text");
  }

  private static void assertRefused(String name, Map<String, Object> parameters, String message) {
    assertThatThrownBy(() -> Filters.of(name, parameters))
        .isInstanceOf(CriaException.class)
        .hasMessage(message);
  }

  private static String published(String instruction) {
    return word(Filters.selfInstruct().judge(draft(instruction)));
  }

  private static String judge(String name, Map<String, Object> parameters, Draft draft) {
    return word(Filters.of(name, parameters).judge(draft));
  }

  private static String word(Verdict verdict) {
    return verdict.reason() == null ? KEPT : verdict.reason();
  }

  private static Draft draft(String instruction) {
    return Draft.parsed(0, instruction, instruction, null, null);
  }
}
