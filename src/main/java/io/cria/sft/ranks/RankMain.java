package io.cria.sft.ranks;

import io.cria.sft.FineTuning;
import io.cria.sft.SftRunFile;
import io.cria.sft.StopSignal;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Natives;
import io.cria.sft.train.ProcessGroup;
import io.cria.sft.train.Trainer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The process of one rank: {@code java -cp … io.cria.sft.ranks.RankMain JOB.json}, with {@link
 * RankCommand}s on its input and {@link RankEvent}s on its output; what people read goes to the
 * error output. It ends by halting: a thread inside an operation of all ranks never returns when
 * another rank is gone.
 */
public final class RankMain {
  private final RankJob job;
  private final ParentLink parent;
  private final StopSignal stop;
  private @Nullable RankStore store;
  private @Nullable Heartbeats beats;

  private RankMain(RankJob job, ParentLink parent, StopSignal stop) {
    this.job = job;
    this.parent = parent;
    this.stop = stop;
  }

  public static void main(String[] arguments) {
    StopSignal stop = StopSignal.install();
    ParentLink parent = new ParentLink(System.in, System.out);
    System.setOut(System.err);
    try {
      if (arguments.length != 1) {
        throw CriaException.badInput("usage: JOB.json");
      }
      new RankMain(RankJob.read(Path.of(arguments[0])), parent, stop).run();
    } catch (CriaException e) {
      say("cria: " + e.getMessage());
      parent.leave(end(e.exitCode().code(), String.valueOf(e.getMessage()), -1, true));
    }
  }

  private static void say(String line) {
    System.err.println(line);
  }

  private static RankEvent.End end(int code, String message, int lost, boolean again) {
    return new RankEvent.End(code, false, 0, 0, message, lost, again, null, null);
  }

  private void run() {
    try {
      Trainer.Outcome outcome = train();
      parent.awaitKept();
      if (beats != null) {
        beats.close();
      }
      parent.leave(end(outcome));
    } catch (ProcessGroup.Broken e) {
      if (beats != null) {
        beats.awaitFailure();
      }
      fail(ExitCode.FAULT.code(), e.getMessage() + " (" + RankStore.firstLine(cause(e)) + ")", e);
    } catch (Heartbeats.Unreached e) {
      leave(e.exitCode().code(), String.valueOf(e.getMessage()), e.rank(), true);
    } catch (CriaException e) {
      fail(e.exitCode().code(), String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      fail(ExitCode.FAULT.code(), String.valueOf(e).lines().findFirst().orElse(""), e);
    }
  }

  private static Throwable cause(Throwable e) {
    return e.getCause() == null ? e : e.getCause();
  }

  private static RankEvent.End end(Trainer.Outcome outcome) {
    return new RankEvent.End(
        FineTuning.exitCode(outcome).code(),
        outcome.finished(),
        outcome.steps(),
        outcome.totalSteps(),
        "",
        -1,
        true,
        finite(outcome.firstEvaluationLoss()),
        finite(outcome.lastEvaluationLoss()));
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private Trainer.Outcome train() {
    SftRunFile file = SftRunFile.read(job.conf(), job.overrides());
    Natives.load();
    Device device = Device.choose(file.training().device()).device();
    ServerSocket listening = listen();
    parent.tell(
        new RankEvent.Ready(
            job.rank(),
            Natives.torchVersion(),
            device.toString(),
            store == null ? null : Integer.valueOf(store.port()),
            listening == null ? null : Integer.valueOf(listening.getLocalPort())));
    RankCommand.Go go = parent.awaitGo();
    ProcessGroup group = job.size() == 1 ? ProcessGroup.ALONE : join(go, listening, device);
    FineTuning.Job whole =
        new FineTuning.Job(
            file, Path.of(job.base()), Path.of(job.output()), null, Path.of(job.shards()), false);
    Path prepared = job.prepared() == null ? null : Path.of(job.prepared());
    return FineTuning.runRank(whole, prepared, environment(group));
  }

  /** Rank 0 opens its two ports before it says that it is ready. */
  private @Nullable ServerSocket listen() {
    if (job.rank() != 0 || job.size() == 1) {
      return null;
    }
    store = RankStore.open(job.host());
    try {
      ServerSocket listening = new ServerSocket();
      listening.bind(new InetSocketAddress(job.host(), 0), job.size());
      return listening;
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot listen on "
              + job.host()
              + " ("
              + e.getMessage()
              + "): this machine must have that address",
          e);
    }
  }

  private ProcessGroup join(RankCommand.Go go, @Nullable ServerSocket listening, Device device) {
    int seconds = job.secondsToLoss();
    beats =
        listening != null
            ? Heartbeats.first(listening, go.hosts(), seconds, this::leave)
            : Heartbeats.other(job.rank(), go.host(), go.beats(), go.hosts(), seconds, this::leave);
    if (store == null) {
      // rank 0 has been reached, and is watched: its store may take longer
      int patience = Math.max(seconds, TorchProcessGroup.CONNECT_SECONDS);
      store = RankStore.reach(go.host(), go.store(), patience);
    }
    return TorchProcessGroup.join(store, job.rank(), job.size(), job.host(), device, seconds);
  }

  private Trainer.Environment environment(ProcessGroup group) {
    return new Trainer.Environment(
        System::nanoTime,
        () -> stop.getAsBoolean() || parent.isStopRequested(),
        group.isFirst()
            ? text -> parent.tell(new RankEvent.Message(text))
            : text -> say("rank " + group.rank() + ": " + text),
        group,
        new ParentEvents(parent),
        job.baseName());
  }

  /** Ends with a failure of this rank's own, which the others are told of first. */
  private void fail(int code, String message, Throwable fault) {
    boolean again = Faults.mayPass(fault);
    if (beats == null) {
      leave(code, message, -1, again);
    } else {
      leave(beats.fail(code, message, again));
    }
  }

  private void leave(Heartbeats.Failure failure) {
    leave(failure.code(), failure.message(), failure.lost(), failure.again());
  }

  private void leave(int code, String message, int lost, boolean again) {
    say("cria: " + message);
    parent.leave(end(code, message, lost, again));
  }
}
