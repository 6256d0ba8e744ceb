package io.cria.train;

import io.cria.sft.train.MemoryEstimate;
import io.cria.shard.LocalDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/**
 * What the ranks of a host read together, on its disk: each thing is fetched by one of them, the
 * others wait for it. It lies below Spark's local directories and goes with the application.
 */
final class HostCache {
  private static final String DRIVER = "driver";
  private static final long LOOK_MILLIS = 200;
  private static final Map<Path, ReentrantLock> OWN = new ConcurrentHashMap<>();

  private final Path root;
  private final Runnable alive;

  /**
   * @param alive asked while waiting: throws when this is no longer wanted
   */
  HostCache(Path root, Runnable alive) {
    this.root = root;
    this.alive = alive;
  }

  /** The one of this executor; where several are configured, on the disk with most room. */
  static HostCache ofThisExecutor(Runnable alive) {
    SparkEnv env = SparkEnv.get();
    Path local =
        env.executorId().equals(DRIVER)
            ? Path.of(Utils.getLocalDir(env.conf()))
            : Arrays.stream(Utils.getConfiguredLocalDirs(env.conf()))
                .max(Comparator.comparingLong(directory -> new File(directory).getUsableSpace()))
                .map(Path::of)
                .orElseThrow();
    return new HostCache(local.resolve("cria-train"), alive);
  }

  Path root() {
    return root;
  }

  /** Throws when what is being fetched is no longer wanted. */
  void requireWanted() {
    alive.run();
  }

  /**
   * A thing on this host's disk.
   *
   * @param directory it lies in
   * @param digest what {@code fetch} returned, whoever called it
   */
  record Kept(Path directory, String digest) {}

  /**
   * The thing of that key, fetched where it is not there.
   *
   * @param key names its content
   * @param bytes how much room it takes
   * @param fetch fetches it into a directory and returns what stands for its bytes
   * @throws CriaException when it cannot be fetched, or there is no room
   */
  Kept keep(String key, long bytes, Function<Path, String> fetch) {
    Path file = root.resolve(key + ".lock");
    // closing a file lets go of all locks that this process has on it: one thread at a time has it
    ReentrantLock own = OWN.computeIfAbsent(file, unused -> new ReentrantLock());
    while (!taken(own)) {
      alive.run();
    }
    try {
      Files.createDirectories(root);
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock(channel);
        return fetched(key, bytes, fetch);
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          root + ": cannot be written (" + e.getMessage() + "): free space, or set spark.local.dir",
          e);
    } finally {
      own.unlock();
    }
  }

  private Kept fetched(String key, long bytes, Function<Path, String> fetch) throws IOException {
    Path place = root.resolve(key);
    Path digest = root.resolve(key + ".digest");
    if (!Files.exists(place)) {
      requireRoom(key, bytes);
      Path partial = root.resolve(key + ".partial");
      LocalDirectory.delete(partial);
      Files.createDirectories(partial);
      Files.writeString(digest, fetch.apply(partial));
      Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
    }
    return new Kept(place, Files.readString(digest));
  }

  private boolean taken(ReentrantLock own) {
    try {
      return own.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.FAULT, "interrupted while another rank fetched", e);
    }
  }

  /** Held until the channel is closed. */
  private void lock(FileChannel channel) throws IOException {
    while (channel.tryLock() == null) {
      alive.run();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    }
  }

  private void requireRoom(String key, long bytes) throws IOException {
    long room = Files.getFileStore(root).getUsableSpace();
    if (bytes > room) {
      throw CriaException.badInput(
          root
              + ": no room for "
              + key
              + " ("
              + MemoryEstimate.size(bytes)
              + " needed, "
              + MemoryEstimate.size(room)
              + " free): free space, or set spark.local.dir to a larger disk");
    }
  }
}
