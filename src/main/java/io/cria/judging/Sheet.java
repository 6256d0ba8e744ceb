package io.cria.judging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.ReviewQuestions;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is judged, and what is asked of it.
 *
 * @param title for people
 * @param questions asked of every item, in order
 * @param items in the order in which they are shown
 */
public record Sheet(String title, List<Question> questions, List<Item> items) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public Sheet {
    questions = List.copyOf(questions);
    items = List.copyOf(items);
    if (questions.isEmpty()) {
      throw new IllegalArgumentException("a sheet asks something");
    }
  }

  /**
   * A question.
   *
   * @param name as files of verdicts have it
   * @param words what is asked
   * @param help what counts
   */
  public record Question(String name, String words, String help, List<Choice> choices) {
    public Question {
      choices = List.copyOf(choices);
    }
  }

  /**
   * What may be said.
   *
   * @param verdict as files of verdicts have it
   * @param words on the button
   */
  public record Choice(String verdict, String words) {}

  /**
   * A thing to judge.
   *
   * @param subject its id in files of verdicts; it is shown to nobody
   * @param input may be empty
   * @param answers one, or left and right
   */
  public record Item(String subject, String instruction, String input, List<String> answers) {
    public Item {
      answers = List.copyOf(answers);
    }
  }

  /** The paper's three questions on each example. */
  public static Sheet review(String title, List<Item> examples) {
    Iterator<String> words =
        List.of(
                "Is the instruction a valid task?",
                "Does the input fit the instruction?",
                "Is the output acceptable?")
            .iterator();
    Iterator<String> helps =
        List.of(
                "A person could set it, and it is clear what is wanted. It may be hard, odd or"
                    + " dull.",
                "An empty input fits where the instruction needs none.",
                "A correct answer to the instruction with this input. It need not be the best"
                    + " one.")
            .iterator();
    List<Question> questions = new ArrayList<>();
    ReviewQuestions.QUESTIONS.forEach(
        (name, verdicts) ->
            questions.add(
                new Question(
                    name,
                    words.next(),
                    helps.next(),
                    verdicts.stream()
                        .map(verdict -> new Choice(verdict, capitalised(verdict)))
                        .toList())));
    return new Sheet(title, questions, examples);
  }

  private static String capitalised(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /** Two answers to each task: which is better. */
  public static Sheet pairs(String title, List<Item> pairs) {
    return new Sheet(
        title,
        List.of(
            new Question(
                "better",
                "Which answer would serve better whoever gave this instruction?",
                "That it is correct, does all that was asked and nothing else, and is clear. Length"
                    + " and side mean nothing.",
                List.of(
                    new Choice("left", "Left"),
                    new Choice("neither", "Neither"),
                    new Choice("right", "Right")))),
        pairs);
  }

  /** Single answers by the paper's four levels. */
  public static Sheet levels(String title, List<Item> answers) {
    Map<String, String> words =
        Map.of(
            "A", "correct, usable as it is",
            "B", "acceptable, small errors",
            "C", "on the task, but of no use",
            "D", "beside the point, or wrong");
    return new Sheet(
        title,
        List.of(
            new Question(
                "level",
                "Which level does the answer reach?",
                "A and B can be used; C and D cannot.",
                LevelVerdicts.LEVELS.stream()
                    .map(level -> new Choice(level, words.getOrDefault(level, "")))
                    .toList())),
        answers);
  }

  /** Question to the verdicts that may be given. */
  Map<String, List<String>> verdicts() {
    Map<String, List<String>> verdicts = new LinkedHashMap<>();
    questions.forEach(
        question ->
            verdicts.put(
                question.name(), question.choices().stream().map(Choice::verdict).toList()));
    return verdicts;
  }

  /** A hash of all of it: equal for sheets that ask the same of the same texts, in one order. */
  String mark() {
    try {
      return Ids.sha256(JSON.writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts are written as JSON", e);
    }
  }

  /** The ids of all that is judged. */
  Set<String> subjects() {
    return items.stream().map(Item::subject).collect(Collectors.toSet());
  }
}
