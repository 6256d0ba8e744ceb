package io.cria.ask;

import io.cria.llm.StopReason;
import io.cria.llm.limit.BudgetBook;
import io.cria.run.AskContext;
import io.cria.run.Line;
import io.cria.run.Pace;
import io.cria.run.RunProgress;
import io.cria.run.StopAsked;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Asks an HTTP endpoint from the executors. One Spark job for all open parts, a task an executor:
 * each task streams its slice of every part, and writes the ledger; no second action runs on the
 * job. The cores it leaves free commit the parts that are through meanwhile.
 */
public final class OnlineAsker implements Asker {
  private static final long POLL_MILLIS = 200;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final AskContext context;
  private final LedgerScan.TextTest usable;
  private @Nullable Map<String, Spend> before;
  private final RunCaps caps;
  private boolean isAnswered;

  /**
   * @param usable what counts as a text
   */
  public OnlineAsker(AskContext context, LedgerScan.TextTest usable) {
    this(context, usable, true);
  }

  /**
   * @param usable what counts as a text
   * @param closes whether what a cap cut may be closed without the rest
   */
  public OnlineAsker(AskContext context, LedgerScan.TextTest usable, boolean closes) {
    this.context = context;
    this.usable = usable;
    this.caps = new RunCaps(context, this::before, closes);
  }

  @Override
  public void ask(String stage, List<OpenPart> parts, Consumer<OpenPart> answered) {
    refuseSpeculation();
    AskPlugin.require(context.spark().sparkContext());
    JobCut cut = JobCut.of(context);
    for (List<OpenPart> wave : cut.waves(parts)) {
      context.checkpoint();
      caps.requireRest();
      new Wave(stage, wave, cut.slices(wave)).run(answered);
    }
  }

  private void refuseSpeculation() {
    if (context.spark().sparkContext().getConf().getBoolean("spark.speculation", false)) {
      throw CriaException.badInput(
          "spark.speculation: a copy of a paid task pays again: set it to false");
    }
  }

  private Map<String, Spend> before() {
    Map<String, Spend> known = before;
    if (known == null) {
      known = Spend.byStage(context.run(), usable);
      before = known;
    }
    return known;
  }

  /** The line's stages ask one endpoint; each that is beside it may ask its own. */
  private static Spend vouching(Map<String, Spend> stages, String stage) {
    Map<String, Spend> same = new HashMap<>(stages);
    same.keySet().removeIf(other -> !other.equals(stage) && !(isLine(other) && isLine(stage)));
    return Spend.total(same);
  }

  private static boolean isLine(String stage) {
    return Line.stage(stage).isPresent();
  }

  private CriaException stopped() {
    return new CriaException(
        ExitCode.STOPPED,
        context.run().root()
            + ": stopped on request; every paid answer is kept: give the same command to go on");
  }

