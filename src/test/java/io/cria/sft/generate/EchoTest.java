package io.cria.sft.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.decoding.ScoredToken;
import io.cria.sft.TinyCheckpoint;
import io.cria.task.Decoding;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.SmallTokenizer;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where tokens stand in an answer of a model whose vocabulary is SentencePiece's: a space stands
 * before every word, and not before a text.
 */
final class EchoTest {
  private static final int ROWS = 512;
  private static final String SPACED = "\u2581ab";
  private static CheckpointGenerator model;

  @BeforeAll
  static void open(@TempDir Path folder) throws IOException {
    Path directory = TinyCheckpoint.create(folder.resolve("tiny"));
    ObjectMapper json = new ObjectMapper();
    ObjectNode tokenizer =
        (ObjectNode)
            json.readTree(
                SmallTokenizer.spaceMarking(
                    """
                    {"normalizer": {"type": "Sequence", "normalizers": [
                      {"type": "Prepend", "prepend": "\u2581"},
                      {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}}
                    """));
    ArrayNode decoders =
        tokenizer.putObject("decoder").put("type", "Sequence").putArray("decoders");
    decoders
        .addObject()
        .put("type", "Replace")
        .put("content", " ")
        .putObject("pattern")
        .put("String", "\u2581");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    TokenizerSettings settings = new TokenizerSettings("<s>", "</s>", null, "<unk>", true, null);
    try (ModelTokenizer spaced =
        ModelTokenizer.of(json.writeValueAsBytes(tokenizer), settings, "the test's")) {
      spaced.writeTo(directory);
    }
    model = CheckpointGenerator.open(directory, null);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static int id(String token) {
    return model.tokenizer().idOf(token).orElseThrow();
  }

  /** Only these tokens are written. */
  private static Decoding writing(int maxTokens, String... tokens) {
    Map<String, Integer> biases = new HashMap<>();
    for (int id = 0; id < ROWS; id++) {
      biases.put(Integer.toString(id), -100);
    }
    for (String token : tokens) {
      biases.remove(Integer.toString(id(token)));
    }
    return new Decoding(maxTokens, 1.0, null, null, null, null, null, List.of(), biases, 4L);
  }

  private static Choice ask(Prompt prompt, boolean echoed, Decoding decoding) {
    int[] ids =
        prompt instanceof Prompt.Ids given
            ? model.knownIds(given.ids())
            : model.textIds(((Prompt.Text) prompt).text());
    Question question = new Question(List.of(prompt), 1, decoding, false, echoed, false, 1, null);
    StringBuilder heard = new StringBuilder();
    Choice choice =
        model
            .answer(
                List.of(ids),
                null,
                List.of(),
                question,
                (place, more, tokens) -> {
                  heard.append(more);
                  return true;
                })
            .get(0);
    assertThat(heard).hasToString(choice.text());
    return choice;
  }

  /** Each token stands where those before it end. */
  private static void requireInPlace(Choice choice) {
    int offset = 0;
    for (ScoredToken token : choice.tokens()) {
      String text = token.token().toString();
      int cut = token.token().characters() - token.characters();
      assertThat(choice.text().startsWith(text.substring(cut), offset))
          .as("%s at %d of %s", text, offset, choice.text())
          .isTrue();
      offset += token.characters();
    }
    assertThat(offset).isEqualTo(choice.text().length());
  }

  @Test
  void anEchoIsTheTextAsItWasGivenAndTheAnswerGoesOnFromIt() {
    Choice choice = ask(new Prompt.Text("ab b"), true, writing(4, SPACED));

    assertThat(choice.text()).isEqualTo("ab b ab ab ab ab");
    assertThat(choice.tokens().get(0).token()).hasToString("<s>");
    assertThat(choice.tokens()).extracting(ScoredToken::characters).startsWith(0, 2);
    requireInPlace(choice);
    requireInPlace(ask(new Prompt.Text("ab"), true, writing(4, "b", SPACED, "\u2581")));
    requireInPlace(ask(new Prompt.Text(" ab"), true, writing(4, "a")));
  }

  @Test
  void anEchoOfTokensHasTheirControlTokens() {
    Choice choice = ask(new Prompt.Ids(List.of(id("<s>"), id(SPACED))), true, writing(2, SPACED));

    assertThat(choice.text()).isEqualTo("<s> ab ab ab");
    requireInPlace(choice);
    Choice plain = ask(new Prompt.Ids(List.of(id(SPACED))), true, writing(2, "a"));
    assertThat(plain.text()).isEqualTo("abaa");
    requireInPlace(plain);
  }

  @Test
  void anAnswerAloneBeginsWithoutItsSpace() {
    Choice choice = ask(new Prompt.Text("ab"), false, writing(3, SPACED));

    assertThat(choice.text()).isEqualTo("ab ab ab");
    assertThat(choice.tokens()).extracting(ScoredToken::characters).containsExactly(2, 3, 3);
    requireInPlace(choice);
  }
}
