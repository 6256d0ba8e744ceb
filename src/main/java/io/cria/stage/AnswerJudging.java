package io.cria.stage;

import io.cria.config.AskConfig;
import io.cria.config.DecodingConfig;
import io.cria.config.EvaluationConfig;
import io.cria.evaluate.AnswerForm;
import io.cria.evaluate.BlindAnswers;
import io.cria.evaluate.BlindPair;
import io.cria.evaluate.EvaluationSet;
import io.cria.evaluate.SetItem;
import io.cria.prompt.JudgePrompt;
import io.cria.prompt.PromptFiles;
import io.cria.run.AskContext;
import io.cria.stage.JudgeQuestions.Subject;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/**
 * A judge model is shown blind answers: each pair as it is laid out and with its sides exchanged,
 * or each answer by itself. Nothing it is sent tells who answered.
 */
public final class AnswerJudging implements BesideStage {
  /** Ends the subject of a pair that is shown as it is laid out. */
  public static final String LAID_OUT = "/1";

  /** Ends the subject of a pair that is shown with its sides exchanged. */
  public static final String EXCHANGED = "/2";

  private static final String INSTRUCTION = "instruction";
  private static final String INPUT = "input";

  private final AnswerComparison.Plan plan;
  private final String mode;
  private final Judge judge;
  private final JudgeQuestions questions;

  /**
   * Who judges.
   *
   * @param asks whom
   * @param prompts in which words
   * @param decoding how it is to answer
   * @param identity what stands for all that decides its verdicts
   */
  public record Judge(
      AskConfig asks, PromptFiles prompts, DecodingConfig decoding, String identity) {
    /** As the table of verdicts calls it. */
    public String rater() {
      return "model:" + asks.model();
    }
  }

  /**
   * @param answerers in the order in which they are told
   * @param seed of orders and sides
   * @param mode {@link EvaluationConfig#PAIRS} or {@link EvaluationConfig#LEVELS}
   */
  public AnswerJudging(
      EvaluationSet set, List<String> answerers, long seed, String mode, Judge judge) {
    this.plan = new AnswerComparison.Plan(set, answerers, seed);
    this.mode = mode;
    this.judge = judge;
    this.questions = questions(mode, judge);
  }

  private static JudgeQuestions questions(String mode, Judge judge) {
    boolean pairs = mode.equals(EvaluationConfig.PAIRS);
    AnswerForm form = pairs ? AnswerForm.PAIR : AnswerForm.LEVEL;
    List<String> texts =
        pairs
            ? List.of(INSTRUCTION, INPUT, "left", "right")
            : List.of(INSTRUCTION, INPUT, "answer");
    return new JudgeQuestions(
        "judge_" + mode,
        form,
        JudgePrompt.of(judge.prompts(), pairs ? "pair" : "level", texts, form.shown()),
        judge.decoding(),
        "another model, prompts or more tokens for the judge: the answers stay");
  }

  /** How many requests it is sent where every task has all its answers. */
  public long requests() {
    long tasks = plan.set().of(SetItem.Task.class).size();
    long answerers = plan.answerers().size();
    return mode.equals(EvaluationConfig.PAIRS)
        ? tasks * answerers * (answerers - 1)
        : tasks * answerers;
  }

  /**
   * Requests as they may become, one a task.
   *
   * @param tokens of the answers in them
   */
  public List<List<String>> built(int tokens) {
    String answer = " word".repeat(tokens).strip();
    return plan.set().of(SetItem.Task.class).stream()
        .map(
            task -> {
              Map<String, String> texts = new HashMap<>();
              questions.names().forEach(name -> texts.put(name, answer));
              texts.put(INSTRUCTION, task.instruction());
              texts.put(INPUT, task.input());
              return questions.texts(new Subject(task.id(), texts)).toList();
            })
        .toList();
  }

  @Override
  public String name() {
    return "judge_" + mode;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.of(judge.asks());
  }

  /** Whether the judge has nothing left to be asked. */
  public boolean isWhole(RunDirectory directory) {
    return questions.isWhole(directory);
  }

  @Override
  public void require(boolean isLocal) {
    if (plan.set().of(SetItem.Task.class).isEmpty()) {
      throw nothingToJudge("the set");
    }
  }

  private static CriaException nothingToJudge(String where) {
    return CriaException.badInput(
        where
            + ": no two answers to one task to judge: take sections with tasks, or leave the judge"
            + " out");
  }

  @Override
  public boolean run(AskContext context) {
    AnswerComparison comparison = plan.of(context);
    boolean pairs = mode.equals(EvaluationConfig.PAIRS);
    if (comparison.pairs().pairs().isEmpty()) {
      throw nothingToJudge(context.run().root());
    }
    return questions.run(
        context,
        List.of(Blinding.input(context, mode), new Manifest.Input("judge", judge.identity())),
        () -> (pairs ? pairs(comparison) : levels(comparison)).iterator());
  }

  private static Stream<Subject> pairs(AnswerComparison comparison) {
    return comparison.pairs().pairs().stream()
        .flatMap(
            pair ->
                Stream.of(
                    pair(comparison, pair, LAID_OUT, pair.left(), pair.right()),
                    pair(comparison, pair, EXCHANGED, pair.right(), pair.left())));
  }

  private static Subject pair(
      AnswerComparison comparison, BlindPair pair, String order, String left, String right) {
    SetItem.Task task = comparison.task(pair.taskId());
    return new Subject(
        pair.pairId() + order,
        Map.of(INSTRUCTION, task.instruction(), INPUT, task.input(), "left", left, "right", right));
  }

  private static Stream<Subject> levels(AnswerComparison comparison) {
    return comparison.answers().answers().stream().map(answer -> level(comparison, answer));
  }

  private static Subject level(AnswerComparison comparison, BlindAnswers.Blind answer) {
    SetItem.Task task = comparison.task(answer.taskId());
    return new Subject(
        answer.answerId(),
        Map.of(INSTRUCTION, task.instruction(), INPUT, task.input(), "answer", answer.text()));
  }

  /** What the judge said: subject to its row. */
  Iterator<Row> verdicts(AskContext context) {
    return questions
        .verdicts(context.spark(), context.run())
        .orderBy("subject_id")
        .toLocalIterator();
  }

  /** What stands for it among the inputs of what is made from it. */
  List<Manifest.Input> inputs(AskContext context) {
    return questions.inputs(context.run());
  }

  String rater() {
    return judge.rater();
  }
}
