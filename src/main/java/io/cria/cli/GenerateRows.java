package io.cria.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.TunedModel;
import io.cria.task.CriaException;
import io.cria.task.UserText;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rows of {@code generate --input}: JSON objects, one a line or in one array. Each keeps all
 * its fields, and numbers keep their digits.
 */
final class GenerateRows {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final String INSTRUCTION = "instruction";
  private static final String INPUT = "input";

  private final Path file;
  private final List<Row> rows;

  /**
   * A row.
   *
   * @param where its file and line
   * @param record as it was read
   */
  record Row(String where, ObjectNode record) {
    TunedModel.Question question() {
      return new TunedModel.Question(
          record.path(INSTRUCTION).asText(), record.path(INPUT).asText(""));
    }

    /**
     * The answer's line: the question, the row's other fields, and then the answer's.
     *
     * @param answer takes the place of fields of the same names
     */
    ObjectNode with(ObjectNode answer) {
      ObjectNode line = JSON.createObjectNode();
      line.put(INSTRUCTION, record.path(INSTRUCTION).asText());
      line.put(INPUT, record.path(INPUT).asText(""));
      record
          .properties()
          .forEach(
              field -> {
                if (!line.has(field.getKey()) && !answer.has(field.getKey())) {
                  line.set(field.getKey(), field.getValue());
                }
              });
      return line.setAll(answer);
    }
  }

  private GenerateRows(Path file, List<Row> rows) {
    this.file = file;
    this.rows = rows;
  }

  List<Row> rows() {
    return rows;
  }

  /** One line for a person where rows have fields that the answers' take the place of. */
  Optional<String> clash(Set<String> written) {
    Set<String> clashing = new TreeSet<>();
    rows.forEach(
        row -> {
          row.record().fieldNames().forEachRemaining(clashing::add);
        });
    clashing.retainAll(written);
    return clashing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            file
                + ": its rows have "
                + String.join(", ", clashing)
                + " of their own, and the answer's take that place: rename them to keep them");
  }

  /**
   * Reads a file.
   *
   * @throws CriaException (bad input) naming the line that is no row
   */
  static GenerateRows read(Path file) {
    if (Files.isDirectory(file)) {
      throw CriaException.badInput(
          file + " is a directory: give a file of JSON lines, or of one JSON array");
    }
    List<Row> rows = new ArrayList<>();
    try (BufferedReader text = UserText.reader(Files.newInputStream(file));
        JsonParser parser = JSON.createParser(text)) {
      read(parser, file, rows);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw CriaException.badInput(
          file
              + ":"
              + line
              + ": this is no JSON ("
              + e.getOriginalMessage()
              + "): repair the line");
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + ": give a UTF-8 file of JSON lines, or of one JSON array");
    }
    return new GenerateRows(file, rows);
  }

  private static void read(JsonParser parser, Path file, List<Row> rows) throws IOException {
    boolean inArray = false;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      String where = file + ":" + parser.currentTokenLocation().getLineNr();
      if (token == JsonToken.START_ARRAY && rows.isEmpty() && !inArray) {
        inArray = true;
      } else if (token == JsonToken.START_OBJECT) {
        rows.add(row(parser.readValueAsTree(), where));
      } else if (token != JsonToken.END_ARRAY || !inArray) {
        throw CriaException.badInput(
            where + ": this is no row: give objects such as {\"instruction\": …, \"input\": …}");
      }
    }
  }

  private static Row row(ObjectNode record, String where) {
    if (!record.path(INSTRUCTION).isTextual()) {
      throw CriaException.badInput(
          where + ": the key \"instruction\" is no text: give {\"instruction\": …, \"input\": …}");
    }
    JsonNode input = record.path(INPUT);
    if (!input.isMissingNode() && !input.isNull() && !input.isTextual()) {
      throw CriaException.badInput(
          where + ": the key \"input\" is no text: give a text, or leave it out");
    }
    return new Row(where, record);
  }
}
