package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.DecodingConfig;
import io.cria.parse.ClassificationAnswer;
import io.cria.prompt.ClassificationPrompt;
import io.cria.run.RoundTable;
import io.cria.run.RunContext;
import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Asks of each kept instruction whether it is a classification task (Self-Instruct, section 2.2,
 * step 2).
 */
public final class ClassifyStage implements Stage {
  public static final String TABLE = "classified";
  static final int VERSION = 1;
  private static final String NAME = "classify";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean run(RunContext context) {
    return new QuestionRounds(context, new IsClassification(context)).run();
  }

  private static Map<String, Long> counts(List<Row> rows) {
    Map<String, Long> counts = new TreeMap<>(Map.of("classification", 0L, "other", 0L));
    for (Row row : rows) {
      boolean isSent = !AnswerReading.isNotSent(row.getString(1));
      String answer = row.getBoolean(5) ? "classification" : "other";
      counts.merge(isSent ? answer : AnswerReading.NOT_SENT, 1L, Long::sum);
    }
    return counts;
  }

  private static final class IsClassification implements Question {
    private final ClassificationPrompt prompt;
    private final DecodingConfig decoding;

    IsClassification(RunContext context) {
      prompt = ClassificationPrompt.of(Prompts.of(context));
      decoding = Objects.requireNonNull(context.config().classify(), "classify").decoding();
    }

    @Override
    public RoundTable table() {
      return new RoundTable(TABLE, NAME, VERSION, Schemas.CLASSIFIED, ClassifyStage::counts);
    }

    @Override
    public List<Manifest.Input> inputs(Subjects subjects, int round) {
      return List.of(subjects.candidates(round));
    }

    @Override
    public List<Subject> subjects(Subjects subjects, int round) {
      return subjects.of(round);
    }

    @Override
    public Words words(Subject subject) {
      return new Words(prompt.build(subject.instruction()), decoding);
    }

    @Override
    public AnswerReading.Reader reader() {
      return new Reader();
    }
  }

  /**
   * A request that failed leaves its instruction unclassified: it is taken as no classification
   * task.
   */
  private static final class Reader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterable<Row> read(PlannedRequest planned, AnswerReading.Answer answer) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      String text = answer.completion() == null ? "" : answer.completion().text();
      return List.of(
          RowFactory.create(
              subject.candidateId(),
              answer.answerId(),
              subject.round(),
              subject.row(),
              subject.item(),
              ClassificationAnswer.isClassification(text),
              text));
    }
  }
}
