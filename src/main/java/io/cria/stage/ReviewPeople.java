package io.cria.stage;

import io.cria.config.AskConfig;
import io.cria.evaluate.ReviewQuestions;
import io.cria.evaluate.VerdictFile;
import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes people's verdicts into a review: a copy of each rater's latest file stays in the review's
 * directory, so that a later invocation need not name it again. One that is given later takes the
 * earlier one's place if it lacks nothing of it.
 */
public final class ReviewPeople implements BesideStage {
  /** Folder of people's files, below the review's directory. */
  public static final String DIRECTORY = "people";

  private final List<Given> given;
  private final List<String> without;

  /**
   * A file that was named.
   *
   * @param name for messages
   * @param text its content
   */
  public record Given(String name, String text) {}

  /**
   * @param without raters whose verdicts are withdrawn
   */
  public ReviewPeople(List<Given> given, List<String> without) {
    this.given = List.copyOf(given);
    this.without = List.copyOf(without);
  }

  @Override
  public String name() {
    return DIRECTORY;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  @Override
  public boolean run(AskContext context) {
    RunDirectory review = context.run();
    Set<String> subjects = subjects(review);
    List<VerdictFile> files = new ArrayList<>();
    Map<String, String> texts = new HashMap<>();
    for (Given one : given) {
      VerdictFile file = read(one.name(), one.text(), subjects);
      files.add(file);
      texts.put(file.rater(), one.text());
    }
    return KeptVerdicts.take(
        context,
        DIRECTORY,
        VerdictFile.ofDifferentRaters(files),
        texts,
        (name, text) -> read(name, text, subjects),
        without);
  }

  private static VerdictFile read(String name, String text, Set<String> subjects) {
    return VerdictFile.read(name, text, subjects, ReviewQuestions.QUESTIONS);
  }

  private static Set<String> subjects(RunDirectory review) {
    return ReviewSample.read(review).stream()
        .map(SampledExample::subject)
        .collect(Collectors.toSet());
  }

  /** The verdicts of all raters that a review has, by rater. */
  static List<VerdictFile> read(RunDirectory review) {
    Set<String> subjects = subjects(review);
    return KeptVerdicts.read(review, DIRECTORY, (name, text) -> read(name, text, subjects));
  }

  /** The file of a rater's verdicts, below the review's directory. */
  static String file(VerdictFile file) {
    return KeptVerdicts.path(DIRECTORY, file.rater());
  }
}
