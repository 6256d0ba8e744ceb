package io.cria.similarity.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The comparison as one Markdown table on standard output. Reads one line of {@code key=value}
 * fields a run, from the file that is its argument: what {@link SimilarityBench} and
 * bench-rivals.py print, with {@code set=real|generated|batch} before it, and the like with {@code
 * mode=spark} for {@code cria dedup}. Runs that differ in measured values only are one row: median
 * CPU and wall time, greatest memory.
 */
public final class DedupTable {
  private static final List<String> HEAD =
      List.of(
          "Texts",
          "Program",
          "CPU s",
          "Wall s",
          "Peak memory, MiB",
          "Heap limit, MiB",
          "Kept",
          "Wrongly dropped",
          "Wrongly kept",
          "CPU growth",
          "Remark");
  private static final int LEFT_COLUMNS = 2;
  private static final String NONE = "–";

  private DedupTable() {}

  public static void main(String[] args) throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      Row run = new Row(line);
      rows.computeIfAbsent(run.key(), k -> new Row(line)).add(run);
    }
    StringBuilder table = new StringBuilder(machine()).append("\n\n");
    table.append(markdown(HEAD));
    table.append("|---".repeat(LEFT_COLUMNS));
    table.append("|---:".repeat(HEAD.size() - LEFT_COLUMNS - 1)).append("|---|\n");
    for (Row row : rows.values()) {
      table.append(markdown(row.cells(growth(row, rows.values()))));
    }
    System.out.print(table);
  }

  private static String markdown(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String machine() throws IOException {
    String processor = System.getProperty("os.arch");
    Path details = Path.of("/proc/cpuinfo");
    if (Files.isReadable(details)) {
      for (String line : Files.readAllLines(details)) {
        if (line.startsWith("model name")) {
          processor = line.substring(line.indexOf(':') + 1).strip();
          break;
        }
      }
    }
    return processor
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, Java "
        + Runtime.version().feature()
        + ".";
  }

  /** The exponent of CPU time in the number of texts, from the size before this one. */
  private static OptionalDouble growth(Row row, Iterable<Row> rows) {
    OptionalDouble growth = OptionalDouble.empty();
    for (Row other : rows) {
      if (other == row) {
        break;
      }
      if (row.isWholeRun()
          && other.isWholeRun()
          && other.program().equals(row.program())
          && other.texts() < row.texts()) {
        growth =
            OptionalDouble.of(
                Math.log(row.median("cpu_s") / other.median("cpu_s"))
                    / Math.log((double) row.texts() / other.texts()));
      }
    }
    return growth;
  }

  /** The runs of one program over one set of texts. */
  private static final class Row {
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final List<Row> runs = new ArrayList<>();

    Row(String line) {
      for (String field : line.strip().split(" +")) {
        int equals = field.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException("no key=value, '" + field + "': " + line);
        }
        fields.put(field.substring(0, equals), field.substring(equals + 1));
      }
    }

    void add(Row run) {
      runs.add(run);
      run.fields.forEach(fields::putIfAbsent);
    }

    String key() {
      return String.join("|", field("set"), field("texts"), program());
    }

    long texts() {
      return Long.parseLong(field("texts"));
    }

    boolean isWholeRun() {
      return field("set").equals("generated") && !has("sample") && !has("of");
    }

    String program() {
      if (has("rival")) {
        return rival(field("rival"));
      }
      String name =
          switch (field("mode")) {
            case "decision" -> "Cria, decisions only";
            case "neighbours" -> "Cria, with neighbours";
            case "spark" -> "Cria, Spark job from JSON lines";
            default -> "Cria, a batch of 1,000";
          };
      return field("prefilter").equals("lossless") ? name : name + ", " + field("prefilter");
    }

    private String rival(String name) {
      if (!has("version")) {
        return "(" + name + ": cutting into them, for each of the following)";
      }
      String[] parts = name.split("@");
      return parts[0]
          + " "
          + field("version")
          + (parts.length > 1 ? ", threshold " + parts[1] : "");
    }

    List<String> cells(OptionalDouble growth) {
      String corpus = has("of") ? field("of") : field("texts");
      return List.of(
          (field("set").equals("batch") ? "pool of " : "")
              + grouped(corpus)
              + (field("set").equals("real") ? " real" : " generated"),
          program(),
          seconds("cpu_s"),
          seconds("wall_s"),
          has("peak_rss_mib") ? grouped(Long.toString(greatest("peak_rss_mib"))) : NONE,
          has("heap_limit_mib") ? grouped(field("heap_limit_mib")) : NONE,
          has("kept") ? grouped(field("kept")) : NONE,
          percent("wrongly_dropped"),
          percent("wrongly_kept"),
          growth.isPresent() ? String.format(Locale.ROOT, "%.2f", growth.getAsDouble()) : NONE,
          remark());
    }

    private String remark() {
      if (has("of")) {
        return "first " + grouped(field("texts")) + " texts only";
      }
      if (has("sample")) {
        String[] sample = field("sample").split("(?<=\\d)(?=\\D)");
        return "extrapolated by pairs from " + grouped(sample[0]) + " " + sample[1];
      }
      if (field("set").equals("batch")) {
        return "median of 20 batches, " + runs();
      }
      return runs();
    }

    private String runs() {
      return runs.size() > 1 ? "median of " + runs.size() : "1 run";
    }

    private String seconds(String key) {
      double value = median(key);
      return String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 100 ? "%.1f" : "%,.0f", value);
    }

    private String percent(String key) {
      return has(key)
          ? String.format(Locale.ROOT, "%.2f %%", 100 * Double.parseDouble(field(key)))
          : NONE;
    }

    private double median(String key) {
      double[] values =
          runs.stream().mapToDouble(r -> Double.parseDouble(r.field(key))).sorted().toArray();
      return values[values.length / 2];
    }

    private long greatest(String key) {
      return runs.stream().mapToLong(r -> Long.parseLong(r.field(key))).max().orElse(-1);
    }

    private static String grouped(String number) {
      return String.format(Locale.ROOT, "%,d", Long.parseLong(number));
    }

    private boolean has(String key) {
      return fields.containsKey(key);
    }

    private String field(String key) {
      return Objects.requireNonNull(fields.get(key), () -> "no field " + key + ": " + fields);
    }
  }
}
