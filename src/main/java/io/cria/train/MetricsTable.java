package io.cria.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.storage.RunDirectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The table {@code training}: a row a step, from the lines of metrics.jsonl. */
final class MetricsTable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "part-00000.parquet";
  private static final String NAME = "name";

  private MetricsTable() {}

  /** Writes a training's file whole, over an earlier one; nothing where there are no metrics. */
  static void write(TrainingPlace place) {
    List<Row> rows =
        place
            .directory()
            .text(TrainingPlace.METRICS)
            .map(text -> rows(place.name(), text))
            .orElse(List.of());
    if (rows.isEmpty()) {
      return;
    }
    // beside the checkpoints: in the table's directory lies nothing but Parquet
    RunDirectory training = place.directory();
    String written = training.newTemporary();
    ParquetRows.write(training, written, fileColumns(), rows);
    place.run().rename(place.below(written), place.table() + "/" + FILE);
  }

  /** The directory's name says what the training is called. */
  private static StructType fileColumns() {
    return new StructType(
        Arrays.stream(Schemas.TRAINING.fields())
            .filter(field -> !field.name().equals(NAME))
            .toArray(StructField[]::new));
  }

  /** An evaluation has a line of its own, and belongs to the step before it. */
  static List<Row> rows(String name, String lines) {
    Map<Integer, JsonNode> steps = new TreeMap<>();
    Map<Integer, Double> evaluations = new TreeMap<>();
    for (String text : lines.lines().toList()) {
      JsonNode line = parsed(text);
      if (line == null || !line.path("step").isInt()) {
        continue;
      }
      int step = line.path("step").asInt();
      if (line.path("eval_loss").isNumber()) {
        evaluations.put(step, line.path("eval_loss").asDouble());
      }
      if (line.has("lr") || !steps.containsKey(step)) {
        steps.put(step, line);
      }
    }
    List<Row> rows = new ArrayList<>();
    steps.forEach(
        (step, line) ->
            rows.add(
                Rows.row(
                    Schemas.TRAINING,
                    name,
                    step,
                    number(line, "epoch"),
                    number(line, "loss"),
                    line.path("tokens").isNumber() ? line.path("tokens").asLong() : null,
                    number(line, "lr"),
                    number(line, "grad_norm"),
                    evaluations.get(step))));
    return rows;
  }

  private static @Nullable Double number(JsonNode line, String key) {
    return line.path(key).isNumber() ? line.path(key).asDouble() : null;
  }

  /** A torn last line is none. */
  private static @Nullable JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
