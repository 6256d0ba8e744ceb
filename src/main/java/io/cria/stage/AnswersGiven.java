package io.cria.stage;

import io.cria.evaluate.GivenAnswer;
import io.cria.evaluate.Section;
import io.cria.evaluate.TaskPrompt;
import io.cria.run.AskContext;
import io.cria.run.Rows;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.StageDeclaration;
import io.cria.run.TableDeclaration;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/**
 * The table {@code answers_given} of an evaluation: what its answerers said, a round an answerer,
 * in the order of the run file. It is made once; whoever judges reads it.
 */
public final class AnswersGiven {
  public static final TableDeclaration TABLE =
      new TableDeclaration("answers_given", Schemas.ANSWERS_GIVEN, false);

  /** What stands before an answerer's name in that of its stage. */
  public static final String BY = "answers-";

  /** Version of what an answerer is asked, and how its answers are read. */
  static final int VERSION = 1;

  /** Count of answers in a manifest. */
  private static final String ANSWERED = "answered";

  private AnswersGiven() {}

  /**
   * Who answers which prompts.
   *
   * @param name of the answerer
   * @param round its place in the run file, from 0
   * @param prompts in the order of the set
   * @param set what stands for the set among the inputs
   */
  public record Asked(String name, int round, List<TaskPrompt> prompts, Manifest.Input set) {
    public Asked {
      prompts = List.copyOf(prompts);
    }

    /** The stage that has it answer: its name stands in requests and ledger. */
    public StageDeclaration stage() {
      return new StageDeclaration(BY + name, VERSION, TABLE, true, List.of());
    }

    /** The directory of its answers. */
    public String directory() {
      return TABLE.round(round);
    }

    /** How many of its prompts have an answer that is committed. */
    public int done(AskContext context) {
      int done = 0;
      for (Manifest part : RunTables.committed(context.run(), directory())) {
        if (!part.stage().equals(stage().name())
            || part.stageVersion() != VERSION
            || !part.identity().equals(context.identity())) {
          return 0;
        }
        done += Math.toIntExact(part.rows());
      }
      return done;
    }
  }

  /** A row of the table. */
  public static Row row(GivenAnswer answer, int round, int row) {
    return Rows.row(
        Schemas.ANSWERS_GIVEN,
        answer.answerId(),
        answer.answerer(),
        round,
        row,
        answer.prompt().id(),
        answer.prompt().section().word(),
        answer.prompt().instruction(),
        answer.prompt().input(),
        answer.text(),
        answer.finishReason(),
        answer.promptTokens(),
        answer.completionTokens(),
        answer.reason());
  }

  private static GivenAnswer answer(Row row) {
    return new GivenAnswer(
        row.getAs("answer_id"),
        new TaskPrompt(
            row.getAs("prompt_id"),
            Section.of(row.getAs("section")).orElseThrow(),
            row.getAs("instruction"),
            row.getAs("input")),
        row.getAs("answerer"),
        row.getAs("text"),
        row.getAs("finish_reason"),
        row.getAs("prompt_tokens"),
        row.getAs("completion_tokens"),
        row.getAs("reason"));
  }

  /** Counts for the manifest of some answers: those there are, and the others by their reason. */
  public static Map<String, Long> counts(List<Row> rows) {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row : rows) {
      String reason = row.getAs("reason");
      counts.merge(reason == null ? ANSWERED : word(reason), 1L, Long::sum);
    }
    return counts;
  }

  /** How many prompts are committed without an answer. */
  public static long unanswered(RunDirectory directory, int round) {
    return counts(directory, round).entrySet().stream()
        .filter(count -> !count.getKey().equals(ANSWERED))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static Map<String, Long> counts(RunDirectory directory, int round) {
    Map<String, Long> counts = new TreeMap<>();
    for (Manifest part : RunTables.committed(directory, TABLE.round(round))) {
      part.counts().forEach((word, rows) -> counts.merge(word, rows, Long::sum));
    }
    return counts;
  }

  /** Reasons that are told in a sentence count as one. */
  private static String word(String reason) {
    return reason.matches("[a-z_]+") ? reason : "refused";
  }

  /** All answers of these answerers, by answerer and prompt. */
  public static List<GivenAnswer> read(AskContext context, int answerers) {
    List<GivenAnswer> answers = new ArrayList<>();
    for (int round = 0; round < answerers; round++) {
      for (Row row :
          RunTables.read(context, TABLE, List.of(round)).orderBy("row").collectAsList()) {
        answers.add(answer(row));
      }
    }
    return answers;
  }

  /** What stands for the answers of all answerers among the inputs of what is made from them. */
  public static List<Manifest.Input> inputs(AskContext context, int answerers) {
    List<Manifest.Input> inputs = new ArrayList<>();
    for (int round = 0; round < answerers; round++) {
      inputs.add(RunTables.input(context.run(), TABLE.round(round)));
    }
    return inputs;
  }

  /**
   * An answerer that answered nothing cannot be compared with anybody.
   *
   * @throws CriaException with this exit code, naming the first reason
   */
  public static void requireAny(AskContext context, Asked asked, ExitCode code) {
    if (counts(context.run(), asked.round()).containsKey(ANSWERED)) {
      return;
    }
    String reason =
        RunTables.read(context, TABLE, List.of(asked.round()))
            .orderBy("row")
            .limit(1)
            .collectAsList()
            .stream()
            .map(row -> String.valueOf(row.<Object>getAs("reason")))
            .findFirst()
            .orElse("nothing was asked");
    throw new CriaException(
        code,
        String.format(
            Locale.ROOT,
            "answerers.%s: not one of %d prompts was answered (%s): look at it with `cria sql`, mend"
                + " the cause and take another --run directory",
            asked.name(),
            asked.prompts().size(),
            reason));
  }
}
