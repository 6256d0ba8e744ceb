package io.cria.pipeline;

import io.cria.filter.KoreanFilters;
import io.cria.text.KoreanParticles;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the Korean recipes said once more as plainly as possible: lines, and characters by
 * index, no pattern. Each result line is {@code +} and what is kept, or {@code -} and the reason.
 */
final class PlainKoreanRules {
  private static final List<String> WRITTEN_TASK = List.of("작업");
  private static final List<String> INSTRUCTION = List.of("작업", "과제", "지시");
  private static final List<String> INPUT = List.of("입력값", "입력");
  private static final List<String> OUTPUT = List.of("출력값", "출력");
  private static final List<String> CLASS_LABEL =
      List.of("분류 라벨", "분류라벨", "분류 레이블", "분류레이블", "라벨", "레이블");
  private static final List<String> NO_INPUT =
      List.of("<입력 없음>", "(입력 없음)", "입력 없음", "<없음>", "(없음)", "없음", "해당 없음", "<noinput>");
  private static final List<String> YES =
      List.of("예", "네", "맞습니다", "맞아요", "그렇습니다", "그래요", "분류 작업입니다", "분류 작업이다");

  private PlainKoreanRules() {}

  /** A label of a line: its number, -1 without one, and where the text behind it begins. */
  private record Label(int number, int end) {}

