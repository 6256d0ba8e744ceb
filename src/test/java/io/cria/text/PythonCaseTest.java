package io.cria.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PythonCaseTest {
  @Test
  void capitalize_lowers_everything_after_the_first_character() {
    assertThat(PythonCase.capitalize("gIVE THE NASA Acronym")).isEqualTo("Give the nasa acronym");
    assertThat(PythonCase.capitalize("")).isEmpty();
    assertThat(PythonCase.capitalize("\"GIVE")).isEqualTo("\"give");
  }

  @Test
  void the_first_character_gets_its_full_title_case() {
    assertThat(PythonCase.capitalize("ßA")).isEqualTo("Ssa");
    assertThat(PythonCase.capitalize("ﬁN")).isEqualTo("Fin");
    assertThat(PythonCase.capitalize("ﬃ")).isEqualTo("Ffi");
    assertThat(PythonCase.capitalize("ŉ")).isEqualTo("ʼN");
    assertThat(PythonCase.capitalize("ǰ")).isEqualTo("J\u030C");
    assertThat(PythonCase.capitalize("և")).isEqualTo("Եւ");
    assertThat(PythonCase.capitalize("ᾲ")).isEqualTo("Ὰ\u0345");
  }

  @Test
  void a_single_title_case_letter_is_preferred() {
    assertThat(PythonCase.capitalize("ǆ")).isEqualTo("ǅ");
    assertThat(PythonCase.capitalize("Ǆ")).isEqualTo("ǅ");
    assertThat(PythonCase.capitalize("ᾳ")).isEqualTo("ᾼ");
    assertThat(PythonCase.capitalize("ᾼ")).isEqualTo("ᾼ");
    assertThat(PythonCase.capitalize("აბ")).isEqualTo("აბ");
  }

  @Test
  void a_first_character_outside_the_basic_plane_counts_once() {
    assertThat(PythonCase.capitalize("\uD801\uDC28\uD801\uDC00"))
        .isEqualTo("\uD801\uDC00\uD801\uDC28");
    assertThat(PythonCase.capitalize("\uD800AB")).isEqualTo("\uD800ab");
  }

  @Test
  void sigma_is_final_after_a_letter_when_none_follows() {
    assertThat(PythonCase.lower("ΟΔΟΣ")).isEqualTo("οδος");
    assertThat(PythonCase.lower("ΣΑΣ ΣΑ")).isEqualTo("σας σα");
    assertThat(PythonCase.lower("Σ")).isEqualTo("σ");
    assertThat(PythonCase.lower("1Σ")).isEqualTo("1σ");
  }

  @Test
  void marks_and_punctuation_inside_words_are_looked_through_for_sigma() {
    assertThat(PythonCase.lower("ΑΣ.")).isEqualTo("ας.");
    assertThat(PythonCase.lower("ΑΣ.Α")).isEqualTo("ασ.α");
    assertThat(PythonCase.lower("Α'Σ")).isEqualTo("α'ς");
    assertThat(PythonCase.lower("Α\u0301Σ\u0301")).isEqualTo("α\u0301ς\u0301");
    assertThat(PythonCase.lower("ΑΣ-Α")).isEqualTo("ας-α");
  }

  @Test
  void the_dotted_capital_i_gives_two_characters_and_no_locale_matters() {
    assertThat(PythonCase.lower("İI")).isEqualTo("i\u0307i");
  }

  @Test
  void folding_is_one_to_one_and_knows_the_odd_relatives_of_ascii() {
    assertThat("iIİı".codePoints().map(PythonCase::fold).distinct().toArray()).containsExactly('i');
    assertThat("sSſ".codePoints().map(PythonCase::fold).distinct().toArray()).containsExactly('s');
    assertThat("kK\u212A".codePoints().map(PythonCase::fold).distinct().toArray())
        .containsExactly('k');
    assertThat("σςΣ".codePoints().map(PythonCase::fold).distinct().count()).isEqualTo(1);
    assertThat(PythonCase.fold('ß')).isEqualTo(PythonCase.fold('ẞ')).isNotEqualTo('s');
    assertThat(PythonCase.fold('ﬅ')).isEqualTo(PythonCase.fold('ﬆ'));
    assertThat(PythonCase.fold('Ａ')).isNotEqualTo('a');
  }
}
