package io.cria.seed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.storage.Location;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.InputOutput;
import io.cria.task.SeedTask;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads seed tasks in the shape that Self-Instruct published: UTF-8, one JSON object a line,
 *
 * <pre>{@code
 * {"id": "seed_task_0", "name": "…", "instruction": "…",
 *  "instances": [{"input": "", "output": "…"}], "is_classification": false}
 * }</pre>
 *
 * <p>{@code name} may be absent, every other key is needed; an instance without input has {@code
 * ""}. Keys not named here are ignored, blank lines skipped, a byte order mark and {@code \r\n}
 * tolerated.
 */
public final class SeedFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** A seed task and the line it stands in, from 1. */
  record Located(int line, SeedTask task) {}

  /** What is wrong with a line, counted from 1, or with the whole file when {@code line} is 0. */
  record Problem(int line, String what, String remedy) {
    String text() {
      return what + ": " + remedy;
    }
  }

  /** Everything a file holds: the tasks that are right, and what is wrong with the others. */
  record Contents(List<Located> tasks, List<Problem> problems) {
    Contents {
      tasks = List.copyOf(tasks);
      problems = List.copyOf(problems);
    }
  }

  private final List<Located> tasks = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Integer> lineOfId = new HashMap<>();

  private SeedFile() {}

  /**
   * The seed tasks of a file, in its order; at least one.
   *
   * @throws CriaException (bad input) as {@link #read(InputStream, String)} does, and when the file
   *     cannot be read
   */
  public static List<SeedTask> read(Location file) {
    return tasksOf(scan(file), file.toString());
  }

  /**
   * The seed tasks of a stream, in its order; at least one. Does not close the stream.
   *
   * @param displayName how messages name the file
   * @throws CriaException (bad input) {@code FILE:LINE: what: remedy} for the first fault, with the
   *     number of further ones
   */
  public static List<SeedTask> read(InputStream in, String displayName) {
    return tasksOf(scan(in, displayName), displayName);
  }

  static Contents scan(Location file) {
    try (InputStream in = file.open()) {
      return scan(in, file.toString());
    } catch (IOException e) {
      throw file.unreadable("give the path of a file of seed tasks (JSONL)", e);
    }
  }

  static Contents scan(InputStream in, String displayName) {
    byte[] bytes;
    try {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw unreadable(displayName, e);
    }
    SeedFile file = new SeedFile();
    file.readLines(bytes);
    return new Contents(file.tasks, file.problems);
  }

  private static CriaException unreadable(String displayName, IOException e) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        displayName + ": cannot be read: check that it is a file and its permissions",
        e);
  }

  private static List<SeedTask> tasksOf(Contents contents, String displayName) {
    if (!contents.problems().isEmpty()) {
      Problem first = contents.problems().get(0);
      int more = contents.problems().size() - 1;
      throw CriaException.badInput(
          displayName
              + (first.line() == 0 ? "" : ":" + first.line())
              + ": "
              + first.text()
              + (more == 0 ? "" : " (and " + more + " more; see cria seeds check)"));
    }
    return contents.tasks().stream().map(Located::task).toList();
  }

  private void readLines(byte[] bytes) {
    int start = startsWithMark(bytes) ? BYTE_ORDER_MARK.length : 0;
    int line = 0;
    boolean empty = true;
    while (start < bytes.length) {
      line++;
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      String text = decode(bytes, start, end, line);
      start = end + 1;
      if (text == null) {
        empty = false;
      } else if (!text.isBlank()) {
        if (empty && text.strip().startsWith("[")) {
          problem(
              line,
              "the file is a JSON array",
              "put each seed task on a line of its own, without brackets and commas around it");
          return;
        }
        empty = false;
        readLine(text, line);
      }
    }
    if (empty) {
      problem(0, "the file holds no seed task", "write one JSON object a line");
    }
  }

  private static boolean startsWithMark(byte[] bytes) {
    int length = BYTE_ORDER_MARK.length;
    return bytes.length >= length && Arrays.equals(bytes, 0, length, BYTE_ORDER_MARK, 0, length);
  }

  /** The line's text, or null when it is not UTF-8. */
  private @Nullable String decode(byte[] bytes, int start, int end, int line) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      problem(line, "the line is not valid UTF-8", "save the file in UTF-8");
      return null;
    }
  }

  private void readLine(String text, int line) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
      problem(
          line,
          "not valid JSON at column " + column,
          "write one whole JSON object on the line, each key once");
      return;
    }
    if (!node.isObject()) {
      problem(
          line,
          "not a JSON object",
          "write {\"id\": …, \"instruction\": …, \"instances\": […], \"is_classification\": …}");
      return;
    }
    int before = problems.size();
    String id = text(node, "id", line, "");
    String name = node.has("name") ? text(node, "name", line, "") : "";
    String instruction = text(node, "instruction", line, "");
    List<InputOutput> instances = instances(node, line);
    JsonNode classification = node.path("is_classification");
    if (!classification.isBoolean()) {
      wrongKey(classification, "is_classification", line, "true or false");
    }
    requireContent(id, "id", "give every seed task an id of its own", line);
    requireContent(instruction, "instruction", "say what is to be done", line);
    if (id != null && !id.isBlank()) {
      Integer earlier = lineOfId.putIfAbsent(id, line);
      if (earlier != null) {
        problem(
            line,
            "the id \"" + id + "\" stands in line " + earlier + " too",
            "give every seed task an id of its own");
      }
    }
    if (problems.size() == before && id != null && name != null && instruction != null) {
      tasks.add(
          new Located(
              line, new SeedTask(id, name, instruction, instances, classification.booleanValue())));
    }
  }

  private List<InputOutput> instances(JsonNode task, int line) {
    List<InputOutput> instances = new ArrayList<>();
    JsonNode list = task.path("instances");
    if (!list.isArray()) {
      wrongKey(list, "instances", line, "a list of {\"input\": …, \"output\": …}");
      return instances;
    }
    if (list.isEmpty()) {
      problem(
          line,
          "the task has no instance",
          "give \"instances\" at least one {\"input\": …, \"output\": …}");
    }
    for (int n = 0; n < list.size(); n++) {
      String owner = "instances[" + n + "]";
      JsonNode instance = list.get(n);
      if (!instance.isObject()) {
        wrongKey(instance, owner, line, "an object {\"input\": …, \"output\": …}");
        continue;
      }
      String input = text(instance, "input", line, owner + ".");
      String output = text(instance, "output", line, owner + ".");
      if (input != null && output != null) {
        instances.add(new InputOutput(input, output));
      }
    }
    return instances;
  }

  /** The text at {@code key}, or null with a problem noted. */
  private @Nullable String text(JsonNode node, String key, int line, String owner) {
    JsonNode value = node.path(key);
    if (!value.isTextual()) {
      wrongKey(
          value,
          owner + key,
          line,
          key.equals("input") ? "a text, \"\" where there is none" : "a text");
      return null;
    }
    String text = value.textValue();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      problem(
          line,
          "\"" + owner + key + "\" holds half a surrogate pair",
          "remove or complete the \\uD8… escape");
      return null;
    }
    return text;
  }

  private void wrongKey(JsonNode value, String key, int line, String expected) {
    if (value.isMissingNode()) {
      problem(line, "the key \"" + key + "\" is missing", "give it " + expected);
    } else {
      String found = value.getNodeType().name().toLowerCase(Locale.ROOT);
      problem(line, "\"" + key + "\" is of type " + found, "give it " + expected);
    }
  }

  private void requireContent(@Nullable String text, String key, String remedy, int line) {
    if (text != null && text.isBlank()) {
      problem(line, "\"" + key + "\" is empty", remedy);
    }
  }

  private void problem(int line, String what, String remedy) {
    problems.add(new Problem(line, what, remedy));
  }
}
