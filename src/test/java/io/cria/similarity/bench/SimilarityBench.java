package io.cria.similarity.bench;

import io.cria.similarity.PoolIndex;
import io.cria.similarity.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One measured run of the similarity engine, a JVM a run, so that the figures hold all of it:
 * start, JIT, garbage collection. Prints one line of {@code key=value} fields:
 *
 * <pre>
 * texts=45266 kept=26684 mode=decision prefilter=lossless threads=2 wall_s=0.550 cpu_s=0.710 peak_rss_mib=160 heap_limit_mib=1024 source=[texts.txt]
 * </pre>
 *
 * <p>Arguments:
 *
 * <ul>
 *   <li>{@code --data PATH…} files of one text a line, or folders of {@code *.txt}, in the order
 *       given; or {@code --mixture FOLDER} the texts of {@link io.cria.similarity.RealMixture}; or
 *       {@code --generate N} texts of {@link GeneratedTexts}, or {@code --korean N} of {@link
 *       io.cria.testing.KoreanTexts}, {@code --seed S} (default 7)
 *   <li>{@code --mode decision} (default), {@code neighbours}, or {@code batch}: all texts but the
 *       last thirty batches of {@code --batch} texts (default 1,000) join the pool unjudged and
 *       unmeasured, then each of these is probed against it; wall_s and cpu_s are the median of the
 *       last twenty, kept counts the last one's texts without a neighbour
 *   <li>{@code --prefilter lossless} (default), {@code minhash+lossless}, {@code minhash}; {@code
 *       --recall 0.95}
 *   <li>{@code --tokenizer NAME} (default: rouge-en; korean-1 for Korean texts)
 *   <li>{@code --threads T} (default: the cores) · {@code --threshold 0.7} · {@code --hot H}
 *   <li>{@code --out FILE} one digit a text: 1 kept, 0 dropped · {@code --against FILE} such a
 *       result, taken for right: adds wrongly_dropped, the share of the texts kept there, and
 *       wrongly_kept, of those dropped there
 *   <li>{@code --write FILE} the texts themselves, one a line, and as JSON lines in FILE.jsonl; no
 *       measurement
 * </ul>
 *
 * <p>Generated texts are made before the clocks start, and cpu_s is the engine's; else it is the
 * whole process's, reading and the machine's start included. peak_rss_mib is the process's most
 * resident memory, the texts included.
 */
public final class SimilarityBench {
  private static final int WARM_UP = 10;
  private static final int ROUNDS = 20;

  private SimilarityBench() {}

  public static void main(String[] args) throws IOException {
    BenchOptions options = BenchOptions.parse(args);
    long wall = System.nanoTime();
    long cpu = 0;
    List<String> texts = options.texts();
    if (options.writesOnly()) {
      options.write(texts);
      return;
    }
    if (options.generated()) {
      wall = System.nanoTime();
      cpu = ProcessFigures.cpuNanos();
    }
    switch (options.mode) {
      case "decision", "neighbours" -> judge(options, texts, wall, cpu);
      case "batch" -> probeBatches(options, texts);
      default -> throw new IllegalArgumentException("unknown mode " + options.mode);
    }
  }

  private static void judge(BenchOptions options, List<String> texts, long wall, long cpu)
      throws IOException {
    PoolIndex index = new PoolIndex(options.engine());
    Selection selection =
        options.mode.equals("decision") ? index.decide(texts) : index.select(texts);
    double wallSeconds = (System.nanoTime() - wall) / 1e9;
    double cpuSeconds = (ProcessFigures.cpuNanos() - cpu) / 1e9;
    String digits = digits(selection);
    report(
        options,
        texts.size(),
        selection.survivors(),
        wallSeconds,
        cpuSeconds,
        options.against.isEmpty()
            ? ""
            : shares(digits, Files.readString(Path.of(options.against))));
    if (!options.out.isEmpty()) {
      Files.writeString(Path.of(options.out), digits);
    }
  }

  private static void probeBatches(BenchOptions options, List<String> texts) throws IOException {
    int batch = options.batch;
    int pool = texts.size() - (WARM_UP + ROUNDS) * batch;
    if (pool < 0) {
      throw new IllegalArgumentException(
          "mode batch wants " + (WARM_UP + ROUNDS) * batch + " texts beside the pool");
    }
    PoolIndex index = new PoolIndex(options.engine());
    index.append(texts.subList(0, pool));
    List<Double> walls = new ArrayList<>();
    List<Double> cpus = new ArrayList<>();
    int survivors = 0;
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      List<String> part = texts.subList(pool + i * batch, pool + (i + 1) * batch);
      long wall = System.nanoTime();
      long cpu = ProcessFigures.cpuNanos();
      survivors = index.probe(part).survivors();
      if (i >= WARM_UP) {
        walls.add((System.nanoTime() - wall) / 1e9);
        cpus.add((ProcessFigures.cpuNanos() - cpu) / 1e9);
      }
    }
    walls.sort(null);
    cpus.sort(null);
    report(options, pool, survivors, walls.get(ROUNDS / 2), cpus.get(ROUNDS / 2), "");
  }

  private static void report(
      BenchOptions options, int texts, int kept, double wall, double cpu, String shares)
      throws IOException {
    System.out.printf(
        Locale.ROOT,
        "texts=%d kept=%d %s wall_s=%.3f cpu_s=%.3f peak_rss_mib=%d heap_limit_mib=%d%s"
            + " source=%s%n",
        texts,
        kept,
        options.judging(),
        wall,
        cpu,
        ProcessFigures.peakResidentMiB(),
        ProcessFigures.heapLimitMiB(),
        shares,
        options.source());
  }

  private static String digits(Selection selection) {
    StringBuilder digits = new StringBuilder(selection.size());
    for (int i = 0; i < selection.size(); i++) {
      digits.append(selection.survives(i) ? '1' : '0');
    }
    return digits.append('\n').toString();
  }

  private static String shares(String digits, String right) {
    if (digits.length() != right.length()) {
      throw new IllegalArgumentException(
          "--against decides "
              + (right.length() - 1)
              + " texts, here are "
              + (digits.length() - 1));
    }
    int[] texts = new int[2];
    int[] wrong = new int[2];
    for (int i = 0; i < digits.length() - 1; i++) {
      int kept = right.charAt(i) - '0';
      texts[kept]++;
      wrong[kept] += digits.charAt(i) == right.charAt(i) ? 0 : 1;
    }
    return String.format(
        Locale.ROOT,
        " wrongly_dropped=%.4f wrongly_kept=%.4f",
        (double) wrong[1] / Math.max(1, texts[1]),
        (double) wrong[0] / Math.max(1, texts[0]));
  }
}
