package io.cria.sft.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The run's numbers, one JSON object a line, each written out at once. */
final class MetricsLog implements AutoCloseable {
  static final String FILE = "metrics.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Writer writer;
  private final Consumer<String> copies;

  /**
   * Opens the log to go on after {@code steps} steps: lines of later steps, which are about to be
   * made again, go.
   */
  MetricsLog(Path directory, int steps) {
    this(directory, steps, line -> {});
  }

  /**
   * @param copies given each new line, too
   */
  MetricsLog(Path directory, int steps, Consumer<String> copies) {
    this.copies = copies;
    file = directory.resolve(FILE);
    try {
      keep(steps);
      writer =
          Files.newBufferedWriter(
              file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void keep(int steps) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    List<String> kept = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (isUpTo(line, steps)) {
        kept.add(line);
      }
    }
    Path partial = file.resolveSibling(FILE + ".partial");
    Files.write(partial, kept);
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A torn last line, left by a killed process, counts as later. */
  private static boolean isUpTo(String line, int steps) {
    try {
      JsonNode node = JSON.readTree(line);
      return node.path("step").asInt(Integer.MAX_VALUE) <= steps;
    } catch (IOException e) {
      return false;
    }
  }

  /** A new line's object for after {@code step} steps. */
  static ObjectNode line(int step) {
    return JSON.createObjectNode().put("step", step);
  }

  void write(ObjectNode line) {
    try {
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      throw failure(e);
    }
    copies.accept(line.toString());
  }

  private CriaException failure(IOException e) {
    return NoRoom.or(
        file.toString(),
        e,
        () ->
            new CriaException(
                ExitCode.FAULT,
                "cannot write " + file + " (" + e.getMessage() + "): check the disk",
                e));
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failure(e);
    }
  }
}
