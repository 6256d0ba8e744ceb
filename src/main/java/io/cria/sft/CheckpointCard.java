package io.cria.sft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.TemplateSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a tuned model comes from, beside its files: the layout it was taught, by which it is to be
 * asked, and the data and settings it was made with.
 */
public final class CheckpointCard {
  public static final String FILE = "cria.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointCard() {}

  /** The start of a card. */
  static ObjectNode of(TemplateSource template) {
    ObjectNode card = JSON.createObjectNode().put("format", 1);
    card.putObject("template").put("name", template.name()).put("text", template.text());
    return card;
  }

  static JsonNode tree(Object record) {
    return JSON.valueToTree(record);
  }

  static void write(Path directory, ObjectNode card) {
    try {
      Files.writeString(
          directory.resolve(FILE),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(card) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always JSON", e);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot write " + directory.resolve(FILE) + " (" + e.getMessage() + "): check the disk",
          e);
    }
  }

  /** Copies the card of one directory to another, where there is one. */
  public static void copy(Path from, Path to) {
    Path file = from.resolve(FILE);
    try {
      if (Files.exists(file)) {
        Files.write(to.resolve(FILE), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot copy " + file + " to " + to + " (" + e.getMessage() + "): check the disk",
          e);
    }
  }

  /**
   * The layout that the model in the directory was taught; empty for a model not tuned here.
   *
   * @throws CriaException when the card cannot be read
   */
  public static Optional<TemplateSource> template(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode template = JSON.readTree(Files.readString(file)).path("template");
      return template.path("name").isTextual()
          ? Optional.of(
              new TemplateSource(template.path("name").asText(), template.path("text").asText()))
          : Optional.empty();
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " as JSON: remove it, and name the layout");
    }
  }
}
