package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.AnswerReading.Answer;
import io.cria.ask.LedgerScan;
import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.DecodingConfig;
import io.cria.config.Identity.Classify;
import io.cria.parse.ClassificationAnswer;
import io.cria.prompt.ClassificationPrompt;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Completion;
import io.cria.task.Labels;
import io.cria.task.Part;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/**
 * Asks of each kept instruction whether it is a classification task (Self-Instruct, section 2.2,
 * step 2).
 */
public final class ClassifyStage implements Stage {
  @Override
  public StageDeclaration declaration() {
    return Line.CLASSIFY;
  }

  @Override
  public boolean run(RunContext context) {
    return new QuestionRounds(context, new IsClassification(context)).run();
  }

  /**
   * How an answer is read, as the run file says.
   *
   * @throws io.cria.task.CriaException for an unknown name
   */
  public static ClassificationAnswer answer(Classify classify, Labels labels) {
    return ClassificationAnswer.named(
        Objects.requireNonNullElse(classify.parser(), ClassificationAnswer.EXACT), labels);
  }

  private static final class IsClassification implements Question {
    private final ClassificationPrompt prompt;
    private final DecodingConfig decoding;
    private final ClassificationAnswer answer;
    private final Subjects subjects;
    private final UsableText text;

    IsClassification(RunContext context) {
      Classify classify = Objects.requireNonNull(context.config().classify(), "classify");
      prompt = ClassificationPrompt.of(Prompts.of(context), context.config().words());
      decoding = classify.decoding();
      answer = answer(classify, context.config().words());
      subjects = new Subjects(context);
      text = UsableText.of(context);
    }

    @Override
    public StageDeclaration stage() {
      return Line.CLASSIFY;
    }

    @Override
    public List<Integer> ready(List<Integer> rounds) {
      return rounds;
    }

    @Override
    public List<Manifest.Input> inputs(int round) {
      return List.of(subjects.candidates(round));
    }

    @Override
    public List<Subject> subjects(int round) {
      return subjects.of(round);
    }

    @Override
    public Words words(Subject subject) {
      return new Words(prompt.build(subject.instruction()), decoding);
    }

    @Override
    public AnswerReading.Reader reader() {
      return new Reader(text, answer);
    }

    @Override
    public LedgerScan.TextTest usable() {
      return text;
    }

    @Override
    public List<Row> rows(Part part, List<Row> read) {
      return read;
    }

    @Override
    public Map<String, Long> counts(List<Row> rows) {
      Map<String, Long> counts = new TreeMap<>(Map.of("classification", 0L, "other", 0L));
      for (Row row : rows) {
        String reason = row.getAs("reason");
        Boolean is = row.getAs("is_classification");
        String answer = Boolean.TRUE.equals(is) ? "classification" : "other";
        counts.merge(reason == null ? answer : reason, 1L, Long::sum);
      }
      return counts;
    }
  }

  /** A request that failed leaves its instruction without a class, and says why. */
  private static final class Reader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    private final UsableText text;
    private final ClassificationAnswer reading;

    Reader(UsableText text, ClassificationAnswer reading) {
      this.text = text;
      this.reading = reading;
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, Answer given) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      Answer answer = text.of(given);
      Completion completion = answer.completion();
      String said = completion == null ? "" : completion.text();
      return List.of(
          Rows.row(
              Line.CLASSIFY.table().columns(),
              subject.candidateId(),
              answer.answerId(),
              subject.round(),
              subject.row(),
              subject.item(),
              completion == null ? null : reading.isClassification(said),
              said,
              answer.failure()));
    }
  }
}
