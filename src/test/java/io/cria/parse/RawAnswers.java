package io.cria.parse;

import io.cria.task.SeededRandom;
import java.util.List;
import java.util.Locale;

/**
 * Raw answers as models might give them, made from a seed: well formed ones, then cut, misnumbered,
 * with odd white space, other scripts' letters and digits, labels in wrong places, upper-cased,
 * doubled, empty or huge.
 */
public final class RawAnswers {
  private static final List<String> TASKS =
      List.of(
          "Name three rivers that cross a border and say which countries they part.",
          "Rewrite the sentence so that a child of six understands it",
          "Write a program that counts vowels.",
          "write a program for the bakery's opening hours",
          "Describe the picture above in two lines.",
          "Save the list to a file and send it",
          "Plan a quiet weekend for two people who like maps of old towns",
          "Go to the nearest shop and say what you see",
          "Compose a short tune, as music for rain",
          "Sort these words",
          "Übersetze den Satz ins Englische, bitte sofort.",
          "한국어 문장을 두 문장으로 나누어 쓰세요 지금",
          "ΟΔΟΣ ΚΑΙ ΣΟΦΟΣ are words: which is the longer one?",
          "*Starred* advice on growing tomatoes indoors in winter",
          "Explain İstanbul's name to a visitor in one sentence",
          "ßharp words about a careless neighbour, four of them");
  private static final List<String> TEXTS =
      List.of(
          "red",
          "blue",
          "42",
          "",
          "the same",
          "the same",
          "Paris:",
          "two\nlines",
          "<noinput>",
          "はい",
          "a b c");
  private static final List<String> ODD =
      List.of(
          "\u001F",
          "\u0085",
          "\u00A0",
          "\u2028",
          "\u3000",
          "\u200B",
          "\t",
          "\r",
          "\n",
          "\n\n",
          " ",
          "\u0301",
          "\u0345",
          "İ",
          "ı",
          "ſ",
          "\u212A",
          "ß",
          "\uFB01",
          "ŉ",
          "ǆ",
          "Σ",
          "٣",
          "५",
          "Ⅷ",
          "²",
          "_",
          ":",
          ".",
          "\"",
          "#",
          "###",
          "\uD83D\uDE00",
          "\uD800",
          "\uDC00",
          "\uD801\uDC00");
  private static final List<String> LABELS =
      List.of(
          "Example",
          "Example 2",
          "Example\u00A03.",
          "Output:",
          "Output 1 :",
          "Input:",
          "Input\t2:",
          "Class label:",
          "4. Input:",
          "5.\u2003Output:",
          "14. Instruction:",
          "\n10. ",
          "\n11\u3000. ",
          "\n12.",
          "\n٣. ",
          " image ",
          " FİLES ",
          " go to ",
          " mapſ ",
          " gRAPHS.");

  private final SeededRandom random;

  public RawAnswers(long seed) {
    this.random = new SeededRandom(seed);
  }

  public String list() {
    StringBuilder answer = new StringBuilder();
    int items = random.nextInt(6);
    for (int i = 0; i < items; i++) {
      String number = oneIn(5) ? (9 + i) + " . " : (9 + i) + ". ";
      answer.append(i == 0 ? " " : "\n" + number).append(pick(TASKS));
    }
    return mutated(answer.toString());
  }

  public String blocks(int demonstrations) {
    StringBuilder answer = new StringBuilder();
    int blocks = random.nextInt(4) + 1;
    for (int i = 0; i < blocks; i++) {
      String number = "\n" + (demonstrations + 1 + i) + ". ";
      answer
          .append(i == 0 ? " " : "\n###" + number + "Instruction: ")
          .append(pick(TASKS))
          .append(number + "Input:\n")
          .append(pick(TEXTS))
          .append(number + "Output:\n")
          .append(pick(TEXTS));
    }
    return mutated(answer.toString());
  }

  public String instances(boolean classification) {
    StringBuilder answer = new StringBuilder();
    int count = random.nextInt(5);
    for (int i = 1; i <= count; i++) {
      if (classification) {
        answer.append("Class label: ").append(pick(TEXTS)).append("\n").append(pick(TEXTS));
      } else {
        answer.append(oneIn(3) ? "" : "Example " + i + "\n");
        answer.append(oneIn(3) ? "" : "Input: ").append(pick(TEXTS));
        answer.append(oneIn(6) ? " " : "\nOutput: ").append(pick(TEXTS));
      }
      answer.append("\n");
    }
    return mutated(answer.toString());
  }

  public boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private String mutated(String answer) {
    String text = answer;
    for (int i = random.nextInt(4); i > 0; i--) {
      text = mutatedOnce(text);
    }
    return oneIn(500) ? text.repeat(200) : text;
  }

  private String mutatedOnce(String text) {
    int at = random.nextInt(text.length() + 1);
    String before = text.substring(0, at);
    String after = text.substring(at);
    return switch (random.nextInt(11)) {
      case 0 -> before;
      case 1 -> before + pick(ODD) + after;
      case 2 -> before + pick(LABELS) + after;
      case 3 -> text.replace(" ", pick(ODD));
      case 4 -> text.replace("\n", pick(ODD));
      case 5 -> text.toUpperCase(Locale.ROOT);
      case 6 -> text.replace('1', '2').replace('5', '6');
      case 7 -> pick(ODD) + text.strip();
      case 8 -> text + after;
      case 9 -> text.replace('i', 'İ').replace('s', 'ſ');
      default -> oneIn(8) ? "" : text.replace("0", "٠").replace(".", pick(ODD));
    };
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
