package io.cria.parse;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules of the two published programs, said once more as plainly as possible: characters by
 * index, lists walked pair by pair, no pattern, none of the main code's helpers. Each result line
 * is {@code +} and what is kept, or {@code -} and the reason.
 */
public final class PlainRules {
  private static final String[] SELF_INSTRUCT_WORDS = {
    "image",
    "images",
    "graph",
    "graphs",
    "picture",
    "pictures",
    "file",
    "files",
    "map",
    "maps",
    "draw",
    "plot",
    "go to"
  };
  private static final String[] ALPACA_WORDS = {"video", "audio", "music", "flowchart", "diagram"};
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private PlainRules() {}

  public static List<String> instructions(String answer, boolean cut) {
    if (cut) {
      return List.of("-cut_by_length");
    }
    List<String> result = new ArrayList<>();
    for (String item : listItems(answer)) {
      String task = PlainText.firstUpperRestLower(String.join(" ", PlainText.words(item)));
      if (!task.isEmpty()) {
        String fault = heuristics(task, false);
        result.add(fault.isEmpty() ? "+" + task : "-" + fault);
      }
    }
    return result;
  }

  /** A separator: line feed, digits, perhaps one space of any kind, a dot, an ordinary space. */
  private static List<String> listItems(String answer) {
    int[] codes = PlainText.of(answer);
    List<String> items = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < codes.length) {
      int end = -1;
      if (codes[i] == '\n') {
        int digitsEnd = PlainText.afterDigits(codes, i + 1);
        int dot =
            digitsEnd < codes.length && PlainText.space(codes[digitsEnd])
                ? digitsEnd + 1
                : digitsEnd;
        if (digitsEnd > i + 1 && PlainText.startsAt(codes, dot, ". ")) {
          end = dot + 2;
        }
      }
      if (end >= 0) {
        items.add(PlainText.text(codes, start, i));
        start = end;
        i = end;
      } else {
        i++;
      }
    }
    items.add(PlainText.text(codes, start, codes.length));
    return items;
  }

  public static List<String> alpaca(String answer, boolean cut, int demonstrations) {
    List<String> result = new ArrayList<>();
    List<String> blocks = aroundWord(answer, "###");
    for (int k = 0; k < blocks.size(); k++) {
      String block = blocks.get(k);
      int number = demonstrations + 1 + k;
      if (PlainText.strip(block).isEmpty()) {
        continue;
      }
      if (cut && k == blocks.size() - 1) {
        result.add("-cut_by_length");
        continue;
      }
      List<String> texts =
          labelledTexts(k == 0 ? number + ". Instruction:" + block : block, number + ".");
      if (texts.size() != 3) {
        result.add("-malformed");
        continue;
      }
      String input = PlainText.lower(texts.get(1)).equals("<noinput>") ? "" : texts.get(1);
      String fault = heuristics(texts.get(0), true);
      result.add(
          fault.isEmpty() ? "+" + texts.get(0) + "|" + input + "|" + texts.get(2) : "-" + fault);
    }
    return result;
  }

  private static List<String> labelledTexts(String block, String number) {
    int[] codes = PlainText.of(block);
    List<String> texts = new ArrayList<>();
    int start = -1;
    int i = 0;
    while (i < codes.length) {
      int end = -1;
      if (PlainText.startsAt(codes, i, number)) {
        int afterNumber = i + number.length();
        int word = PlainText.afterSpaces(codes, afterNumber);
        for (String label : new String[] {"Instruction:", "Input:", "Output:"}) {
          if (word > afterNumber && PlainText.startsAt(codes, word, label)) {
            end = word + label.length();
          }
        }
      }
      if (end >= 0) {
        if (start >= 0) {
          texts.add(PlainText.strip(PlainText.text(codes, start, i)));
        }
        start = end;
        i = end;
      } else {
        i++;
      }
    }
    if (start >= 0) {
      texts.add(PlainText.strip(PlainText.text(codes, start, codes.length)));
    }
    return texts;
  }

  public static List<String> instances(String answer, boolean cut, boolean classification) {
    List<String[]> found = classification ? labelFirst(answer) : inputFirst(answer);
    if (found.isEmpty()) {
      return List.of(cut ? "-cut_by_length" : "-malformed");
    }
    int complete = cut ? found.size() - 1 : found.size();
    String[] faults = new String[found.size()];
    for (int i = 0; i < found.size(); i++) {
      faults[i] = i < complete ? faultOf(found.get(i)) : "cut_by_length";
    }
    boolean conflict = false;
    for (int i = 0; i < found.size(); i++) {
      for (int j = 0; j < found.size(); j++) {
        String[] one = found.get(i);
        String[] other = found.get(j);
        conflict |=
            faults[i].isEmpty()
                && faults[j].isEmpty()
                && !one[0].isEmpty()
                && one[0].equals(other[0])
                && !one[1].equals(other[1]);
      }
    }
    List<String> result = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      String line = "+" + found.get(i)[0] + "|" + found.get(i)[1];
      if (!faults[i].isEmpty()) {
        result.add("-" + faults[i]);
      } else if (conflict) {
        result.add("-conflicting_outputs");
      } else {
        result.add(result.contains(line) ? "-duplicate" : line);
      }
    }
    return result;
  }

  private static String faultOf(String[] instance) {
    if (instance[0].equals(instance[1])) {
      return "same_as_input";
    }
    if (instance[1].isEmpty()) {
      return "empty_output";
    }
    return instance[0].endsWith(":") || instance[1].endsWith(":") ? "ends_with_colon" : "";
  }

  private static List<String[]> labelFirst(String answer) {
    List<String[]> found = new ArrayList<>();
    List<String> parts = aroundWord(answer, "Class label:");
    for (String part : parts.subList(1, parts.size())) {
      String stripped = PlainText.strip(part);
      String[] lines = stripped.split("\n", 2);
      found.add(
          new String[] {
            lines.length == 2 ? PlainText.strip(lines[1]) : "", PlainText.strip(lines[0])
          });
    }
    return found;
  }

  private static List<String[]> inputFirst(String answer) {
    String text = PlainText.strip(answer);
    List<String> parts = aroundExamples(text);
    List<String[]> found = new ArrayList<>();
    if (parts.size() == 1 && aroundLabels(text, "Output").size() == 1) {
      return found;
    }
    for (String part : parts) {
      String stripped = PlainText.strip(part);
      if (!stripped.isEmpty()) {
        found.add(inputAndOutput(stripped));
      }
    }
    return found;
  }

  private static String[] inputAndOutput(String part) {
    List<String> around = aroundLabels(part, "Output");
    String input = around.size() > 1 ? PlainText.strip(around.get(0)) : "";
    String output = around.size() > 1 ? PlainText.strip(around.get(1)) : part;
    int[] codes = PlainText.of(input);
    int end = labelEnd(codes, 0, "Input");
    if (end >= 0) {
      input = PlainText.strip(PlainText.text(codes, end, codes.length));
    }
    return new String[] {input, PlainText.strip(aroundLabels(output, "Input").get(0))};
  }

  /** Word, spaces, digits, spaces, colon; the index after it, or -1. */
  private static int labelEnd(int[] codes, int index, String word) {
    if (!PlainText.startsAt(codes, index, word)) {
      return -1;
    }
    int i = PlainText.afterSpaces(codes, index + word.length());
    i = PlainText.afterSpaces(codes, PlainText.afterDigits(codes, i));
    return i < codes.length && codes[i] == ':' ? i + 1 : -1;
  }

  private static List<String> aroundLabels(String text, String word) {
    int[] codes = PlainText.of(text);
    List<String> parts = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < codes.length) {
      int end = labelEnd(codes, i, word);
      if (end >= 0) {
        parts.add(PlainText.text(codes, start, i));
        start = end;
        i = end;
      } else {
        i++;
      }
    }
    parts.add(PlainText.text(codes, start, codes.length));
    return parts;
  }

  private static List<String> aroundExamples(String text) {
    int[] codes = PlainText.of(text);
    List<String> parts = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < codes.length) {
      if (!PlainText.startsAt(codes, i, "Example")) {
        i++;
        continue;
      }
      parts.add(PlainText.text(codes, start, i));
      i += "Example".length();
      if (i < codes.length && PlainText.space(codes[i])) {
        i++;
      }
      i = PlainText.afterDigits(codes, i);
      if (i < codes.length && codes[i] == '.') {
        i++;
      }
      start = i;
    }
    parts.add(PlainText.text(codes, start, codes.length));
    return parts;
  }

  private static List<String> aroundWord(String text, String word) {
    int[] codes = PlainText.of(text);
    List<String> parts = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < codes.length) {
      if (PlainText.startsAt(codes, i, word)) {
        parts.add(PlainText.text(codes, start, i));
        i += word.length();
        start = i;
      } else {
        i++;
      }
    }
    parts.add(PlainText.text(codes, start, codes.length));
    return parts;
  }

  private static String heuristics(String task, boolean alpaca) {
    int count = PlainText.words(task).size();
    if (count <= 3) {
      return "too_short";
    }
    if (count > 150) {
      return "too_long";
    }
    if (hasWord(task, SELF_INSTRUCT_WORDS) || (alpaca && hasWord(task, ALPACA_WORDS))) {
      return "keyword";
    }
    int[] codes = PlainText.of(task);
    if (PlainText.startsAt(codes, 0, "Write a program")) {
      return "write_a_program";
    }
    if (PUNCTUATION.indexOf(codes[0]) >= 0) {
      return "punctuation_start";
    }
    return codes[0] > 127 ? "non_ascii_start" : "";
  }

  private static boolean hasWord(String task, String[] words) {
    int[] codes = PlainText.of(task);
    for (String word : words) {
      for (int start = 0; start + word.length() <= codes.length; start++) {
        boolean equal = true;
        for (int k = 0; k < word.length(); k++) {
          equal &= sameLetter(codes[start + k], word.charAt(k));
        }
        int end = start + word.length();
        if (equal
            && (start == 0 || !PlainText.wordCharacter(codes[start - 1]))
            && (end == codes.length || !PlainText.wordCharacter(codes[end]))) {
          return true;
        }
      }
    }
    return false;
  }

  /** {@code letter} is a lower-case ASCII letter or a space. */
  private static boolean sameLetter(int code, char letter) {
    if (code == letter || (letter != ' ' && code == letter - 32)) {
      return true;
    }
    return switch (letter) {
      case 'i' -> code == 0x130 || code == 0x131;
      case 's' -> code == 0x17F;
      case 'k' -> code == 0x212A;
      default -> false;
    };
  }
}
