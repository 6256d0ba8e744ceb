package io.cria.testing;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A language model that is none: behind {@link ScriptedServer}, what it says is a function of the
 * request's body alone, and what goes wrong on the way a function of the body and of how often it
 * came. It knows the prompts of the shipped recipes by their form, and answers as models do: mostly
 * well, sometimes cut, malformed, repeated, refused.
 */
public final class ScriptedModel implements ScriptedServer.Script {
  private static final Pattern OPEN_NUMBER = Pattern.compile("\n(\\d+)\\.$");
  private static final Pattern OPEN_BLOCK = Pattern.compile("###\n(\\d+)\\. Instruction:$");
  private static final Pattern SUBJECT =
      Pattern.compile("\nTask: ([^\n]*)(?:\nIs this a classification task\\?|\nOutput:)?$");
  private static final int ITEMS = 8;
  private static final int BLOCKS = 5;

  private final boolean faults;

  private ScriptedModel(boolean faults) {
    this.faults = faults;
  }

  /** One request in six meets a fault: a rate limit, a broken server, a refusal. */
  public static ScriptedModel faulty() {
    return new ScriptedModel(true);
  }

  /** Every request is answered the first time. */
  public static ScriptedModel reliable() {
    return new ScriptedModel(false);
  }

  @Override
  public Reply reply(Call call) {
    if (call.method().equals("GET")) {
      // as many gateways: no list of models
      return Reply.error(404, "not_found", "not_found", "no such path");
    }
    SeededRandom random = SeededRandom.of(7, call.text(), 0, 0);
    int fate = random.nextInt(60);
    if (faults && fate < 3 && call.timesSeen() == 1) {
      return Reply.error(429, "rate_limit", "rate_limit_exceeded", "slow down")
          .withHeader("retry-after-ms", "20");
    }
    if (faults && fate >= 3 && fate < 5 && call.timesSeen() == 1) {
      return Reply.error(500, "server_error", "server_error", "try again");
    }
    if (faults && fate >= 5 && fate < 8) {
      return Reply.error(400, "invalid_request_error", "content_filter", "the prompt was filtered");
    }
    if (faults && fate == 8) {
      return Reply.text(call, "", "content_filter");
    }
    boolean cut = fate >= 50 && fate < 54;
    return Reply.text(call, answer(call.promptText(), random), cut ? "length" : "stop");
  }

  private static String answer(String prompt, SeededRandom random) {
    Matcher block = OPEN_BLOCK.matcher(prompt);
    if (block.find()) {
      return blocks(Integer.parseInt(block.group(1)), random);
    }
    Matcher open = OPEN_NUMBER.matcher(prompt);
    if (open.find()) {
      boolean oneLine = prompt.startsWith("A list of varied instructions");
      return oneLine ? " " + task(random) : list(Integer.parseInt(open.group(1)), random);
    }
    Matcher subject = SUBJECT.matcher(prompt);
    if (!subject.find()) {
      throw new IllegalArgumentException("no recipe of ours asks so: …" + tail(prompt));
    }
    String instruction = subject.group(1);
    if (prompt.endsWith("Is this a classification task?")) {
      return instruction.startsWith("Decide") ? (random.nextInt(9) == 0 ? " YES" : " Yes") : " No";
    }
    if (prompt.endsWith("Output:")) {
      return oneOutput(instruction, random);
    }
    boolean labelFirst = tail(prompt).contains("Class label:");
    return labelFirst ? labelled(random) : examples(random);
  }

  private static String tail(String prompt) {
    return prompt.substring(Math.max(0, prompt.length() - 400));
  }

