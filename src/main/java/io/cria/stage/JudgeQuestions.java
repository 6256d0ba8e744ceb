package io.cria.stage;

import static org.apache.spark.sql.functions.col;

import io.cria.ask.AnswerReading;
import io.cria.ask.LedgerScan;
import io.cria.ask.PlannedRequest;
import io.cria.config.DecodingConfig;
import io.cria.evaluate.AnswerForm;
import io.cria.evaluate.AnswerForm.Reading;
import io.cria.prompt.JudgePrompt;
import io.cria.run.AskContext;
import io.cria.run.Rows;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A judge's questions about subjects, each to be answered on a form. An answer off the form is
 * asked for once more, with the form repeated; what is off it then gives no verdict, and is
 * counted.
 *
 * <p>Round 0 is all subjects, round 1 those that are asked again. The table has a row for each
 * field of the form: {@code question} is its label in lower case with underscores, {@code verdict}
 * null where there is none, {@code fault} then says why.
 */
public final class JudgeQuestions {
  /** The columns of its table. */
  public static final StructType COLUMNS =
      new StructType()
          .add("subject_id", DataTypes.StringType, false)
          .add("answer_id", DataTypes.StringType, false)
          .add("round", DataTypes.IntegerType, false)
          .add("row", DataTypes.IntegerType, false)
          .add("item", DataTypes.IntegerType, false)
          .add("question", DataTypes.StringType, false)
          .add("verdict", DataTypes.StringType, true)
          .add("reason", DataTypes.StringType, false)
          .add("fault", DataTypes.StringType, true);

  private static final int VERSION = 1;

  /** The share without a verdict from which on a judge is of no use. */
  private static final double USELESS = 0.9;

  private static final Set<String> OFF_FORM =
      new HashSet<>(Arrays.stream(AnswerForm.Fault.values()).map(AnswerForm.Fault::word).toList());

  private final StageDeclaration stage;
  private final AnswerForm form;
  private final JudgePrompt prompt;
  private final DecodingConfig decoding;
  private final String anotherJudge;

  /**
   * @param id of what is judged
   * @param texts by the names that the prompt has for them
   */
  public record Subject(String id, Map<String, String> texts) {}

  /**
   * @param name of the stage and its table
   * @param prompt that shows the form
   * @param anotherJudge what to take in place of a judge that is of no use
   */
  public JudgeQuestions(
      String name,
      AnswerForm form,
      JudgePrompt prompt,
      DecodingConfig decoding,
      String anotherJudge) {
    this.stage = StageDeclaration.beside(name, VERSION, COLUMNS);
    this.form = form;
    this.prompt = prompt;
    this.decoding = decoding;
    this.anotherJudge = anotherJudge;
  }

  /** The names of the texts that a subject has. */
  public List<String> names() {
    return prompt.names();
  }

  /** The words of a first request, as they are sent; for estimates. */
  public Stream<String> texts(Subject subject) {
    return Stream.of(prompt.system(), prompt.question(subject.texts()));
  }

  /**
   * Asks what is not asked yet. Where what an earlier invocation began is to be closed, nothing is
   * asked: what is off the form then is not asked again either.
   *
   * @param inputs what the subjects are made from, and whatever else decides the requests
   * @param subjects in order; may be gone through twice
   * @return whether there was anything to do
   * @throws CriaException ({@link ExitCode#ENDPOINT}) when nearly no answer gave a verdict
   */
  public boolean run(
      AskContext context, List<Manifest.Input> inputs, Supplier<Iterator<Subject>> subjects) {
    Planning planning = new Planning(context, stage, prompt.system());
    boolean closing = context.closeRound() && planning.isPlanned(0, inputs);
    boolean worked = Askings.run(context, new Round(context, 0, inputs, () -> first(subjects)));
    Set<String> off = offForm(context);
    List<Manifest.Input> with = new ArrayList<>(inputs);
    with.add(RunTables.input(context.run(), stage.table().round(0)));
    // a first answer that is asked for anew may be on the form now
    boolean again = !off.isEmpty() || RunTables.rounds(context.run(), stage.table()).contains(1);
    if (again && (!closing || planning.isPlanned(1, with))) {
      worked |= Askings.run(context, new Round(context, 1, with, () -> again(subjects, off)));
    }
    requireUse(context);
    return worked;
  }

  /** Whether nothing is left to ask: all was asked, and again what was off the form. */
  boolean isWhole(RunDirectory run) {
    return isWhole(run, stage);
  }

