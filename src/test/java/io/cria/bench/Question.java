package io.cria.bench;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, told from the bytes of its body without parsing it: the prompt is the
 * last long string in it, and each recipe's prompt ends in its own way.
 *
 * @param form how it is to be answered
 * @param open the number that the prompt leaves open; 0 where there is none
 */
record Question(Form form, int open) {
  /** The forms of the shipped recipes, each with the stage that asks so. */
  enum Form {
    /** Alpaca's blocks. */
    BLOCKS("generate"),
    /** Self-Instruct's numbered list. */
    LIST("generate"),
    /** The quick start's one task. */
    ONE_TASK("generate"),
    /** Whether a task is a classification. */
    CLASS("classify"),
    /** Instances, the input first. */
    EXAMPLES("instances"),
    /** Instances, the label first. */
    LABELS("instances"),
    /** The quick start's one output. */
    ONE_OUTPUT("instances"),
    /** No recipe of ours asks so. */
    UNKNOWN("unknown");

    private final String stage;

    Form(String stage) {
      this.stage = stage;
    }

    String stage() {
      return stage;
    }
  }

  /** Behind the prompt's end stand some decoding values only. */
  private static final int TAIL = 2_048;

  private static final int DIGITS = 6;

  private static final byte[] BLOCK = ascii(". Instruction:");
  private static final byte[] CLASSIFICATION = ascii("classification task?");
  private static final byte[] OUTPUT = ascii("\\nOutput:");
  private static final byte[] LINE = ascii("\\n");
  private static final byte[] TASK = ascii("\\nTask: ");
  private static final byte[] LABEL = ascii("\\nClass label: ");
  private static final byte[] ONE_LINE = ascii("A list of varied instructions");

  /** Looks at {@code body[from, to)}. */
  static Question of(byte[] body, int from, int to) {
    int least = Math.max(from + 1, to - TAIL);
    for (int quote = to - 1; quote >= least; quote--) {
      if (body[quote] == '"') {
        Question found = endingAt(body, from, quote);
        if (found != null) {
          return found;
        }
      }
    }
    if (lastIndexOf(TASK, body, least, to) < 0) {
      return new Question(Form.UNKNOWN, 0);
    }
    return new Question(indexOf(LABEL, body, from, to) < 0 ? Form.EXAMPLES : Form.LABELS, 0);
  }

  private static @Nullable Question endingAt(byte[] body, int from, int end) {
    if (endsWith(BLOCK, body, from, end)) {
      return new Question(Form.BLOCKS, number(body, from, end - BLOCK.length));
    }
    if (endsWith(CLASSIFICATION, body, from, end)) {
      return new Question(Form.CLASS, 0);
    }
    if (endsWith(OUTPUT, body, from, end)) {
      return new Question(Form.ONE_OUTPUT, 0);
    }
    if (body[end - 1] == '.') {
      int first = firstDigit(body, from, end - 1);
      if (first < end - 1 && endsWith(LINE, body, from, first)) {
        boolean one = indexOf(ONE_LINE, body, from, end) >= 0;
        return new Question(one ? Form.ONE_TASK : Form.LIST, number(body, from, end - 1));
      }
    }
    return null;
  }

  private static int number(byte[] body, int from, int end) {
    int number = 0;
    for (int i = firstDigit(body, from, end); i < end; i++) {
      number = 10 * number + body[i] - '0';
    }
    return number;
  }

  private static int firstDigit(byte[] body, int from, int end) {
    int first = end;
    int least = Math.max(from, end - DIGITS);
    while (first > least && body[first - 1] >= '0' && body[first - 1] <= '9') {
      first--;
    }
    return first;
  }

  private static boolean endsWith(byte[] what, byte[] body, int from, int end) {
    return end - what.length >= from && matches(what, body, end - what.length);
  }

  static int indexOf(byte[] what, byte[] body, int from, int to) {
    for (int at = from; at <= to - what.length; at++) {
      if (body[at] == what[0] && matches(what, body, at)) {
        return at;
      }
    }
    return -1;
  }

  private static int lastIndexOf(byte[] what, byte[] body, int from, int to) {
    for (int at = to - what.length; at >= from; at--) {
      if (body[at] == what[0] && matches(what, body, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean matches(byte[] what, byte[] body, int at) {
    for (int i = 0; i < what.length; i++) {
      if (body[at + i] != what[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
