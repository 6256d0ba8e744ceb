package io.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import io.cria.task.TrainingExample;
import io.cria.weights.EmbeddingRows;
import io.cria.weights.GgufWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelTokenizerTest {
  private static final List<String> TEXTS =
      List.of(
          "the thing over there",
          "I'll pay 3.14159 or 1,000,000",
          "def f(x):\n    return x**2\t# note\r\n",
          "다음 문장을 번역하세요. 日本語",
          "\uD83D\uDE00 and \uD83D\uDC69\u200D\uD83D\uDC67",
          "  spaces   around  ",
          "nul \u0000 inside",
          "",
          "<|im_end|> spelt by a user </s>");

  @TempDir Path directory;

  @Test
  void everyTextComesBackAsItWas() {
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      for (String text : TEXTS) {
        int[] ids = tokenizer.encode(List.of(TextPiece.user(text)));
        assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
      }
      assertThat(tokenizer.encode("the other", false)).hasSize(5);
      assertThat(tokenizer.vocabularySize()).isEqualTo(5 + 256 + 9);
      assertThat(tokenizer.hash()).isEqualTo(Ids.sha256(SmallTokenizer.json()));
    }
  }

  @Test
  void controlTokensCountOnlyWhereALayoutPutsThem() {
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      assertThat(tokenizer.encode("<|im_start|>", false)).containsExactly(3);
      assertThat(tokenizer.encode(List.of(TextPiece.user("<|im_start|>"))))
          .hasSizeGreaterThan(5)
          .doesNotContain(3);
      int[] mixed =
          tokenizer.encode(
              List.of(TextPiece.layout("</s>a"), TextPiece.user("</s>"), TextPiece.layout("</s>")));
      assertThat(mixed).startsWith(2).endsWith(2);
      assertThat(Arrays.stream(mixed).filter(id -> id == 2)).hasSize(2);
      assertThat(tokenizer.decode(mixed, true)).isEqualTo("a</s>");
    }
  }

  @Test
  void theTextBetweenControlTokensIsEncodedAsOne() {
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      int[] split =
          tokenizer.encode(
              List.of(TextPiece.layout("<s>t"), TextPiece.user("h"), TextPiece.layout("e")));
      assertThat(split).containsExactly(tokenizer.encode("<s>the", false)).hasSize(2);
    }
  }

  @Test
  void aSequenceIsBegunOnceWhereTheModelWantsIt() {
    try (ModelTokenizer plain = SmallTokenizer.create();
        ModelTokenizer begins =
            SmallTokenizer.create(new TokenizerSettings("<s>", "</s>", null, null, true, null))) {
      assertThat(plain.encode("a", true)).hasSize(1);
      assertThat(begins.encode("a", true)).startsWith(1).hasSize(2);
      assertThat(begins.encode("a", false)).hasSize(1);
      assertThat(begins.encode("<s>a", true)).hasSize(2);
      assertThat(begins.encode("", true)).containsExactly(1);
      assertThat(begins.bosId()).hasValue(1);
      assertThat(begins.eosId()).hasValue(2);
      assertThat(begins.padId()).isEmpty();
    }
  }

  @Test
  void aWrittenTokenizerIsReadBack() {
    TokenizerSettings settings =
        new TokenizerSettings("<s>", "</s>", "</s>", "<unk>", true, "{{ chat }}");
    try (ModelTokenizer tokenizer = SmallTokenizer.create(settings)) {
      tokenizer.writeTo(directory);
      try (ModelTokenizer again = ModelTokenizer.open(directory)) {
        assertThat(again.hash()).isEqualTo(tokenizer.hash());
        assertThat(again.settings()).isEqualTo(settings);
      }
    }
  }

  @Test
  void settingsAreFoundInAllTheirPlaces() throws IOException {
    Files.write(directory.resolve("tokenizer.json"), SmallTokenizer.json());
    Files.writeString(
        directory.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<s>\"}, \"pad_token\": null, \"chat_template\":"
            + " [{\"name\": \"tool\", \"template\": \"x\"}, {\"name\": \"default\", \"template\":"
            + " \"y\"}]}");
    Files.writeString(directory.resolve("special_tokens_map.json"), "{\"eos_token\": \"</s>\"}");
    try (ModelTokenizer tokenizer = ModelTokenizer.open(directory.resolve("tokenizer.json"))) {
      assertThat(tokenizer.settings())
          .isEqualTo(new TokenizerSettings("<s>", "</s>", null, null, false, "y"));
    }
    Files.writeString(directory.resolve("chat_template.jinja"), "z");
    try (ModelTokenizer tokenizer = ModelTokenizer.open(directory)) {
      assertThat(tokenizer.settings().chatTemplate()).isEqualTo("z");
    }
  }

  @Test
  void thePostProcessorSaysWhetherASequenceIsBegunWhereTheSettingsDoNot() throws IOException {
    String json = new String(SmallTokenizer.json(), StandardCharsets.UTF_8);
    String processor =
        "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},"
            + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
            + "{\"Sequence\":{\"id\":\"B\",\"type_id\":1}}],"
            + "\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[1],\"tokens\":[\"<s>\"]}}}";
    Files.writeString(
        directory.resolve("tokenizer.json"),
        json.replace("\"post_processor\":null", "\"post_processor\":" + processor));
    Path config = directory.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"bos_token\": \"<s>\"}");
    try (ModelTokenizer tokenizer = ModelTokenizer.open(directory)) {
      assertThat(tokenizer.encode("a", true)).startsWith(1);
      assertThat(tokenizer.encode("a", false)).hasSize(1);
    }
    Files.writeString(config, "{\"bos_token\": \"<s>\", \"add_bos_token\": false}");
    try (ModelTokenizer tokenizer = ModelTokenizer.open(directory)) {
      assertThat(tokenizer.encode("a", true)).hasSize(1);
    }
  }

  @Test
  void aWrongTokenizerIsOneClearLine() throws IOException {
    assertThatThrownBy(() -> ModelTokenizer.open(directory))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("no tokenizer at")
        .hasMessageContaining("tokenizer.json");
    Path file = directory.resolve("tokenizer.json");
    Files.writeString(file, "{\"model\": ");
    assertThatThrownBy(() -> ModelTokenizer.open(file)).hasMessageContaining("is no JSON");
    Files.writeString(file, "{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0]]}}");
    assertThatThrownBy(() -> ModelTokenizer.open(file))
        .hasMessageContaining("holds no tokenizer with a vocabulary of pieces");
    Files.writeString(file, "{\"model\": {\"type\": \"Nonsense\", \"vocab\": {\"a\": 0}}}");
    assertThatThrownBy(() -> ModelTokenizer.open(file))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("does not load as a tokenizer");
    TokenizerSettings foreign = new TokenizerSettings(null, "<|eot_id|>", null, null, false, null);
    assertThatThrownBy(() -> SmallTokenizer.create(foreign))
        .hasMessageContaining("has no token '<|eot_id|>'");
  }

  @Test
  void aVocabularyGoesIntoGgufAndBackWithEqualIds() {
    TokenizerSettings settings =
        new TokenizerSettings("<s>", "</s>", null, "<unk>", true, "a template");
    try (ModelTokenizer tokenizer = SmallTokenizer.create(settings)) {
      Path file = directory.resolve("vocabulary.gguf");
      Map<String, Object> metadata = GgufVocabulary.metadata(tokenizer, 280);
      assertThat(metadata)
          .containsEntry("tokenizer.ggml.model", "gpt2")
          .containsEntry("tokenizer.ggml.pre", "smollm")
          .containsEntry("tokenizer.ggml.eos_token_id", 2);
      GgufWriter.write(file, metadata, List.of());
      try (ModelTokenizer back = ModelTokenizer.open(file)) {
        assertThat(back.settings()).isEqualTo(settings);
        for (String text : TEXTS) {
          List<TextPiece> pieces = List.of(TextPiece.user(text), TextPiece.layout("<|im_end|>"));
          assertThat(back.encode(pieces)).containsExactly(tokenizer.encode(pieces));
        }
      }
      assertThatThrownBy(() -> GgufVocabulary.metadata(tokenizer, 100))
          .hasMessage(
              "the tokenizer has 270 tokens, the model's embedding 100 rows: give the model's own"
                  + " tokenizer");
    }
  }

  @Test
  void sentencePieceIsJoinedByScoreAndFallsBackToBytes() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int value = 0; value < 256; value++) {
      tokens.add(String.format("<0x%02X>", value));
    }
    tokens.addAll(List.of("ab", "bc", "\u2581ab", "\u2581", "a", "b", "c"));
    float[] scores = new float[tokens.size()];
    int[] types = new int[tokens.size()];
    for (int id = 0; id < scores.length; id++) {
      types[id] = id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1;
      scores[id] = id < 259 ? 0 : -(id - 259);
    }
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.scores", scores);
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put("tokenizer.ggml.bos_token_id", 1);
    metadata.put("tokenizer.ggml.eos_token_id", 2);
    metadata.put("tokenizer.ggml.unknown_token_id", 0);
    Path file = directory.resolve("spm.gguf");
    GgufWriter.write(file, metadata, List.of());
    try (ModelTokenizer tokenizer = ModelTokenizer.open(file)) {
      assertThat(tokenizer.encode("abc", true)).containsExactly(1, 261, 265);
      assertThat(tokenizer.encode("a\u00e9", true))
          .containsExactly(1, 262, 263, 3 + 0xC3, 3 + 0xA9);
      assertThat(tokenizer.decode(tokenizer.encode("ab c \u00e9\uD83D\uDE00", false), true))
          .isEqualTo("ab c \u00e9\uD83D\uDE00");
      assertThat(tokenizer.encode(List.of(TextPiece.user("</s>"))).length).isGreaterThan(1);

      Map<String, Object> again = GgufVocabulary.metadata(tokenizer, tokens.size());
      assertThat(again)
          .containsEntry("tokenizer.ggml.model", "llama")
          .containsEntry("tokenizer.ggml.tokens", tokens);
      assertThat((int[]) again.get("tokenizer.ggml.token_type")).containsExactly(types);
      GgufWriter.write(file, again, List.of());
      try (ModelTokenizer back = ModelTokenizer.open(file)) {
        for (String text : List.of("abc abab bcab", "c\u00e9a  b")) {
          assertThat(back.encode(text, true)).containsExactly(tokenizer.encode(text, true));
        }
      }
    }
  }

  @Test
  void phi3sTokensTakeTheWhiteSpaceBehindThemAlong() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    List<String> tokens = List.of("<unk>", "<s>", "</s>", "<|endoftext|>", "<|end|>", "a");
    metadata.put("general.name", "Tuned Phi-3");
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.scores", new float[tokens.size()]);
    metadata.put("tokenizer.ggml.token_type", new int[] {2, 3, 3, 3, 3, 1});
    metadata.put("tokenizer.ggml.unknown_token_id", 0);
    for (boolean named : List.of(true, false)) {
      if (!named) {
        metadata.put("general.name", "Tuned");
      }
      Path file = directory.resolve("phi3.gguf");
      GgufWriter.write(file, metadata, List.of());
      try (ModelTokenizer tokenizer = ModelTokenizer.open(file)) {
        for (JsonNode added : tokenizer.tree().path("added_tokens")) {
          boolean takes = List.of("</s>", "<|end|>").contains(added.path("content").asText());
          assertThat(added.path("rstrip").asBoolean()).isEqualTo(named && takes);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"normalizer\":{\"type\":\"Prepend\",\"prepend\":\"\u2581\"},\"pre_tokenizer\":"
            + "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"never\",\"split\":false}}",
        "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"\u2581\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\""
            + " \"},\"content\":\"\u2581\"}]}}",
        "{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\",\"split\":false}}",
        "{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"first\",\"split\":true}}",
        "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"add_prefix_space\":true}]}}",
        "{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"never\",\"split\":false}}",
      })
  void anAnswerThatGoesOnFromTextIsTaughtWithTheTokensOfTheWholeText(String steps)
      throws IOException {
    for (String jinja :
        List.of(
            "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token + '[INST] ' + m.content + '"
                + " [/INST]' }}{% else %}{{ ' ' + m.content + ' ' + eos_token }}{% endif %}{% endfor"
                + " %}",
            "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}"
                + "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}")) {
      TokenizerSettings settings = new TokenizerSettings("<s>", "</s>", null, "<unk>", true, jinja);
      try (ModelTokenizer tokenizer =
          ModelTokenizer.of(SmallTokenizer.spaceMarking(steps), settings, "t")) {
        List<Segment> segments =
            ModelChat.of(tokenizer)
                .training(TrainingExample.task("ab", "", "ab"))
                .sequences()
                .get(0);
        String text = segments.get(0).text() + segments.get(1).text();
        List<int[]> parts = tokenizer.encodeSegments(segments);
        assertThat(IntStream.concat(Arrays.stream(parts.get(0)), Arrays.stream(parts.get(1))))
            .containsExactly(
                Arrays.stream(tokenizer.encode(text, false)).boxed().toArray(Integer[]::new));
        assertThat(GgufVocabulary.metadata(tokenizer, tokenizer.vocabularySize()))
            .containsEntry(
                "tokenizer.ggml.add_space_prefix",
                !steps.contains("never") || steps.contains("Prepend"));
        int word = tokenizer.idOf(jinja.contains("INST") ? "\u2581ab" : "ab").orElseThrow();
        assertThat(parts.get(1)).startsWith(word).endsWith(2);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "pre", "merges", "tokens", "token_type", "eos_token_id"})
  void aGgufWithAnotherTokenizerIsRefused(String broken) {
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      Map<String, Object> metadata = new HashMap<>(GgufVocabulary.metadata(tokenizer, 270));
      String key = "tokenizer.ggml." + broken;
      switch (broken) {
        case "model", "pre" -> metadata.put(key, "strange");
        case "token_type" -> metadata.put(key, new int[3]);
        case "eos_token_id" -> metadata.put(key, 999);
        default -> metadata.remove(key);
      }
      Path file = directory.resolve("broken.gguf");
      GgufWriter.write(file, metadata, List.of());
      assertThatThrownBy(() -> ModelTokenizer.open(file))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("broken.gguf")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void theEmbeddedModelsTokenizerGivesLlamaCppsIds() {
    String own = System.getenv("CRIA_CACHE");
    String caches = System.getenv("XDG_CACHE_HOME");
    Path cache =
        own != null
            ? Path.of(own)
            : (caches != null
                    ? Path.of(caches)
                    : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("cria");
    Path model = cache.resolve("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    assumeTrue(
        Files.exists(model), "skipped: the embedded model is not at hand (scripts/fetch-model)");
    try (ModelTokenizer tokenizer = ModelTokenizer.open(model)) {
      assertThat(tokenizer.encode("Hello, world!", true)).containsExactly(19556, 28, 905, 17);
      assertThat(tokenizer.vocabularySize()).isEqualTo(49152);
      assertThat(tokenizer.eosId()).hasValue(2);
      assertThat(tokenizer.encode(List.of(TextPiece.user("def f(x):\n    return x**2  # 12345\n"))))
          .containsExactly(
              1604, 275, 24, 104, 727, 472, 1003, 1792, 828, 34, 216, 907, 216, 33, 34, 35, 36, 37,
              198);
      assertThat(
              tokenizer.encode(
                  List.of(
                      TextPiece.user(
                          "\ub2e4\uc74c \ubb38\uc7a5\uc744 \uc601\uc5b4\ub85c"
                              + " \ubc88\uc5ed\ud558\uc138\uc694."))))
          .containsExactly(
              41259, 114, 26638, 230, 25947, 122, 133, 183, 248, 115, 26638, 222, 18601, 242, 219,
              183, 240, 129, 182, 111, 246, 25947, 127, 226, 183, 241, 251, 33085, 242, 183, 222,
              133, 183, 244, 238, 30);
      assertThat(tokenizer.encode(List.of(TextPiece.user("<|im_end|> is text <|endoftext|>"))))
          .containsExactly(
              44, 108, 306, 79, 486, 108, 46, 314, 1694, 2067, 108, 486, 1714, 2692, 108, 46);
      assertThat(
              tokenizer.encode(List.of(TextPiece.user("I'll we've don't IT'S 3.14159 1,000,000"))))
          .containsExactly(
              57, 3060, 392, 3543, 1326, 982, 9627, 23, 67, 216, 35, 30, 33, 36, 33, 37, 41, 216,
              33, 28, 32, 32, 32, 28, 32, 32, 32);
      ModelChat chat = ModelChat.of(tokenizer);
      assertThat(tokenizer.decode(tokenizer.encode(chat.prompt("Hi", "")), false))
          .isEqualTo(
              """
              <|im_start|>system
              You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
              <|im_start|>user
              Hi<|im_end|>
              <|im_start|>assistant
              """);
    }
  }

  /** Ids of the tokenizers library for the whole texts. */
  @Test
  void aSpaceBeforeTheFirstTextAloneIsNotPutBehindControlTokens() throws IOException {
    String steps =
        "{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"%s\",\"split\":true}}";
    TokenizerSettings settings = new TokenizerSettings("<s>", "</s>", null, "<unk>", false, null);
    try (ModelTokenizer first =
            ModelTokenizer.of(
                SmallTokenizer.spaceMarking(steps.formatted("first")), settings, "first");
        ModelTokenizer always =
            ModelTokenizer.of(
                SmallTokenizer.spaceMarking(steps.formatted("always")), settings, "always")) {
      assertThat(first.encode("<s>ab</s>ab", false)).containsExactly(1, 262, 2, 262);
      assertThat(first.encode("ab</s>ab", false)).containsExactly(263, 2, 262);
      assertThat(always.encode("<s>ab</s>ab", false)).containsExactly(1, 263, 2, 263);
    }
  }

  /** As the tokenizers library has it: the token takes the white space, and none is encoded. */
  @Test
  void controlTokensTakeTheWhiteSpaceThatIsTheirs() {
    String json =
        new String(SmallTokenizer.json(), StandardCharsets.UTF_8)
            .replaceAll("(\"id\":3,[^}]*\"rstrip\":)false", "$1true")
            .replaceAll("(\"id\":4,[^}]*\"lstrip\":)false", "$1true");
    TokenizerSettings settings = new TokenizerSettings("<s>", "</s>", null, null, false, null);
    try (ModelTokenizer stripping =
            ModelTokenizer.of(json.getBytes(StandardCharsets.UTF_8), settings, "t");
        ModelTokenizer plain = SmallTokenizer.create()) {
      String text = "<|im_start|> \n\u00a0the <s> a \n<|im_end|> b";
      assertThat(stripping.encode(text, false))
          .containsExactly(plain.encode("<|im_start|>the <s> a<|im_end|> b", false));
      List<int[]> parts =
          stripping.encodeSegments(
              List.of(
                  Segment.context(TextPiece.layout("the<|im_start|>\n")),
                  Segment.answer(" \nin", "<|im_end|>")));
      assertThat(parts.get(0)).containsExactly(plain.encode("the<|im_start|>", false));
      assertThat(parts.get(1)).containsExactly(plain.encode("in<|im_end|>", false));
    }
  }

  @Test
  void whatAModelLacksIsAddedAsTheAlpacaRecipeDoes() {
    try (ModelTokenizer bare =
        SmallTokenizer.create(new TokenizerSettings(null, "</s>", null, null, false, null))) {
      TokenPlan plan = TokenPlan.complete(bare);
      assertThat(plan.added()).containsExactly(new TokenPlan.Added("[PAD]", 270));
      assertThat(plan.settings())
          .isEqualTo(new TokenizerSettings("<s>", "</s>", "[PAD]", "<unk>", false, null));
      try (ModelTokenizer complete = plan.tokenizer()) {
        assertThat(complete.vocabularySize()).isEqualTo(271);
        assertThat(complete.padId()).hasValue(270);
        assertThat(complete.encode("[PAD]the", false))
            .containsExactly(
                IntStream.concat(IntStream.of(270), Arrays.stream(bare.encode("the", false)))
                    .toArray());
        assertThat(TokenPlan.complete(complete).added()).isEmpty();
        assertThat(TokenPlan.complete(complete).tokenizerJson()).isEqualTo(complete.json());
      }
    }
  }

  @Test
  void newRowsAreTheMeanOfTheOldOnes() {
    float[] matrix = {1, 2, 3, 6, 100, 100};
    assertThat(EmbeddingRows.withMeanRows(matrix, 2, 2, 4)).containsExactly(1, 2, 3, 6, 2, 4, 2, 4);
    assertThat(EmbeddingRows.withMeanRows(matrix, 2, 3, 3)).containsExactly(matrix);
    assertThatThrownBy(() -> EmbeddingRows.withMeanRows(matrix, 2, 4, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
