package io.cria.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Beside nltk 3.10.4's PorterStemmer, whose words and stems lie in stems.tsv. */
class PorterStemmerTest {
  @Test
  void stemsAreThoseOfNltk() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/text/stems.tsv")),
                StandardCharsets.UTF_8))) {
      List<String> lines = reader.lines().toList();
      assertThat(lines).hasSizeGreaterThan(200);
      for (String line : lines) {
        String word = line.substring(0, line.indexOf('\t'));
        assertThat(word + "\t" + PorterStemmer.stem(word)).isEqualTo(line);
      }
    }
  }

  @Test
  void onlyTokensOfFourAndMoreAreStemmed() {
    Tokenizer tokenizer = Tokenizer.named("rouge-en-stem");
    assertThat(tokenizer.name()).isEqualTo("rouge-en-stem");
    assertThat(tokenizer.tokens("Was RUNNING, the cats' flies: 2024s 안녕"))
        .containsExactly("was", "run", "the", "cat", "fli", "2024");
  }
}
