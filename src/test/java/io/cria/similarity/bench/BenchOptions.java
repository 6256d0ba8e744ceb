package io.cria.similarity.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.Prefilter;
import io.cria.similarity.RealMixture;
import io.cria.testing.KoreanTexts;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What {@link SimilarityBench} is asked on its command line: which texts, how to judge them. */
final class BenchOptions {
  private final List<Path> data = new ArrayList<>();
  private String mixture = "";
  private int generate;
  private int korean;
  private long seed = 7;
  private int threads = Runtime.getRuntime().availableProcessors();
  private double threshold = 0.7;
  private int hot = EngineOptions.HOT_FREQUENCY;
  private Prefilter prefilter = Prefilter.LOSSLESS;
  private double recall = EngineOptions.RECALL;
  private String write = "";
  private String tokenizer = "";

  String mode = "decision";
  int batch = 1_000;
  String out = "";
  String against = "";

  private BenchOptions() {}

  /** Throws IllegalArgumentException for what it does not know. */
  static BenchOptions parse(String[] args) {
    BenchOptions options = new BenchOptions();
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--data")) {
        while (i + 1 < args.length && !args[i + 1].startsWith("--")) {
          options.data.add(Path.of(args[++i]));
        }
        continue;
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(option + " wants a value");
      }
      options.set(option, args[++i]);
    }
    int sources =
        (options.data.isEmpty() ? 0 : 1)
            + (options.mixture.isEmpty() ? 0 : 1)
            + (options.generate == 0 ? 0 : 1)
            + (options.korean == 0 ? 0 : 1);
    if (sources != 1) {
      throw new IllegalArgumentException(
          "give one of --data PATH…, --mixture FOLDER, --generate N and --korean N");
    }
    return options;
  }

  private void set(String option, String value) {
    switch (option) {
      case "--mixture" -> mixture = value;
      case "--generate" -> generate = Integer.parseInt(value);
      case "--korean" -> korean = Integer.parseInt(value);
      case "--tokenizer" -> tokenizer = value;
      case "--seed" -> seed = Long.parseLong(value);
      case "--mode" -> mode = value;
      case "--threads" -> threads = Integer.parseInt(value);
      case "--threshold" -> threshold = Double.parseDouble(value);
      case "--prefilter" -> prefilter = Prefilter.named(value);
      case "--recall" -> recall = Double.parseDouble(value);
      case "--hot" -> hot = Integer.parseInt(value);
      case "--batch" -> batch = Integer.parseInt(value);
      case "--out" -> out = value;
      case "--against" -> against = value;
      case "--write" -> write = value;
      default -> throw new IllegalArgumentException("unknown option " + option);
    }
  }

  boolean generated() {
    return generate > 0 || korean > 0;
  }

  /** The texts, in order. */
  List<String> texts() throws IOException {
    if (korean > 0) {
      return new ArrayList<>(new KoreanTexts(seed, korean));
    }
    if (generated()) {
      return new ArrayList<>(new GeneratedTexts(seed, generate));
    }
    if (!mixture.isEmpty()) {
      return RealMixture.texts(Path.of(mixture));
    }
    List<String> texts = new ArrayList<>();
    for (Path path : data) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
            texts.addAll(Files.readAllLines(file));
          }
        }
      } else {
        texts.addAll(Files.readAllLines(path));
      }
    }
    return texts;
  }

  boolean writesOnly() {
    return !write.isEmpty();
  }

  /** One text a line to {@code FILE}, and as the column "text" to {@code FILE.jsonl}. */
  void write(List<String> texts) throws IOException {
    Files.write(Path.of(write), texts);
    ObjectMapper json = new ObjectMapper();
    try (var lines = Files.newBufferedWriter(Path.of(write + ".jsonl"))) {
      for (String text : texts) {
        lines.write(json.writeValueAsString(Map.of("text", text)));
        lines.write('\n');
      }
    }
  }

  EngineOptions engine() {
    return EngineOptions.of(Tokenizer.named(tokenizer()), threshold)
        .withThreads(threads)
        .withPrefilter(prefilter)
        .withRecall(recall)
        .withHotFrequency(hot);
  }

  /** What is given, else that of the texts' language. */
  private String tokenizer() {
    return tokenizer.isEmpty() ? korean > 0 ? "korean-1" : "rouge-en" : tokenizer;
  }

  /** How to judge, as fields of a result. */
  String judging() {
    String judging = "mode=" + mode + " prefilter=" + prefilter.key() + " threads=" + threads;
    return tokenizer().equals("rouge-en") ? judging : judging + " tokenizer=" + tokenizer();
  }

  /** Where the texts come from, without white space. */
  String source() {
    if (generated()) {
      return (korean > 0 ? "korean:" : "generated:") + seed;
    }
    return (mixture.isEmpty() ? data.toString() : "mixture:" + mixture).replaceAll("\\s", "");
  }
}
