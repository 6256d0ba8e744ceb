package io.cria.bench;

import io.cria.task.SeededRandom;

/**
 * Answers in the forms that the recipes' parsers read, as the inside of a JSON string: a function
 * of the question and the random numbers. Nearly all are well formed, so that a run's cost is that
 * of the usual case.
 */
final class AnswerText {
  private static final int LAST_BLOCK = 19;
  private static final int ITEMS = 8;
  private static final int CUT_IN = 50;

  private static final String[] LABELS = {"positive", "negative", "neutral", "mixed"};

  private final Phrases phrases;

  AnswerText(Phrases phrases) {
    this.phrases = phrases;
  }

  /** Appends the answer; whether it was cut by length. */
  boolean write(Question question, SeededRandom random, Bytes out) {
    switch (question.form()) {
      case BLOCKS -> blocks(question.open(), random, out);
      case LIST -> list(question.open(), random, out);
      case ONE_TASK -> phrases.instruction(random, out.put(" "));
      case CLASS -> out.put(random.nextInt(4) == 0 ? " Yes" : " No");
      case EXAMPLES -> examples(random, out);
      case LABELS -> labels(random, out);
      case ONE_OUTPUT -> phrases.passage(6, random, out.put(" "));
      case UNKNOWN -> throw new IllegalArgumentException("no recipe of ours asks so");
    }
    boolean round = question.form() == Question.Form.BLOCKS;
    return round && random.nextInt(CUT_IN) == 0;
  }

  private void blocks(int open, SeededRandom random, Bytes out) {
    for (int number = open; number <= Math.max(open, LAST_BLOCK); number++) {
      if (number > open) {
        out.put("\\n###\\n").put(number).put(". Instruction:");
      }
      phrases.instruction(random, out.put(" "));
      out.put("\\n").put(number).put(". Input:\\n");
      if (random.nextInt(5) < 3) {
        out.put("<noinput>");
      } else {
        phrases.passage(2 + random.nextInt(4), random, out);
      }
      out.put("\\n").put(number).put(". Output:\\n");
      phrases.passage(2 + random.nextInt(15), random, out);
    }
  }

  private void list(int open, SeededRandom random, Bytes out) {
    for (int i = 0; i < ITEMS; i++) {
      if (i > 0) {
        out.put("\\n").put(open + i).put(".");
      }
      phrases.instruction(random, out.put(" "));
    }
  }

  private void examples(SeededRandom random, Bytes out) {
    int count = random.nextInt(4);
    if (count == 0) {
      phrases.passage(3 + random.nextInt(10), random, out.put("\\nOutput: "));
    }
    for (int i = 1; i <= count; i++) {
      phrases.passage(
          2 + random.nextInt(6), random, out.put("\\nExample ").put(i).put("\\nText: "));
      phrases.passage(2 + random.nextInt(6), random, out.put("\\nOutput: "));
    }
  }

  private void labels(SeededRandom random, Bytes out) {
    int count = 2 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      out.put("\\nClass label: ").put(LABELS[random.nextInt(LABELS.length)]);
      phrases.passage(2 + random.nextInt(6), random, out.put("\\nText: "));
    }
  }
}
