package io.cria.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.config.AskConfig;
import io.cria.config.EvaluationConfig;
import io.cria.evaluate.BlindAnswers;
import io.cria.evaluate.BlindPair;
import io.cria.evaluate.BlindPairs;
import io.cria.evaluate.EvaluationSet;
import io.cria.evaluate.SetItem;
import io.cria.run.AskContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.run.TableDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructType;

/**
 * What those who judge see, and in another folder who gave the answers: {@code pairs/pairs.jsonl}
 * and {@code pairs-key/key.jsonl}, or {@code levels/answers.jsonl} and {@code
 * levels-key/key.jsonl}. Nothing in the former tells of the latter.
 */
public final class Blinding implements BesideStage {
  private static final int VERSION = 1;
  private static final String PAIRS_FILE = "pairs.jsonl";
  private static final String ANSWERS_FILE = "answers.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final AnswerComparison.Plan plan;
  private final String mode;

  /**
   * @param answerers in the order in which they are told
   * @param mode {@link EvaluationConfig#PAIRS} or {@link EvaluationConfig#LEVELS}
   */
  public Blinding(EvaluationSet set, List<String> answerers, long seed, String mode) {
    this.plan = new AnswerComparison.Plan(set, answerers, seed);
    this.mode = mode;
  }

  @Override
  public String name() {
    return "blind-" + mode;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  @Override
  public boolean run(AskContext context) {
    StageDeclaration stage =
        new StageDeclaration(
            name(), VERSION, new TableDeclaration(mode, new StructType(), false), false, List.of());
    List<Manifest.Input> inputs = AnswersGiven.inputs(context, plan.answerers().size());
    if (RunTables.upToDate(context, mode, stage, inputs).isPresent()) {
      return false;
    }
    context.checkpoint();
    AnswerComparison comparison = plan.of(context);
    Lines lines = mode.equals(EvaluationConfig.PAIRS) ? pairs(comparison) : levels(comparison);
    RunDirectory run = context.run();
    String shown = run.newTemporary();
    String key = run.newTemporary();
    run.replace(shown + "/" + lines.file, String.join("", lines.shown));
    run.replace(key + "/key.jsonl", String.join("", lines.keys));
    List<Manifest.File> files =
        List.of(
            file(run, shown, lines.file, lines.shown.size()).in(mode),
            file(run, key, "key.jsonl", lines.keys.size()).in(keys()));
    RunTables.publish(
        context,
        mode,
        Map.of(shown, mode, key, keys()),
        RunTables.manifest(context, stage, inputs, Map.of("shown", (long) lines.shown.size()))
            .withFiles(files));
    return true;
  }

  private String keys() {
    return mode + "-key";
  }

  /**
   * What those who judge see of one task, under an id that tells nothing.
   *
   * @param subject the pair's or the answer's id
   * @param answers left and right, or one
   */
  public record Shown(String subject, String instruction, String input, List<String> answers) {
    public Shown {
      answers = List.copyOf(answers);
    }
  }

  /** What is published for those who judge, in its order; the key is not opened. */
  public static List<Shown> shown(RunDirectory run, String mode) {
    boolean pairs = mode.equals(EvaluationConfig.PAIRS);
    String path = mode + "/" + (pairs ? PAIRS_FILE : ANSWERS_FILE);
    List<Shown> shown = new ArrayList<>();
    for (String line : run.text(path).orElse("").split("\n", -1)) {
      if (!line.isEmpty()) {
        shown.add(shown(run.path(path) + ":" + (shown.size() + 1), line, pairs));
      }
    }
    return shown;
  }

  private static Shown shown(String place, String line, boolean pairs) {
    try {
      JsonNode object = JSON.readTree(line);
      return new Shown(
          object.required(pairs ? "pair_id" : "answer_id").textValue(),
          object.required("instruction").textValue(),
          object.required("input").textValue(),
          Stream.of(pairs ? new String[] {"left", "right"} : new String[] {"answer"})
              .map(field -> object.required(field).textValue())
              .toList());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          place + ": damaged (" + e.getMessage() + "): bring the file back from a copy",
          e);
    }
  }

  /** What stands for the blinded answers among the inputs of a judgement. */
  static Manifest.Input input(AskContext context, String mode) {
    return new Commits(context.run()).input(mode);
  }

  private static Manifest.File file(RunDirectory run, String folder, String name, int rows) {
    String path = folder + "/" + name;
    return new Manifest.File(name, rows, run.size(path), run.sha256(path));
  }

  /**
   * @param file name of what is shown
   * @param shown its lines
   * @param keys lines of the key
   */
  private record Lines(String file, List<String> shown, List<String> keys) {}

  private static Lines pairs(AnswerComparison comparison) {
    BlindPairs pairs = comparison.pairs();
    List<String> shown = new ArrayList<>();
    for (BlindPair pair : pairs.pairs()) {
      shown.add(
          line(
              task("pair_id", pair.pairId(), comparison.task(pair.taskId()))
                  .put("left", pair.left())
                  .put("right", pair.right())));
    }
    List<String> keys = new ArrayList<>();
    for (BlindPair.Key key : pairs.keys()) {
      keys.add(
          line(
              JSON.createObjectNode()
                  .put("pair_id", key.pairId())
                  .put("left", key.left())
                  .put("right", key.right())));
    }
    return new Lines(PAIRS_FILE, shown, keys);
  }

  private static Lines levels(AnswerComparison comparison) {
    BlindAnswers answers = comparison.answers();
    List<String> shown = new ArrayList<>();
    for (BlindAnswers.Blind answer : answers.answers()) {
      shown.add(
          line(
              task("answer_id", answer.answerId(), comparison.task(answer.taskId()))
                  .put("answer", answer.text())));
    }
    List<String> keys = new ArrayList<>();
    for (BlindAnswers.Key key : answers.keys()) {
      keys.add(
          line(
              JSON.createObjectNode()
                  .put("answer_id", key.answerId())
                  .put("answerer", key.answerer())));
    }
    return new Lines(ANSWERS_FILE, shown, keys);
  }

  private static ObjectNode task(String key, String id, SetItem.Task task) {
    return JSON.createObjectNode()
        .put(key, id)
        .put("task_id", task.id())
        .put("instruction", task.instruction())
        .put("input", task.input());
  }

  private static String line(ObjectNode object) {
    return object + "\n";
  }
}
