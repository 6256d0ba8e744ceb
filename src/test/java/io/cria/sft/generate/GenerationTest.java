package io.cria.sft.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.task.Decoding;
import io.cria.task.LogitsHook;
import io.cria.task.SeededRandom;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class GenerationTest {
  @SuppressWarnings("UnusedVariable")
  private static final List<String> MODELS = Golden.MODELS;

  @TempDir Path directory;

  private static final class Greedy implements BatchGenerator.Text {
    private final int[] prompt;
    private final int maxTokens;
    private final List<Integer> tokens = new ArrayList<>();

    Greedy(int[] prompt, int maxTokens) {
      this.prompt = prompt;
      this.maxTokens = maxTokens;
    }

    @Override
    public int[] prompt() {
      return prompt;
    }

    @Override
    public int maxTokens() {
      return maxTokens;
    }

    @Override
    public boolean next(float[] logits) {
      tokens.add(Sampler.argmax(logits));
      return true;
    }

    @Override
    public int last() {
      return tokens.get(tokens.size() - 1);
    }

    @Override
    public int count() {
      return tokens.size();
    }
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void greedyTokensAreThoseOfTheReferenceAloneAndInABatchOfUnequalLengths(String model) {
    Decoder decoder = Golden.decoder(model, false);
    BatchGenerator generator = new BatchGenerator(decoder);
    List<Greedy> batch = new ArrayList<>();
    List<int[]> expected = new ArrayList<>();
    for (JsonNode run : Golden.json("models/" + model + "/golden.json").path("generation")) {
      int[] prompt = ints(run.path("prompt"));
      int[] tokens = ints(run.path("tokens"));
      Greedy alone = new Greedy(prompt, tokens.length);
      generator.run(List.of(alone));
      assertThat(alone.tokens).containsExactly(boxed(tokens));
      // The same text from inside it, and one that ends early: rows of other lengths beside it.
      int[] longer =
          IntStream.concat(IntStream.of(prompt), IntStream.of(tokens).limit(5)).toArray();
      batch.add(new Greedy(longer, tokens.length - 5));
      expected.add(IntStream.of(tokens).skip(5).toArray());
      batch.add(new Greedy(prompt, 3));
      expected.add(IntStream.of(tokens).limit(3).toArray());
      batch.add(new Greedy(prompt, tokens.length));
      expected.add(tokens);
    }
    generator.run(batch);
    for (int i = 0; i < batch.size(); i++) {
      assertThat(batch.get(i).tokens).containsExactly(boxed(expected.get(i)));
    }
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  private static Integer[] boxed(int[] values) {
    return IntStream.of(values).boxed().toArray(Integer[]::new);
  }

  /** The golden model with a tokenizer of single bytes: byte b has id b + 3. */
  private Path checkpoint() throws IOException {
    Path model = directory.resolve("tiny");
    Files.createDirectories(model);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Golden.path("models/gqa_tied/" + file), model.resolve(file));
    }
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.put("version", "1.0");
    root.putArray("added_tokens")
        .addObject()
        .put("id", 2)
        .put("content", "</s>")
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
    root.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("use_regex", false)
        .put("trim_offsets", true);
    root.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("use_regex", false)
        .put("trim_offsets", true);
    ObjectNode bpe = root.putObject("model").put("type", "BPE");
    ObjectNode vocabulary = bpe.putObject("vocab");
    vocabulary.put("</s>", 2);
    int beyond = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      vocabulary.put(String.valueOf((char) (printable ? b : beyond++)), b + 3);
    }
    bpe.putArray("merges");
    Files.writeString(model.resolve("tokenizer.json"), json.writeValueAsString(root));
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
    return model;
  }

  private static Decoding decoding(
      int maxTokens, double temperature, List<String> stop, long seed) {
    return new Decoding(maxTokens, temperature, null, null, null, null, null, stop, Map.of(), seed);
  }

  /** Makes the model write the text, then its end token. */
  private static LogitsHook writing(String text, int promptTokens) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return (previous, logits) -> {
      int at = previous.length - promptTokens;
      logits[at < bytes.length ? (bytes[at] & 0xFF) + 3 : 2] = 1e6f;
    };
  }

  private Generated write(String text, int maxTokens, List<String> stop, @Nullable String prompt)
      throws IOException {
    Path model = Files.exists(directory.resolve("tiny")) ? directory.resolve("tiny") : checkpoint();
    try (CheckpointGenerator generator = CheckpointGenerator.open(model, writing(text, 2))) {
      assertThat(generator.modelName()).isEqualTo("tiny");
      assertThat(generator.contextLength()).isEqualTo(512);
      return generator.generate(prompt == null ? "ab" : prompt, decoding(maxTokens, 0.7, stop, 1));
    }
  }

  @Test
  void anAnswerEndsAtTheEndTokenAtAStopTextOrAtTheLimit() throws IOException {
    assertThat(write("héllo", 20, List.of(), null)).isEqualTo(new Generated("héllo", "stop", 2, 7));
    assertThat(write("one\n\ntwo", 20, List.of("zzz", "\n\n"), null))
        .isEqualTo(new Generated("one", "stop", 2, 5));
    assertThat(write("abcdef", 3, List.of(), null)).isEqualTo(new Generated("abc", "length", 2, 3));
    assertThat(write("ab한", 4, List.of(), null).text()).isEqualTo("ab");
    assertThatThrownBy(() -> write("x", 511, List.of(), null))
        .isInstanceOf(PromptTooLongException.class)
        .hasMessageContaining("512");
    assertThatThrownBy(() -> write("x", 5, List.of(), ""))
        .hasMessage("the prompt is empty: give at least one character");
  }

  @Test
  void theSameSeedGivesTheSameTextAndAnotherSeedAnother() throws IOException {
    try (CheckpointGenerator generator = CheckpointGenerator.open(checkpoint(), null)) {
      List<String> prompts = List.of("one", "another", "a third");
      List<Generated> first = generator.generateAll(prompts, decoding(12, 1, List.of(), 3));
      assertThat(generator.generateAll(prompts, decoding(12, 1, List.of(), 3))).isEqualTo(first);
      assertThat(generator.generateAll(prompts, decoding(12, 1, List.of(), 4))).isNotEqualTo(first);
    }
  }

  @Test
  void anInterruptedThreadEndsBetweenTwoTokens() throws IOException {
    LogitsHook interrupting =
        (previous, logits) -> {
          if (previous.length == 5) {
            Thread.currentThread().interrupt();
          }
          assertThat(previous.length).isLessThanOrEqualTo(5);
        };
    try (CheckpointGenerator generator = CheckpointGenerator.open(checkpoint(), interrupting)) {
      assertThatThrownBy(() -> generator.generate("ab", decoding(400, 0, List.of(), 1)))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aTokenizerLargerThanTheModelIsRefused() throws IOException {
    Path model = checkpoint();
    String tokenizer = Files.readString(model.resolve("tokenizer.json"));
    Files.writeString(
        model.resolve("tokenizer.json"),
        tokenizer.replace("\"</s>\":2,", "\"</s>\":2,\"zz\":600,"));
    assertThatThrownBy(() -> CheckpointGenerator.open(model, null))
        .hasMessageContaining(
            "has 601 tokens, the model 512: give model and tokenizer of one checkpoint");
  }

  @Test
  void theSamplerPenalisesBiasesAndCuts() {
    float[] logits = {1, 2, 3, -1};
    assertThat(
            chosen(
                new Decoding(1, 0.0, null, null, null, null, 4.0, List.of(), Map.of(), null),
                logits))
        .containsOnly(1);
    assertThat(
            chosen(
                new Decoding(1, 0.0, null, null, 2.0, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(1);
    assertThat(
            chosen(
                new Decoding(1, 0.0, null, null, null, 1.5, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(1);
    assertThat(
            chosen(
                new Decoding(
                    1, 0.0, null, null, null, null, null, List.of(), Map.of("3", 100), null),
                logits))
        .containsOnly(3);
    // Shares of the four: 0.09, 0.24, 0.66, 0.01.
    assertThat(
            chosen(
                new Decoding(1, 1.0, 0.6, null, null, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(2);
    assertThat(
            chosen(
                new Decoding(1, 1.0, 0.7, null, null, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(1, 2);
    assertThat(
            chosen(
                new Decoding(1, 1.0, null, 0.2, null, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(1, 2);
    assertThat(
            chosen(
                new Decoding(1, 1.0, null, 0.1, null, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(0, 1, 2);
    assertThat(
            chosen(
                new Decoding(1, 50.0, null, null, null, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(0, 1, 2, 3);
    assertThat(
            chosen(
                new Decoding(1, 1.0, 0.0, null, null, null, null, List.of(), Map.of(), null),
                logits))
        .containsOnly(2);
    List<Integer> draws =
        chosen(
            new Decoding(1, 1.0, null, null, null, null, null, List.of(), Map.of(), null), logits);
    long best = draws.stream().filter(token -> token == 2).count();
    assertThat((double) best / draws.size()).isBetween(0.60, 0.71);
  }

  /** A thousand draws after the prompt [0] and the answer [2]. */
  private static List<Integer> chosen(Decoding decoding, float[] logits) {
    Sampler sampler = new Sampler(decoding, null, new SeededRandom(1));
    return IntStream.range(0, 1000)
        .mapToObj(i -> sampler.choose(new int[] {0, 2}, 1, logits.clone()))
        .toList();
  }
}
