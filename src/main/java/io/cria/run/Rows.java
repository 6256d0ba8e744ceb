package io.cria.run;

import io.cria.task.Candidate;
import io.cria.task.Example;
import io.cria.task.Instance;
import io.cria.task.Message;
import io.cria.task.Verdict;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Domain records to rows of {@link Schemas} and back. */
public final class Rows {
  private Rows() {}

  public static Row of(Candidate c) {
    Verdict v = c.verdict();
    return row(
        Schemas.CANDIDATES,
        c.candidateId(),
        c.requestKey(),
        c.answerId(),
        c.round(),
        c.row(),
        c.item(),
        c.raw(),
        c.instruction(),
        c.input(),
        c.output(),
        v.kept(),
        v.reason(),
        v.neighbourId(),
        Double.isNaN(v.neighbourScore()) ? null : v.neighbourScore());
  }

  /** From a row with the columns of {@link Schemas#CANDIDATES}. */
  public static Candidate candidate(Row row) {
    String neighbour = text(row, "neighbour_id");
    Double score = row.getAs("neighbour_score");
    Verdict verdict =
        new Verdict(
            row.getAs("kept"), text(row, "reason"), neighbour, score == null ? Double.NaN : score);
    return new Candidate(
        row.getAs("candidate_id"),
        row.getAs("request_key"),
        row.getAs("answer_id"),
        row.<Integer>getAs("round"),
        row.<Integer>getAs("row"),
        row.<Integer>getAs("item"),
        row.getAs("raw"),
        row.getAs("instruction"),
        text(row, "input"),
        text(row, "output"),
        verdict);
  }

  /**
   * @param raw the text it was read from
   */
  public static Row of(Instance i, String raw) {
    return row(
        Schemas.INSTANCES,
        i.instanceId(),
        i.candidateId(),
        i.answerId(),
        i.round(),
        i.row(),
        i.item(),
        i.n(),
        raw,
        i.input(),
        i.output(),
        i.kept(),
        i.reason());
  }

  public static Row of(Example e) {
    return row(
        Schemas.EXAMPLES,
        e.exampleId(),
        e.instanceId(),
        e.round(),
        e.row(),
        e.item(),
        e.n(),
        e.instruction(),
        e.input(),
        e.output(),
        e.isClassification(),
        e.source(),
        e.model(),
        e.recipe(),
        e.prompt(),
        e.completion(),
        of(e.messages()));
  }

  public static Example example(Row row) {
    return new Example(
        row.getAs("example_id"),
        row.getAs("instance_id"),
        row.<Integer>getAs("round"),
        row.<Integer>getAs("row"),
        row.<Integer>getAs("item"),
        row.<Integer>getAs("n"),
        row.getAs("instruction"),
        row.getAs("input"),
        row.getAs("output"),
        row.getAs("is_classification"),
        row.getAs("source"),
        row.getAs("model"),
        row.getAs("recipe"),
        row.getAs("prompt"),
        row.getAs("completion"),
        messages(row));
  }

  public static List<Message> messages(Row row) {
    int at = row.fieldIndex("messages");
    return row.isNullAt(at)
        ? List.of()
        : row.<Row>getList(at).stream()
            .map(m -> new Message(m.getString(0), m.getString(1)))
            .toList();
  }

  public static Row[] of(List<Message> messages) {
    return messages.stream().map(m -> RowFactory.create(m.role(), m.content())).toArray(Row[]::new);
  }

  /** A row that knows its columns by name, also on the driver. */
  public static Row row(StructType schema, @Nullable Object... values) {
    return new GenericRowWithSchema(values, schema);
  }

  private static @Nullable String text(Row row, String column) {
    return row.getAs(column);
  }
}
