package io.cria.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.run.RunProgress;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** One run of a shipped recipe in a folder of its own, and what tests ask of it afterwards. */
final class LineRun {
  static final List<String> TABLES =
      List.of("requests", "candidates", "classified", "instances", "examples");

  /** Where the key stands: not set in the tests' own process. */
  static final String KEY_VARIABLE = "CRIA_TEST_KEY";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final String recipe;
  private final Map<String, String> overrides = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  private LineRun(Path directory, String recipe) {
    this.directory = directory;
    this.recipe = recipe;
  }

  /**
   * A run that is not started yet.
   *
   * @param recipe its run file in conf/, without ending
   */
  static LineRun of(Path directory, String recipe, String baseUrl) {
    return new LineRun(directory, recipe)
        .with("endpoint.baseUrl", "\"" + baseUrl + "\"")
        .with("endpoint.keyEnv", KEY_VARIABLE)
        .with("limits.inFlight", "8");
  }

  LineRun with(String key, String yaml) {
    overrides.put(key, yaml);
    return this;
  }

  Path directory() {
    return directory;
  }

  /** Who holds the run's lock. */
  Optional<RunLock.Holder> lockHolder() {
    return RunLock.holder(RunDirectory.at(directory.toString(), new Configuration()));
  }

  Map<String, String> overrides() {
    return overrides;
  }

  RunInputs inputs() {
    Location file = conf(recipe + ".yaml");
    return RunInputs.fromFile(
        file, file.text("a recipe of this project"), overrides, conf("prices.yaml"));
  }

  private static Location conf(String name) {
    return Location.of(home().resolve("conf").resolve(name).toString(), new Configuration());
  }

  static Path home() {
    return Path.of(System.getProperty("cria.home", "."));
  }

  Runner runner() {
    return new Runner(
        LocalSpark.session(), directory.toString(), new Notes(notes), Clock.systemUTC());
  }

  /** Every stage. Returns whether there was anything to do. */
  boolean go() {
    return runner().runAll(inputs());
  }

  /** The lines that were told and stay. */
  List<String> notes() {
    return notes;
  }

  /**
   * A table's rows in the order of stage and its integer columns, each as JSON; none when it does
   * not exist.
   *
   * @param without columns to leave out
   */
  List<String> rows(String table, String... without) {
    List<String> parts = parts(table);
    if (parts.isEmpty()) {
      return List.of();
    }
    Dataset<Row> rows = read(table, parts).drop(without);
    List<String> columns = List.of(rows.columns());
    org.apache.spark.sql.Column[] order =
        Stream.of("stage", "round", "row", "item", "n")
            .filter(columns::contains)
            .map(org.apache.spark.sql.functions::col)
            .toArray(org.apache.spark.sql.Column[]::new);
    return rows.coalesce(1).sortWithinPartitions(order).toJSON().collectAsList();
  }

  /** The same as trees. */
  List<JsonNode> trees(String table, String... without) {
    return rows(table, without).stream().map(LineRun::tree).toList();
  }

  /** The names of a table's columns. */
  List<String> columns(String table) {
    return List.of(read(table, parts(table)).columns());
  }

  /** As any reader of partitioned tables: what the directories say are columns too. */
  private Dataset<Row> read(String table, List<String> parts) {
    return LocalSpark.session()
        .read()
        .option("basePath", directory.resolve(table).toString())
        .parquet(parts.toArray(String[]::new));
  }

  /** The published part files of a table. */
  private List<String> parts(String table) {
    Path folder = directory.resolve(table);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    return files(folder).stream()
        .map(Path::toString)
        .filter(path -> path.endsWith(".parquet"))
        .toList();
  }

  /** Every file of the dataset, by its path within, as the hash of its bytes. */
  SortedMap<String, String> dataset() {
    return hashes(directory.resolve("dataset"));
  }

  /** Every file below a folder, by its path within, as the hash of its bytes. */
  static SortedMap<String, String> hashes(Path folder) {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (Path file : files(folder)) {
      hashes.put(folder.relativize(file).toString(), io.cria.task.Ids.sha256(bytes(file)));
    }
    return hashes;
  }

  static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the run as text. */
  String text(String relative) {
    return new String(bytes(directory.resolve(relative)), java.nio.charset.StandardCharsets.UTF_8);
  }

  JsonNode json(String relative) {
    return tree(text(relative));
  }

  /** A file of one JSON object a line. */
  List<JsonNode> lines(String relative) {
    return text(relative).lines().map(LineRun::tree).toList();
  }

  static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every good record of the ledger. */
  List<LedgerRecord> ledger() {
    List<LedgerRecord> records = new ArrayList<>();
    Path ledger = directory.resolve("ledger");
    if (!Files.isDirectory(ledger)) {
      return records;
    }
    for (Path segment : files(ledger)) {
      try (InputStream in = Files.newInputStream(segment)) {
        LedgerReader.read(in, segment.toString(), records::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return records;
  }

  /** What status.json says of the last invocation. */
  RunStatus status() {
    return RunStatus.read(runner().directory()).orElseThrow();
  }

  private record Notes(List<String> lines) implements RunProgress {
    @Override
    public void begin(String what, long total) {}

    @Override
    public void advance(long done, @Nullable Double usd) {}

    @Override
    public void end() {}

    @Override
    public void note(String line) {
      lines.add(line);
    }
  }
}