  private static String list(int open, SeededRandom random) {
    StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? " " + open + ". " : " ");
    for (int i = 0; i < ITEMS; i++) {
      text.append(i == 0 ? "" : "\n" + (open + i) + ". ").append(task(random));
    }
    return text.toString();
  }

  private static String blocks(int open, SeededRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < BLOCKS; i++) {
      int number = random.nextInt(12) == 0 ? open + i + 1 : open + i;
      text.append(i == 0 ? " " : "\n###\n" + number + ". Instruction: ").append(task(random));
      text.append("\n").append(number).append(". Input:\n");
      text.append(random.nextInt(2) == 0 ? "<noinput>" : passage(random));
      text.append("\n").append(number).append(". Output:\n");
      text.append(random.nextInt(15) == 0 ? "" : passage(random));
    }
    return text.toString();
  }

  /** An instruction: mostly a new one, now and then one of those that every rule is there for. */
  private static String task(SeededRandom random) {
    return switch (random.nextInt(16)) {
      case 0 -> "Sort the words";
      case 1 -> "Write a program that counts " + Words.thing(random) + " in a text";
      case 2 -> "Describe the picture of a " + Words.thing(random) + " in one sentence";
      case 3 -> "*Advice* on keeping a " + Words.thing(random) + " clean in winter";
      case 4 -> "Über den " + Words.thing(random) + " ist bitte ein kurzer Satz zu schreiben.";
      case 5 ->
          random.nextInt(3) == 0
              ? "Retell this at length: " + "step by step, ".repeat(60)
              : "Explain how a " + Words.thing(random);
      case 6 -> "Name three rivers that cross a border and say which countries they part.";
      case 7 -> "Explain why the the the the the the sea is salty.";
      case 8, 9 ->
          "Decide whether "
              + Words.thing(random)
              + " or "
              + Words.thing(random)
              + " sounds more "
              + Words.quality(random)
              + ".";
      default -> Words.sentence(random);
    };
  }

  private static String examples(SeededRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> "\nExample 1\nNothing fits here";
      case 1 -> "\nOutput: " + passage(random);
      case 2 -> "\nExample 1\nText: the same\nOutput: one\nExample 2\nText: the same\nOutput: two";
      case 3 -> "\nExample 1\nText: a list follows:\nOutput: this one:";
      case 4 -> sevenExamples(random);
      default -> {
        String first = passage(random);
        String second = passage(random);
        yield "\nExample 1\nInput: "
            + first
            + "\nOutput: "
            + second
            + "\nExample 2\nInput: "
            + (random.nextInt(3) == 0 ? first : second)
            + "\nOutput: "
            + (random.nextInt(3) == 0 ? "" : second);
      }
    };
  }

  private static String sevenExamples(SeededRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 7; i++) {
      text.append("\nExample ").append(i).append("\nText: ").append(i).append(' ');
      text.append(passage(random)).append("\nOutput: ").append(passage(random));
    }
    return text.toString();
  }

  private static String labelled(SeededRandom random) {
    StringBuilder text = new StringBuilder();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String remark = passage(random);
      text.append("\nClass label: ").append(random.nextInt(8) == 0 ? "" : Words.quality(random));
      text.append("\nRemark: ").append(remark);
    }
    return text.toString();
  }

  private static String oneOutput(String instruction, SeededRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> "";
      case 1 -> " " + instruction;
      default -> " " + passage(random);
    };
  }

  private static String passage(SeededRandom random) {
    List<String> sentences = new ArrayList<>();
    for (int i = random.nextInt(2); i >= 0; i--) {
      sentences.add(Words.sentence(random));
    }
    return String.join(" ", sentences);
  }

  /** Sentences in a few frames, of nouns so many that two sentences are seldom near. */
  private static final class Words {
    private static final List<String> FRAMES =
        List.of(
            "Compare % with % and %.",
            "Plan a week of % for somebody who fears % but likes %.",
            "Which % would a sailor take along, %, % or none?",
            "Praise % in % words, then doubt %.",
            "List every % between % and %, oldest first.",
            "Translate \"% near %\" into plain speech about %.",
            "If % costs twice as much as %, how much is %?",
            "Give % advice on % when % is out of reach.",
            "Outline how % became % through %.",
            "Explain %, % and % to a child.");
    private static final List<String> STARTS =
        List.of("bar", "cel", "dor", "fen", "gal", "hom", "jas", "kel", "lum", "mor", "nev", "pil");
    private static final List<String> ENDS =
        List.of("ade", "ber", "cot", "din", "elk", "fur", "gon", "ham", "ice", "ket", "low", "mer");
    private static final List<String> QUALITIES =
        List.of("polite", "angry", "formal", "doubtful", "hopeful", "ironic", "urgent", "neutral");

    private Words() {}

    static String thing(SeededRandom random) {
      return pick(STARTS, random) + pick(ENDS, random);
    }

    static String quality(SeededRandom random) {
      return pick(QUALITIES, random);
    }

    static String sentence(SeededRandom random) {
      StringBuilder sentence = new StringBuilder();
      for (char c : pick(FRAMES, random).toCharArray()) {
        if (c == '%') {
          sentence.append(thing(random)).append(random.nextInt(3) == 0 ? " " + thing(random) : "");
        } else {
          sentence.append(c);
        }
      }
      return sentence.toString();
    }

    private static String pick(List<String> words, SeededRandom random) {
      return words.get(random.nextInt(words.size()));
    }
  }
}
