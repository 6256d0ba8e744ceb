package io.cria.verify;

import io.cria.ask.AnswerReading;
import io.cria.llm.Outcome;
import io.cria.run.Line;
import io.cria.run.TableDeclaration;
import io.cria.run.VerdictTable;
import io.cria.stage.AnswersGiven;
import io.cria.task.Example;
import io.cria.task.Reason;
import io.cria.verify.RowCheck.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What holds for every row of a table by itself: ids, reasons, and which columns go together. */
final class Contract {
  /** Of a text that no model answered, or that a closed round left unasked. */
  private static final List<String> NO_ANSWER =
      Stream.concat(
              Arrays.stream(Outcome.values())
                  .filter(outcome -> outcome.isTerminal() && outcome != Outcome.OK)
                  .map(Outcome::word),
              Stream.of(AnswerReading.NOT_SENT))
          .toList();

  private static final List<String> OF_INSTANCES =
      List.of(
          Reason.CUT_BY_LENGTH,
          Reason.MALFORMED,
          Reason.SAME_AS_INPUT,
          Reason.EMPTY_OUTPUT,
          Reason.ENDS_WITH_COLON,
          Reason.CONFLICTING_OUTPUTS,
          Reason.DUPLICATE,
          Reason.OVER_LIMIT,
          Reason.UNCLASSIFIED);

  private static final Rule KEPT =
      Rule.of("kept = (reason is null)", "kept and reason contradict one another");
  private static final Rule ORDER =
      Rule.of("row >= 0 and item >= 0", "row and item carry the order and are never below 0");

  private final Map<String, List<Rule>> rules;
  private final Map<String, List<String>> ids;

  /**
   * @param filters names of the filters of candidates: the reasons they give
   * @param instanceFilters likewise of instances
   */
  Contract(List<String> filters, List<String> instanceFilters) {
    rules =
        Map.of(
            Line.REQUESTS.name(), requests(),
            Line.ANSWERS.name(), answers(),
            table(Line.GENERATE.table()), candidates(filters),
            table(Line.CLASSIFY.table()), classified(),
            table(Line.INSTANCES.table()), instances(instanceFilters),
            table(Line.MODERATE.table()), MODERATED,
            table(Line.MODERATIONS.table()), MODERATIONS,
            table(AnswersGiven.TABLE), GIVEN,
            table(Line.DATASET.table()), EXAMPLES);
    ids =
        Map.of(
            Line.REQUESTS.name(), List.of("stage", "request_key"),
            Line.ANSWERS.name(), List.of("stage", "request_key"),
            table(Line.GENERATE.table()), List.of("candidate_id"),
            table(Line.CLASSIFY.table()), List.of("candidate_id"),
            table(Line.INSTANCES.table()), List.of("instance_id"),
            table(Line.MODERATE.table()), List.of("instance_id"),
            table(Line.MODERATIONS.table()), List.of("instance_id"),
            table(AnswersGiven.TABLE), List.of("answerer", "prompt_id"),
            table(Line.DATASET.table()), List.of("example_id"));
  }

  private static String table(TableDeclaration table) {
    return table.name();
  }

  /** Whatever is no table of the line is of a judge. */
  List<Rule> rules(String table) {
    return rules.getOrDefault(table, JUDGED);
  }

  /** The columns that no two rows of a table have the same. */
  List<String> id(String table) {
    return ids.getOrDefault(table, List.of("subject_id", "round", "question"));
  }

  private static List<Rule> requests() {
    return List.of(
        new Rule(
            "request_key = " + RequestKeys.KEY,
            "concat('request_key ', request_key, ' is not that of what is asked, ', coalesce("
                + RequestKeys.KEY
                + ", 'which has none'))"),
        new Rule(
            "content_key = " + RequestKeys.CONTENT,
            "concat('content_key ', content_key, ' is not that of what is asked')"),
        Rule.of("row >= 0 and sample >= 0", "row and sample are never below 0"),
        Rule.of("(prompt is null) <> (messages is null)", "it has not one of prompt and messages"));
  }

  private static List<Rule> answers() {
    return List.of(
        new Rule(
            "answer_id = concat(request_key, '.', attempt)",
            "concat('answer_id ', answer_id, ' is not request_key and attempt')"),
        in("outcome", Stream.concat(Stream.of(Outcome.OK.word()), NO_ANSWER.stream()).toList()),
        Rule.of("row >= 0 and attempt >= 0", "row and attempt are never below 0"),
        Rule.of(
            "(attempt = 0) = (outcome = '" + AnswerReading.NOT_SENT + "')",
            "attempt 0 is that of a request that was not sent"),
        Rule.of(
            "(segment is null) = (attempt = 0) and (segment is null) = (offset is null)"
                + " and (segment is null) = (length is null)",
            "segment, offset and length are those of an answer, and go together"));
  }