  static List<String> instructions(String answer, boolean cut, int open) {
    if (cut) {
      return List.of("-cut_by_length");
    }
    List<String> items = new ArrayList<>(List.of(""));
    int first = -1;
    for (String line : answer.split("\n", -1)) {
      Label number = listNumber(line);
      if (number != null) {
        first = items.size() == 1 ? number.number() : first;
        items.add(line.substring(number.end()));
      } else {
        items.set(items.size() - 1, items.get(items.size() - 1) + "\n" + line);
      }
    }
    List<String> result = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String task = item(items.get(i));
      if (!task.isEmpty()) {
        result.add(i == 0 && first == open ? "-malformed" : judged(task, "", "+" + task));
      }
    }
    return result;
  }

  private static String item(String raw) {
    String text = raw.strip();
    int blank = text.indexOf("\n\n");
    text = blank < 0 ? text : text.substring(0, blank);
    Label label = label(text.split("\n", -1)[0], INSTRUCTION);
    text = label == null ? text : text.substring(label.end());
    text = String.join(" ", text.strip().split("\\s+"));
    return text.length() > 4 && text.startsWith("**") && text.endsWith("**")
        ? text.substring(2, text.length() - 2).strip()
        : text;
  }

  static List<String> blocks(String answer, boolean cut, int open) {
    List<String> blocks = new ArrayList<>(List.of(""));
    for (String line : answer.split("\n", -1)) {
      String bare = line.strip();
      boolean rule = bare.length() >= 3 && bare.chars().allMatch(c -> c == '#');
      Label label = label(line, INSTRUCTION);
      if (rule) {
        blocks.add("");
      } else if (label != null && label.number() >= 0 && Character.isDigit(unmarked(line))) {
        blocks.add(line);
      } else {
        blocks.set(blocks.size() - 1, blocks.get(blocks.size() - 1) + "\n" + line);
      }
    }
    blocks.removeIf(String::isBlank);
    List<String> result = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      boolean last = i == blocks.size() - 1;
      result.add(cut && last ? "-cut_by_length" : block(blocks.get(i).strip(), i == 0 ? open : -1));
    }
    return result;
  }

  private static char unmarked(String line) {
    String bare = line.strip().replace("*", "").replace("#", "").strip();
    return bare.isEmpty() ? ' ' : bare.charAt(0);
  }

  private static String block(String text, int open) {
    Label own = label(text.split("\n", -1)[0], INSTRUCTION);
    int number = own != null && own.number() >= 0 ? own.number() : open;
    List<String> lines = List.of((own == null ? text : text.substring(own.end())).split("\n", -1));
    int in = lineOf(lines, INPUT, number, 0);
    int out = lineOf(lines, OUTPUT, number, Math.max(0, in + 1));
    if (in == -2 || out < 0 || in > out) {
      return "-malformed";
    }
    String task = String.join("\n", lines.subList(0, in < 0 ? out : in)).strip();
    String input = in < 0 ? "" : from(lines.subList(in, out), INPUT);
    input = NO_INPUT.contains(input) ? "" : input;
    String output = from(lines.subList(out, lines.size()), OUTPUT);
    return judged(task, output, "+" + task + "|" + input + "|" + output);
  }

  /** The lines without the label that the first begins with. */
  private static String from(List<String> lines, List<String> words) {
    Label label = label(lines.get(0), words);
    String text = String.join("\n", lines);
    return (label == null ? text : text.substring(label.end())).strip();
  }

  /** Which line has the label that counts; -1 where none has, -2 where more than one claims to. */
  private static int lineOf(List<String> lines, List<String> words, int number, int from) {
    List<Integer> numbered = new ArrayList<>();
    int bare = -1;
    for (int i = 0; i < lines.size(); i++) {
      Label label = label(lines.get(i), words);
      if (label != null && label.number() >= 0 && (number < 0 || label.number() == number)) {
        numbered.add(i);
      } else if (label != null && label.number() < 0 && i >= from && bare < 0) {
        bare = i;
      }
    }
    return numbered.isEmpty() ? bare : numbered.size() > 1 ? -2 : numbered.get(0);
  }

  static boolean isClassification(String answer) {
    String text = answer.strip();
    for (String yes : YES) {
      if (text.startsWith(yes)
          && (text.length() == yes.length()
              || !Character.isLetterOrDigit(text.charAt(yes.length())))) {
        return true;
      }
    }
    return false;
  }

  static List<String> instances(
      String instruction, String answer, boolean cutByLength, boolean classification) {
    List<String> lines = new ArrayList<>();
    boolean cut = cutByLength;
    for (String line : answer.split("\n", -1)) {
      if (label(line, WRITTEN_TASK) != null && !lines.stream().allMatch(String::isBlank)) {
        cut = false;
        break;
      }
      lines.add(line);
    }
    dropEcho(lines);
    List<String[]> found = classification ? labelFirst(lines) : inputFirst(lines);
    if (found.isEmpty()) {
      return List.of(cut ? "-cut_by_length" : "-malformed");
    }
    int whole = cut ? found.size() - 1 : found.size();
    boolean conflict = false;
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      faults.add(i < whole ? fault(found.get(i)) : "cut_by_length");
      for (int j = 0; j < i; j++) {
        conflict |=
            faults.get(i).isEmpty()
                && faults.get(j).isEmpty()
                && !found.get(i)[0].isEmpty()
                && found.get(i)[0].equals(found.get(j)[0])
                && !found.get(i)[1].equals(found.get(j)[1]);
      }
    }
    List<String> result = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      String line = "+" + found.get(i)[0] + "|" + found.get(i)[1];
      if (!faults.get(i).isEmpty()) {
        result.add("-" + faults.get(i));
      } else if (conflict) {
        result.add("-conflicting_outputs");
      } else if (seen.contains(line)) {
        result.add("-duplicate");
      } else {
        seen.add(line);
        result.add(isRefused(instruction, found.get(i)[1]) ? "-refusal" : line);
      }
    }
    return result;
  }

  /** An answer may begin with its own task: then it begins behind that. */
  private static void dropEcho(List<String> lines) {
    int first = 0;
    while (first < lines.size() && lines.get(first).isBlank()) {
      first++;
    }
    if (first == lines.size() || label(lines.get(first), WRITTEN_TASK) == null) {
      return;
    }
    for (int i = first + 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (label(line, INPUT) != null
          || label(line, OUTPUT) != null
          || label(line, CLASS_LABEL) != null) {
        lines.subList(0, i).clear();
        return;
      }
    }
  }

  private static String fault(String[] instance) {
    if (instance[0].equals(instance[1])) {
      return "same_as_input";
    }
    if (instance[1].isEmpty()) {
      return "empty_output";
    }
    boolean colon =
        List.of(instance).stream().anyMatch(text -> text.endsWith(":") || text.endsWith("："));
    return colon ? "ends_with_colon" : "";
  }

  private static List<String[]> labelFirst(List<String> lines) {
    List<List<String>> pieces = new ArrayList<>();
    for (String line : lines) {
      Label label = label(line, CLASS_LABEL);
      if (label != null) {
        pieces.add(new ArrayList<>(List.of(line.substring(label.end()))));
      } else if (!pieces.isEmpty()) {
        pieces.get(pieces.size() - 1).add(line);
      }
    }
    List<String[]> found = new ArrayList<>();
    for (List<String> piece : pieces) {
      String[] parts = String.join("\n", piece).strip().split("\n", 2);
      String input = parts.length < 2 ? "" : material(parts[1]);
      found.add(new String[] {input, parts[0].strip()});
    }
    return found;
  }

  private static String material(String text) {
    String bare = from(List.of(text.strip().split("\n", -1)), INPUT);
    return NO_INPUT.contains(bare) ? "" : bare;
  }

  private static List<String[]> inputFirst(List<String> lines) {
    List<List<String>> pieces = new ArrayList<>(List.of(new ArrayList<>()));
    boolean labelled = false;
    for (String line : lines) {
      labelled |= label(line, OUTPUT) != null;
      if (isExample(line)) {
        pieces.add(new ArrayList<>());
      } else {
        pieces.get(pieces.size() - 1).add(line);
      }
    }
    List<String[]> found = new ArrayList<>();
    if (pieces.size() == 1 && !labelled) {
      return found;
    }
    for (List<String> piece : pieces) {
      if (!String.join("\n", piece).isBlank()) {
        found.add(inputAndOutput(List.of(String.join("\n", piece).strip().split("\n", -1))));
      }
    }
    return found;
  }

  /** The word, a number, perhaps a mark, and nothing else: this model writes no more there. */
  private static boolean isExample(String line) {
    String bare = line.strip();
    if (!bare.startsWith("예시")) {
      return false;
    }
    String number = bare.substring("예시".length()).replace("：", "").strip();
    return !number.isEmpty() && number.chars().allMatch(Character::isDigit);
  }

  private static String[] inputAndOutput(List<String> lines) {
    int out = lineOf(lines, OUTPUT, -1, 0);
    for (int i = 0; i < lines.size() && out == -2; i++) {
      out = label(lines.get(i), OUTPUT) == null ? -2 : i;
    }
    if (out < 0) {
      return new String[] {"", String.join("\n", lines).strip()};
    }
    return new String[] {
      out == 0 ? "" : material(String.join("\n", lines.subList(0, out))),
      from(lines.subList(out, lines.size()), OUTPUT)
    };
  }

  private static @Nullable Label listNumber(String line) {
    int i = afterMarks(line, 0);
    int digits = afterDigits(line, i);
    int mark = afterGap(line, digits, 1);
    if (digits == i || mark >= line.length() || ".)．）".indexOf(line.charAt(mark)) < 0) {
      return null;
    }
    int end = mark + 1;
    if (end < line.length() && Character.isDigit(line.charAt(end))) {
      return null;
    }
    end = line.startsWith("**", end) ? end + 2 : end;
    return new Label(value(line, i, digits), afterGap(line, end, line.length()));
  }

  private static @Nullable Label label(String line, List<String> words) {
    int i = afterMarks(line, 0);
    int number = -1;
    int digits = afterDigits(line, i);
    int mark = afterGap(line, digits, 1);
    if (digits > i && mark < line.length() && ".)．）".indexOf(line.charAt(mark)) >= 0) {
      number = value(line, i, digits);
      i = afterGap(line, mark + 1, line.length());
    }
    i = line.startsWith("**", i) ? i + 2 : i;
    for (String word : words) {
      if (line.startsWith(word, i)) {
        int behind = afterGap(line, i + word.length(), line.length());
        int end = afterDigits(line, behind);
        number = end > behind && number < 0 ? value(line, behind, end) : number;
        end = afterGap(line, end, line.length());
        end = line.startsWith("**", end) ? end + 2 : end;
        end = afterGap(line, end, line.length());
        if (end < line.length() && ":：".indexOf(line.charAt(end)) >= 0) {
          end = line.startsWith("**", end + 1) ? end + 3 : end + 1;
          return new Label(number, afterGap(line, end, line.length()));
        }
      }
    }
    return null;
  }

  private static int afterMarks(String line, int from) {
    int i = afterGap(line, from, line.length());
    while (i < line.length() && line.charAt(i) == '#') {
      i++;
    }
    i = afterGap(line, i, line.length());
    return line.startsWith("**", i) ? i + 2 : i;
  }

  private static int afterGap(String line, int from, int most) {
    int i = from;
    while (i < line.length() && i < from + most && " \t\u00A0\u3000".indexOf(line.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }

  private static int afterDigits(String line, int from) {
    int i = from;
    while (i < line.length() && Character.isDigit(line.charAt(i))) {
      i++;
    }
    return i;
  }

  private static int value(String line, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      value = 10 * value + Character.digit(line.charAt(i), 10);
    }
    return value;
  }

  /** The heuristics in the order of the run files. */
  private static String judged(String task, String output, String line) {
    String[] words = task.isBlank() ? new String[0] : task.strip().split("\\s+");
    int characters = String.join("", words).codePointCount(0, String.join("", words).length());
    if (words.length < 2 || characters < 8) {
      return "-too_short";
    }
    if (words.length > 100 || characters > 400) {
      return "-too_long";
    }
    if (isRefused(task, output)
        || KoreanFilters.REFUSAL_OPENINGS.stream().anyMatch(task::startsWith)) {
      return "-refusal";
    }
    if (hangul(task) == 0 || 2 * hangul(task) < letters(task)) {
      return "-little_hangul";
    }
    if (hasKeyword(task)) {
      return "-korean_keyword";
    }
    for (String ending : KoreanFilters.PROGRAM_ENDINGS) {
      int at = task.lastIndexOf(ending);
      if (at >= 0 && task.length() - (at + ending.length()) <= 10) {
        return "-korean_program";
      }
    }
    char first = task.charAt(0);
    boolean punctuation = first < 128 && first > ' ' && !Character.isLetterOrDigit(first);
    return punctuation && "'\"([".indexOf(first) < 0 ? "-punctuation_start" : line;
  }

  /** The scripted model quotes nothing of the kind. */
  private static boolean isRefused(String task, String output) {
    return KoreanFilters.MODEL_TALK.stream()
        .anyMatch(phrase -> task.contains(phrase) || output.contains(phrase));
  }

  private static long hangul(String text) {
    return text.chars().filter(c -> c >= '가' && c <= '힣').count();
  }

  private static long letters(String text) {
    return text.chars().filter(Character::isLetter).count();
  }

  private static boolean hasKeyword(String task) {
    String words = " " + task.replaceAll("[^\\p{L}\\p{Nd}]", " ") + " ";
    for (String phrase : KoreanFilters.NO_KEYWORDS) {
      words = words.replace(" " + phrase, " ");
    }
    for (String word : words.strip().split("\\s+")) {
      for (String keyword : KoreanFilters.KEYWORDS) {
        if (word.startsWith(keyword) && KoreanParticles.are(word.substring(keyword.length()))) {
          return true;
        }
      }
    }
    return false;
  }
}
