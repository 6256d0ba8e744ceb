package io.cria.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import io.cria.task.NotJson;
import io.cria.task.TrainingExample;
import io.cria.task.UserText;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What there is to train on, from a file of JSON objects in one array or one a line, of one of the
 * {@link TrainingFormat}s. The first object decides which.
 */
public final class TrainingFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TrainingFile() {}

  /**
   * The file that {@code path} means: itself, or in a dataset's directory the first there is of
   * alpaca.jsonl, alpaca.json and chat.jsonl.
   *
   * @throws CriaException bad input when there is none
   */
  public static Path find(Path path) {
    if (!Files.exists(path)) {
      throw CriaException.badInput(
          "there is no dataset at "
              + path
              + ": give a file of JSON objects ("
              + TrainingFormat.known()
              + "), or a dataset's directory");
    }
    if (!Files.isDirectory(path)) {
      return path;
    }
    for (ExampleFormat format :
        List.of(ExampleFormat.ALPACA_JSONL, ExampleFormat.ALPACA_JSON, ExampleFormat.CHAT)) {
      Path file = path.resolve(format.fileName());
      if (Files.exists(file)) {
        return file;
      }
    }
    throw CriaException.badInput(
        "no dataset in "
            + path
            + ": give a file of JSON objects ("
            + TrainingFormat.known()
            + "), or a directory with alpaca.jsonl, alpaca.json or chat.jsonl");
  }

  /**
   * Gives every example in the file's order; only one is held at a time.
   *
   * @throws CriaException bad input with file and line when it cannot be read, is no JSON, or a
   *     record lacks what its format wants
   */
  public static void read(Path file, Consumer<TrainingExample> each) {
    try (BufferedReader text = UserText.reader(Files.newInputStream(file));
        JsonParser parser = JSON.createParser(text)) {
      read(parser, file, each);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      String message = String.valueOf(e.getOriginalMessage());
      throw CriaException.badInput(
          file
              + ":"
              + line
              + ": "
              + NotJson.why(message)
                  .orElseGet(() -> "this is no JSON (" + message + "): repair the line"));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read the dataset, " + file + ": give a UTF-8 file of JSON objects");
    }
  }

  private static void read(JsonParser parser, Path file, Consumer<TrainingExample> each)
      throws IOException {
    @Nullable TrainingFormat format = null;
    boolean inArray = false;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      String where = file + ":" + parser.currentTokenLocation().getLineNr();
      if (token == JsonToken.START_OBJECT) {
        JsonNode record = parser.readValueAsTree();
        if (format == null) {
          format = TrainingFormat.of(record, where);
        }
        format.requireIn(record, where);
        each.accept(format.example(record, where));
      } else if (token == JsonToken.START_ARRAY && format == null && !inArray) {
        inArray = true;
      } else if (token != JsonToken.END_ARRAY) {
        throw CriaException.badInput(
            where + ": this is no record: give JSON objects (" + TrainingFormat.known() + ")");
      }
    }
  }
}
