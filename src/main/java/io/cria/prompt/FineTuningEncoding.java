package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.task.Labels;
import io.cria.task.Message;
import io.cria.task.SeededRandom;
import io.cria.text.PythonText;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Lays out an instance as prompt and completion for fine-tuning (Self-Instruct, section 2.3): many
 * layouts, so that a model learns the task and not the layout. The same instance is also given as a
 * chat.
 */
public final class FineTuningEncoding {
  /** What ends a completion in the published data. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private static final Layout PLAIN = new Layout("plain", "", "\n\n", "\n\n", "");

  private final boolean varied;
  private final String endOfText;
  private final List<Layout> withInput;
  private final List<Layout> withoutInput;

  private FineTuningEncoding(boolean varied, String endOfText, Labels labels) {
    this.varied = varied;
    this.endOfText = endOfText;
    String task = labels.task().get(0) + ": ";
    String input = labels.input().get(0) + ": ";
    String output = labels.output().get(0) + ":";
    this.withInput =
        List.of(
            new Layout("input-1", "", "\n" + input, "\n" + output, " "),
            new Layout("input-2", "", "\n\n" + input, "\n\n" + output, " "),
            new Layout("input-3", task, "\n" + input, "\n" + output, " "),
            new Layout("input-4", "", "\n\n", "\n\n" + output, " "),
            new Layout("input-5", "", "\n\n", "\n\n", ""),
            new Layout("input-6", "", "\n", "\n\n", ""),
            new Layout("input-7", task, "\n\n", "\n\n", ""));
    this.withoutInput =
        List.of(
            new Layout("no-input-1", "", "", " " + output, " "),
            new Layout("no-input-2", "", "", "\n" + output, " "),
            new Layout("no-input-3", "", "", "\n\n" + output, " "),
            new Layout("no-input-4", "", "", "\n", ""),
            new Layout("no-input-5", "", "", "\n\n", ""),
            new Layout("no-input-6", task, "", "\n\n", ""));
  }

  /**
   * @param name its part of an example's id
   * @param before what stands before the instruction
   * @param between between instruction and input
   * @param after after the input; the prompt's end
   * @param lead what the completion begins with
   */
  private record Layout(String name, String before, String between, String after, String lead) {}

  /**
   * An instance laid out.
   *
   * @param encoding the layout's name, which goes into the example's id
   * @param prompt what the model is given
   * @param completion what it learns to answer
   * @param messages the same as a chat: the user's instruction, with its input after a blank line,
   *     and the answer
   */
  public record Encoded(String encoding, String prompt, String completion, List<Message> messages) {
    public Encoded {
      messages = List.copyOf(messages);
    }
  }

  /**
   * As in the published program: an input rewritten half of the time, then one of seven layouts
   * with input or six without, each equally likely.
   *
   * @param endOfText the end of every completion, {@link #END_OF_TEXT} in the published data; may
   *     be empty
   * @param labels what stands before task, input and output
   */
  public static FineTuningEncoding varied(String endOfText, Labels labels) {
    return new FineTuningEncoding(true, endOfText, labels);
  }

  /** Always instruction, blank line, input, blank line; inputs as they are. Draws nothing. */
  public static FineTuningEncoding plain(String endOfText) {
    return new FineTuningEncoding(false, endOfText, Labels.ENGLISH);
  }

  /**
   * The encoding a recipe names: {@code random} for {@link #varied}, or {@code plain}.
   *
   * @throws CriaException bad input for another name
   */
  public static FineTuningEncoding named(String layout, String endOfText, Labels labels) {
    return switch (layout) {
      case "random" -> varied(endOfText, labels);
      case "plain" -> plain(endOfText);
      default ->
          throw CriaException.badInput("unknown layout \"" + layout + "\": use random or plain");
    };
  }

  /** The stream an instance draws from: its own, so that no other instance changes it. */
  public static SeededRandom randomFor(long seed, int round, int row, int item, int n) {
    return SeededRandom.of(seed, "examples:" + item + ":" + n, round, row);
  }

  /** Lays out one instance; all three texts are stripped. */
  public Encoded encode(String instruction, String input, String output, SeededRandom random) {
    String task = PythonText.strip(instruction);
    String answer = PythonText.strip(output);
    String shown = PythonText.strip(varied ? maybeRewritten(input, random) : input);
    Layout layout = varied ? draw(shown.isEmpty() ? withoutInput : withInput, random) : PLAIN;
    return new Encoded(
        layout.name(),
        layout.before() + task + layout.between() + shown + layout.after(),
        layout.lead() + answer + endOfText,
        chat(task, PythonText.strip(input), answer));
  }

  private static Layout draw(List<Layout> layouts, SeededRandom random) {
    return layouts.get(random.nextInt(layouts.size()));
  }

  private static String maybeRewritten(String input, SeededRandom random) {
    return random.nextDouble() < 0.5 ? rewritten(input) : input;
  }

  /**
   * An input that names one field only loses the name: with exactly one distinct word directly
   * before a colon, what follows the first colon of all remains. Then blank lines become line ends.
   */
  static String rewritten(String input) {
    String rest = fieldNames(input).size() == 1 ? input.substring(input.indexOf(':') + 1) : input;
    return PythonText.strip(rest).replace("\n\n", "\n");
  }

  /** The distinct runs of word characters that stand directly before a colon. */
  private static Set<String> fieldNames(String input) {
    Set<String> names = new HashSet<>();
    int colon = input.indexOf(':');
    while (colon >= 0) {
      int start = colon;
      while (start > 0 && PythonText.isWord(input.codePointBefore(start))) {
        start -= Character.charCount(input.codePointBefore(start));
      }
      if (start < colon) {
        names.add(input.substring(start, colon));
      }
      colon = input.indexOf(':', colon + 1);
    }
    return names;
  }

  private static List<Message> chat(String task, String input, String answer) {
    String asked = input.isEmpty() ? task : task + "\n\n" + input;
    return List.of(new Message(Message.USER, asked), new Message(Message.ASSISTANT, answer));
  }
}
