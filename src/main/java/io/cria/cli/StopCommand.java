package io.cria.cli;

import io.cria.pipeline.DriverStop;
import io.cria.pipeline.RunStatus;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.train.TrainingPlace;
import io.cria.train.TrainingStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria stop RUN}: on any machine that sees the run's directory, without a Spark session. */
@Command(
    description = {
      "Asks the driver that works on a run to stop, wherever it is, and waits until it has. What is"
          + " on its way is",
      "waited for, limits.drainSeconds at most, and kept. The same command of the run goes on later."
    },
    footer = {
      "",
      "Examples:",
      "  cria stop runs/si",
      "  cria stop hdfs:///data/si --timeout 300",
      "  cria stop runs/si --training tuned"
    })
final class StopCommand extends CriaCommand {
  private static final Duration LOOK = Duration.ofSeconds(1);

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--training",
      paramLabel = "NAME",
      description = "Stop cria train --name NAME on that run, at a checkpoint.")
  @Nullable String training;

  @Option(names = "--no-wait", description = "Ask, and leave.")
  boolean noWait;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Wait so long at most; a driver still at work then is exit code 6.")
  @Nullable Integer timeout;

  @Override
  ExitCode run() {
    if (timeout != null && (noWait || timeout < 0)) {
      throw CriaException.badInput(
          "--timeout "
              + timeout
              + ": give a number of seconds that is not negative, and not with --no-wait");
    }
    RunDirectory directory = directory();
    DriverStop stop =
        training == null
            ? new DriverStop(directory, Clock.systemUTC(), StopCommand::pause)
            : new DriverStop(
                directory, Clock.systemUTC(), StopCommand::pause, () -> lastEnd(directory));
    RunLock.Holder driver = stop.ask();
    String who = "process " + driver.pid() + " on " + driver.host();
    if (noWait) {
      out().println(run + ": asked to stop, " + who);
      return ExitCode.DONE;
    }
    LiveLine line = LiveLine.on(err(), Clock.systemUTC());
    DriverStop.End end =
        stop.await(
            driver,
            timeout == null ? null : Duration.ofSeconds(timeout),
            waited ->
                line.refresh(
                    columns ->
                        "waiting for " + who + " to end  " + ConsoleProgress.seconds(waited)));
    line.clear();
    out().println(outcome(directory, driver, who, end));
    return ExitCode.DONE;
  }

  private RunDirectory directory() {
    return training == null
        ? RunDirectory.at(run, Hadoop.configuration())
        : TrainingPlace.of(run, training, Hadoop.configuration()).directory();
  }

  private static String lastEnd(RunDirectory training) {
    return TrainingStatus.read(training).isEmpty()
        ? ""
        : " (" + TrainingStatus.line(training) + ")";
  }

  /** How the run stands now. */
  private String outcome(
      RunDirectory directory, RunLock.Holder driver, String who, DriverStop.End end) {
    if (end == DriverStop.End.AT_WORK) {
      throw refused(
          who
              + " is still at work after "
              + timeout
              + " s: it is asked to stop; give the same command to wait on");
    }
    if (end == DriverStop.End.KILLED) {
      throw refused(
          who
              + " ended without a word: what it had on its way may be lost; the same command of the"
              + " run goes on");
    }
    Optional<RunLock.Holder> next =
        RunLock.holder(directory).filter(holder -> holder.epoch() != driver.epoch());
    if (next.isPresent()) {
      return run
          + ": "
          + who
          + " ended; process "
          + next.get().pid()
          + " on "
          + next.get().host()
          + " works on this run now";
    }
    return training == null
        ? RunStatus.read(directory).map(this::told).orElse(run + ": ended")
        : run + ", training " + training + ": " + TrainingStatus.line(directory);
  }

  private String told(RunStatus status) {
    return run
        + ": "
        + status.state()
        + (status.stage().isEmpty() ? "" : ", stage " + status.stage())
        + ", exit code "
        + status.exitCode()
        + (status.reason().isEmpty() ? "" : "\n" + PlainPaths.in(status.reason()));
  }

  private CriaException refused(String what) {
    return new CriaException(ExitCode.RUN_REFUSED, run + ": " + what);
  }

  private static void pause() {
    LockSupport.parkNanos(LOOK.toNanos());
  }
}
