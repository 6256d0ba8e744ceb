package io.cria.ask;

import io.cria.llm.ClientStack;
import io.cria.llm.Credentials;
import io.cria.llm.EndpointHealth;
import io.cria.llm.LedgerEntry;
import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.llm.LedgerWriter;
import io.cria.llm.ModelClient;
import io.cria.llm.Schedule;
import io.cria.llm.SegmentStore;
import io.cria.llm.StopReason;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Asks one slice of every part, part after part in one stream, so that the window stays full where
 * one part ends and the next begins. Writes the ledger from the task. A task that Spark tries again
 * reads what its earlier attempt left in the ledger first.
 *
 * <p>A task that stopped ends well, with its reason in what it brings home: a failed task would be
 * tried again by Spark, and would ask the refusing endpoint again.
 */
final class AskTask implements FlatMapFunction<Iterator<Integer>, String[]> {
  private static final long serialVersionUID = 1L;

  private final AskSettings settings;
  private final SerializableConfiguration hadoop;
  private final Job job;

  /**
   * What all tasks of a job share.
   *
   * @param inquiry names the job; stands in its segments' names
   * @param slices how many tasks there are
   * @param parts ascending
   * @param probe what the driver wrote for the tasks to find; empty when there is nothing to prove
   */
  record Job(String inquiry, int slices, List<OpenPart> parts, String probe)
      implements java.io.Serializable {
    Job {
      parts = new ArrayList<>(parts);
    }

    /** The file of the probe, below the run directory. */
    static String probeFile(String inquiry, String name) {
      return probes(inquiry) + "/" + name;
    }

    /** The folder of a job's probe. */
    static String probes(String inquiry) {
      return RunDirectory.TEMPORARY + "/probe-" + inquiry;
    }
  }

  AskTask(AskSettings settings, SerializableConfiguration hadoop, Job job) {
    this.settings = settings;
    this.hadoop = hadoop;
    this.job = job;
  }

  @Override
  public Iterator<String[]> call(Iterator<Integer> slices) {
    List<String[]> reports = new ArrayList<>();
    while (slices.hasNext()) {
      reports.add(reported(slices.next()).toStrings());
    }
    return reports.iterator();
  }

  private AskReport reported(int slice) {
    RunDirectory run;
    try {
      run = RunDirectory.at(settings.runDirectory(), hadoop.value());
    } catch (CriaException e) {
      DriverLink.failed(job.inquiry(), slice, attempt(TaskContext.get()));
      return AskReport.failed(e, settings.host());
    }
    return new Asking(slice, run).all();
  }

  private static int attempt(TaskContext task) {
    return task.stageAttemptNumber() * 1000 + task.attemptNumber();
  }

  /** One slice's work. */
  private final class Asking {
    private final int slice;
    private final RunDirectory run;
    private final TaskContext task = TaskContext.get();
    private final EndpointHealth health = settings.health();
    private final AtomicLong ended = new AtomicLong();
    private final Map<Part, Integer> open = new TreeMap<>();
    private final Map<String, Integer> attempts = new java.util.concurrent.ConcurrentHashMap<>();
    private final Map<Part, Map<String, Long>> earlierSegments = new HashMap<>();
    private double usd;

    Asking(int slice, RunDirectory run) {
      this.slice = slice;
      this.run = run;
    }

    AskReport all() {
      int attempt = attempt(task);
      TaskLimits limits = new TaskLimits(health, settings.capped());
      try (DriverLink link =
          new DriverLink(
              run,
              job.inquiry(),
              slice,
              attempt,
              settings.epoch(),
              () -> standing(limits.allowance().taken().requests()),
              limits)) {
        return ended(link, attempt, limits);
      } catch (CriaException e) {
        return AskReport.failed(e, settings.host());
      }
    }

