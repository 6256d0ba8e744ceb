package io.cria.report;

import io.cria.run.Rows;
import io.cria.run.Schemas;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What each kept candidate is about: rows of {@link Schemas#TRAITS}, made by executors. */
final class InstructionTraits {
  /** The language is told by the instruction with its first instance. */
  private static final String TEXTS =
      """
      SELECT c.candidate_id, c.round, c.row, c.item, c.instruction,
             concat_ws('\\n', c.instruction, i.input, i.output) AS text
      FROM candidates c
      LEFT JOIN (
        SELECT candidate_id, min_by(input, n) AS input, min_by(output, n) AS output
        FROM instances WHERE kept GROUP BY candidate_id) i
      ON i.candidate_id = c.candidate_id
      WHERE c.kept
      """;

  /** The tagger knows no other. */
  private static final String ENGLISH = "eng";

  private InstructionTraits() {}

  /** Lazily, from the views of a run in the session. */
  static Dataset<Row> of(SparkSession spark) {
    int tasks = 2 * spark.sparkContext().defaultParallelism();
    return spark
        .sql(TEXTS)
        .repartition(tasks)
        .mapPartitions(new Describe(), Encoders.row(Schemas.TRAITS));
  }

  private static final class Describe implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      return rows.hasNext() ? new Described(rows) : Optional.<Row>empty().stream().iterator();
    }
  }

  private static final class Described implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final LanguageModels models = new LanguageModels();

    Described(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Row next() {
      Row row = rows.next();
      String instruction = row.getAs("instruction");
      Optional<String> language = models.language(row.getAs("text"));
      boolean mayBeEnglish =
          LanguageModels.isLatin(instruction) && language.orElse(ENGLISH).equals(ENGLISH);
      Optional<VerbNoun.Pair> pair = mayBeEnglish ? models.verbNoun(instruction) : Optional.empty();
      return Rows.row(
          Schemas.TRAITS,
          row.getAs("candidate_id"),
          row.getAs("round"),
          row.getAs("row"),
          row.getAs("item"),
          pair.map(VerbNoun.Pair::verb).orElse(null),
          pair.map(VerbNoun.Pair::noun).orElse(null),
          language.orElse(null));
    }
  }
}
