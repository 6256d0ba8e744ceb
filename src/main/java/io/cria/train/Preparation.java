package io.cria.train;

import io.cria.sft.ranks.RankJob;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Brings model and shards of a training to this host, and writes the job file of a rank. */
final class Preparation {
  private static final String SHARDS = "shards/";
  private static final String LOCAL = "file:";
  private static final int KEY = 16;

  private final RankSpec spec;
  private final int rank;
  private final String host;
  private final HostCache cache;
  private final Path scratch;

  Preparation(RankSpec spec, int rank, String host, HostCache cache, Path scratch) {
    this.spec = spec;
    this.rank = rank;
    this.host = host;
    this.cache = cache;
    this.scratch = scratch;
  }

  /**
   * @throws CriaException when something is not there, is not what it should be, or has no room
   */
  Prepared prepare() throws IOException {
    long available = spec.child().memoryIsGranted() ? -1 : ChildMemory.available();
    Path output = Files.createDirectories(scratch.resolve("output"));
    Base base = base();
    Path shards = shards();
    Path conf = Files.writeString(scratch.resolve(TrainingPlace.CONF), spec.conf());
    if (spec.template() != null) {
      Files.writeString(scratch.resolve(TrainingConf.TEMPLATE), spec.template());
    }
    RankJob job =
        new RankJob(
            conf.toString(),
            spec.overrides(),
            base.path().toString(),
            spec.baseName(),
            shards.toString(),
            output.toString(),
            rank,
            spec.ranks(),
            host,
            spec.child().silentSeconds(),
            cache.root().resolve("prepared-" + spec.basePrint()).toString());
    Path file = Files.writeString(scratch.resolve("job.json"), job.json());
    return new Prepared(file, output, base.digest(), available);
  }

  /** The model on this host's disk, and what stands for its bytes. */
  private record Base(Path path, String digest) {}

  /** A model on the disk is used where it lies; what it is, its pieces tell. */
  private Base base() {
    BaseFiles base = BaseFiles.at(spec.base(), spec.baseName(), spec.hadoop().value());
    if (base.isLocal()) {
      requireTheDrivers(base);
      return new Base(base.local(), spec.basePrint());
    }
    HostCache.Kept kept =
        cache.keep(
            "base-" + spec.basePrint().substring(0, KEY),
            base.bytes(),
            into -> fetched(base, into));
    return new Base(base.fetchedIn(kept.directory()), kept.digest());
  }

  private String fetched(BaseFiles base, Path into) {
    String digest = base.fetch(into, cache::requireWanted);
    requireTheDrivers(
        BaseFiles.at(LOCAL + base.fetchedIn(into), spec.baseName(), spec.hadoop().value()));
    return digest;
  }

  /** The training's identity says which model the driver saw. */
  private void requireTheDrivers(BaseFiles base) {
    if (!base.print().equals(spec.basePrint())) {
      throw CriaException.badInput(
          spec.baseName()
              + ": is another model on "
              + host
              + " than where the command was given: give all hosts the same files, or name a store"
              + " that all see");
    }
  }

  private Path shards() {
    Manifest manifest = Json.read(spec.shards(), Manifest.class);
    RunDirectory run = RunDirectory.at(spec.run(), spec.hadoop().value());
    String key = "shards-" + manifest.digest().substring(0, KEY);
    if (run.root().startsWith(LOCAL)) {
      String seen = key + "-" + Ids.sha256(run.root()).substring(0, KEY) + "-seen";
      cache.keep(seen, 0, into -> verified(run, manifest));
      return Path.of(new org.apache.hadoop.fs.Path(run.path("shards")).toUri().getPath());
    }
    long bytes = manifest.files().stream().mapToLong(Manifest.File::bytes).sum();
    return cache.keep(key, bytes, into -> fetched(run, manifest, into)).directory();
  }

  private String fetched(RunDirectory run, Manifest manifest, Path into) {
    for (Manifest.File file : manifest.files()) {
      cache.requireWanted();
      Published.download(
          run, file, into.resolve(file.name().substring(SHARDS.length())), cache::requireWanted);
    }
    return manifest.digest();
  }

  private String verified(RunDirectory run, Manifest manifest) {
    for (Manifest.File file : manifest.files()) {
      cache.requireWanted();
      if (!run.exists(file.name())) {
        throw CriaException.badInput(
            run.path(file.name())
                + ": not there on "
                + host
                + ": a run that is trained on a cluster lies on a disk that all hosts share, or on"
                + " a store");
      }
      if (!run.sha256(file.name()).equals(file.sha256())) {
        throw CriaException.badInput(
            run.path(file.name())
                + ": its bytes are not those of its manifest: write the shards again (remove"
                + " RUN/shards, then cria stage shards)");
      }
    }
    return manifest.digest();
  }
}