    private AskReport ended(DriverLink link, int attempt, TaskLimits limits) {
      try {
        // before this task is counted among those that may begin, so that nobody has sent anything
        Credentials credentials = settings.credentials();
        link.begin(probed(attempt));
        StopReason reason =
            link.isStopped()
                ? StopReason.REQUESTED
                : ask(link, parts(link, attempt > 0), limits, credentials);
        link.end(false);
        return AskReport.ended(reason);
      } catch (CriaException e) {
        link.end(true);
        return AskReport.failed(e, settings.host());
      } catch (Throwable e) {
        // Spark tries the task again, and the driver must not wait for this attempt
        link.end(true);
        throw e;
      }
    }

    private Map<String, Object> standing(long sent) {
      long downSince = health.downSince().map(java.time.Instant::toEpochMilli).orElse(-1L);
      return Map.of(
          Inquiry.ENDED, ended.get(),
          Inquiry.SENT, sent,
          Inquiry.USD, usd,
          Inquiry.DOWN_SINCE, downSince,
          Inquiry.WORDS, health.lastWords().orElse(""));
    }

    /** Reads what the driver wrote and answers in a file beside it; returns that file's name. */
    private String probed(int attempt) {
      if (job.probe().isEmpty()) {
        return "";
      }
      String asked = run.text(Job.probeFile(job.inquiry(), "driver")).orElse("");
      if (!asked.equals(job.probe())) {
        throw OnlineAsker.notShared(run, "a worker does not see the file that the driver wrote");
      }
      String name = "slice-" + slice + "-" + attempt + "-" + SparkEnv.get().executorId();
      run.replace(Job.probeFile(job.inquiry(), name), job.probe() + name);
      return name;
    }

    /** The parts with something left to ask; those without are reported at once. */
    private List<OpenPart> parts(DriverLink link, boolean isRetry) {
      List<OpenPart> left = new ArrayList<>();
      for (OpenPart part : job.parts()) {
        if (link.done().contains(part.part())) {
          continue;
        }
        OpenPart now = isRetry ? withEarlier(part) : part;
        int unanswered = 0;
        for (int row = from(now); row < to(now); row++) {
          unanswered += now.isAnswered(row) ? 0 : 1;
        }
        if (unanswered == 0) {
          link.part(now.part(), earlierSegments.getOrDefault(now.part(), Map.of()));
        } else {
          open.put(now.part(), unanswered);
          left.add(now);
        }
      }
      return left;
    }

    private int from(OpenPart part) {
      return part.part().firstRow() + (int) ((long) part.rows() * slice / job.slices());
    }

    private int to(OpenPart part) {
      return part.part().firstRow() + (int) ((long) part.rows() * (slice + 1) / job.slices());
    }

    /** The start of the names of this slice's segments, after the part's. */
    private String writer() {
      return job.inquiry() + "-" + slice + "-";
    }

    /** What an earlier attempt of this very task has left of a part. */
    private OpenPart withEarlier(OpenPart part) {
      BitSet answered = part.answered();
      Map<Integer, Integer> highest = part.attempts();
      int first = part.part().firstRow();
      for (LedgerFiles.Found segment :
          LedgerFiles.segments(run, settings.stage(), part.part().round())) {
        if (segment.isOf(part.part().number()) && segment.name().contains(writer())) {
          earlierSegments
              .computeIfAbsent(part.part(), p -> new TreeMap<>())
              .put(segment.name(), segment.bytes());
          scan(
              segment,
              entry -> {
                highest.merge(entry.row() - first, entry.attempt(), Math::max);
                if (entry.outcome().isTerminal()) {
                  answered.set(entry.row() - first);
                }
              });
        }
      }
      return new OpenPart(part.part(), part.rows(), part.file(), answered, highest);
    }

    private void scan(LedgerFiles.Found segment, java.util.function.Consumer<LedgerEntry> entries) {
      try (InputStream in = run.open(segment.path())) {
        LedgerReader.scan(in, segment.path(), entries);
      } catch (IOException e) {
        throw new UncheckedIOException("the segment " + segment.path() + " cannot be read", e);
      }
    }

