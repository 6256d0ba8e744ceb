package io.cria.train;

import io.cria.run.RunProgress;
import io.cria.sft.BaseModel;
import io.cria.sft.FineTuning;
import io.cria.sft.SftRunFile;
import io.cria.sft.TinyCheckpoint;
import io.cria.shard.FileExamples;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import io.cria.tokenizer.ModelTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run with shards, a tiny model they are for, and trainings on it in this process's Spark. */
final class ShardedRun {
  private final Path folder;
  private final Path model;
  private final Map<String, String> environment = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();
  private String mainClass = FakeRank.class.getName();
  private String store = "";
  private String base;

  private ShardedRun(Path folder, Path model) {
    this.folder = folder;
    this.model = model;
    this.base = "file:" + model;
  }

  static ShardedRun create(Path folder) throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    ShardedRun made = new ShardedRun(folder, model);
    TinyCheckpoint.runFile(made.runFile(), folder.resolve("template.yaml"));
    RunDirectory run = HandMadeRun.started(LocalSpark.session(), made.run());
    Path dataset = TinyCheckpoint.dataset(folder.resolve("data.jsonl"), 24);
    SftRunFile file = made.file(Map.of());
    FineTuning.writeShards(
        file, model, FileExamples.in(dataset), made.run().resolve("shards"), text -> {});
    made.publish(run, file);
    made.environment.put(FakeRank.STARTS, folder.resolve("starts").toString());
    return made;
  }

  private void publish(RunDirectory run, SftRunFile file) throws IOException {
    List<Manifest.File> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(run().resolve("shards"));
        ModelTokenizer tokenizer = BaseModel.tokenizer(model)) {
      for (Path path : walk.filter(Files::isRegularFile).sorted().toList()) {
        String name = run().relativize(path).toString();
        files.add(new Manifest.File(name, -1, run.size(name), run.sha256(name)));
      }
      List<Manifest.Input> inputs =
          List.of(
              new Manifest.Input("tokenizer", Ids.sha256(tokenizer.json())),
              new Manifest.Input("template", file.templateSource().template(tokenizer).hash()));
      new Commits(run)
          .publish(
              "shards",
              Map.of(),
              new Manifest(Manifest.FORMAT, 1, "shards", 2, "", "", inputs, files, Map.of(), null));
    }
  }

  Path run() {
    return folder.resolve("run");
  }

  Path model() {
    return model;
  }

  Path runFile() {
    return folder.resolve("sft.yaml");
  }

  /** The directory of a training. */
  Path training(String name) {
    return run().resolve("training").resolve(name);
  }

  /** What the ranks told whoever waits. */
  List<String> notes() {
    return notes;
  }

  /** One line for each process that was started. */
  List<String> starts() throws IOException {
    Path file = folder.resolve("starts");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** Lets ranks do something wrong; see {@link FakeRank}. */
  ShardedRun fault(String what, int step, int rank) {
    environment.put(
        FakeRank.FAULT, what + "@" + step + ":" + rank + ":" + folder.resolve("happened-" + what));
    return this;
  }

  ShardedRun environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** From another base model. */
  ShardedRun withBase(String address) {
    base = address;
    return this;
  }

  /** The same run, called by the file system of that scheme. */
  ShardedRun onStore(String scheme) {
    store = scheme;
    return this;
  }

  /** With the engine itself in the ranks' processes. */
  ShardedRun withTheEngine() {
    mainClass = Training.RANK_MAIN;
    return this;
  }

  SftRunFile file(Map<String, String> overrides) {
    Map<String, String> all = new TreeMap<>();
    all.put("cluster.classPath", System.getProperty("java.class.path"));
    all.put("cluster.heap", "256m");
    all.put("cluster.memory", "400m");
    environment.forEach((name, value) -> all.put("cluster.environment." + name, value));
    all.putAll(overrides);
    return SftRunFile.read(runFile().toString(), all);
  }

  Training.Outcome train(String name, int ranks) {
    return train(name, ranks, Map.of(), () -> false);
  }

  Training.Outcome train(
      String name, int ranks, Map<String, String> overrides, BooleanSupplier stop) {
    var spark = LocalSpark.session().sparkContext();
    TrainingPlace place = TrainingPlace.of(store + run(), name, spark.hadoopConfiguration());
    return new Training(
            spark,
            new Notes(notes),
            stop,
            Clock.systemUTC(),
            new Training.Start(mainClass, Duration.ofSeconds(1), 60))
        .run(
            new Training.Job(
                place,
                file(overrides),
                runFile().toString(),
                base,
                base.replaceFirst("^file:", ""),
                ranks,
                ""));
  }

  /** Keeps what is told. */
  record Notes(List<String> lines) implements RunProgress {
    @Override
    public void begin(String what, long total) {
      lines.add(what + " of " + total);
    }

    @Override
    public void advance(long done, @Nullable Double usd) {}

    @Override
    public void end() {}

    @Override
    public void note(String line) {
      lines.add(line);
    }
  }

  /** A file of a training. */
  String text(String name, String file) {
    try {
      return Files.readString(training(name).resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
