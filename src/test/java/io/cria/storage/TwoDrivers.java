package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;

/**
 * Two drivers want one thing at the same moment, on whatever file system: whether one gets it each
 * time. For {@code scripts/test-storage}; ends with 1 where it is not so.
 */
final class TwoDrivers {
  /** How a driver that is gone may have left the lock, in turn. */
  private enum Left {
    /** A process of this machine that has ended. */
    ENDED(Json.write(LockRecords.dead(""))),
    /** Its process id was given again. */
    ID_GIVEN_AGAIN(Json.write(LockRecords.dead("7"))),
    /** A machine that is silent. */
    SILENT(Json.write(LockRecords.far(Instant.EPOCH))),
    /** Killed while it wrote. */
    TORN("{\"owner\"");

    private final String text;

    Left(String text) {
      this.text = text;
    }
  }

  private TwoDrivers() {}

  /**
   * The directory; how many files are made in it, each by two threads that share no file system
   * object; and how many new runs, and how many that a dead driver left, are taken in it, each by
   * two processes. Without any, it is one of the two.
   */
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      contend();
    } else {
      create(args[0], Integer.parseInt(args[1]));
      lock(args[0], Integer.parseInt(args[2]));
    }
  }

  private static RunDirectory at(String directory) {
    return RunDirectory.at(directory, Hadoop.configuration());
  }

  /** Through a file system object that nobody else has. */
  private static RunDirectory apart(String directory) {
    Configuration hadoop = Hadoop.configuration();
    for (String scheme : List.of("s3a", "hdfs")) {
      hadoop.setBoolean("fs." + scheme + ".impl.disable.cache", true);
    }
    return RunDirectory.at(directory, hadoop);
  }

  private static void create(String directory, int times) throws Exception {
    List<RunDirectory> runs = List.of(apart(directory), apart(directory));
    CyclicBarrier start = new CyclicBarrier(runs.size());
    ExecutorService threads = Executors.newFixedThreadPool(runs.size());
    int wrong = 0;
    try {
      for (int i = 0; i < times; i++) {
        String file = "created/" + i;
        List<Future<Boolean>> made = new ArrayList<>();
        for (RunDirectory run : runs) {
          String text = "of " + made.size();
          made.add(
              threads.submit(
                  () -> {
                    start.await();
                    return run.createNew(file, text);
                  }));
        }
        boolean first = made.get(0).get();
        boolean second = made.get(1).get();
        String stands = runs.get(0).text(file).orElse("");
        wrong += first != second && stands.equals(first ? "of 0" : "of 1") ? 0 : 1;
      }
    } finally {
      threads.shutdownNow();
    }
    tell("a file", times, wrong);
    runs.get(0).requireNewFilesDecided();
  }

  private static void tell(String what, int times, int wrong) {
    System.out.println(what + ": " + times + " times, " + (times - wrong) + " with one winner");
    if (wrong > 0) {
      System.exit(1);
    }
  }

  private static void lock(String directory, int times) throws Exception {
    try (Contender a = new Contender();
        Contender b = new Contender()) {
      tell("a new run", times, wrong(a, b, directory, "start", times));
      tell("a run that a dead driver left", times, wrong(a, b, directory, "takeover", times));
    }
  }

  private static int wrong(Contender a, Contender b, String directory, String kind, int times)
      throws IOException {
    boolean isLeft = kind.equals("takeover");
    int wrong = 0;
    for (int i = 0; i < times; i++) {
      String run = directory + "/" + kind + "-" + i;
      if (isLeft) {
        Left left = Left.values()[i % Left.values().length];
        at(run).replace(RunLock.FILE + "/1", left.text);
      }
      a.say("take " + run);
      b.say("take " + run);
      List<String> told = List.of(a.told(), b.told());
      String holds = "holds " + (isLeft ? 2 : 1);
      String refused = "refused " + ExitCode.RUN_REFUSED.code();
      if (!told.contains(holds) || told.stream().noneMatch(word -> word.startsWith(refused))) {
        wrong++;
        System.out.println(run + ": " + told);
      }
      for (Contender each : List.of(a, b)) {
        each.say("give");
        if (!each.told().equals("given")) {
          throw new IllegalStateException(run + ": the lock was not given back");
        }
      }
      Optional<RunLock.Holder> holder = RunLock.holder(at(run));
      if (holder.isPresent()) {
        throw new IllegalStateException(run + ": held by nobody known, " + holder.get());
      }
    }
    return wrong;
  }

  /** A process that takes locks when told to. */
  private static final class Contender implements AutoCloseable {
    private final Process process;
    private final PrintStream to;
    private final BufferedReader from;

    Contender() throws IOException {
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      List<String> command = new ArrayList<>(List.of(java));
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(TwoDrivers.class.getName());
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
      from =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    void say(String line) {
      to.println(line);
    }

    String told() throws IOException {
      String line = from.readLine();
      if (line == null) {
        throw new IllegalStateException("a driver ended, see above");
      }
      return line;
    }

    @Override
    public void close() {
      to.close();
      process.destroy();
    }
  }

  /** One of the two: a line in, a line out. */
  private static void contend() throws IOException {
    Optional<RunLock> held = Optional.empty();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("give")) {
        held.ifPresent(RunLock::requireHeld);
        held.ifPresent(RunLock::close);
        held = Optional.empty();
        System.out.println("given");
        continue;
      }
      RunDirectory run = at(line.substring("take ".length()));
      try {
        RunLock lock = RunLock.acquire(run, Clock.systemUTC(), Thread::onSpinWait);
        held = Optional.of(lock);
        System.out.println("holds " + lock.epoch());
      } catch (CriaException e) {
        System.out.println("refused " + e.exitCode().code() + " " + e.getMessage());
      }
    }
  }
}