  /** Likewise, of a stage of this name. */
  static boolean isWhole(RunDirectory run, String name) {
    return isWhole(run, StageDeclaration.beside(name, VERSION, COLUMNS));
  }

  private static boolean isWhole(RunDirectory run, StageDeclaration stage) {
    if (!isWhole(run, stage, 0)) {
      return false;
    }
    Optional<Manifest> again = new Commits(run).manifest(stage.requests(1));
    if (again.isEmpty()) {
      return counted(run, stage, 0).keySet().stream().noneMatch(OFF_FORM::contains);
    }
    // planned from first answers that may have been asked for anew since
    Manifest.Input first = RunTables.input(run, stage.table().round(0));
    return again.get().inputs().contains(first) && isWhole(run, stage, 1);
  }

  private static boolean isWhole(RunDirectory run, StageDeclaration stage, int round) {
    int parts = RunTables.committed(run, stage.table().round(round)).size();
    return new Commits(run)
        .manifest(stage.requests(round))
        .filter(requests -> Part.count(requests.rows()) == parts)
        .isPresent();
  }

  private Iterator<Asking.Item> first(Supplier<Iterator<Subject>> subjects) {
    return stream(subjects.get())
        .map(s -> new Asking.Item(s.id(), prompt.question(s.texts()), decoding))
        .iterator();
  }

  private Iterator<Asking.Item> again(Supplier<Iterator<Subject>> subjects, Set<String> off) {
    return stream(subjects.get())
        .filter(s -> off.contains(s.id()))
        .map(s -> new Asking.Item(s.id(), prompt.again(s.texts()), decoding))
        .iterator();
  }

  private static <T> Stream<T> stream(Iterator<T> iterator) {
    Iterable<T> once = () -> iterator;
    return StreamSupport.stream(once.spliterator(), false);
  }

  private Set<String> offForm(AskContext context) {
    context.job("answers of the judge that are off the form");
    Set<String> off = new HashSet<>();
    RunTables.read(context, stage.table(), List.of(0))
        .where(col("item").equalTo(0).and(col("fault").isInCollection(OFF_FORM)))
        .select("subject_id")
        .collectAsList()
        .forEach(row -> off.add(row.getString(0)));
    return off;
  }

  private void requireUse(AskContext context) {
    long fields = form.fields().size();
    long asked =
        counted(context.run(), 0).values().stream().mapToLong(Long::longValue).sum() / fields;
    long without = asked - (given(context.run(), 0) + given(context.run(), 1)) / fields;
    if (asked == 0 || without == 0) {
      return;
    }
    String told = "no verdict on " + without + " of " + asked + " (" + faults(context.run()) + ")";
    if (without >= USELESS * asked) {
      throw new CriaException(
          ExitCode.ENDPOINT,
          context.run().root()
              + ": the judge gave "
              + told
              + ": read some of its answers in the table "
              + stage.table().name()
              + ", then take "
              + anotherJudge);
    }
    context
        .progress()
        .note(
            stage.name()
                + ": "
                + told
                + (counted(context.run(), 1).isEmpty()
                    ? ""
                    : "; what was off the form was asked" + " for once more"));
  }

  /** What the answers that count are at fault by: the second where there is one. */
  private String faults(RunDirectory run) {
    boolean again = !counted(run, 1).isEmpty();
    Map<String, Long> faults = new TreeMap<>();
    for (int round : List.of(0, 1)) {
      counted(run, round)
          .forEach(
              (word, rows) -> {
                boolean answeredAnew = again && round == 0 && OFF_FORM.contains(word);
                if (!word.contains(" ") && !answeredAnew) {
                  faults.merge(word, rows / form.fields().size(), Long::sum);
                }
              });
    }
    return faults.entrySet().stream()
        .map(fault -> fault.getKey() + " " + fault.getValue())
        .collect(Collectors.joining(", "));
  }

