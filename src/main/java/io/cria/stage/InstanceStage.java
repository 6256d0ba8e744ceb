package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.Identity.Instances;
import io.cria.parse.InstanceParser;
import io.cria.prompt.InstancePrompt;
import io.cria.run.RoundTable;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import io.cria.task.Candidate;
import io.cria.task.Ids;
import io.cria.task.Instance;
import io.cria.task.InstanceDraft;
import io.cria.task.Reason;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/**
 * Gives each kept instruction its instances (Self-Instruct, section 2.2, step 3): output first for
 * classification tasks, input first for all others. In a recipe whose generating answer holds input
 * and output already, that pair is the one instance, and nothing is asked.
 */
public final class InstanceStage implements Stage {
  public static final String TABLE = "instances";
  static final int VERSION = 1;
  private static final String NAME = "instances";

  private static final RoundTable ROUNDS =
      new RoundTable(TABLE, NAME, VERSION, Schemas.INSTANCES, InstanceStage::counts);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean run(RunContext context) {
    Instances instances = context.config().instances();
    return instances == null
        ? take(context)
        : new QuestionRounds(context, new ForInstances(context, instances)).run();
  }

  private static Map<String, Long> counts(List<Row> rows) {
    Map<String, Long> counts = new TreeMap<>(Map.of("kept", 0L));
    rows.forEach(row -> counts.merge(row.isNullAt(11) ? "kept" : row.getString(11), 1L, Long::sum));
    return counts;
  }

  private static final class ForInstances implements Question {
    private final Instances instances;
    private final InstancePrompt builder;
    private final long seed;

    ForInstances(RunContext context, Instances instances) {
      this.instances = instances;
      this.builder = InstancePrompt.named(instances.prompt(), Prompts.of(context));
      this.seed = context.config().rounds().seed();
    }

    @Override
    public RoundTable table() {
      return ROUNDS;
    }

    @Override
    public List<Manifest.Input> inputs(Subjects subjects, int round) {
      return subjects.inputsWithClass(round);
    }

    @Override
    public List<Subject> subjects(Subjects subjects, int round) {
      return subjects.withClass(round);
    }

    @Override
    public Words words(Subject subject) {
      boolean outputFirst = Boolean.TRUE.equals(subject.isClassification());
      return new Words(
          builder.build(subject.instruction(), outputFirst),
          outputFirst ? instances.outputFirst() : instances.inputFirst());
    }

    @Override
    public AnswerReading.Reader reader() {
      return new Reader(instances.parser(), instances.maxInstances(), seed);
    }
  }

  /** Where nothing is asked: the pairs that the generating answers held. */
  private static boolean take(RunContext context) {
    Subjects subjects = new Subjects(context);
    List<Integer> pending =
        Subjects.rounds(context).stream()
            .filter(r -> !ROUNDS.isUpToDate(context, r, subjects.inputsWithClass(r)))
            .toList();
    if (!pending.isEmpty()) {
      ROUNDS.publish(context, pending, taken(context, pending), subjects::inputsWithClass);
    }
    return !pending.isEmpty();
  }

  /** The pair that the generating answer held, as the one instance of each kept candidate. */
  private static List<Row> taken(RunContext context, List<Integer> rounds) {
    List<String> parts = rounds.stream().map(r -> RunTables.round("candidates", r)).toList();
    context.job("take the instances of the answers");
    return RunTables.read(context, Schemas.CANDIDATES, parts)
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

  /** Parses one answer and applies the choice of at most so many instances. */
  private static final class Reader implements AnswerReading.Reader {
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
    public Iterable<Row> read(PlannedRequest planned, AnswerReading.Answer answer) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      return chosen(drafts(subject, answer), subject).stream()
          .map(draft -> Rows.of(instance(subject, answer, draft), draft.raw()))
          .toList();
    }

    private List<InstanceDraft> drafts(Subject subject, AnswerReading.Answer answer) {
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

    private static Instance instance(
        Subject subject, AnswerReading.Answer answer, InstanceDraft draft) {
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
