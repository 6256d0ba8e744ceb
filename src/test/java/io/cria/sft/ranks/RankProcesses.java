package io.cria.sft.ranks;

import io.cria.sft.FineTuning;
import io.cria.sft.SftRunFile;
import io.cria.sft.TinyCheckpoint;
import io.cria.shard.FileExamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Several ranks' processes on this machine, and what a training stage does between them. */
public final class RankProcesses implements AutoCloseable {
  private final List<RankProcess> ranks = new ArrayList<>();

  /**
   * A model, its shards and a run file.
   *
   * @param folder where they lie, and all that is made of them
   */
  public record Setting(Path folder, Path model, Path conf, Path shards) {
    /** A tiny model and so many examples. */
    public static Setting tiny(Path folder, int examples) throws IOException {
      Path model = TinyCheckpoint.create(folder.resolve("model"));
      Path conf = TinyCheckpoint.runFile(folder.resolve("sft.yaml"), folder.resolve("t.yaml"));
      Path dataset = TinyCheckpoint.dataset(folder.resolve("data.jsonl"), examples);
      Path shards = folder.resolve("shards");
      FineTuning.writeShards(
          SftRunFile.read(conf.toString(), Map.of()),
          model,
          FileExamples.in(dataset),
          shards,
          message -> {});
      return new Setting(folder, model, conf, shards);
    }

    /** What a rank is to do. */
    public RankJob job(
        String name, int rank, int size, int silentSeconds, Map<String, String> overrides) {
      return new RankJob(
          conf.toString(),
          overrides,
          model.toString(),
          "the model",
          shards.toString(),
          output(name, rank).toString(),
          rank,
          size,
          "127.0.0.1",
          silentSeconds,
          null);
    }

    public Path output(String name, int rank) {
      return folder.resolve(name + "-" + rank);
    }
  }

  /** Starts all, waits until they are ready, and lets them go. */
  public static RankProcesses start(
      Setting setting, String name, int size, int silentSeconds, Map<String, String> overrides)
      throws IOException {
    RankProcesses started = prepare(setting, name, size, silentSeconds, overrides);
    started.go();
    return started;
  }

  /** Starts all. */
  public static RankProcesses prepare(
      Setting setting, String name, int size, int silentSeconds, Map<String, String> overrides)
      throws IOException {
    return prepare(setting, name, size, silentSeconds, overrides, job -> job);
  }

  /**
   * Starts all.
   *
   * @param change what each rank's job is to be instead
   */
  public static RankProcesses prepare(
      Setting setting,
      String name,
      int size,
      int silentSeconds,
      Map<String, String> overrides,
      UnaryOperator<RankJob> change)
      throws IOException {
    RankProcesses started = new RankProcesses();
    for (int rank = 0; rank < size; rank++) {
      started.ranks.add(
          RankProcess.start(
              setting.folder().resolve(name + "-jobs"),
              change.apply(setting.job(name, rank, size, silentSeconds, overrides)),
              true));
    }
    return started;
  }

  /** Tells all ranks where rank 0 is reached. */
  public void go() {
    RankEvent.Ready first = ranks.get(0).awaitReady();
    ranks.forEach(RankProcess::awaitReady);
    List<String> hosts = ranks.stream().map(rank -> "127.0.0.1").toList();
    Integer store = first.store();
    Integer beats = first.beats();
    ranks.forEach(
        rank ->
            rank.send(
                new RankCommand.Go(
                    "127.0.0.1", store == null ? 0 : store, beats == null ? 0 : beats, hosts)));
  }

  public RankProcess get(int rank) {
    return ranks.get(rank);
  }

  public List<RankProcess> all() {
    return List.copyOf(ranks);
  }

  @Override
  public void close() {
    ranks.forEach(RankProcess::close);
  }
}
