package io.cria.stage;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.cria.config.ModerationConfig;
import io.cria.config.SelectionConfig;
import io.cria.dataset.CardFacts;
import io.cria.run.HeldRows;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.VerdictTable;
import io.cria.storage.Manifest;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Which of the machine's examples the dataset has, by what was judged of them: of those reviewed
 * the valid ones, those that are near no evaluation set, those that moderation does not flag. An
 * example is left out for the first of these reasons, in that order. Moderated examples bring their
 * scores with them as columns.
 */
final class ExportSelection {
  private static final String REVIEW = "review";
  private static final String DECONTAMINATION = "decontamination";
  private static final String REASON = "_left_out";

  /** Before a column of what moderation says. */
  private static final String MODERATION = "moderation_";

  private final RunContext context;
  private final List<Integer> rounds;
  private final SelectionConfig wanted;
  private final String policy;

  /**
   * The examples that stay.
   *
   * @param examples to be read again and again until {@link #close}
   * @param held what they are read from; null for the table itself
   * @param counts examples left out by reason, for the manifest
   * @param judged the same for the card
   */
  record Selected(
      Dataset<Row> examples,
      @Nullable HeldRows held,
      Map<String, Long> counts,
      CardFacts.Judged judged)
      implements AutoCloseable {
    @Override
    public void close() {
      if (held != null) {
        held.close();
      }
    }
  }

  ExportSelection(RunContext context, List<Integer> rounds) {
    this.context = context;
    this.rounds = rounds;
    this.wanted = context.config().select();
    this.policy = policy(context);
  }

  /** A recipe that moderates flags, unless it says otherwise; one that does not takes no notice. */
  private static String policy(RunContext context) {
    ModerationConfig config = context.config().moderation();
    if (config != null) {
      return config.policy();
    }
    boolean moderates = context.config().stages().contains(Line.MODERATE.name());
    return moderates ? ModerationConfig.FLAG : ModerationConfig.KEEP;
  }

  private boolean moderates() {
    return !policy.equals(ModerationConfig.KEEP);
  }

  private boolean selects() {
    return wanted.selects() || moderates();
  }

  /**
   * What of the configuration the dataset depends on by this; nothing where all examples stay.
   * Which review it is stands among the inputs.
   */
  String options() {
    return selects()
        ? " valid "
            + wanted.onlyValid()
            + " decontaminated "
            + wanted.decontaminated()
            + " moderation "
            + policy
        : "";
  }

  /**
   * What was judged, as it stands among the dataset's inputs.
   *
   * @throws CriaException (bad input) where that is missing, or is of other examples
   */
  List<Manifest.Input> inputs() {
    if (wanted.selects() && context.config().includeSeeds()) {
      throw refused(
          "includeSeeds and select go not together, as seed tasks are not judged: leave one out");
    }
    List<Manifest.Input> inputs = new ArrayList<>();
    if (wanted.onlyValid()) {
      inputs.add(review().input());
    }
    if (wanted.decontaminated()) {
      decontaminations().forEach(judgement -> inputs.add(judgement.input()));
    }
    if (moderates()) {
      inputs.addAll(moderated());
    }
    return inputs;
  }

  private VerdictTable.Published review() {
    List<VerdictTable.Published> reviews = VerdictTable.published(context.run(), REVIEW);
    List<String> names = reviews.stream().map(VerdictTable.Published::name).toList();
    if (reviews.isEmpty()) {
      throw refused("no review was made of this run: make one by cria review first");
    }
    if (wanted.review().isEmpty() && reviews.size() > 1) {
      throw refused(
          "it has several reviews (" + String.join(", ", names) + "): say --only valid:NAME");
    }
    String name = wanted.review().orElse(names.get(0));
    return reviews.stream()
        .filter(review -> review.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                refused("it has no review '" + name + "': there are " + String.join(", ", names)));
  }

