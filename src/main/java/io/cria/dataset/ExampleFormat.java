package io.cria.dataset;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.Message;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The text formats of a dataset. Every file is UTF-8 with {@code \n}, one record a line, keys in a
 * fixed order, no character escaped that JSON allows as it is, in the order of the examples given.
 *
 * <p>A file can be written in parts and joined: {@link #head()}, then the {@link #records} of all
 * parts with {@link #separator()} between any two, then {@link #tail()}. A part must hold whole
 * instructions for {@link #SELF_INSTRUCT}.
 */
public enum ExampleFormat {
  /** One JSON array of {@code {"instruction", "input", "output"}}, as Stanford Alpaca's file. */
  ALPACA_JSON("alpaca.json", "[\n", ",\n", "\n]\n", false) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      writeAlpaca(json, group.get(0));
    }
  },

  /** The same, one object a line. */
  ALPACA_JSONL("alpaca.jsonl", "", "\n", "\n", false) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      writeAlpaca(json, group.get(0));
    }
  },

  /**
   * {@code {"instruction", "instances": [{"input", "output"}…], "is_classification"}}, one
   * instruction a line.
   */
  SELF_INSTRUCT("self-instruct.jsonl", "", "\n", "\n", true) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      json.writeStartObject();
      json.writeStringField("instruction", group.get(0).instruction());
      json.writeArrayFieldStart("instances");
      for (Example example : group) {
        json.writeStartObject();
        json.writeStringField("input", example.input());
        json.writeStringField("output", example.output());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeBooleanField("is_classification", group.get(0).isClassification());
      json.writeEndObject();
    }
  },

  /** {@code {"prompt", "completion"}}, one example a line. */
  PROMPT_COMPLETION("prompt-completion.jsonl", "", "\n", "\n", false) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      json.writeStartObject();
      json.writeStringField("prompt", group.get(0).prompt());
      json.writeStringField("completion", group.get(0).completion());
      json.writeEndObject();
    }
  },

  /** {@code {"messages": [{"role", "content"}…]}}, one example a line. */
  CHAT("chat.jsonl", "", "\n", "\n", false) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      turns(json, group.get(0), "messages", "role", role -> role, "content");
    }
  },

  /** {@code {"conversations": [{"from", "value"}…]}} as ShareGPT's files, one example a line. */
  SHAREGPT("sharegpt.jsonl", "", "\n", "\n", false) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      turns(json, group.get(0), "conversations", "from", ShareGptSpeakers::of, "value");
    }
  },

  /**
   * One JSON array of {@code {"dataset", "instruction", "output", "generator"}}, as AlpacaEval's
   * files of outputs: the input follows the instruction behind a blank line, {@code generator} is
   * the model, or {@code human} for seed tasks, and {@code dataset} the recipe.
   */
  ALPACA_EVAL("alpaca-eval.json", "[\n", ",\n", "\n]\n", false) {
    @Override
    void record(JsonGenerator json, List<Example> group) throws IOException {
      Example example = group.get(0);
      boolean written = example.source().equals(Example.MACHINE);
      json.writeStartObject();
      json.writeStringField("dataset", example.recipe());
      json.writeStringField(
          "instruction",
          example.input().isEmpty()
              ? example.instruction()
              : example.instruction() + "\n\n" + example.input());
      json.writeStringField("output", example.output());
      json.writeStringField("generator", written ? example.model() : "human");
      json.writeEndObject();
    }
  };

  private final String fileName;
  private final String head;
  private final String separator;
  private final String tail;
  private final boolean byInstruction;

  ExampleFormat(
      String fileName, String head, String separator, String tail, boolean byInstruction) {
    this.fileName = fileName;
    this.head = head;
    this.separator = separator;
    this.tail = tail;
    this.byInstruction = byInstruction;
  }

  abstract void record(JsonGenerator json, List<Example> group) throws IOException;

  /** The file's name within the dataset; also the format's name on the command line. */
  public String fileName() {
    return fileName;
  }

  /** What the file begins with. */
  public String head() {
    return head;
  }

  /** What stands between two records. */
  public String separator() {
    return separator;
  }

  /** What ends a file that has a record. */
  public String tail() {
    return tail;
  }

  /** The whole file when there is no record. */
  public String emptyFile() {
    return isArray() ? "[]\n" : "";
  }

  /** Whether the file is one JSON array; else it has a record a line. */
  public boolean isArray() {
    return fileName.endsWith(".json");
  }

  /** What loaders call the file's records: a configuration's name in a dataset card. */
  public String configuration() {
    return this == ALPACA_JSON ? "alpaca-array" : fileName.substring(0, fileName.lastIndexOf('.'));
  }

  /** Whether a record is made of all consecutive examples of one instruction. */
  public boolean isByInstruction() {
    return byInstruction;
  }

  /**
   * The format called {@code name}: a file name.
   *
   * @throws CriaException bad input, naming those there are
   */
  public static ExampleFormat named(String name) {
    return Arrays.stream(values())
        .filter(format -> format.fileName.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                CriaException.badInput(
                    "unknown format, "
                        + name
                        + ": choose one of "
                        + Arrays.stream(values())
                            .map(ExampleFormat::fileName)
                            .collect(Collectors.joining(", "))));
  }

  /** The records of {@code ordered} as lines without their line end, made as they are asked for. */
  public Iterator<String> records(Iterator<Example> ordered) {
    Iterator<List<Example>> groups = new Groups(ordered, byInstruction);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return groups.hasNext();
      }

      @Override
      public String next() {
        List<Example> group = groups.next();
        return JsonText.of(json -> record(json, group));
      }
    };
  }

  /**
   * Writes a whole file.
   *
   * @return the number of records
   */
  public long write(Iterator<Example> ordered, Appendable out) throws IOException {
    Iterator<String> records = records(ordered);
    if (!records.hasNext()) {
      out.append(emptyFile());
      return 0;
    }
    out.append(head).append(records.next());
    long count = 1;
    while (records.hasNext()) {
      out.append(separator).append(records.next());
      count++;
    }
    out.append(tail);
    return count;
  }

  /** As {@link #write(Iterator, Appendable)}, in UTF-8; flushes and leaves {@code out} open. */
  public long write(Iterator<Example> ordered, OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    long count = write(ordered, writer);
    writer.flush();
    return count;
  }

  private static void writeAlpaca(JsonGenerator json, Example example) throws IOException {
    json.writeStartObject();
    json.writeStringField("instruction", example.instruction());
    json.writeStringField("input", example.input());
    json.writeStringField("output", example.output());
    json.writeEndObject();
  }

  /** The example as a list of turns, each who speaks and what. */
  private static void turns(
      JsonGenerator json,
      Example example,
      String list,
      String speaker,
      UnaryOperator<String> name,
      String text)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart(list);
    for (Message message : example.messages()) {
      json.writeStartObject();
      json.writeStringField(speaker, name.apply(message.role()));
      json.writeStringField(text, message.content());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /**
   * Single examples, or runs of neighbours that share their instruction's place (round, row, item).
   */
  private static final class Groups implements Iterator<List<Example>> {
    private final Iterator<Example> examples;
    private final boolean together;
    private @Nullable Example ahead;

    Groups(Iterator<Example> examples, boolean together) {
      this.examples = examples;
      this.together = together;
      this.ahead = examples.hasNext() ? examples.next() : null;
    }

    @Override
    public boolean hasNext() {
      return ahead != null;
    }

    @Override
    public List<Example> next() {
      Example first = ahead;
      if (first == null) {
        throw new NoSuchElementException();
      }
      List<Example> group = new ArrayList<>(List.of(first));
      ahead = examples.hasNext() ? examples.next() : null;
      while (together && ahead != null && samePlace(first, ahead)) {
        group.add(ahead);
        ahead = examples.hasNext() ? examples.next() : null;
      }
      return group;
    }

    private static boolean samePlace(Example a, Example b) {
      return a.round() == b.round() && a.row() == b.row() && a.item() == b.item();
    }
  }
}
