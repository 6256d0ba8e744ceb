package io.cria.pipeline;

import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * How one invocation ended, for whoever submitted it and sees neither its output nor its exit code:
 * {@code RUN/_outcomes/ID.json}. Its last act; a driver that was killed leaves none.
 *
 * @param invocation the name that it was given
 * @param exitCode the command's
 * @param line the error's one line, without the program's name; empty where it ended well
 * @param text what went to standard output
 * @param at when it ended
 */
public record Outcome(String invocation, int exitCode, String line, String text, String at) {
  /** The system property that names an invocation. */
  public static final String PROPERTY = "cria.invocation";

  static final String DIRECTORY = "_outcomes";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final int KEPT = 20;
  private static final int NAMED = 5;
  private static final String ENDING = ".json";

  public Outcome {
    Objects.requireNonNull(invocation, "invocation");
    Objects.requireNonNull(line, "line");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(at, "at");
  }

  /** What this process is called; empty where nobody waits for its outcome. */
  public static String thisInvocation() {
    return System.getProperty(PROPERTY, "");
  }

  /**
   * @throws CriaException (bad input) when it can be no file's name
   */
  public static String requireName(String invocation) {
    if (!NAME.matcher(invocation).matches()) {
      throw CriaException.badInput(
          PROPERTY + ": no name for an invocation: give letters, digits, '.', '_' and '-'");
    }
    return invocation;
  }

  private static String file(String invocation) {
    return DIRECTORY + "/" + invocation + ENDING;
  }

  /**
   * Leaves it in a run's directory; none is left in a directory that holds other things and no run.
   *
   * @param directory the run's; made when it does not exist
   * @throws CriaException when it cannot be written there
   */
  public static void leave(
      String directory, String invocation, int exitCode, String line, String text, Clock clock) {
    RunDirectory run = RunDirectory.at(directory, SparkHadoopUtil.get().conf());
    if (!LockedWork.foreign(run).isEmpty()) {
      throw CriaException.badInput(run.root() + ": this directory is no run");
    }
    String at = clock.instant().toString();
    run.replace(
        file(requireName(invocation)),
        Json.write(new Outcome(invocation, exitCode, line, text, at)));
    try {
      forgetOldest(run);
    } catch (CriaException e) {
      // it is left; that others stay, too, harms nobody
      System.getLogger(Outcome.class.getName())
          .log(System.Logger.Level.DEBUG, "old outcomes stay: {0}", e.getMessage());
    }
  }

  private static void forgetOldest(RunDirectory run) {
    List<String> names = run.list(DIRECTORY);
    if (names.size() <= KEPT) {
      return;
    }
    List<Outcome> oldestFirst = new ArrayList<>();
    for (String name : names) {
      if (name.endsWith(ENDING)) {
        read(run, name.substring(0, name.length() - ENDING.length())).ifPresent(oldestFirst::add);
      }
    }
    oldestFirst.sort(Comparator.comparing(Outcome::at));
    for (int i = 0; i < oldestFirst.size() - KEPT; i++) {
      run.delete(file(oldestFirst.get(i).invocation()));
    }
  }

  /**
   * The invocation that is meant by the first letters of its name, or by all of them.
   *
   * @return what was given where no outcome begins so: it may be still to come
   * @throws CriaException (bad input) where more than one begins so
   */
  public static String named(RunDirectory run, String begin) {
    List<String> begun =
        run.list(DIRECTORY).stream()
            .filter(name -> name.startsWith(begin) && name.endsWith(ENDING))
            .map(name -> name.substring(0, name.length() - ENDING.length()))
            .sorted()
            .toList();
    if (begun.isEmpty() || begun.contains(begin)) {
      return begin;
    }
    if (begun.size() > 1) {
      throw CriaException.badInput(
          "'"
              + begin
              + "' is the beginning of "
              + begun.size()
              + " invocations, "
              + run.root()
              + ": "
              + String.join(", ", begun.subList(0, Math.min(NAMED, begun.size())))
              + (begun.size() > NAMED ? ", …" : "")
              + ": give more of it");
    }
    return begun.get(0);
  }

  /**
   * Reads it; empty where none was left.
   *
   * @throws CriaException when it is damaged
   */
  public static Optional<Outcome> read(RunDirectory run, String invocation) {
    String file = file(requireName(invocation));
    return run.text(file)
        .map(
            text -> {
              try {
                return Json.read(text, Outcome.class);
              } catch (IllegalArgumentException e) {
                throw new CriaException(
                    ExitCode.RUN_REFUSED,
                    run.path(file) + ": damaged (" + e.getMessage() + "): remove it",
                    e);
              }
            });
  }
}