  private List<VerdictTable.Published> decontaminations() {
    List<VerdictTable.Published> judgements =
        VerdictTable.published(context.run(), DECONTAMINATION);
    if (judgements.isEmpty()) {
      throw refused(
          "its examples were held against no evaluation set: do so by cria decontaminate first");
    }
    for (int round : rounds) {
      Manifest.Input examples = RunTables.input(context.run(), Line.DATASET.table().round(round));
      for (VerdictTable.Published judgement : judgements) {
        if (!judgement.manifest().inputs().contains(examples)) {
          throw refused(
              "it has examples that the decontamination "
                  + judgement.name()
                  + " has not seen: call cria decontaminate again");
        }
      }
    }
    return judgements;
  }

  private List<Manifest.Input> moderated() {
    List<Manifest.Input> inputs = new ArrayList<>();
    for (int round : rounds) {
      if (!isModerated(context, round)) {
        throw refused(
            "not all of its instances are moderated: call cria stage moderate --run first");
      }
      inputs.add(RunTables.input(context.run(), ModerateStage.directory(round)));
    }
    return inputs;
  }

  private static boolean isModerated(RunContext context, int round) {
    List<Manifest> committed = RunTables.committed(context.run(), ModerateStage.directory(round));
    return !committed.isEmpty()
        && committed.get(0).inputs().containsAll(new Through(context).inputs(round));
  }

  /** Of these rounds the moderated ones, where a cap cut moderation and the dataset needs it. */
  static List<Integer> rounds(RunContext context, List<Integer> rounds) {
    boolean isCut = context.shortfall().hasCut(Line.MODERATE.name());
    return isCut && !policy(context).equals(ModerationConfig.KEEP)
        ? rounds.stream().filter(round -> isModerated(context, round)).toList()
        : rounds;
  }

  private CriaException refused(String why) {
    return CriaException.badInput(context.run().root() + ": " + why);
  }

  /**
   * Leaves out what is to be left out.
   *
   * @throws CriaException (bad input) where nothing is left
   */
  Selected of(Dataset<Row> examples) {
    if (!selects()) {
      return new Selected(examples, null, Map.of(), CardFacts.Judged.NOTHING);
    }
    context.job("select the examples");
    List<Column> reasons = new ArrayList<>();
    Dataset<Row> joined = examples;
    if (wanted.onlyValid()) {
      joined = joined.join(valid(), joined.col("example_id").equalTo(col("_reviewed")), "left");
      reasons.add(
          when(col("_valid").isNull(), "not_reviewed")
              .when(col("_valid").notEqual(true), "not_valid"));
    }
    if (wanted.decontaminated()) {
      joined = joined.join(near(), joined.col("example_id").equalTo(col("_near")), "left");
      reasons.add(when(col("_near").isNotNull(), "near_evaluation"));
    }
    if (moderates()) {
      joined = joined.join(scores(), joined.col("instance_id").equalTo(col("_moderated")), "left");
    }
    if (policy.equals(ModerationConfig.DROP)) {
      Column flagged = col(MODERATION + "flagged");
      reasons.add(when(flagged.isNull(), "not_moderated").when(flagged, "flagged"));
    }
    reasons.add(lit(null).cast("string"));
    HeldRows held =
        HeldRows.of(joined.withColumn(REASON, coalesce(reasons.toArray(Column[]::new))));
    Dataset<Row> marked = held.rows();
    Map<String, Long> counts = counts(marked);
    if (!counts.containsKey("")) {
      held.close();
      throw refused(
          "nothing is left of its examples ("
              + said(counts)
              + "): select less, or look at the view verdicts for why");
    }
    Dataset<Row> selected = marked.filter(col(REASON).isNull()).select(columns(marked));
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    return new Selected(selected, held, leftOut(counts), judged(marked, counts, all));
  }

