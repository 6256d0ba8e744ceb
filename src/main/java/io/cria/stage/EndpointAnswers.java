package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.AnswerReading.Answer;
import io.cria.ask.CapUse;
import io.cria.ask.LedgerScan;
import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.AskConfig;
import io.cria.config.DecodingConfig;
import io.cria.evaluate.GivenAnswer;
import io.cria.evaluate.TaskPrompt;
import io.cria.run.AskContext;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Completion;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** An answerer behind an endpoint is asked every prompt of the set. */
public final class EndpointAnswers implements BesideStage {
  private final AnswersGiven.Asked asked;
  private final AskConfig asks;
  private final DecodingConfig decoding;
  private final List<Manifest.Input> inputs;

  /**
   * @param asks whom
   * @param decoding how it is to write
   */
  public EndpointAnswers(AnswersGiven.Asked asked, AskConfig asks, DecodingConfig decoding) {
    this(asked, asks, decoding, List.of(asked.set()));
  }

  private EndpointAnswers(
      AnswersGiven.Asked asked,
      AskConfig asks,
      DecodingConfig decoding,
      List<Manifest.Input> inputs) {
    this.asked = asked;
    this.asks = asks;
    this.decoding = decoding;
    this.inputs = inputs;
  }

  /** Of a server of ours on this machine: what it answers costs nothing. */
  public static EndpointAnswers onThisMachine(
      AnswersGiven.Asked asked, AskConfig asks, DecodingConfig decoding) {
    return new EndpointAnswers(asked, asks, decoding, List.of(asked.set(), CapUse.THIS_MACHINE));
  }

  @Override
  public String name() {
    return asked.stage().name();
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.of(asks);
  }

  @Override
  public boolean run(AskContext context) {
    boolean worked = Askings.run(context, new Questions(context));
    AnswersGiven.requireAny(context, asked, ExitCode.ENDPOINT);
    return worked;
  }

  private final class Questions implements Asking {
    private final AskContext context;
    private final UsableText text;

    Questions(AskContext context) {
      this.context = context;
      this.text = UsableText.of(context);
    }

    @Override
    public StageDeclaration stage() {
      return asked.stage();
    }

    @Override
    public int round() {
      return asked.round();
    }

    @Override
    public List<Manifest.Input> inputs() {
      return inputs;
    }

    @Override
    public String system() {
      return "";
    }

    @Override
    public Iterator<Item> items() {
      // a plain model goes on after the blank line that ends the plain encoding's prompt
      String end = asks.endpoint().dialect().equals("chat") ? "" : "\n\n";
      return asked.prompts().stream()
          .map(prompt -> new Item(prompt.id(), prompt.message() + end, decoding))
          .iterator();
    }

    @Override
    public AnswerReading.Reader reader() {
      return new Reader(text);
    }

    @Override
    public LedgerScan.TextTest usable() {
      return text;
    }

    @Override
    public List<Row> rows(Part part, List<Row> read) {
      Map<String, Row> told = new HashMap<>();
      RunTables.read(
              context.spark(),
              context.run(),
              Line.ANSWERS,
              RunTables.committed(context.run(), stage().answers(round())))
          .collectAsList()
          .forEach(row -> told.put(row.getAs("answer_id"), row));
      List<Row> rows = new ArrayList<>();
      for (Row row : read) {
        int number = row.<Integer>getAs("row");
        rows.add(
            AnswersGiven.row(
                given(row, asked.prompts().get(number), told.get(row.<String>getAs("answer_id"))),
                round(),
                number));
      }
      return rows;
    }

    private GivenAnswer given(
        Row row, TaskPrompt prompt, @org.jspecify.annotations.Nullable Row told) {
      return new GivenAnswer(
          row.getAs("answer_id"),
          prompt,
          asked.name(),
          row.getAs("text"),
          row.getAs("finish_reason"),
          told == null ? null : told.getAs("prompt_tokens"),
          told == null ? null : told.getAs("completion_tokens"),
          row.getAs("reason"));
    }

    @Override
    public Map<String, Long> counts(List<Row> rows) {
      return AnswersGiven.counts(rows);
    }
  }

  /** What an answer is, before it is put beside its prompt. */
  private static final class Reader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    private static final StructType COLUMNS =
        new StructType()
            .add("row", DataTypes.IntegerType, false)
            .add("answer_id", DataTypes.StringType, false)
            .add("text", DataTypes.StringType, true)
            .add("finish_reason", DataTypes.StringType, true)
            .add("reason", DataTypes.StringType, true);

    private final UsableText text;

    Reader(UsableText text) {
      this.text = text;
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, Answer given) {
      Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      Answer answer = text.of(given);
      Completion completion = answer.completion();
      return List.of(
          Rows.row(
              COLUMNS,
              subject.row(),
              answer.answerId(),
              completion == null ? null : completion.text().strip(),
              completion == null ? null : completion.finishReason(),
              completion == null ? answer.failure() : null));
    }
  }
}
