package io.cria.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.Ids;
import io.cria.task.Message;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Examples from a file in Stanford Alpaca's format: objects with {@code instruction}, {@code input}
 * (may be absent or empty) and {@code output}, in one JSON array or one a line. Other keys are
 * passed over.
 */
public final class AlpacaFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AlpacaFile() {}

  /**
   * The file that {@code path} means: itself, or in a dataset's directory its alpaca.jsonl or
   * alpaca.json.
   *
   * @throws CriaException bad input when there is none
   */
  public static Path find(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    for (ExampleFormat format : List.of(ExampleFormat.ALPACA_JSONL, ExampleFormat.ALPACA_JSON)) {
      Path file = path.resolve(format.fileName());
      if (Files.exists(file)) {
        return file;
      }
    }
    throw CriaException.badInput(
        "no dataset in "
            + path
            + ": give a file in Alpaca's format, or a directory with alpaca.jsonl or alpaca.json");
  }

  /**
   * Gives every example in the file's order; only one is held at a time.
   *
   * @throws CriaException bad input with file and line when it cannot be read, is no JSON, or a
   *     record lacks its instruction or output
   */
  public static void read(Path file, Consumer<Example> each) {
    try (Reader text = Files.newBufferedReader(file);
        JsonParser parser = JSON.createParser(text)) {
      int row = 0;
      boolean inArray = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        int line = parser.currentTokenLocation().getLineNr();
        if (token == JsonToken.START_OBJECT) {
          each.accept(example(parser.readValueAsTree(), file + ":" + line, row++));
        } else if (token == JsonToken.START_ARRAY && row == 0 && !inArray) {
          inArray = true;
        } else if (token != JsonToken.END_ARRAY) {
          throw CriaException.badInput(
              file
                  + ":"
                  + line
                  + ": this is no record: give objects with instruction, input and output");
        }
      }
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
          "cannot read the dataset, " + file + ": give a UTF-8 file in Alpaca's format");
    }
  }

  private static Example example(JsonNode record, String where, int row) {
    String instruction = text(record, "instruction", where).strip();
    String output = text(record, "output", where).strip();
    JsonNode given = record.path("input");
    String input =
        given.isMissingNode() || given.isNull() ? "" : text(record, "input", where).strip();
    if (instruction.isEmpty()) {
      throw CriaException.badInput(where + ": the instruction is empty: remove the record");
    }
    String asked = input.isEmpty() ? instruction : instruction + "\n\n" + input;
    String id = Ids.instance("alpaca-" + row, 0);
    return new Example(
        Ids.example(id, "plain"),
        id,
        0,
        row,
        0,
        0,
        instruction,
        input,
        output,
        false,
        Example.MACHINE,
        "",
        "",
        Example.plainPrompt(instruction, input),
        output,
        List.of(new Message(Message.USER, asked), new Message(Message.ASSISTANT, output)));
  }

  private static String text(JsonNode record, String key, String where) {
    JsonNode value = record.path(key);
    if (!value.isTextual()) {
      throw CriaException.badInput(
          where
              + ": the key \""
              + key
              + "\" is "
              + (value.isMissingNode() ? "missing" : "no text")
              + ": give objects with instruction, input and output");
    }
    return value.asText();
  }
}
