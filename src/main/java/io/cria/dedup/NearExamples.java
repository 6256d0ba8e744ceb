package io.cria.dedup;

import io.cria.run.Rows;
import io.cria.similarity.Contamination;
import io.cria.similarity.EvaluationItem;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Examples to verdicts, on executors: a row for each rule by which an example is near the set. What
 * an example comes to depends on it and the set alone.
 */
final class NearExamples implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** The one verdict there is: an example without a row is not near. */
  static final String NEAR = "near";

  /** Columns of the verdicts, after those of the examples' order. */
  static final StructType SCHEMA =
      new StructType()
          .add("round", DataTypes.IntegerType, false)
          .add("row", DataTypes.IntegerType, false)
          .add("item", DataTypes.IntegerType, false)
          .add("n", DataTypes.IntegerType, false)
          .add("subject_id", DataTypes.StringType, false)
          .add("rater", DataTypes.StringType, false)
          .add("question", DataTypes.StringType, false)
          .add("verdict", DataTypes.StringType, false)
          .add("score", DataTypes.DoubleType, true)
          .add("reason", DataTypes.StringType, false)
          .add("neighbour", DataTypes.StringType, true)
          .add("answer_id", DataTypes.StringType, true);

  private static final int BLOCK = 256;

  private final Broadcast<Reference> reference;

  NearExamples(Broadcast<Reference> reference) {
    this.reference = reference;
  }

  /** The set as it travels; each process makes its index once, when it is first asked for. */
  static final class Reference implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Contamination.Rules rules;
    private final ArrayList<EvaluationItem> items;
    private transient @Nullable Contamination index;

    Reference(Contamination.Rules rules, List<EvaluationItem> items) {
      this.rules = rules;
      this.items = new ArrayList<>(items);
    }

    synchronized Contamination index() {
      Contamination made = index;
      if (made == null) {
        made = new Contamination(rules, items);
        index = made;
      }
      return made;
    }

    String name(int item) {
      return items.get(item).name();
    }
  }

  @Override
  public Iterator<Row> call(Iterator<Row> examples) {
    return new Judged(reference.value(), examples);
  }

  /** Block after block of the examples, so that no partition is held. */
  private static final class Judged implements Iterator<Row> {
    private final Reference reference;
    private final Iterator<Row> examples;
    private Iterator<Row> verdicts = List.<Row>of().iterator();

    Judged(Reference reference, Iterator<Row> examples) {
      this.reference = reference;
      this.examples = examples;
    }

    @Override
    public boolean hasNext() {
      while (!verdicts.hasNext() && examples.hasNext()) {
        verdicts = block().iterator();
      }
      return verdicts.hasNext();
    }

    private List<Row> block() {
      List<Row> rows = new ArrayList<>();
      List<Contamination.Text> texts = new ArrayList<>();
      while (rows.size() < BLOCK && examples.hasNext()) {
        Row example = examples.next();
        rows.add(example);
        texts.add(
            new Contamination.Text(
                example.getAs("instruction"), example.getAs("input"), example.getAs("output")));
      }
      List<List<Contamination.Near>> judged = reference.index().judge(texts);
      List<Row> found = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        for (Contamination.Near near : judged.get(i)) {
          found.add(verdict(rows.get(i), near));
        }
      }
      return found;
    }

    private Row verdict(Row example, Contamination.Near near) {
      return Rows.row(
          SCHEMA,
          example.getAs("round"),
          example.getAs("row"),
          example.getAs("item"),
          example.getAs("n"),
          example.getAs("example_id"),
          "rule:" + near.rule(),
          near.rule(),
          NEAR,
          near.score(),
          near.reason(),
          reference.name(near.item()),
          null);
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return verdicts.next();
    }
  }
}
