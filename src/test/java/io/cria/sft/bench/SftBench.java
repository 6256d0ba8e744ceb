package io.cria.sft.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.cria.sft.model.Architecture;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.RopeScaling;
import io.cria.sft.model.RotaryConfig;
import io.cria.sft.natives.CpuFeatures;
import io.cria.sft.natives.MatrixRate;
import io.cria.sft.natives.Natives;
import io.cria.sft.ranks.LocalRanks;
import io.cria.sft.train.BatchSource;
import io.cria.sft.train.ProcessGroup;
import io.cria.sft.train.RunEvents;
import io.cria.sft.train.SftConfig;
import io.cria.sft.train.Trainer;
import io.cria.sft.train.TrainingRow;
import io.cria.task.SeededRandom;
import io.cria.weights.TensorContent;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Speed of training a model of SmolLM2-135M's shape with random weights: {@code SftBench
 * [case=full|mixed|lora] [precision=…] [ranks=N] [workers=N] [rows=N] [steps=N] [lengths=FILE]
 * [layers=N]}. With ranks, each is a process of its own with so many workers. Prints one JSON
 * object: tokens a second of wall and of CPU time, CPU seconds of a step, the rate of matrix
 * products measured in the same process just before, and the share of it that the step reaches (6
 * operations a parameter and token).
 */
public final class SftBench {
  private static final int CONTEXT = 512;

  private final Map<String, String> options;

  private SftBench(Map<String, String> options) {
    this.options = options;
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new java.util.HashMap<>();
    for (String argument : arguments) {
      int at = argument.indexOf('=');
      if (at < 1) {
        throw new IllegalArgumentException("give key=value, not " + argument);
      }
      options.put(argument.substring(0, at), argument.substring(at + 1));
    }
    new SftBench(options).run();
  }

  private void run() throws IOException {
    Natives.load();
    if (options.containsKey("rank")) {
      runOtherRank();
      return;
    }
    Path directory = Files.createTempDirectory("cria-bench");
    try {
      ModelConfig config = shape(number("layers", 30));
      long parameters = writeRandomModel(directory.resolve("model"), config);
      int workers = number("workers", 1);
      int ranks = number("ranks", 1);
      double rate = productRate(config, type());
      if (ranks == 1) {
        print(measure(directory, ProcessGroup.ALONE), rate * workers, parameters);
        return;
      }
      try (LocalRanks first = LocalRanks.open(ranks)) {
        List<Process> others = new ArrayList<>();
        for (int rank = 1; rank < ranks; rank++) {
          others.add(startOtherRank(directory, rank, first.port()));
        }
        print(measure(directory, first.join()), rate * workers * ranks, parameters);
        others.forEach(other -> other.onExit().join());
      }
    } finally {
      delete(directory);
    }
  }

  private ScalarType type() {
    return precision().equals(SftConfig.BFLOAT16) ? ScalarType.BFloat16 : ScalarType.Float;
  }

  private String precision() {
    return options.getOrDefault("precision", SftConfig.FLOAT32);
  }

  private Process startOtherRank(Path directory, int rank, int port) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path", ""), SftBench.class.getName()));
    options.forEach((key, value) -> command.add(key + "=" + value));
    command.addAll(List.of("rank=" + rank, "port=" + port, "directory=" + directory));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void runOtherRank() throws IOException {
    measure(
        Path.of(options.getOrDefault("directory", "")),
        LocalRanks.join(number("rank", 1), number("ranks", 2), number("port", 0)));
  }

  private int number(String key, int ifAbsent) {
    return Integer.parseInt(options.getOrDefault(key, String.valueOf(ifAbsent)));
  }

  /** Rates of the step's own products (layers' widest and the head's), weighted by their work. */
  private static double productRate(ModelConfig config, ScalarType type) {
    double layer =
        MatrixRate.measure(type, 2048, config.hiddenSize(), config.intermediateSize(), 4);
    double head = MatrixRate.measure(type, 512, config.hiddenSize(), config.vocabularySize(), 2);
    return 1 / (0.79 / layer + 0.21 / head);
  }