  private static List<Rule> candidates(List<String> filters) {
    List<String> reasons =
        new ArrayList<>(List.of(Reason.CUT_BY_LENGTH, Reason.MALFORMED, Reason.SIMILAR));
    reasons.addAll(filters);
    reasons.addAll(NO_ANSWER);
    return List.of(
        new Rule(
            "candidate_id = concat(request_key, '#', item)",
            "concat('candidate_id ', candidate_id, ' is not request_key and item')"),
        new Rule(
            "answer_id rlike concat('^', request_key, '[.][0-9]+$')",
            "concat('answer_id ', answer_id, ' is none of its request')"),
        ORDER,
        KEPT,
        in("reason", reasons),
        Rule.of(
            "(coalesce(reason, '') = '"
                + Reason.SIMILAR
                + "') = (neighbour_id is not null and neighbour_score is not null)",
            "a neighbour is that of a similar text, and of no other"));
  }

  private static List<Rule> classified() {
    return List.of(
        new Rule(
            "answer_id rlike '^[0-9a-f]{64}[.][0-9]+$'",
            "concat('answer_id ', answer_id, ' is no request_key and attempt')"),
        ORDER,
        Rule.of(
            "(is_classification is null) = (reason is not null)",
            "an instruction has a class or a reason"),
        in("reason", NO_ANSWER));
  }

  private static List<Rule> instances(List<String> filters) {
    List<String> reasons = new ArrayList<>(OF_INSTANCES);
    reasons.addAll(filters);
    reasons.addAll(NO_ANSWER);
    return List.of(
        new Rule(
            "instance_id = concat(candidate_id, '/', n)",
            "concat('instance_id ', instance_id, ' is not candidate_id and n')"),
        new Rule(
            "answer_id rlike '^[0-9a-f]{64}[.][0-9]+$'",
            "concat('answer_id ', answer_id, ' is no request_key and attempt')"),
        ORDER,
        Rule.of("n >= 0", "n is never below 0"),
        KEPT,
        in("reason", reasons));
  }

  private static final List<Rule> MODERATED =
      List.of(
          ORDER,
          new Rule(
              "endswith(instance_id, concat('/', n))",
              "concat('instance_id ', instance_id, ' does not end in its n, ', n)"),
          Rule.of("length(rater) > 0", "it has no rater"));

  private static final List<Rule> MODERATIONS =
      List.of(
          ORDER,
          Rule.of(
              "(flagged is null) = (fault is not null)",
              "something was said of a text, or there is a fault"));

  private static final List<Rule> GIVEN =
      List.of(
          Rule.of("row >= 0", "row is never below 0"),
          Rule.of("(text is null) = (reason is not null)", "an answer has a text or a reason"));

  private static final List<Rule> JUDGED =
      List.of(
          ORDER,
          Rule.of("(verdict is null) = (fault is not null)", "there is a verdict or a fault"));

  /**
   * What files of the table of answers have beside: whose they are.
   *
   * @param answerers file to the name of its answerer; of some
   */
  static Rule answerer(Map<String, String> answerers) {
    String named =
        answerers.entrySet().stream()
            .map(file -> text(file.getKey()) + ", " + text(file.getValue()))
            .collect(Collectors.joining(", ", "map(", ")"));
    return new Rule(
        "answerer = element_at(" + named + ", " + TableFiles.FILE + ")",
        "concat('answerer \"', answerer, '\" is not the one whose answers this file has')");
  }

  /** As SQL has a text. */
  static String text(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /** Those of a dataset too. */
  static final List<Rule> EXAMPLES =
      List.of(
          new Rule(
              "startswith(example_id, concat(instance_id, ':'))"
                  + " and length(example_id) > length(instance_id) + 1",
              "concat('example_id ', example_id, ' is not instance_id and layout')"),
          new Rule(
              "endswith(instance_id, concat('/', n))",
              "concat('instance_id ', instance_id, ' does not end in its n, ', n)"),
          ORDER,
          in("source", List.of(Example.MACHINE, Example.SEED)),
          Rule.of(
              "(source = '" + Example.SEED + "') = (round < 0)",
              "seed tasks are examples of round -1, and no others are"),
          Rule.of("size(messages) >= 2", "messages has no question and answer"));

  /** The columns that no two verdicts have the same. */
  static final List<String> VERDICT_ID = List.of("kind", "name", "subject_id", "rater", "question");

  static final List<Rule> VERDICTS =
      List.of(
          in("kind", VerdictTable.KINDS),
          Rule.of("length(subject_id) > 0 and length(rater) > 0", "it has no subject or rater"));

  /** A column that is null or one of these words. */
  private static Rule in(String column, List<String> words) {
    return new Rule(
        column
            + " is null or "
            + column
            + words.stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(", ", " in (", ")")),
        "concat('" + column + " \"', " + column + ", '\" is no word of the closed list')");
  }
}
