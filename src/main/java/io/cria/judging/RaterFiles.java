package io.cria.judging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.storage.RunDirectory;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The files of people's verdicts of one judgement, one a rater. */
public final class RaterFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunDirectory directory;
  private final String folder;
  private final UnaryOperator<String> path;
  private final Runnable uncounted;

  /**
   * @param directory of the judgement
   * @param folder of the files, below it
   * @param path from a rater's name to the file, below the directory
   * @param uncounted leaves a mark that files may hold what is not counted yet; does nothing where
   *     there is one
   */
  public RaterFiles(
      RunDirectory directory, String folder, UnaryOperator<String> path, Runnable uncounted) {
    this.directory = directory;
    this.folder = folder;
    this.path = path;
    this.uncounted = uncounted;
  }

  /** Where a rater's verdicts are. */
  String place(String rater) {
    return directory.path(path.apply(rater));
  }

  /** What a rater's file holds; empty where there is none. */
  Optional<String> text(String rater) {
    return directory.text(path.apply(rater));
  }

  /**
   * Replaces a rater's file; without lines there is none.
   *
   * @param before what the file held when it was read
   * @return false, with nothing done, where it holds something else now
   */
  boolean keep(String rater, Optional<String> before, String text) {
    uncounted.run();
    if (!text(rater).equals(before)) {
      return false;
    }
    if (text.isEmpty()) {
      directory.delete(path.apply(rater));
    } else {
      directory.replaceDurably(path.apply(rater), text);
    }
    uncounted.run(); // a count that began meanwhile has taken the first mark away
    return true;
  }

  /** A rater who is there already under this name, however its letters are written. */
  Optional<String> likeness(String name) {
    return directory.list(folder).stream()
        .flatMap(file -> directory.text(folder + "/" + file).flatMap(RaterFiles::rater).stream())
        .filter(rater -> folded(rater).equals(folded(name)))
        .findFirst();
  }

  private static Optional<String> rater(String text) {
    String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("{}");
    try {
      return Optional.ofNullable(JSON.readTree(first).path("rater").textValue());
    } catch (JsonProcessingException e) {
      return Optional.empty(); // the command that reads the file tells what is wrong in it
    }
  }

  private static String folded(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("\\s+", "");
  }
}
