package io.cria.stage;

import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Who says whether a text is fit to be trained on: rules of ours, or a service that is asked. */
interface Moderator {
  /** The text of an instance, in the table that is given to {@link #moderated}. */
  String TEXT = "text";

  /** What stands for it among the inputs of what it says. */
  Manifest.Input input();

  /**
   * Moderates the texts of a round.
   *
   * @param inputs what the texts are made from, and {@link #input}
   * @param texts {@code instance_id, round, row, item, n} and {@link #TEXT}
   * @return a row each, of {@link Schemas#MODERATED}, in any order
   */
  Dataset<Row> moderated(int round, List<Manifest.Input> inputs, Dataset<Row> texts);
}
