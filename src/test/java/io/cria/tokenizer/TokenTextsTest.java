package io.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.TokenText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenTextsTest {
  private static TokenTexts pieces() {
    String json =
        """
        {"added_tokens": [{"id": 0, "content": "<s>", "special": true},
          {"id": 5, "content": "<tool>", "special": false}],
         "decoder": {"type": "Sequence", "decoders": [
          {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
          {"type": "ByteFallback"}, {"type": "Fuse"}]},
         "model": {"vocab": {"<s>": 0, "▁the": 1, "<0xE2>": 2, "é": 3, "<0xE2": 4}}}
        """;
    return TokenTexts.of(Vocabulary.parse(json.getBytes(StandardCharsets.UTF_8), "here"));
  }

  @Test
  void theTextsOfAByteLevelVocabularyAreTheBytesOfWhatItDecodes() {
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      TokenTexts texts = tokenizer.tokenTexts();
      int[] ids = tokenizer.encode("the thing 한 🦙\n", false);

      assertThat(Arrays.stream(ids).boxed().flatMap(id -> texts.of(id).bytes().stream()))
          .containsExactly(bytes("the thing 한 🦙\n"));
      assertThat(texts.size()).isEqualTo(tokenizer.vocabularySize());
      for (Map.Entry<String, Integer> token : tokenizer.ids().entrySet()) {
        assertThat(texts.isControl(token.getValue()))
            .isEqualTo(tokenizer.controlTokens().contains(token.getKey()));
      }
    }
  }

  private static Integer[] bytes(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    Integer[] values = new Integer[utf8.length];
    Arrays.setAll(values, i -> utf8[i] & 0xFF);
    return values;
  }

  @Test
  void theTextsOfPiecesHaveSpacesAndSingleBytes() {
    TokenTexts texts = pieces();

    assertThat(texts.of(1)).hasToString(" the");
    assertThat(texts.of(2)).isEqualTo(TokenText.of(new byte[] {(byte) 0xE2}));
    assertThat(texts.of(2)).hasToString("bytes:\\xe2");
    assertThat(texts.of(3)).hasToString("é");
    assertThat(texts.of(3).characters()).isEqualTo(1);
    assertThat(texts.of(4)).hasToString("<0xE2");
    assertThat(texts.of(5)).hasToString("<tool>");
    assertThat(texts.isControl(0)).isTrue();
    assertThat(texts.isControl(5)).isFalse();
    assertThat(texts.of(99).length()).isZero();
  }
}
