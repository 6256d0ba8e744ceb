package io.cria.stage;

import io.cria.config.Identity.Instances;
import io.cria.parse.InstanceParser;
import io.cria.prompt.InstancePrompt;
import io.cria.stage.PlannedRequest.Subject;
import io.cria.stage.rows.Rows;
import io.cria.stage.rows.Schemas;
import io.cria.storage.Manifest;
import io.cria.task.Candidate;
import io.cria.task.Ids;
import io.cria.task.Instance;
import io.cria.task.InstanceDraft;
import io.cria.task.Reason;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Gives each kept instruction its instances (Self-Instruct, section 2.2, step 3): output first for
 * classification tasks, input first for all others. In a recipe whose generating answer holds input
 * and output already, that pair is the one instance, and nothing is asked.
 */
public final class InstanceStage implements Stage {
  public static final String TABLE = "instances";
  static final int VERSION = 1;
  private static final String NAME = "instances";

  private static final Comparator<Row> ORDER =
      Comparator.<Row>comparingInt(r -> r.getInt(3))
          .thenComparingInt(r -> r.getInt(4))
          .thenComparingInt(r -> r.getInt(5))
          .thenComparingInt(r -> r.getInt(6));

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean run(RunContext context) {
    Instances instances = context.config().instances();
    List<Integer> pending =
        Subjects.rounds(context).stream()
            .filter(round -> !isDone(context, round, instances))
            .toList();
    if (pending.isEmpty()) {
      return false;
    }
    if (instances == null) {
      commit(context, pending, null, taken(context, pending));
      return true;
    }
    boolean closing = context.closeRound() && Prompting.arePlanned(context, NAME, pending);
    plan(context, pending, instances);
    if (!closing) {
      new AskStage(context, NAME).run(pending);
    }
    Reader reader =
        new Reader(instances.parser(), instances.maxInstances(), context.config().rounds().seed());
    commit(
        context,
        pending,
        instances,
        new Answers(context, NAME, closing).read(pending, reader, ORDER));
    return true;
  }

  private static boolean isDone(RunContext context, int round, @Nullable Instances instances) {
    boolean planned =
        instances == null
            || (context.run().exists(Tables.requests(NAME, round))
                && new Prompting(context, NAME, VERSION)
                    .isPlanned(round, new Subjects(context).inputsWithClass(round)));
    return planned
        && Tables.upToDate(
                context,
                Tables.round(TABLE, round),
                NAME,
                VERSION,
                tableInputs(context, round, instances))
            .isPresent();
  }

  private static List<Manifest.Input> tableInputs(
      RunContext context, int round, @Nullable Instances instances) {
    return instances == null
        ? new Subjects(context).inputsWithClass(round)
        : List.of(context.run().input(Tables.requests(NAME, round)));
  }

  private static void plan(RunContext context, List<Integer> rounds, Instances instances) {
    InstancePrompt builder = InstancePrompt.named(instances.prompt(), context.prompts());
    Prompting prompting = new Prompting(context, NAME, VERSION);
    Subjects subjects = new Subjects(context);
    for (int round : rounds) {
      if (prompting.isPlanned(round, subjects.inputsWithClass(round))) {
        continue;
      }
      prompting.begin(round);
      List<PlannedRequest> requests = new ArrayList<>();
      for (Subject subject : subjects.withClass(round)) {
        boolean outputFirst = Boolean.TRUE.equals(subject.isClassification());
        requests.add(
            prompting.plan(
                round,
                requests.size(),
                builder.build(subject.instruction(), outputFirst),
                outputFirst ? instances.outputFirst() : instances.inputFirst(),
                subject));
      }
      prompting.publish(round, subjects.inputsWithClass(round), requests);
    }
  }

  /** The pair that the generating answer held, as the one instance of each kept candidate. */
  private static List<Row> taken(RunContext context, List<Integer> rounds) {
    List<String> parts = rounds.stream().map(r -> Tables.round("candidates", r)).toList();
    context.job("take the instances of the answers");
    return Tables.read(context, Schemas.CANDIDATES, parts)
        .filter("kept")
        .orderBy("round", "row", "item")
        .collectAsList()
        .stream()
        .map(Rows::candidate)
        .map(c -> Rows.of(only(c), c.raw()))
        .toList();
  }

  private static Instance only(Candidate c) {
    return new Instance(
        Ids.instance(c.candidateId(), 0),
        c.candidateId(),
        c.answerId(),
        c.round(),
        c.row(),
        c.item(),
        0,
        Objects.requireNonNullElse(c.input(), ""),
        Objects.requireNonNullElse(c.output(), ""),
        null);
  }

  private static void commit(
      RunContext context, List<Integer> rounds, @Nullable Instances instances, List<Row> rows) {
    context.checkpoint();
    Map<Integer, List<Row>> byRound =
        rows.stream().collect(Collectors.groupingBy(row -> row.getInt(3)));
    for (int round : rounds) {
      List<Row> own = byRound.getOrDefault(round, List.of());
      Map<String, Long> counts = new TreeMap<>(Map.of("kept", 0L));
      own.forEach(
          row -> counts.merge(row.isNullAt(11) ? "kept" : row.getString(11), 1L, Long::sum));
      Tables.publish(
          context,
          Tables.round(TABLE, round),
          NAME,
          VERSION,
          tableInputs(context, round, instances),
          Schemas.INSTANCES,
          own,
          counts);
    }
  }

  /** Parses one answer and applies the choice of at most so many instances. */
  private static final class Reader implements Answers.Reader {
    private static final long serialVersionUID = 1L;

    private final String parser;
    private final int maxInstances;
    private final long seed;

    Reader(String parser, int maxInstances, long seed) {
      this.parser = parser;
      this.maxInstances = maxInstances;
      this.seed = seed;
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, Answers.Answer answer) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      return chosen(drafts(subject, answer), subject).stream()
          .map(draft -> Rows.of(instance(subject, answer, draft), draft.raw()))
          .toList();
    }

    private List<InstanceDraft> drafts(Subject subject, Answers.Answer answer) {
      if (answer.completion() == null) {
        return List.of(new InstanceDraft(0, "", "", "", String.valueOf(answer.failure())));
      }
      return InstanceParser.named(parser)
          .parse(
              subject.instruction(),
              Boolean.TRUE.equals(subject.isClassification()),
              answer.completion());
    }

    private List<InstanceDraft> chosen(List<InstanceDraft> drafts, Subject subject) {
      int[] kept =
          java.util.stream.IntStream.range(0, drafts.size())
              .filter(i -> drafts.get(i).kept())
              .toArray();
      if (kept.length <= maxInstances) {
        return drafts;
      }
      SeededRandom random =
          SeededRandom.of(seed, NAME + ":choice:" + subject.item(), subject.round(), subject.row());
      Set<Integer> stays =
          Arrays.stream(random.sample(kept.length, maxInstances))
              .mapToObj(i -> kept[i])
              .collect(Collectors.toSet());
      List<InstanceDraft> chosen = new ArrayList<>();
      for (int i = 0; i < drafts.size(); i++) {
        InstanceDraft draft = drafts.get(i);
        chosen.add(draft.kept() && !stays.contains(i) ? draft.dropped(Reason.OVER_LIMIT) : draft);
      }
      return chosen;
    }

    private static Instance instance(Subject subject, Answers.Answer answer, InstanceDraft draft) {
      return new Instance(
          Ids.instance(subject.candidateId(), draft.n()),
          subject.candidateId(),
          answer.answerId(),
          subject.round(),
          subject.row(),
          subject.item(),
          draft.n(),
          draft.input(),
          draft.output(),
          draft.reason());
    }
  }
}
