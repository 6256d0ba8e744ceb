package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** A driver that takes a run again and again, as soon as it is free, and gives it back. */
final class LockContender {
  private final Path directory;
  private final long last;

  /**
   * @param last where to end: an epoch that somebody reaches
   */
  LockContender(Path directory, long last) {
    this.directory = directory;
    this.last = last;
  }

  /** The epochs that were held. */
  List<Long> contend() throws IOException {
    RunDirectory run = RunDirectory.at(directory.toString(), new Configuration());
    LockFiles files = new LockFiles(run);
    List<Long> held = new ArrayList<>();
    while (files.highest() < last) {
      try (RunLock lock = RunLock.acquire(run, Clock.systemUTC(), Thread::onSpinWait)) {
        // fails where somebody else is inside
        Path inside = Files.createFile(directory.resolve("inside"));
        lock.requireHeld();
        held.add(lock.epoch());
        Files.delete(inside);
      } catch (CriaException e) {
        if (e.exitCode() != ExitCode.RUN_REFUSED) {
          throw e;
        }
      }
    }
    return held;
  }

  /** Directory, last epoch, and where to write the epochs, a line each. */
  public static void main(String[] args) throws IOException {
    List<Long> held = new LockContender(Path.of(args[0]), Long.parseLong(args[1])).contend();
    Files.write(Path.of(args[2]), held.stream().map(String::valueOf).toList());
  }
}
