package io.cria.testing;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.task.SeededRandom;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A language model that is none, in Korean: what it says is a function of the request's body alone.
 * It knows the prompts of the Korean recipes by their form and answers in the forms of real models:
 * numbers with brackets and in full width, labels in other words, a remark before, a next task
 * behind, refusals, placeholders, answers that are cut.
 */
public final class ScriptedKoreanModel implements ScriptedServer.Script {
  private static final Pattern OPEN_NUMBER = Pattern.compile("\n(\\d+)\\.$");
  private static final Pattern OPEN_BLOCK = Pattern.compile("###\n(\\d+)\\. 작업:$");
  private static final Pattern SUBJECT = Pattern.compile("\n작업: ([^\n]*)(?:\n분류 작업입니까\\?|\n)$");
  private static final int ITEMS = 8;
  private static final int BLOCKS = 6;

  @Override
  public Reply reply(Call call) {
    SeededRandom random = SeededRandom.of(11, call.text(), 0, 0);
    boolean cut = random.nextInt(15) == 0;
    return Reply.text(call, answer(call.promptText(), random), cut ? "length" : "stop");
  }

  private static String answer(String prompt, SeededRandom random) {
    Matcher block = OPEN_BLOCK.matcher(prompt);
    if (block.find()) {
      return blocks(Integer.parseInt(block.group(1)), random);
    }
    Matcher open = OPEN_NUMBER.matcher(prompt);
    if (open.find()) {
      return list(Integer.parseInt(open.group(1)), random);
    }
    Matcher subject = SUBJECT.matcher(prompt);
    if (!subject.find()) {
      throw new IllegalArgumentException("no Korean recipe asks so");
    }
    if (prompt.endsWith("분류 작업입니까?")) {
      return subject.group(1).contains("고르")
          ? pick(random, "예", " 네.", "예, 분류 작업입니다.", "분류 작업입니다.", "\n예")
          : pick(random, "아니요", "아니요.", "분류 작업이 아닙니다.", "예시를 만드는 작업입니다.", "");
    }
    return prompt.contains("분류 라벨:") ? labelled(random) : examples(random);
  }

  private static String list(int open, SeededRandom random) {
    int style = random.nextInt(4);
    StringBuilder text = new StringBuilder();
    switch (random.nextInt(6)) {
      case 0 -> text.append("네, 이어서 쓰겠습니다.\n").append(number(open, style));
      case 1 -> text.append(number(open, style));
      default -> text.append(' ');
    }
    for (int i = 0; i < ITEMS; i++) {
      text.append(i == 0 ? "" : "\n" + number(open + i, style));
      text.append(random.nextInt(12) == 0 ? pick(random, "작업: ", "과제：") : "");
      text.append(task(random));
    }
    return text + (random.nextInt(5) == 0 ? "\n\n더 필요하시면 말씀해 주세요." : "");
  }

  private static String number(int number, int style) {
    return switch (style) {
      case 0 -> number + ") ";
      case 1 -> wide(number) + "． ";
      case 2 -> "**" + number + ".** ";
      default -> number + ". ";
    };
  }

  /** In digits of full width. */
  private static String wide(int number) {
    StringBuilder wide = new StringBuilder();
    for (char digit : String.valueOf(number).toCharArray()) {
      wide.append((char) (digit - '0' + '\uFF10'));
    }
    return wide.toString();
  }

  private static String blocks(int open, SeededRandom random) {
    boolean spoken = random.nextInt(8) == 0;
    StringBuilder text = new StringBuilder(spoken ? "알겠습니다.\n" : " ");
    for (int i = 0; i < BLOCKS; i++) {
      int number = open + i;
      if (i > 0 || spoken) {
        text.append(random.nextInt(4) == 0 ? "\n" : "\n###\n");
        text.append(number).append(pick(random, ". 작업: ", ") 과제：", ". **작업:** "));
      }
      text.append(task(random));
      String own = random.nextInt(3) > 0 ? number + ". " : "";
      if (random.nextInt(8) > 0) {
        text.append('\n').append(own).append(pick(random, "입력:\n", "입력：", "입력값: "));
        text.append(pick(random, "<입력 없음>", "없음", sentence(random), "입력: 3\n출력: 4"));
      }
      if (random.nextInt(12) > 0) {
        text.append('\n').append(own).append(pick(random, "출력:\n", "출력：", "출력: "));
        text.append(random.nextInt(15) == 0 ? "" : output(random));
      }
    }
    return text.toString();
  }

