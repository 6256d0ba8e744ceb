package io.cria.stage;

import io.cria.evaluate.AnswerSheet;
import io.cria.evaluate.BlindAnswers;
import io.cria.evaluate.BlindPair;
import io.cria.evaluate.BlindPairs;
import io.cria.evaluate.EvaluationSet;
import io.cria.evaluate.SetItem;
import io.cria.run.AskContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The answers of an evaluation side by side. What is shown to judges follows from them and the
 * seed, so that every stage finds the same pairs.
 */
final class AnswerComparison {
  private final EvaluationSet set;
  private final AnswerSheet sheet;
  private final long seed;
  private final Map<String, SetItem.Task> tasks = new HashMap<>();

  /**
   * What is compared.
   *
   * @param answerers in the order in which they are told
   * @param seed of orders, sides and intervals
   */
  record Plan(EvaluationSet set, List<String> answerers, long seed) {
    AnswerComparison of(AskContext context) {
      return new AnswerComparison(
          set, new AnswerSheet(answerers, AnswersGiven.read(context, answerers.size())), seed);
    }
  }

  AnswerComparison(EvaluationSet set, AnswerSheet sheet, long seed) {
    this.set = set;
    this.sheet = sheet;
    this.seed = seed;
    set.of(SetItem.Task.class).forEach(task -> tasks.put(task.id(), task));
  }

  EvaluationSet set() {
    return set;
  }

  AnswerSheet sheet() {
    return sheet;
  }

  long seed() {
    return seed;
  }

  SetItem.Task task(String id) {
    return Objects.requireNonNull(tasks.get(id), id);
  }

  /** Each two answers to a task, of those who gave one. */
  BlindPairs pairs() {
    List<BlindPairs.Open> open = new ArrayList<>();
    for (SetItem.Task task : set.of(SetItem.Task.class)) {
      for (AnswerSheet.Two two : sheet.twos()) {
        if (sheet.haveAll(List.of(two.first(), two.second()), task.id())) {
          open.add(
              new BlindPairs.Open(
                  task.id(), answer(two.first(), task.id()), answer(two.second(), task.id())));
        }
      }
    }
    return BlindPairs.of(open, seed);
  }

  private BlindPairs.Answer answer(String answerer, String task) {
    return new BlindPairs.Answer(answerer, sheet.text(answerer, task).orElseThrow());
  }

  /** Each answer to a task. */
  BlindAnswers answers() {
    List<BlindAnswers.Open> open = new ArrayList<>();
    for (SetItem.Task task : set.of(SetItem.Task.class)) {
      for (String answerer : sheet.answerers()) {
        sheet
            .text(answerer, task.id())
            .ifPresent(text -> open.add(new BlindAnswers.Open(task.id(), answerer, text)));
      }
    }
    return BlindAnswers.of(open, seed);
  }

  /** Whether the answerer told first stands on the left. */
  boolean firstIsLeft(BlindPair.Key key) {
    List<String> names = sheet.answerers();
    return names.indexOf(key.left()) < names.indexOf(key.right());
  }
}
