package io.cria.train;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * Where a training of a run lies: {@code RUN/training/NAME} with lock, status, checkpoints and
 * result, and {@code RUN/metrics/name=NAME} with its table, apart from the weights.
 *
 * @param run the run's directory
 * @param name of the training
 * @param directory the training's own; locks and commits are those of a run's directory
 */
public record TrainingPlace(RunDirectory run, String name, RunDirectory directory) {
  static final String DIRECTORY = "training";

  /** The run file as it is trained by, self-contained. */
  static final String CONF = "conf.json";

  static final String METRICS = "metrics.jsonl";
  static final String CHECKPOINTS = "checkpoints";

  /** The unit of what a finished training leaves, among the directory's commits. */
  static final String RESULT = "result";

  /** What a finished training leaves: either or both. */
  static final List<String> RESULTS = List.of("adapter", "model");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /**
   * @param run the run's directory, as the user wrote it
   * @throws CriaException (bad input) when the name can be no directory's
   */
  public static TrainingPlace of(String run, String name, Configuration hadoop) {
    if (!NAME.matcher(name).matches()) {
      throw CriaException.badInput(
          "--name '"
              + name
              + "': no name for a training: give at most 64 letters, digits, '.', '_' and '-', the"
              + " first a letter or digit");
    }
    RunDirectory directory = RunDirectory.at(run, hadoop);
    return new TrainingPlace(
        directory, name, RunDirectory.at(directory.path(DIRECTORY + "/" + name), hadoop));
  }

  /** Whether a directory is a training's, by what lies in it. */
  public static boolean isTraining(RunDirectory directory) {
    return !directory.exists("run.json")
        && (directory.exists(TrainingIdentity.FILE) || TrainingStatus.read(directory).isPresent());
  }

  /** How each training of a run stands, by name; those that were not begun have none. */
  public static Map<String, TrainingStatus.Seen> statuses(RunDirectory run, Configuration hadoop) {
    Map<String, TrainingStatus.Seen> statuses = new TreeMap<>();
    for (String name : names(run)) {
      TrainingStatus.look(RunDirectory.at(run.path(DIRECTORY + "/" + name), hadoop))
          .ifPresent(seen -> statuses.put(name, seen));
    }
    return statuses;
  }

  /** The names of a run's trainings, sorted. */
  public static List<String> names(RunDirectory run) {
    return run.list(DIRECTORY).stream().filter(name -> NAME.matcher(name).matches()).toList();
  }

  /** What lies in the training's directory, named from the run's. */
  String below(String path) {
    return DIRECTORY + "/" + name + "/" + path;
  }

  /** The directory of the training's table, below the run's. */
  String table() {
    return "metrics/name=" + name;
  }
}
