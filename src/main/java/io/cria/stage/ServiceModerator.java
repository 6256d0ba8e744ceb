package io.cria.stage;

import static org.apache.spark.sql.functions.col;

import io.cria.ask.AnswerReading;
import io.cria.ask.LedgerScan;
import io.cria.ask.PlannedRequest;
import io.cria.config.AskConfig;
import io.cria.config.DecodingConfig;
import io.cria.config.Identity;
import io.cria.config.ModerationConfig.Service;
import io.cria.run.BesideContext;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.StageDeclaration;
import io.cria.safety.ModerationCategory;
import io.cria.safety.ServiceModeration;
import io.cria.storage.Manifest;
import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Asks a service for moderation, many texts a request, as everything is asked: planned, within the
 * run's caps, out of the ledger, resumed. Personal data are looked for here, as with the rules. A
 * text that the service said nothing of passes nowhere: the stage ends there.
 */
final class ServiceModerator implements Moderator {
  /** Whom it may ask, and what it said, in the run; a table of its own. */
  static final StageDeclaration STAGE = Line.MODERATIONS;

  private static final String SERVICE = "moderation/service";
  private static final String MALFORMED = "malformed";
  private static final List<String> ORDER = List.of("row", "item", "n");

  /** Nothing is generated; the least that a request's record holds. */
  private static final DecodingConfig DECODING =
      new DecodingConfig(
          1, null, null, null, null, null, null, List.of(), Map.of(), false, Map.of());

  private final RunContext line;
  private final Service service;
  private final BesideContext context;

  ServiceModerator(RunContext line, Service service) {
    this.line = line;
    this.service = service;
    AskConfig asking =
        new AskConfig(
            service.model(),
            Identity.STRIP,
            service.endpoint(),
            service.limits(),
            line.config().caps(),
            line.config().parallelism(),
            line.config().rounds().seed());
    String url = Objects.requireNonNull(service.endpoint().baseUrl(), "baseUrl");
    this.context =
        new BesideContext(
            line.spark(),
            line.run(),
            line.lock(),
            asking,
            () -> url,
            line.identity(),
            line.prices(),
            line.progress(),
            line.stopAsked(),
            line.wish());
  }

  @Override
  public Manifest.Input input() {
    return new Manifest.Input(SERVICE, Ids.sha256(service.model() + "\n" + service.batch()));
  }

  @Override
  public Dataset<Row> moderated(int round, List<Manifest.Input> inputs, Dataset<Row> texts) {
    boolean unused = Askings.run(context, new Texts(round, inputs, texts));
    Dataset<Row> said = RunTables.read(line, STAGE.table(), List.of(round));
    requireAll(round, said);
    return texts
        .join(
            said.select("instance_id", "answer_id", "flagged", "categories", "scores"),
            "instance_id")
        .map(new Joined("model:" + service.model()), Encoders.row(Schemas.MODERATED));
  }

  private void requireAll(int round, Dataset<Row> said) {
    List<Row> faults =
        said.where(col("flagged").isNull())
            .groupBy("fault")
            .count()
            .orderBy("fault")
            .collectAsList();
    if (!faults.isEmpty()) {
      StringBuilder words = new StringBuilder();
      faults.forEach(
          row -> words.append(' ').append(row.getString(0)).append(' ').append(row.getLong(1)));
      throw new CriaException(
          ExitCode.ENDPOINT,
          line.run().root()
              + ": the moderation service said nothing of some texts of round "
              + round
              + " (by fault:"
              + words
              + "): mend the cause and give --retry-rejected, ask anew with another"
              + " moderation.service.batch, or do without moderation.service to moderate by rules");
    }
  }

  private final class Texts implements Asking {
    private final int round;
    private final List<Manifest.Input> inputs;
    private final Dataset<Row> texts;

    Texts(int round, List<Manifest.Input> inputs, Dataset<Row> texts) {
      this.round = round;
      this.inputs = inputs;
      this.texts = texts;
    }

    @Override
    public StageDeclaration stage() {
      return STAGE;
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
      return "";
    }

    @Override
    public Iterator<Item> items() {
      Iterator<Row> rows =
          texts
              .orderBy(ORDER.get(0), ORDER.subList(1, ORDER.size()).toArray(String[]::new))
              .select("instance_id", TEXT)
              .toLocalIterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public Item next() {
          LinkedHashMap<String, String> batch = new LinkedHashMap<>();
          while (rows.hasNext() && batch.size() < service.batch()) {
            Row row = rows.next();
            batch.put(row.getString(0), row.getString(1));
          }
          return new Item(batch.keySet().iterator().next(), "", batch, DECODING);
        }
      };
    }

    @Override
    public AnswerReading.Reader reader() {
      return new ResultsReader();
    }

    @Override
    public LedgerScan.TextTest usable() {
      return ServiceModeration::areResults;
    }

    /** A text that nothing is said of passes nowhere. */
    @Override
    public boolean needsAll() {
      return true;
    }

    @Override
    public Map<String, Long> counts(List<Row> rows) {
      Map<String, Long> counts = new TreeMap<>();
      for (Row row : rows) {
        String fault = row.getAs("fault");
        Boolean flagged = row.getAs("flagged");
        String word = Boolean.TRUE.equals(flagged) ? "flagged" : "unflagged";
        counts.merge(fault == null ? word : fault, 1L, Long::sum);
      }
      return counts;
    }
  }

  /** A row a text of the request. */
  private static final class ResultsReader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterable<Row> read(PlannedRequest planned, AnswerReading.Answer answer) {
      List<String> ids = planned.demonstrations();
      Completion completion = answer.completion();
      List<ServiceModeration> results =
          completion == null
              ? List.of()
              : ServiceModeration.read(completion.text(), ids.size()).orElse(List.of());
      String fault = completion == null ? answer.failure() : results.isEmpty() ? MALFORMED : null;
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        rows.add(
            row(planned, answer.answerId(), i, results.isEmpty() ? null : results.get(i), fault));
      }
      return rows;
    }

    private static Row row(
        PlannedRequest planned,
        String answerId,
        int item,
        @Nullable ServiceModeration said,
        @Nullable String fault) {
      return Rows.row(
          STAGE.table().columns(),
          planned.demonstrations().get(item),
          answerId,
          planned.request().round(),
          planned.request().row(),
          item,
          said == null ? null : said.flagged(),
          said == null ? null : categories(said),
          said == null ? null : scores(said),
          fault);
    }

    private static String[] categories(ServiceModeration said) {
      return said.categories().stream()
          .sorted()
          .map(ModerationCategory::word)
          .toArray(String[]::new);
    }

    private static Row scores(ServiceModeration said) {
      return Rows.row(
          Schemas.SCORES,
          Arrays.stream(ModerationCategory.values())
              .map(category -> said.scores().getOrDefault(category, 0.0))
              .toArray());
    }
  }

  /** A text and what was said of it to a row of the table of moderation. */
  private static final class Joined implements MapFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final String rater;

    Joined(String rater) {
      this.rater = rater;
    }

    @Override
    public Row call(Row row) {
      return Rows.row(
          Schemas.MODERATED,
          row.getAs("instance_id"),
          row.getAs("round"),
          row.getAs("row"),
          row.getAs("item"),
          row.getAs("n"),
          rater,
          row.getAs("answer_id"),
          row.getAs("flagged"),
          row.getAs("categories"),
          row.getAs("scores"),
          RuleModerator.pii(row.getAs(TEXT)));
    }
  }
}