  private static ModelConfig shape(int layers) {
    return new ModelConfig(
        Architecture.LLAMA,
        49152,
        576,
        1536,
        layers,
        9,
        3,
        64,
        8192,
        1e-5,
        RotaryConfig.whole(64, 1e5, RopeScaling.NONE),
        true,
        false,
        false,
        false,
        false,
        false,
        null,
        1,
        List.of(2),
        2);
  }

  private static long writeRandomModel(Path directory, ModelConfig config) throws IOException {
    SeededRandom random = new SeededRandom(1);
    List<TensorContent> contents = new ArrayList<>();
    long total = 0;
    Map<String, long[]> shapes = new java.util.LinkedHashMap<>();
    shapes(config, shapes);
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      int count = (int) Arrays.stream(entry.getValue()).reduce(1, (a, b) -> a * b);
      float[] values = new float[count];
      boolean norm = entry.getValue().length == 1;
      for (int i = 0; i < count; i++) {
        values[i] = norm ? 1 : (float) ((random.nextDouble() - 0.5) * 0.07);
      }
      contents.add(TensorContent.floats(entry.getKey(), entry.getValue(), values));
      total += count;
    }
    WeightsDirectory.write(directory, contents, Long.MAX_VALUE);
    Files.writeString(
        directory.resolve(ModelConfigJson.FILE), ModelConfigJson.write(config, "float32"));
    return total;
  }

  private static void shapes(ModelConfig config, Map<String, long[]> shapes) {
    long c = config.hiddenSize();
    long f = config.intermediateSize();
    long kv = (long) config.keyValueHeads() * config.headDimension();
    shapes.put("model.embed_tokens.weight", new long[] {config.vocabularySize(), c});
    for (int i = 0; i < config.layers(); i++) {
      String at = "model.layers." + i + ".";
      shapes.put(at + "input_layernorm.weight", new long[] {c});
      shapes.put(at + "self_attn.q_proj.weight", new long[] {c, c});
      shapes.put(at + "self_attn.k_proj.weight", new long[] {kv, c});
      shapes.put(at + "self_attn.v_proj.weight", new long[] {kv, c});
      shapes.put(at + "self_attn.o_proj.weight", new long[] {c, c});
      shapes.put(at + "post_attention_layernorm.weight", new long[] {c});
      shapes.put(at + "mlp.gate_proj.weight", new long[] {f, c});
      shapes.put(at + "mlp.up_proj.weight", new long[] {f, c});
      shapes.put(at + "mlp.down_proj.weight", new long[] {c, f});
    }
    shapes.put("model.norm.weight", new long[] {c});
  }

  private static List<TrainingRow> full(int count) {
    SeededRandom random = new SeededRandom(2);
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(random(random, new int[] {CONTEXT}));
    }
    return rows;
  }

  /**
   * Rows packed from a file of example lengths, first fit in the order of falling length of each
   * thousand.
   */
  private List<TrainingRow> mixed(int count) throws IOException {
    JsonNode lengths =
        new ObjectMapper()
            .readTree(Files.readString(Path.of(options.getOrDefault("lengths", "lengths.json"))));
    JsonNode list = lengths.isArray() ? lengths : lengths.path("lengths");
    List<Integer> sorted = new ArrayList<>();
    list.forEach(length -> sorted.add(length.asInt()));
    sorted.sort(Comparator.reverseOrder());
    List<List<Integer>> bins = new ArrayList<>();
    for (int length : sorted) {
      bins.stream()
          .filter(bin -> bin.stream().mapToInt(Integer::intValue).sum() + length <= CONTEXT)
          .findFirst()
          .orElseGet(
              () -> {
                List<Integer> bin = new ArrayList<>();
                bins.add(bin);
                return bin;
              })
          .add(length);
    }
    SeededRandom random = new SeededRandom(3);
    List<List<Integer>> order = random.shuffled(bins);
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          random(
              random, order.get(i % order.size()).stream().mapToInt(Integer::intValue).toArray()));
    }
    return rows;
  }

  private static TrainingRow random(SeededRandom random, int[] lengths) {
    int total = Arrays.stream(lengths).sum();
    int[] tokens = new int[total];
    for (int i = 0; i < total; i++) {
      tokens[i] = random.nextInt(49152);
    }
    return new TrainingRow(tokens, tokens, lengths);
  }

  private SftConfig sft(Path directory, ProcessGroup group, int rows, int steps) {
    String what = options.getOrDefault("case", "full");
    SftConfig.@Nullable Lora lora =
        what.equals("lora")
            ? new SftConfig.Lora(16, 32.0, 0.0, List.of("all-linear"), false)
            : null;
    return new SftConfig(
        directory.resolve("model").toString(),
        "random",
        null,
        directory.resolve("run-" + group.rank()).toString(),
        lora,
        1.0,
        steps,
        null,
        rows,
        rows * CONTEXT / group.size(),
        SftConfig.Optimizer.DEFAULT,
        SftConfig.Schedule.DEFAULT,
        1.0,
        false,
        precision(),
        "cpu",
        number("workers", 1),
        1L,
        1_000_000,
        1,
        1_000_000,
        SftConfig.Guards.DEFAULT,
        true);
  }

  /**
   * What was measured, over all ranks.
   *
   * @param cpu seconds
   * @param kernel seconds of them
   */
  private record Measured(double tokens, double wall, double cpu, double kernel) {}

  private Measured measure(Path directory, ProcessGroup group) throws IOException {
    int count = number("rows", 4);
    int steps = number("steps", 2);
    List<TrainingRow> rows =
        options.getOrDefault("case", "full").equals("mixed")
            ? mixed(count * (steps + 1))
            : full(count * (steps + 1));
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<double[]> marks = new ArrayList<>();
    Trainer.Environment environment =
        new Trainer.Environment(
            System::nanoTime,
            () -> false,
            line -> {
              if (line.startsWith("step ")) {
                marks.add(
                    new double[] {
                      System.nanoTime() / 1e9, system.getProcessCpuTime() / 1e9, kernelSeconds()
                    });
              }
              System.err.println(line);
            },
            group,
            RunEvents.NONE,
            null);
    SftConfig config = sft(directory, group, count, steps + 1);
    try (Trainer trainer = new Trainer(config, BatchSource.inOrder(rows), null, environment)) {
      trainer.run();
    }
    double[] first = marks.get(0);
    double[] last = marks.get(marks.size() - 1);
    double tokens = rows.stream().skip(config.batchRows()).mapToLong(TrainingRow::length).sum();
    double[] spent = group.sum(last[1] - first[1], last[2] - first[2]);
    return new Measured(tokens, last[0] - first[0], spent[0], spent[1]);
  }

  private void print(Measured measured, double productRate, long parameters) {
    int threads = number("workers", 1) * number("ranks", 1);
    int steps = number("steps", 2);
    double work = 6.0 * parameters * measured.tokens();
    ObjectNode result = new ObjectMapper().createObjectNode();
    result.put("ranks", number("ranks", 1));
    result.put("workers", number("workers", 1));
    result.put("precision", precision());
    result.put("tokens", (long) measured.tokens());
    result.put("tokens_per_second", round(measured.tokens() / measured.wall()));
    result.put("tokens_per_cpu_second", round(measured.tokens() / measured.cpu()));
    result.put("cpu_seconds_per_step", round(measured.cpu() / steps));
    result.put("kernel_seconds_per_step", round(measured.kernel() / steps));
    result.put("product_gflops", round(productRate / 1e9));
    result.put("share_of_product_rate", round(work / measured.wall() / productRate));
    result.put(
        "share_of_product_rate_by_cpu", round(work / measured.cpu() / (productRate / threads)));
    result.put("resident_mib", CpuFeatures.residentBytes() >> 20);
    System.out.println(result);
  }

  /** Processor time that the kernel spent for this process: mostly fresh pages. */
  private static double kernelSeconds() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Long.parseLong(fields[12]) / 100.0;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static double round(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.3f", value));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
