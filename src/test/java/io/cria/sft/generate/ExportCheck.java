package io.cria.sft.generate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.PackedAttention;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.SeededRandom;
import io.cria.tokenizer.GgufVocabulary;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TextPiece;
import io.cria.weights.GgufExport;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Our side of scripts/check-export: loads a model's directory, saves it again as a directory and as
 * a GGUF file, and writes down what our engine makes of some prompts, for transformers and
 * llama.cpp to be compared with. The prompts are English where the model has a tokenizer, else
 * random tokens.
 */
final class ExportCheck {
  private static final String TOKENIZER = "tokenizer.json";
  private static final List<String> TEXTS =
      List.of("The capital of France is", "Water boils at", "A short poem about the sea:\n");

  /** Texts that tokenizers differ on: first words, spaces, line ends, digits, other scripts. */
  private static final List<String> SPELT =
      List.of(
          "word",
          "two words, and  three",
          "line\nnext\n\n\tindented",
          "I'll pay 3.14159 or 1,000,000",
          "camelCase HTTPServer's/\n",
          "\ub2e4\uc74c \ubb38\uc7a5 \uD83D\uDE00 caf\u00e9");

  private static final int NEW_TOKENS = 24;

  private ExportCheck() {}

  /** Arguments: the model's directory, and the directory to write to. */
  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    Path output = Path.of(arguments[1]);
    Path saved = output.resolve("model");
    ModelConfig config = ModelConfigJson.read(model);
    try (ModelWeights weights = ModelFiles.load(model, config)) {
      ModelFiles.save(saved, config, weights, TensorType.F32, model);
      export(saved, config, output.resolve("model.gguf"));
      Decoder decoder = new Decoder(config, weights, Rotary.of(config), ScalarType.Float);
      write(decoder, config, prompts(saved, config), output);
      writeTokens(saved, output.resolve("texts.json"));
    }
    System.exit(0);
  }

  private static void export(Path saved, ModelConfig config, Path file) throws IOException {
    GgufExport.write(
        file,
        "check",
        new ObjectMapper().readTree(Files.readString(saved.resolve(ModelConfigJson.FILE))),
        WeightsDirectory.open(saved),
        TensorType.F32,
        vocabulary(saved, config.vocabularySize()));
  }

  private static Map<String, Object> vocabulary(Path saved, int rows) {
    if (!Files.exists(saved.resolve(TOKENIZER))) {
      return words(rows);
    }
    try (ModelTokenizer tokenizer = ModelTokenizer.open(saved)) {
      return GgufVocabulary.metadata(tokenizer, rows);
    }
  }

  /** A word for each id: llama.cpp's server holds back tokens that are half a character. */
  private static Map<String, Object> words(int rows) {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "<0x0A>"));
    int[] types = new int[rows];
    Arrays.fill(types, 1);
    System.arraycopy(new int[] {2, 3, 3, 6}, 0, types, 0, 4);
    while (tokens.size() < rows) {
      tokens.add("\u2581w" + tokens.size());
    }
    Map<String, Object> pairs = new LinkedHashMap<>();
    pairs.put("tokenizer.ggml.model", "llama");
    pairs.put("tokenizer.ggml.tokens", tokens);
    pairs.put("tokenizer.ggml.scores", new float[rows]);
    pairs.put("tokenizer.ggml.token_type", types);
    pairs.put("tokenizer.ggml.unknown_token_id", 0);
    pairs.put("tokenizer.ggml.bos_token_id", 1);
    pairs.put("tokenizer.ggml.eos_token_id", 2);
    pairs.put("tokenizer.ggml.add_bos_token", false);
    return pairs;
  }

  private static List<int[]> prompts(Path saved, ModelConfig config) {
    if (!Files.exists(saved.resolve(TOKENIZER))) {
      SeededRandom random = new SeededRandom(11);
      return TEXTS.stream()
          .map(
              text ->
                  IntStream.range(0, 8)
                      .map(at -> 4 + random.nextInt(config.vocabularySize() - 4))
                      .toArray())
          .toList();
    }
    try (ModelTokenizer tokenizer = ModelTokenizer.open(saved)) {
      return TEXTS.stream().map(text -> tokenizer.encode(text, true)).toList();
    }
  }

  /** What our tokenizer makes of some texts; an empty list where the model has none. */
  private static void writeTokens(Path saved, Path file) throws IOException {
    ArrayNode texts = new ObjectMapper().createArrayNode();
    if (Files.exists(saved.resolve(TOKENIZER))) {
      try (ModelTokenizer tokenizer = ModelTokenizer.open(saved)) {
        for (String text : SPELT) {
          ObjectNode one = texts.addObject().put("text", text);
          Arrays.stream(tokenizer.encode(List.of(TextPiece.user(text))))
              .forEach(one.putArray("ids")::add);
        }
      }
    }
    Files.writeString(file, texts + "\n");
  }

  private static void write(Decoder decoder, ModelConfig config, List<int[]> prompts, Path output)
      throws IOException {
    List<TensorContent> logits = new ArrayList<>();
    ArrayNode cases = new ObjectMapper().createArrayNode();
    for (int i = 0; i < prompts.size(); i++) {
      int[] prompt = prompts.get(i);
      Greedy greedy = new Greedy(prompt, config);
      new BatchGenerator(decoder).run(List.of(greedy));
      int[] whole =
          IntStream.concat(
                  Arrays.stream(prompt),
                  greedy.tokens.stream()
                      .limit(greedy.tokens.size() - 1L)
                      .mapToInt(Integer::intValue))
              .toArray();
      logits.add(logits(decoder, whole, "logits." + i, config.vocabularySize()));
      ObjectNode one = cases.addObject();
      Arrays.stream(prompt).forEach(one.putArray("prompt")::add);
      Arrays.stream(whole).forEach(one.putArray("whole")::add);
      greedy.tokens.forEach(one.putArray("tokens")::add);
    }
    SafetensorsWriter.write(output.resolve("logits.safetensors"), logits);
    Files.writeString(output.resolve("cases.json"), cases + "\n");
  }

  /** (T,V) of one row. */
  private static TensorContent logits(Decoder decoder, int[] ids, String name, int vocabulary) {
    float[] values =
        Scoped.withoutGradients(
            () -> {
              long[] tokens = Arrays.stream(ids).asLongStream().toArray();
              long[] positions = IntStream.range(0, ids.length).asLongStream().toArray();
              Tensor hidden =
                  decoder.hidden(
                      Tensors.longs(tokens, 1, ids.length),
                      Tensors.longs(positions, 1, ids.length),
                      new PackedAttention(
                          new int[] {ids.length}, decoder.config().slidingWindow()));
              return Tensors.toFloats(decoder.logits(hidden));
            });
    return TensorContent.floats(name, new long[] {ids.length, vocabulary}, values);
  }

  /** Takes the likeliest token, until one that ends a text. */
  private static final class Greedy implements BatchGenerator.Text {
    private final int[] prompt;
    private final ModelConfig config;
    private final List<Integer> tokens = new ArrayList<>();

    Greedy(int[] prompt, ModelConfig config) {
      this.prompt = prompt;
      this.config = config;
    }

    @Override
    public int[] prompt() {
      return prompt;
    }

    @Override
    public int maxTokens() {
      return NEW_TOKENS;
    }

    @Override
    public boolean next(float[] logits) {
      int token = Sampler.argmax(logits);
      tokens.add(token);
      return !config.isEnd(token);
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
}