  private static String task(SeededRandom random) {
    String noun = KoreanTexts.noun(random);
    return switch (random.nextInt(22)) {
      case 0 -> "써 줘.";
      case 1 -> "죄송하지만 " + noun + KoreanTexts.particle(noun, "은", "는") + " 모르겠습니다.";
      case 2 -> "저는 AI라서 " + noun + "에 대한 작업을 만들기 어렵습니다.";
      case 3 -> "Describe " + noun + " in one short English sentence.";
      case 4 -> noun + pick(random, " 사진을 보고 ", " 그래프에서 ", " 파일들을 열어 ") + "무엇인지 말해 주세요.";
      case 5 -> noun + KoreanTexts.particle(noun, "을", "를") + " 세는 프로그램을 작성해 주세요.";
      case 6 -> "*" + noun + "* 고르는 법을 알려 주세요.";
      case 7 -> "'" + noun + "'의 뜻을 풀어 쓰시오.";
      case 8 -> random.nextInt(3) == 0 ? noun + " 이야기를 " + "길고 자세하게 ".repeat(60) + "써라." : noun;
      case 9 -> "지도 교수님께 " + noun + " 이야기를 여쭙는 편지를 쓰고 싶어요.";
      case 10, 11, 12 ->
          noun + KoreanTexts.particle(noun, "이", "가") + " 사람인지 물건인지 고르세요. " + sentence(random);
      case 13 -> "그림자와 " + noun + "의 파일럿 이야기를 지어 보세요.";
      default -> KoreanTexts.fresh(random);
    };
  }

  private static String examples(SeededRandom random) {
    String one = sentence(random);
    String other = sentence(random);
    return switch (random.nextInt(12)) {
      case 0 -> "예시 1\n여기에는 맞는 것이 없습니다";
      case 1 -> "출력: " + output(random);
      case 2 -> "예시 1\n글: 같은 글\n출력: 하나\n예시 2\n글: 같은 글\n출력: 둘";
      case 3 -> "예시 1\n글: 다음과 같다：\n출력: 이것이다:";
      case 4 -> seven(random);
      case 5 -> "출력: " + one + "\n\n작업: 다음 일을 하시오.\n출력: " + other;
      case 6 -> "예시 １\n입력 １： " + one + "\n출력 １： " + other + "\n예시 ２：\n입력 ２： 없음\n출력 ２： " + one;
      case 7 -> "입력: " + one + "\n출력값: 저는 인공지능이라서 답변할 수 없습니다.";
      case 8 -> one;
      default ->
          "예시 1\n입력: "
              + one
              + "\n출력: 예시를 들면 "
              + other
              + "\n예시 2\n입력: "
              + (random.nextInt(3) == 0 ? one : other)
              + "\n출력: "
              + (random.nextInt(3) == 0 ? "" : other);
    };
  }

  private static String seven(SeededRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 7; i++) {
      text.append(i == 1 ? "" : "\n").append("예시 ").append(i).append("\n글: ").append(i).append(' ');
      text.append(sentence(random)).append("\n출력: ").append(sentence(random));
    }
    return text.toString();
  }

  private static String labelled(SeededRandom random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(4); n > 0; n--) {
      text.append(pick(random, "분류 라벨: ", "라벨：", "분류라벨: "));
      text.append(pick(random, "긍정", "부정", "사람", "물건", ""));
      text.append("\n글: ").append(sentence(random)).append('\n');
    }
    return text.toString();
  }

  private static String output(SeededRandom random) {
    return random.nextInt(10) == 0
        ? "죄송하지만 도와드릴 수 없습니다."
        : sentence(random) + (random.nextInt(2) == 0 ? " " + sentence(random) : "");
  }

  private static String sentence(SeededRandom random) {
    String one = KoreanTexts.noun(random);
    String other = KoreanTexts.noun(random);
    return one
        + KoreanTexts.particle(one, "은 ", "는 ")
        + other
        + pick(random, "에서 시작됩니다.", "보다 오래되었습니다.", "에 의해 만들어졌습니다.", "와 함께 팔립니다.");
  }

  private static String pick(SeededRandom random, String... from) {
    return List.of(from).get(random.nextInt(from.length));
  }
}
