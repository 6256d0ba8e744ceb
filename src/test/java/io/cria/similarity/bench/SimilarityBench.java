package io.cria.similarity.bench;

import com.sun.management.OperatingSystemMXBean;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Prefilter;
import io.cria.similarity.Selection;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One measured run of the similarity engine, a JVM a run, so that the figures hold all of it:
 * start, JIT, garbage collection. Prints one line of {@code key=value} fields:
 *
 * <pre>
 * texts=45266 kept=26684 mode=decision prefilter=lossless threads=2 wall_s=0.55 cpu_s=0.71 peak_heap_mib=96 source=shared/data
 * </pre>
 *
 * <p>Arguments:
 *
 * <ul>
 *   <li>{@code --data PATH…} files of one text a line, or folders of {@code *.txt}, in the order
 *       given; or {@code --generate N} texts of {@link GeneratedTexts}, {@code --seed S} (default
 *       7)
 *   <li>{@code --mode decision} (default), {@code neighbours}, or {@code batch}: all texts but the
 *       last thirty batches of {@code --batch} texts (default 1,000) join the pool unjudged and
 *       unmeasured, then each of these is probed against it; wall_s and cpu_s are the median of the
 *       last twenty, kept counts the last one's texts without a neighbour
 *   <li>{@code --prefilter lossless} (default), {@code minhash+lossless}, {@code minhash}; {@code
 *       --recall 0.95}
 *   <li>{@code --threads T} (default: the cores) · {@code --threshold 0.7} · {@code --hot H}
 *   <li>{@code --out FILE} one digit a text: 1 kept, 0 dropped · {@code --write FILE} the texts
 *       themselves, one a line, and no measurement
 * </ul>
 *
 * <p>Generated texts are made before the clocks start; the figures are the engine's. With {@code
 * --data} reading is counted.
 */
public final class SimilarityBench {
  private static final int WARM_UP = 10;
  private static final int ROUNDS = 20;

  private final List<Path> data = new ArrayList<>();
  private int generate;
  private long seed = 7;
  private String mode = "decision";
  private int threads = Runtime.getRuntime().availableProcessors();
  private double threshold = 0.7;
  private int hot = EngineOptions.HOT_FREQUENCY;
  private Prefilter prefilter = Prefilter.LOSSLESS;
  private double recall = EngineOptions.RECALL;
  private int batch = 1_000;
  private String out = "";
  private String write = "";

  private SimilarityBench() {}

  public static void main(String[] args) throws IOException {
    SimilarityBench bench = new SimilarityBench();
    bench.parse(args);
    bench.run();
  }

  private void parse(String[] args) {
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--data")) {
        while (i + 1 < args.length && !args[i + 1].startsWith("--")) {
          data.add(Path.of(args[++i]));
        }
        continue;
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(option + " wants a value");
      }
      String value = args[++i];
      switch (option) {
        case "--generate" -> generate = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--mode" -> mode = value;
        case "--threads" -> threads = Integer.parseInt(value);
        case "--threshold" -> threshold = Double.parseDouble(value);
        case "--prefilter" -> prefilter = Prefilter.named(value);
        case "--recall" -> recall = Double.parseDouble(value);
        case "--hot" -> hot = Integer.parseInt(value);
        case "--batch" -> batch = Integer.parseInt(value);
        case "--out" -> out = value;
        case "--write" -> write = value;
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    if (data.isEmpty() == (generate == 0)) {
      throw new IllegalArgumentException("give either --data PATH… or --generate N");
    }
  }

  private void run() throws IOException {
    long madeCpu = 0;
    long wallStart = System.nanoTime();
    List<String> texts;
    if (generate > 0) {
      texts = new ArrayList<>(new GeneratedTexts(seed, generate));
      madeCpu = cpuNanos();
      wallStart = System.nanoTime();
    } else {
      texts = read();
    }
    if (!write.isEmpty()) {
      Files.write(Path.of(write), texts);
      return;
    }
    EngineOptions options =
        EngineOptions.of(Tokenizer.named("rouge-en"), threshold)
            .withThreads(threads)
            .withPrefilter(prefilter)
            .withRecall(recall)
            .withHotFrequency(hot);
    switch (mode) {
      case "batch" -> batch(texts, options);
      case "decision", "neighbours" -> {
        PoolIndex index = new PoolIndex(options);
        Selection selection = mode.equals("decision") ? index.decide(texts) : index.select(texts);
        report(
            texts.size(),
            selection.survivors(),
            (System.nanoTime() - wallStart) / 1e9,
            (cpuNanos() - madeCpu) / 1e9);
        if (!out.isEmpty()) {
          Files.writeString(Path.of(out), digits(selection));
        }
      }
      default -> throw new IllegalArgumentException("unknown mode " + mode);
    }
  }

  private void batch(List<String> texts, EngineOptions options) {
    int pool = texts.size() - (WARM_UP + ROUNDS) * batch;
    if (pool < 0) {
      throw new IllegalArgumentException(
          "mode batch wants " + (WARM_UP + ROUNDS) * batch + " texts beside the pool");
    }
    PoolIndex index = new PoolIndex(options);
    index.append(texts.subList(0, pool));
    List<Double> walls = new ArrayList<>();
    List<Double> cpus = new ArrayList<>();
    int survivors = 0;
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      List<String> part = texts.subList(pool + i * batch, pool + (i + 1) * batch);
      long wall = System.nanoTime();
      long cpu = cpuNanos();
      survivors = index.probe(part).survivors();
      if (i >= WARM_UP) {
        walls.add((System.nanoTime() - wall) / 1e9);
        cpus.add((cpuNanos() - cpu) / 1e9);
      }
    }
    walls.sort(null);
    cpus.sort(null);
    report(pool, survivors, walls.get(ROUNDS / 2), cpus.get(ROUNDS / 2));
  }

  private List<String> read() throws IOException {
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

  private void report(int texts, int kept, double wall, double cpu) {
    String source = generate > 0 ? "generated:" + seed : data.toString().replace(" ", "");
    System.out.printf(
        Locale.ROOT,
        "texts=%d kept=%d mode=%s prefilter=%s threads=%d wall_s=%.3f cpu_s=%.3f peak_heap_mib=%d"
            + " source=%s%n",
        texts,
        kept,
        mode,
        prefilter.key(),
        threads,
        wall,
        cpu,
        peakHeapMiB(),
        source);
  }

  private static String digits(Selection selection) {
    StringBuilder digits = new StringBuilder(selection.size());
    for (int i = 0; i < selection.size(); i++) {
      digits.append(selection.survives(i) ? '1' : '0');
    }
    return digits.append('\n').toString();
  }

  /** User and system time of the whole process: all threads, JIT and collector too. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** The peaks of the heap's pools together: an upper bound, garbage included. */
  private static long peakHeapMiB() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        bytes += pool.getPeakUsage().getUsed();
      }
    }
    return bytes >> 20;
  }
}
