package io.cria.stage;

import io.cria.config.AskConfig;
import io.cria.config.EvaluationConfig;
import io.cria.evaluate.BlindAnswers;
import io.cria.evaluate.BlindPair;
import io.cria.evaluate.EvaluationSet;
import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.VerdictFile;
import io.cria.run.AskContext;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * People's verdicts on blind answers: the files that are given are read against what was shown, and
 * kept in the evaluation's directory, a file a rater. One that is given later for the same rater
 * takes the earlier one's place if it lacks nothing of it.
 */
public final class PeopleVerdicts implements BesideStage {
  private static final String FOLDER = "people";

  private final AnswerComparison.Plan plan;
  private final String mode;
  private final List<Location> given;
  private final List<String> without;

  /**
   * @param answerers in the order in which they are told
   * @param seed of orders and sides
   * @param mode {@link EvaluationConfig#PAIRS} or {@link EvaluationConfig#LEVELS}
   * @param given files of verdicts
   * @param without raters whose verdicts are withdrawn
   */
  public PeopleVerdicts(
      EvaluationSet set,
      List<String> answerers,
      long seed,
      String mode,
      List<Location> given,
      List<String> without) {
    this.plan = new AnswerComparison.Plan(set, answerers, seed);
    this.mode = mode;
    this.given = List.copyOf(given);
    this.without = List.copyOf(without);
  }

  @Override
  public String name() {
    return "people-" + mode;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  @Override
  public boolean run(AskContext context) {
    if (given.isEmpty()) {
      return KeptVerdicts.withdraw(context, folder(mode), without);
    }
    AnswerComparison comparison = plan.of(context);
    Map<String, String> texts = new HashMap<>();
    List<VerdictFile> files = new ArrayList<>();
    for (Location location : given) {
      String text = location.text("give a file of verdicts, one JSON object a line");
      VerdictFile file = read(comparison, location.toString(), text);
      files.add(file);
      texts.put(file.rater(), text);
    }
    return KeptVerdicts.take(
        context,
        folder(mode),
        VerdictFile.ofDifferentRaters(files),
        texts,
        (name, text) -> read(comparison, name, text),
        without);
  }

  /** Folder of people's files, below the evaluation's directory. */
  public static String folder(String mode) {
    return FOLDER + "/" + mode;
  }

  /** All that is kept, by rater. */
  List<VerdictFile> kept(RunDirectory run, AnswerComparison comparison) {
    return KeptVerdicts.read(run, folder(mode), (name, text) -> read(comparison, name, text));
  }

  /** What people are asked, with the verdicts that they may give. */
  public static Map<String, List<String>> questions(String mode) {
    return mode.equals(EvaluationConfig.PAIRS)
        ? Map.of("better", List.of("left", "right", "neither"))
        : Map.of("level", LevelVerdicts.LEVELS);
  }

  private VerdictFile read(AnswerComparison comparison, String name, String text) {
    boolean pairs = mode.equals(EvaluationConfig.PAIRS);
    Set<String> subjects =
        pairs
            ? comparison.pairs().pairs().stream().map(BlindPair::pairId).collect(Collectors.toSet())
            : comparison.answers().answers().stream()
                .map(BlindAnswers.Blind::answerId)
                .collect(Collectors.toSet());
    return VerdictFile.read(name, text, subjects, questions(mode));
  }
}
