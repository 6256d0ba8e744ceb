package io.cria.sft.generate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.safety.Watermark;
import io.cria.safety.Watermark.Scheme;
import io.cria.safety.WatermarkDetector;
import io.cria.safety.WatermarkHook;
import io.cria.sft.BaseModel;
import io.cria.sft.model.ModelConfigJson;
import io.cria.task.Decoding;
import io.cria.task.LogitsHook;
import io.cria.task.SeededRandom;
import io.cria.task.TextGenerator.Generated;
import io.cria.tokenizer.ModelTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program of scripts/watermark-study: texts of a model with and without a watermark, how many
 * of each are called marked by length and after words were deleted, and what the mark costs.
 */
final class WatermarkStudy {
  private static final double THRESHOLD = 4;
  private static final int[] LENGTHS = {25, 50, 100, 200};
  private static final int[] DELETED = {10, 20, 30};
  private static final int TOGETHER = 10;
  private static final long KEY = 15_485_863;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path model;
  private final List<String> prompts;
  private final int tokens;
  private final int logits;

  private WatermarkStudy(Path model, List<String> prompts, int tokens) {
    this.model = model;
    this.prompts = prompts;
    this.tokens = tokens;
    this.logits = ModelConfigJson.read(model).vocabularySize();
  }

  /**
   * @param args GGUF file or model directory; a working directory; a file of evaluation tasks;
   *     texts; tokens of each
   */
  public static void main(String[] args) throws IOException {
    Path work = Path.of(args[1]);
    Path model = BaseModel.prepare(Path.of(args[0]), work.resolve("base"), false);
    int texts = Integer.parseInt(args[3]);
    List<String> prompts = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[2]))) {
      var task = JSON.readTree(line);
      if (prompts.size() < texts && task.path("language").asText().equals("en")) {
        prompts.add(
            "<|im_start|>user\n"
                + (task.path("instruction").asText() + "\n" + task.path("input").asText()).strip()
                + "<|im_end|>\n<|im_start|>assistant\n");
      }
    }
    new WatermarkStudy(model, prompts, Integer.parseInt(args[4])).run();
    System.exit(0);
  }

  private void run() {
    Texts plain = write(null);
    for (Scheme scheme : Scheme.values()) {
      Watermark mark = new Watermark(0.25, 2, scheme, scheme == Scheme.LEFT_HASH ? 1 : 4, KEY);
      Texts marked = write(mark);
      table(mark, plain, marked);
    }
  }

  /** Texts and the perplexity of what was drawn, to the model without the mark. */
  private record Texts(List<String> texts, double perplexity) {}

  private Texts write(@Nullable Watermark mark) {
    Recorder recorder;
    List<String> texts = new ArrayList<>();
    Decoding decoding =
        new Decoding(tokens, 1.0, 1.0, null, null, null, null, List.of(), Map.of(), 42L, Map.of());
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(model)) {
      recorder =
          new Recorder(
              tokenizer.eosId().orElse(-1), mark == null ? null : new WatermarkHook(mark, logits));
    }
    long begun = System.nanoTime();
    try (CheckpointGenerator generator = CheckpointGenerator.open(model, recorder)) {
      for (int from = 0; from < prompts.size(); from += TOGETHER) {
        List<String> some = prompts.subList(from, Math.min(prompts.size(), from + TOGETHER));
        for (Generated generated : generator.generateAll(some, decoding)) {
          texts.add(generated.text());
        }
        System.err.printf(
            Locale.ROOT,
            "%s: %d texts, %.0f s%n",
            mark == null ? "unmarked" : mark.scheme(),
            texts.size(),
            (System.nanoTime() - begun) / 1e9);
      }
    }
    return new Texts(texts, recorder.perplexity());
  }

  private void table(Watermark mark, Texts plain, Texts marked) {
    System.out.printf(
        Locale.ROOT,
        "### %s, context %d, gamma %s, delta %s%n%n",
        mark.scheme().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        mark.contextWidth(),
        mark.share(),
        mark.bias());
    System.out.println("| texts | mean z | called marked |");
    System.out.println("|---|---:|---:|");
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(model)) {
      WatermarkDetector detector = new WatermarkDetector(mark, logits, true);
      for (int length : LENGTHS) {
        if (length <= tokens) {
          row("marked, " + length + " tokens", detector, cut(tokenizer, marked.texts(), length));
        }
      }
      for (int length : LENGTHS) {
        if (length <= tokens) {
          row("unmarked, " + length + " tokens", detector, cut(tokenizer, plain.texts(), length));
        }
      }
      for (int percent : DELETED) {
        List<String> less = marked.texts().stream().map(text -> without(text, percent)).toList();
        row(
            "marked, " + percent + " % of the words deleted",
            detector,
            cut(tokenizer, less, tokens));
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%nPerplexity to the model without the mark: %.2f marked, %.2f unmarked.%n%n",
        marked.perplexity(),
        plain.perplexity());
  }

  private static List<int[]> cut(ModelTokenizer tokenizer, List<String> texts, int length) {
    return texts.stream()
        .map(text -> tokenizer.encode(text, false))
        .map(ids -> Arrays.copyOf(ids, Math.min(ids.length, length)))
        .toList();
  }

  private static void row(String what, WatermarkDetector detector, List<int[]> texts) {
    double sum = 0;
    int called = 0;
    for (int[] text : texts) {
      double z = detector.score(text).z();
      sum += z;
      called += z >= THRESHOLD ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT, "| %s | %.2f | %d of %d |%n", what, sum / texts.size(), called, texts.size());
  }

  /** A share of the words, drawn by a seed, is left out. */
  private static String without(String text, int percent) {
    String[] words = text.split("(?<=\\s)(?=\\S)", -1);
    SeededRandom random = SeededRandom.of(7, "delete", percent, text.hashCode());
    boolean[] goes = new boolean[words.length];
    for (int word : random.sample(words.length, words.length * percent / 100)) {
      goes[word] = true;
    }
    StringBuilder rest = new StringBuilder();
    for (int i = 0; i < words.length; i++) {
      rest.append(goes[i] ? "" : words[i]);
    }
    return rest.toString();
  }

  /**
   * Notes how likely the model held each token that was drawn, before the mark; and lets no text
   * end early. Texts are told apart by what stands before.
   */
  private static final class Recorder implements LogitsHook {
    private final int end;
    private final @Nullable LogitsHook mark;
    private final Map<Integer, float[]> held = new HashMap<>();
    private double sum;
    private long count;

    Recorder(int end, @Nullable LogitsHook mark) {
      this.end = end;
      this.mark = mark;
    }

    @Override
    public void apply(int[] previous, float[] logits) {
      float[] before = held.remove(Arrays.hashCode(Arrays.copyOf(previous, previous.length - 1)));
      if (before != null) {
        sum -= before[previous[previous.length - 1]] - logOfSum(before);
        count++;
      }
      if (end >= 0) {
        logits[end] = Float.NEGATIVE_INFINITY;
      }
      held.put(Arrays.hashCode(previous), logits.clone());
      if (mark != null) {
        mark.apply(previous, logits);
      }
    }

    private static double logOfSum(float[] logits) {
      float most = Float.NEGATIVE_INFINITY;
      for (float logit : logits) {
        most = Math.max(most, logit);
      }
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - most);
      }
      return most + Math.log(sum);
    }

    double perplexity() {
      return Math.exp(sum / count);
    }
  }
}