  private long given(RunDirectory run, int round) {
    return counted(run, round).entrySet().stream()
        .filter(entry -> entry.getKey().contains(" "))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Rows by question and verdict, or by fault. */
  private Map<String, Long> counted(RunDirectory run, int round) {
    return counted(run, stage, round);
  }

  private static Map<String, Long> counted(RunDirectory run, StageDeclaration stage, int round) {
    Map<String, Long> sum = new TreeMap<>();
    RunTables.committed(run, stage.table().round(round))
        .forEach(part -> part.counts().forEach((word, rows) -> sum.merge(word, rows, Long::sum)));
    return sum;
  }

  /**
   * What counts of each subject and question: the second answer where it was asked for, without an
   * order. Columns as in {@link #COLUMNS}.
   */
  public Dataset<Row> verdicts(SparkSession spark, RunDirectory run) {
    return verdicts(spark, run, stage);
  }

  /** Likewise, of a stage of this name in an earlier invocation. */
  public static Dataset<Row> verdicts(SparkSession spark, RunDirectory run, String name) {
    return verdicts(spark, run, StageDeclaration.beside(name, VERSION, COLUMNS));
  }

  private static Dataset<Row> verdicts(
      SparkSession spark, RunDirectory run, StageDeclaration stage) {
    List<Manifest> first = RunTables.committed(run, stage.table().round(0));
    List<Manifest> second = RunTables.committed(run, stage.table().round(1));
    Dataset<Row> all = RunTables.read(spark, run, stage.table(), first);
    if (second.isEmpty()) {
      return all;
    }
    Dataset<Row> again = RunTables.read(spark, run, stage.table(), second);
    return all.join(again.select("subject_id").distinct(), new String[] {"subject_id"}, "left_anti")
        .unionByName(again);
  }

  /** What stands for the judge's answers among the inputs of what is made from them. */
  public List<Manifest.Input> inputs(RunDirectory run) {
    return inputs(run, stage.name());
  }

  static List<Manifest.Input> inputs(RunDirectory run, String name) {
    StageDeclaration stage = StageDeclaration.beside(name, VERSION, COLUMNS);
    return Stream.of(0, 1)
        .map(round -> stage.table().round(round))
        .filter(directory -> !RunTables.committed(run, directory).isEmpty())
        .map(directory -> RunTables.input(run, directory))
        .toList();
  }

  private final class Round implements Asking {
    private final int round;
    private final List<Manifest.Input> inputs;
    private final Supplier<Iterator<Item>> items;
    private final UsableText text;

    Round(
        AskContext context,
        int round,
        List<Manifest.Input> inputs,
        Supplier<Iterator<Item>> items) {
      this.round = round;
      this.inputs = inputs;
      this.items = items;
      this.text = UsableText.of(context);
    }

    @Override
    public StageDeclaration stage() {
      return stage;
    }

    @Override
    public int round() {
      return round;
    }

    @Override
    public List<Manifest.Input> inputs() {
      return inputs;
    }

    @Override
    public String system() {
      return prompt.system();
    }

    @Override
    public Iterator<Item> items() {
      return items.get();
    }

    @Override
    public AnswerReading.Reader reader() {
      return new FormReader(form, text);
    }

    @Override
    public LedgerScan.TextTest usable() {
      return text;
    }

    @Override
    public Map<String, Long> counts(List<Row> rows) {
      Map<String, Long> counts = new TreeMap<>();
      for (Row row : rows) {
        String fault = row.getAs("fault");
        String said = row.getAs("question") + " " + row.getAs("verdict");
        counts.merge(fault == null ? said : fault, 1L, Long::sum);
      }
      return counts;
    }
  }

  /** Reads one answer into a row a field. */
  private static final class FormReader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    private final AnswerForm form;
    private final UsableText text;

    FormReader(AnswerForm form, UsableText text) {
      this.form = form;
      this.text = text;
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, AnswerReading.Answer given) {
      AnswerReading.Answer answer = text.of(given);
      Completion completion = answer.completion();
      if (completion == null) {
        return rows(planned, answer, Map.of(), "", answer.failure());
      }
      Reading reading = form.read(completion.text());
      if (reading instanceof Reading.Given on) {
        return rows(planned, answer, on.choices(), on.reason(), null);
      }
      String fault = ((Reading.Off) reading).fault().word();
      return rows(planned, answer, Map.of(), completion.text(), fault);
    }

    private List<Row> rows(
        PlannedRequest planned,
        AnswerReading.Answer answer,
        Map<String, String> choices,
        String reason,
        @Nullable String fault) {
      PlannedRequest.Subject subject = Objects.requireNonNull(planned.subject(), "subject");
      List<Row> rows = new ArrayList<>();
      for (String label : form.fields().keySet()) {
        rows.add(
            Rows.row(
                COLUMNS,
                subject.candidateId(),
                answer.answerId(),
                planned.request().round(),
                planned.request().row(),
                rows.size(),
                AnswerForm.question(label),
                choices.get(label),
                reason,
                fault));
      }
      return rows;
    }
  }
}
