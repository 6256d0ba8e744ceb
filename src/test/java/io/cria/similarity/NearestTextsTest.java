package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTextsTest {
  private static final Tokenizer ROUGE = Tokenizer.named("rouge-en");

  /** Position and score of what a loop over all finds. */
  private static String looped(List<String> texts, String text, int except) {
    int position = NearestTexts.NONE;
    double score = 0;
    for (int i = 0; i < texts.size(); i++) {
      double f = i == except ? 0 : RougeL.f(text, texts.get(i), ROUGE);
      if (f > score) {
        position = i;
        score = f;
      }
    }
    return position + " " + score;
  }

  private static String found(NearestTexts.Search search, String text, int except) {
    search.find(text, except);
    return search.position() + " " + search.score();
  }

  @ParameterizedTest
  @CsvSource({"1, 400, 12, 1, 8", "2, 400, 60, 3, 14", "3, 300, 400, 2, 30", "4, 120, 9, 60, 140"})
  void theNearestIsThatOfALoopOverAll(long seed, int count, int vocabulary, int least, int most) {
    List<String> texts = Corpora.tiny(seed, count, vocabulary, least, most);
    NearestTexts.Search search = new NearestTexts(ROUGE, texts).search();
    List<String> found = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      found.add(found(search, texts.get(i), i));
      wanted.add(looped(texts, texts.get(i), i));
    }
    assertThat(found).isEqualTo(wanted);
  }

  @Test
  void aTextFromElsewhereFindsWhatItIsNearTo() {
    List<String> texts = Corpora.tiny(7, 200, 40, 2, 12);
    NearestTexts.Search search = new NearestTexts(ROUGE, texts).search();
    for (String text : Corpora.tiny(8, 200, 50, 2, 12)) {
      assertThat(found(search, text, NearestTexts.NONE))
          .as(text)
          .isEqualTo(looped(texts, text, NearestTexts.NONE));
    }
  }

  @Test
  void ofEqualOnesItIsTheFirst() {
    NearestTexts.Search search =
        new NearestTexts(ROUGE, List.of("x y", "a b c", "a b d", "a b c")).search();
    assertThat(found(search, "a b c", 3)).isEqualTo("1 1.0");
    assertThat(found(search, "a b e", NearestTexts.NONE)).startsWith("1 0.66");
  }

  @Test
  void aTextThatSharesNothingHasNone() {
    NearestTexts.Search search = new NearestTexts(ROUGE, List.of("a b", "c", "…")).search();
    assertThat(found(search, "x y", NearestTexts.NONE)).isEqualTo("-1 0.0");
    assertThat(found(search, "한국어", NearestTexts.NONE)).isEqualTo("-1 0.0");
    assertThat(found(search, "c", 1)).isEqualTo("-1 0.0");
    assertThat(found(new NearestTexts(ROUGE, List.of()).search(), "a", NearestTexts.NONE))
        .isEqualTo("-1 0.0");
  }
}
