package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several drivers want one run at the same time, on a local disk. */
class LockRaceTest {
  @TempDir Path folder;

  private Path directory = Path.of("unset");

  @BeforeEach
  void makeRun() throws IOException {
    directory = Files.createDirectory(folder.resolve("run"));
  }

  @Test
  void ofSeveralThreadsOneHoldsEachEpoch() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Long>>> contenders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        contenders.add(threads.submit(() -> new LockContender(directory, 200).contend()));
      }
      List<Long> held = new ArrayList<>();
      for (Future<List<Long>> contender : contenders) {
        held.addAll(contender.get());
      }
      eachEpochWasHeldOnce(held, 200);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void ofTwoProcessesOneHoldsEachEpoch() throws Exception {
    List<Process> processes = List.of(start("a"), start("b"));
    for (Process process : processes) {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        processes.forEach(Process::destroyForcibly);
      }
      assertThat(process.exitValue()).as(said("a") + said("b")).isZero();
    }
    List<Long> held = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      Files.readAllLines(folder.resolve(name)).forEach(line -> held.add(Long.valueOf(line)));
    }
    eachEpochWasHeldOnce(held, 100);
  }

  private Process start(String name) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            LockContender.class.getName(),
            directory.toString(),
            "100",
            folder.resolve(name).toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".log").toFile())
        .start();
  }

  private String said(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }

  private void eachEpochWasHeldOnce(List<Long> held, long last) {
    RunDirectory run = RunDirectory.at(directory.toString(), new Configuration());
    long highest = new LockFiles(run).highest();
    assertThat(highest).isGreaterThanOrEqualTo(last);
    assertThat(held)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, highest).boxed().toList());
    assertThat(RunLock.holder(run)).isEmpty();
    // a thread that slept through its turn may have brought a lower number back: it says nothing,
    // and the next holder takes it away
    long next = highest + 1;
    RunLock.acquire(run, Clock.systemUTC()).close();
    assertThat(run.list(RunLock.FILE)).as("the last word").containsExactly(String.valueOf(next));
  }
}