  /** Workers and driver that look at different disks would pay for what is then lost. */
  static CriaException notShared(RunDirectory run, String what) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.root()
            + ": "
            + what
            + ": the workers do not share this directory with the driver: give --run on a file"
            + " system that all hosts see; nothing more was sent");
  }

  /** One job. */
  private final class Wave {
    private final String stage;
    private final List<OpenPart> parts;
    private final int slices;
    private final String id = UUID.randomUUID().toString().substring(0, 8);
    private final BudgetJournal journal;
    private final @Nullable BudgetBook budget;
    private final SharedLimits limits;
    private final Inquiry inquiry;
    private final Set<Part> through = new HashSet<>();
    private int given;
    private boolean downTold;

    Wave(String stage, List<OpenPart> parts, int slices) {
      this.stage = stage;
      this.parts = parts;
      this.slices = slices;
      SparkContext spark = context.spark().sparkContext();
      int together = spark.isLocal() ? 1 : Math.min(slices, spark.defaultParallelism());
      this.journal = new BudgetJournal(context.run(), id);
      this.budget = caps.areSet() ? new BudgetBook(caps.cap(), caps.taken(), journal::grant) : null;
      this.limits =
          new SharedLimits(
              SharedLimits.rates(context.baseUrl().get(), context.asking().limits()),
              budget,
              System::nanoTime);
      this.inquiry =
          new Inquiry(id, slices, limits, stopAsked(), this::isVisible, together, System::nanoTime);
    }

    private StopAsked stopAsked() {
      return new StopAsked() {
        @Override
        public boolean getAsBoolean() {
          return context.stopAsked().getAsBoolean() || context.lock().isLost();
        }

        @Override
        public @Nullable Duration left() {
          return context.stopAsked().left();
        }
      };
    }

    private boolean isVisible(String name) {
      return context
          .run()
          .text(AskTask.Job.probeFile(id, name))
          .map(text -> text.endsWith(name))
          .orElse(false);
    }

    void run(Consumer<OpenPart> answered) {
      long open = parts.stream().mapToLong(OpenPart::unanswered).sum();
      context.progress().begin(title(), open);
      FutureTask<List<AskReport>> job =
          new FutureTask<>(this::job) {
            @Override
            protected void done() {
              inquiry.wake();
            }
          };
      Thread thread = new Thread(job, "cria-ask");
      thread.setDaemon(true);
      thread.start();
      try (inquiry) {
        try {
          follow(job, answered);
        } catch (Throwable e) {
          // what is on its way is paid for: the tasks drain before this ends
          inquiry.stop();
          awaited(job);
          throw e;
        }
        settle(reports(job), answered);
      } finally {
        Inquiry.State state = inquiry.state();
        caps.ended(journal, budget, limits.taken());
        context.progress().advance(state.ended(), state.usd());
        context.progress().end();
        forgetProbe();
      }
    }

    private void forgetProbe() {
      try {
        context.run().delete(AskTask.Job.probes(id));
      } catch (RuntimeException e) {
        // it lies among the temporaries, which the next invocation removes
        System.getLogger(OnlineAsker.class.getName())
            .log(System.Logger.Level.DEBUG, "the probe stays", e);
      }
    }

    private String title() {
      long rounds = parts.stream().map(part -> part.part().round()).distinct().count();
      return rounds == 1 ? stage + " round " + parts.get(0).part().round() : stage;
    }

    /**
     * The paid job. Its input is the numbers of its slices: no shuffle can make Spark run it twice.
     */
    private List<AskReport> job() {
      JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
      String probe = spark.isLocal() ? "" : UUID.randomUUID().toString();
      if (!probe.isEmpty()) {
        context.run().replace(AskTask.Job.probeFile(id, "driver"), probe);
      }
      AskTask task =
          new AskTask(
              AskSettings.of(context, stage, vouching(before(), stage), isAnswered, usable),
              new SerializableConfiguration(spark.hadoopConfiguration()),
              new AskTask.Job(id, slices, parts, probe));
      context.job("ask: " + title());
      return spark
          .parallelize(IntStream.range(0, slices).boxed().toList(), slices)
          .mapPartitions(task)
          .collect()
          .stream()
          .map(AskReport::of)
          .toList();
    }

    /** Gives out the parts as they come, until the job has ended. */
    private void follow(FutureTask<?> job, Consumer<OpenPart> answered) {
      boolean ended = false;
      while (!ended) {
        ended = job.isDone();
        tell();
        try {
          Inquiry.Reported reported = inquiry.poll(ended ? 0 : POLL_MILLIS);
          if (reported != null) {
            give(reported, answered);
            ended = false;
          }
        } catch (InterruptedException e) {
          throw AskTask.interrupted(e);
        }
      }
    }

    private void tell() {
      RuntimeException failure = limits.failure();
      if (failure != null) {
        throw failure;
      }
      RunProgress progress = context.progress();
      Inquiry.State state = inquiry.state();
      progress.advance(state.ended(), state.usd());
      Pace pace = limits.pace(caps.taken(), caps.cap(), state.downSince() >= 0);
      progress.pace(pace);
      AskMetrics.DRIVER.update(pace);
      boolean down = state.downSince() >= 0;
      if (down != downTold) {
        progress.note(
            down
                ? "endpoint down since "
                    + TIME.format(Instant.ofEpochMilli(state.downSince()))
                    + " ("
                    + state.words()
                    + "): waiting, with a probe now and then; nothing is given up"
                : "endpoint up again");
        downTold = down;
      }
    }

    /** Gives out what has its turn: a later part may be through before an earlier one. */
    private void give(Inquiry.Reported reported, Consumer<OpenPart> answered) {
      requireSeen(reported);
      through.add(reported.part());
      while (given < parts.size() && through.contains(parts.get(given).part())) {
        OpenPart next = parts.get(given++);
        isAnswered = true;
        answered.accept(next);
      }
    }

    /**
     * What tasks say they wrote must be there for the driver, of whole parts and of others, before
     * anything is asked again.
     */
    private void requireSeen(Inquiry.Reported reported) {
      Map<String, Long> seen = new HashMap<>();
      LedgerFiles.segments(context.run(), stage, reported.part().round())
          .forEach(segment -> seen.put(segment.name(), segment.bytes()));
      reported
          .segments()
          .forEach(
              (name, bytes) -> {
                if (seen.getOrDefault(name, -1L) < bytes) {
                  throw notShared(
                      context.run(),
                      "the segment " + name + " that a worker wrote is not here as it wrote it");
                }
              });
    }

    /** A cap hides no other cause: that nobody answers is told first. */
    private void refuseUnanswered() {
      Inquiry.State state = inquiry.state();
      Spend now = vouching(Spend.byStage(context.run(), usable), stage);
      List<String> words = new ArrayList<>(now.failures());
      if (!state.words().isEmpty()) {
        words.add(0, state.words());
      }
      if (state.downSince() >= 0 || (!now.isAnswered() && !words.isEmpty())) {
        throw new CriaException(
            ExitCode.ENDPOINT,
            context.baseUrl().get()
                + ": no answer of use ("
                + words.get(0)
                + ") by the time the cap was reached ("
                + CapWords.of(caps.cap(), caps.taken().plus(limits.taken()))
                + "): see to the server, raise the cap, then give the same command again");
      }
    }

    private List<AskReport> reports(FutureTask<List<AskReport>> job) {
      try {
        return job.get();
      } catch (InterruptedException e) {
        throw AskTask.interrupted(e);
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof RuntimeException runtime) {
          throw runtime;
        }
        if (cause instanceof Error error) {
          throw error;
        }
        // checked by Spark, which is Scala: what lies behind it is told
        throw new CompletionException(cause);
      }
    }

    private void awaited(FutureTask<List<AskReport>> job) {
      try {
        List<AskReport> unused = job.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        System.getLogger(OnlineAsker.class.getName())
            .log(System.Logger.Level.DEBUG, "the job of asking failed too", e);
      }
    }

    /** All is given out: says why not all was asked, where that is so. */
    private void settle(List<AskReport> reports, Consumer<OpenPart> answered) {
      for (Inquiry.Reported late : inquiry.rest()) {
        give(late, answered);
      }
      List<Keyless> keyless = reports.stream().flatMap(r -> r.keyless().stream()).toList();
      if (!keyless.isEmpty()) {
        throw Keyless.refusal(
            context.baseUrl().get(),
            keyless,
            context.spark().sparkContext().isLocal(),
            isAnswered || inquiry.state().sent() > 0);
      }
      List<AskReport> failed = reports.stream().filter(AskReport::isFailed).toList();
      if (!failed.isEmpty()) {
        AskReport first = failed.get(0);
        throw new CriaException(first.exitCode(), first.error());
      }
      inquiry.written().stream()
          .filter(written -> !through.contains(written.part()))
          .forEach(this::requireSeen);
      boolean capped = false;
      boolean stopped = false;
      for (AskReport report : reports) {
        capped |= report.reason() == StopReason.CAP_REACHED;
        stopped |= report.reason() == StopReason.REQUESTED;
      }
      if (stopped) {
        context.lock().requireHeld();
        throw stopped();
      }
      if (capped) {
        refuseUnanswered();
        throw caps.reached(limits.taken(), limits.reachedBy());
      }
      if (given < parts.size()) {
        throw new CriaException(
            ExitCode.FAULT,
            "fault of Cria: the tasks of "
                + title()
                + " ended without "
                + parts.get(given).part()
                + ": give the same command again, nothing is lost");
      }
    }
  }
}