    private StopReason ask(
        DriverLink link, List<OpenPart> parts, TaskLimits limits, Credentials credentials) {
      String writer = writer() + UUID.randomUUID().toString().substring(0, 8);
      LedgerWriter ledger =
          new LedgerWriter(this::segments, writer, Schedule.system(), settings.host());
      StopReason reason = ask(link, ledger, parts, () -> client(link, ledger, limits, credentials));
      ledger
          .written()
          .forEach(
              (part, written) -> {
                if (open.getOrDefault(part, 0) > 0) {
                  link.wrote(part, bytes(Map.of(), written));
                }
              });
      return reason;
    }

    private StopReason ask(
        DriverLink link, LedgerWriter ledger, List<OpenPart> parts, Supplier<ModelClient> opened) {
      try (ledger;
          Prefetched requests = new Prefetched(() -> new SliceRequests(parts));
          ModelClient client = opened.get()) {
        Iterator<LedgerRecord> outcomes = client.ask(requests);
        while (outcomes.hasNext()) {
          count(link, ledger, outcomes.next());
        }
        return client.stopReason();
      }
    }

    private void count(DriverLink link, LedgerWriter ledger, LedgerRecord record) {
      ended.incrementAndGet();
      Double price = record.usd();
      usd += price == null ? 0 : price;
      Part part = Part.of(record.round(), record.row());
      if (open.merge(part, -1, Integer::sum) == 0) {
        link.part(part, bytes(earlierSegments.getOrDefault(part, Map.of()), ledger.end(part)));
      }
    }

    private Map<String, Long> bytes(Map<String, Long> earlier, List<LedgerWriter.Written> written) {
      Map<String, Long> segments = new TreeMap<>(earlier);
      written.forEach(segment -> segments.put(segment.name(), segment.bytes()));
      return segments;
    }

    private SegmentStore segments(Part part) {
      return new LedgerSegments(new LedgerFiles(run, settings.stage(), part.round()));
    }

    private ModelClient client(
        DriverLink link, LedgerWriter ledger, TaskLimits limits, Credentials credentials) {
      return ClientStack.of(settings.llmEndpoint(), ledger)
          .credentials(credentials)
          .host(settings.host())
          .prices(settings.priceList())
          .rules(settings.rules())
          .health(health)
          .answeredBefore(settings.answeredBefore())
          .usableBefore(settings.usableBefore())
          .usable(settings.usable())
          .budget(limits.allowance())
          .pacer(limits.pacer())
          .nextAttempt(key -> attempts.getOrDefault(key, 1))
          .giveUp(link::isOverdue)
          .stopRequested(() -> link.isStopped() || task.isInterrupted())
          .build();
    }

    /** This slice's unanswered requests of the parts, in request order. */
    private final class SliceRequests implements Prefetched.Source {
      private final Iterator<OpenPart> parts;
      private @Nullable OpenPart part;
      private @Nullable RequestFile file;

      SliceRequests(List<OpenPart> parts) {
        this.parts = parts.iterator();
      }

      @Override
      public io.cria.llm.@Nullable LlmRequest next() {
        while (true) {
          OpenPart current = part;
          RequestFile rows = file;
          if (current == null || rows == null || !rows.hasNext()) {
            close();
            if (!parts.hasNext()) {
              return null;
            }
            OpenPart opened = parts.next();
            part = opened;
            file =
                RequestFile.open(
                    run, hadoop.value(), settings.stage(), opened, from(opened), to(opened));
            continue;
          }
          io.cria.llm.LlmRequest request = rows.next().request();
          if (!current.isAnswered(request.row())) {
            int attempt = current.nextAttempt(request.row());
            if (attempt > 1) {
              attempts.put(request.requestKey(), attempt);
            }
            return request;
          }
        }
      }

      @Override
      public void close() {
        RequestFile rows = file;
        if (rows != null) {
          file = null;
          rows.close();
        }
      }
    }
  }

  /** A wait that was cut off: whoever did so wants the work to end. */
  static CriaException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CriaException(ExitCode.STOPPED, "interrupted: give the same command to go on", e);
  }
}
