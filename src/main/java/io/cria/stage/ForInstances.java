package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.AnswerReading.Answer;
import io.cria.ask.LedgerScan;
import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.Identity.Instances;
import io.cria.filter.Filter;
import io.cria.filter.FilterChain;
import io.cria.parse.InstanceParser;
import io.cria.prompt.InstancePrompt;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Ids;
import io.cria.task.Instance;
import io.cria.task.InstanceDraft;
import io.cria.task.Labels;
import io.cria.task.Part;
import io.cria.task.Reason;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/** Asks for the instances of each kept instruction whose class is known. */
final class ForInstances implements Question {
  private final Instances instances;
  private final InstancePrompt builder;
  private final Subjects subjects;
  private final Reader reader;

  ForInstances(RunContext context, Instances instances) {
    this.instances = instances;
    this.builder = InstancePrompt.named(instances.prompt(), Prompts.of(context));
    this.subjects = new Subjects(context);
    this.reader =
        new Reader(
            instances.parser(),
            context.config().words(),
            Objects.requireNonNullElse(instances.filters(), List.of()),
            instances.maxInstances(),
            context.config().rounds().seed(),
            UsableText.of(context));
  }

  @Override
  public StageDeclaration stage() {
    return Line.INSTANCES;
  }

  @Override
  public List<Integer> ready(List<Integer> rounds) {
    return subjects.ready(rounds);
  }

  @Override
  public List<Manifest.Input> inputs(int round) {
    return subjects.inputsWithClass(round);
  }

  /** Those whose class is known; for the others nothing is asked. */
  @Override
  public List<Subject> subjects(int round) {
    return subjects.withClass(round).stream().filter(s -> s.isClassification() != null).toList();
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
    return reader;
  }

  @Override
  public LedgerScan.TextTest usable() {
    return reader.text;
  }

  /** An instruction without a class has no instance, and says so: in the round's first part. */
  @Override
  public List<Row> rows(Part part, List<Row> read) {
    if (part.number() > 0) {
      return read;
    }
    List<Row> rows = new ArrayList<>(unclassified(part.round()));
    if (rows.isEmpty()) {
      return read;
    }
    rows.addAll(read);
    rows.sort(Line.INSTANCES.table().withinRound());
    return rows;
  }

  private List<Row> unclassified(int round) {
    Map<String, Subjects.Classed> classes = subjects.classes(round);
    List<Row> rows = new ArrayList<>();
    if (classes.values().stream().allMatch(classed -> classed.isClassification() != null)) {
      return rows;
    }
    for (Subject subject : subjects.withClass(round)) {
      if (subject.isClassification() == null) {
        Subjects.Classed failed = Objects.requireNonNull(classes.get(subject.candidateId()));
        InstanceDraft none = new InstanceDraft(0, "", "", "", Reason.UNCLASSIFIED);
        rows.add(Rows.of(instance(subject, failed.answerId(), none), ""));
      }
    }
    return rows;
  }

  @Override
  public Map<String, Long> counts(List<Row> rows) {
    return InstanceStage.counts(rows);
  }

  private static Instance instance(Subject subject, String answerId, InstanceDraft draft) {
    return new Instance(
        Ids.instance(subject.candidateId(), draft.n()),
        subject.candidateId(),
        answerId,
        subject.round(),
        subject.row(),
        subject.item(),
        draft.n(),
        draft.input(),
        draft.output(),
        draft.reason());
  }

  /** Parses one answer, applies the heuristics and the choice of at most so many instances. */
  private static final class Reader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    private final String parser;
    private final Labels labels;
    private final ArrayList<Map<String, Object>> filters;
    private final int maxInstances;
    private final long seed;
    private final UsableText text;

    Reader(
        String parser,
        Labels labels,
        List<Map<String, Object>> filters,
        int maxInstances,
        long seed,
        UsableText text) {
      this.parser = parser;
      this.labels = labels;
      this.filters = new ArrayList<>(filters.stream().map(HashMap::new).toList());
      this.maxInstances = maxInstances;
      this.seed = seed;
      this.text = text;
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, Answer answer) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      return chosen(drafts(subject, text.of(answer)), subject).stream()
          .map(draft -> Rows.of(instance(subject, answer.answerId(), draft), draft.raw()))
          .toList();
    }

    private List<InstanceDraft> drafts(Subject subject, Answer answer) {
      Completion completion = answer.completion();
      if (completion == null) {
        return List.of(new InstanceDraft(0, "", "", "", String.valueOf(answer.failure())));
      }
      List<InstanceDraft> drafts =
          InstanceParser.named(parser, labels)
              .parse(
                  subject.instruction(),
                  Boolean.TRUE.equals(subject.isClassification()),
                  completion);
      return filters.isEmpty() ? drafts : filtered(drafts, subject.instruction());
    }

    private List<InstanceDraft> filtered(List<InstanceDraft> drafts, String instruction) {
      FilterChain chain = Candidates.chain(filters);
      return drafts.stream().map(draft -> judged(draft, instruction, chain)).toList();
    }

    private static InstanceDraft judged(InstanceDraft draft, String instruction, Filter chain) {
      String reason =
          draft.kept()
              ? chain
                  .judge(
                      Draft.parsed(
                          draft.n(), draft.raw(), instruction, draft.input(), draft.output()))
                  .reason()
              : null;
      return reason == null ? draft : draft.dropped(reason);
    }

    private List<InstanceDraft> chosen(List<InstanceDraft> drafts, Subject subject) {
      int[] kept = IntStream.range(0, drafts.size()).filter(i -> drafts.get(i).kept()).toArray();
      if (kept.length <= maxInstances) {
        return drafts;
      }
      SeededRandom random =
          SeededRandom.of(
              seed,
              Line.INSTANCES.name() + ":choice:" + subject.item(),
              subject.round(),
              subject.row());
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
  }
}