  /** Those of the examples, then what moderation says. */
  private static Column[] columns(Dataset<Row> marked) {
    return Stream.concat(
            Arrays.stream(Schemas.EXAMPLES.fieldNames()),
            Arrays.stream(marked.columns()).filter(name -> name.startsWith(MODERATION)))
        .map(marked::col)
        .toArray(Column[]::new);
  }

  /**
   * Reviewed examples, and whether each is valid: a majority of those who gave an answer say yes to
   * each of the three questions.
   */
  private Dataset<Row> valid() {
    return VerdictTable.read(context.spark(), context.run(), List.of(review()))
        .groupBy("subject_id", "question")
        .agg(expr("count_if(verdict = 'yes')").as("yes"), expr("count_if(verdict = 'no')").as("no"))
        .groupBy(col("subject_id").as("_reviewed"))
        .agg(
            expr("count_if(yes > no AND question IN ('valid_task', 'fitting_input',"
                    + " 'acceptable_output')) = 3")
                .as("_valid"));
  }

  private Dataset<Row> near() {
    return VerdictTable.read(context.spark(), context.run(), decontaminations())
        .select(col("subject_id").as("_near"))
        .distinct();
  }

  /** What moderation says, a column a score. */
  private Dataset<Row> scores() {
    List<Column> columns = new ArrayList<>();
    columns.add(col("instance_id").as("_moderated"));
    columns.add(col("flagged").as(MODERATION + "flagged"));
    for (String category : Schemas.SCORES.fieldNames()) {
      columns.add(col("scores." + category).as(MODERATION + category));
    }
    columns.add(col("pii").as(MODERATION + "pii"));
    return RunTables.read(context, Line.MODERATE.table(), rounds)
        .select(columns.toArray(Column[]::new));
  }

  /** Examples by reason; those that stay under an empty one. */
  private static Map<String, Long> counts(Dataset<Row> marked) {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row : marked.groupBy(REASON).count().collectAsList()) {
      counts.put(row.isNullAt(0) ? "" : row.getString(0), row.getLong(1));
    }
    return counts;
  }

  private static String said(Map<String, Long> counts) {
    List<String> words = new ArrayList<>();
    counts.forEach((reason, count) -> words.add(reason + " " + count));
    return String.join(", ", words);
  }

  private static Map<String, Long> leftOut(Map<String, Long> counts) {
    Map<String, Long> leftOut = new TreeMap<>();
    counts.forEach(
        (reason, count) -> {
          if (!reason.isEmpty()) {
            leftOut.put(DatasetStage.LEFT_OUT + reason, count);
          }
        });
    return leftOut;
  }

  private CardFacts.Judged judged(Dataset<Row> marked, Map<String, Long> counts, long all) {
    List<String> notes = new ArrayList<>();
    long kept = counts.getOrDefault("", 0L);
    notes.add(String.format(Locale.ROOT, "%,d of the run's %,d examples are here.", kept, all));
    if (wanted.onlyValid()) {
      notes.add(
          "Only reviewed examples are here (review "
              + review().name()
              + "), and of these the ones that most raters found valid in task, input and output;"
              + " a tie is not valid.");
    }
    if (wanted.decontaminated()) {
      notes.add(
          "Examples near an evaluation set are left out (decontamination "
              + String.join(
                  ", ", decontaminations().stream().map(VerdictTable.Published::name).toList())
              + ").");
    }
    if (moderates()) {
      Row said =
          marked
              .filter(col(REASON).isNull())
              .selectExpr("count_if(moderation_flagged)", "count_if(size(moderation_pii) > 0)")
              .head();
      notes.add(
          String.format(
              Locale.ROOT,
              "The examples were moderated (policy %s): %,d that are here are flagged, and %,d hold"
                  + " what looks like personal data or a key; the scores are columns of the"
                  + " Parquet.",
              policy,
              said.getLong(0),
              said.getLong(1)));
    }
    TreeMap<String, Long> leftOut = new TreeMap<>(counts);
    leftOut.remove("");
    return new CardFacts.Judged(leftOut, notes);
  }
}
