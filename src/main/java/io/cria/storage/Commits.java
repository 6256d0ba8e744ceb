package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is published in a run. A unit is a directory ({@code requests/stage=S/round=7}, {@code
 * dataset}) or a part of one ({@code candidates/round=7/part-00003}); it counts when its manifest
 * stands at {@code _manifests/UNIT.json}: beside the tables, where readers of a directory do not
 * come across it. What is handed on as a whole ({@code dataset}, {@code shards}) carries a copy.
 *
 * <p>Files are moved into place first, the manifest is made last, and only if there is none: of two
 * drivers that publish one unit, the second finds the first's.
 */
public final class Commits {
  static final String DIRECTORY = "_manifests";

  /** Name of the copy inside a directory that is handed on. */
  public static final String COPY = "_manifest.json";

  private static final String ENDING = ".json";

  private final RunDirectory run;

  public Commits(RunDirectory run) {
    this.run = run;
  }

  /** Where the manifest of a unit stands, below the run directory. */
  public static String path(String unit) {
    return DIRECTORY + "/" + unit + ENDING;
  }

  /**
   * Moves files and directories into place and commits them as a unit, over what stood there under
   * an earlier epoch.
   *
   * @param moves from where to where, below the run directory
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when a later epoch committed it
   */
  public void publish(String unit, Map<String, String> moves, Manifest manifest) {
    withdraw(unit, manifest.epoch());
    moves.forEach(
        (from, to) -> {
          if (run.isDirectory(from)) {
            run.moveDirectory(from, to);
          } else {
            run.rename(from, to);
          }
        });
    if (!run.createNew(path(unit), Json.write(manifest))) {
      withdraw(unit, manifest.epoch());
      if (!run.createNew(path(unit), Json.write(manifest))) {
        throw overtaken(unit);
      }
    }
  }

  /**
   * Takes a unit back: its files stay until something is published over them.
   *
   * @param epoch of the driver that does so
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when a later epoch committed it
   */
  public void withdraw(String unit, long epoch) {
    Optional<String> text = run.text(path(unit));
    if (text.isPresent()) {
      if (epochOf(text.get()) > epoch) {
        throw overtaken(unit);
      }
      run.delete(path(unit));
    }
  }

  /** A manifest that does not read has no epoch: it may be written over. */
  private static long epochOf(String text) {
    try {
      return Json.read(text, Manifest.class).epoch();
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }

  private CriaException overtaken(String unit) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(unit)
            + ": another driver took this run over and committed this: this one stops, nothing is"
            + " lost");
  }

  /**
   * The manifest of a unit that is published; empty when it is not, or when its directory was
   * removed.
   *
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when its files are not those of the
   *     manifest
   */
  public Optional<Manifest> manifest(String unit) {
    return run.text(path(unit))
        .flatMap(text -> parse(unit, text))
        .filter(manifest -> isWhole(unit, manifest));
  }

  private Optional<Manifest> parse(String unit, String text) {
    try {
      return Optional.of(Json.read(text, Manifest.class));
    } catch (IllegalArgumentException e) {
      if (!run.exists(directory(unit))) {
        return Optional.empty();
      }
      throw halfWritten(unit, path(unit) + " is damaged");
    }
  }

  private static String directory(String unit) {
    return unit.matches(".*/part-\\d+") ? parent(unit) : unit;
  }

  private boolean isWhole(String unit, Manifest manifest) {
    for (Manifest.File file : manifest.files()) {
      Optional<Long> bytes = run.sizeIfThere(file.name());
      if (bytes.isEmpty()) {
        if (!run.exists(parent(file.name()))) {
          return false;
        }
        throw halfWritten(unit, file.name() + " is missing");
      }
      if (bytes.get() != file.bytes()) {
        throw halfWritten(
            unit, file.name() + " has " + bytes.get() + " bytes, not " + file.bytes());
      }
    }
    return true;
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "." : path.substring(0, slash);
  }

  /**
   * The published parts of a directory, ascending; none when it has none. Stops at a gap.
   *
   * @param directory for example {@code candidates/round=7}
   */
  public List<Manifest> parts(String directory) {
    List<Manifest> parts = new ArrayList<>();
    for (String name : run.list(DIRECTORY + "/" + directory)) {
      if (!name.equals(partName(parts.size()) + ENDING)) {
        break;
      }
      Optional<Manifest> manifest = manifest(part(directory, parts.size()));
      if (manifest.isEmpty()) {
        break;
      }
      parts.add(manifest.get());
    }
    return parts;
  }

  /** The unit that is a part of a directory. */
  public static String part(String directory, int number) {
    return directory + "/" + partName(number);
  }

  private static String partName(int number) {
    return String.format(java.util.Locale.ROOT, "part-%05d", number);
  }

  /** The Parquet file of a part of a directory, below the run directory. */
  public static String partFile(String directory, int number) {
    return part(directory, number) + ".parquet";
  }

  /**
   * What stands for a published unit among the inputs of a later one.
   *
   * @throws CriaException when there is none
   */
  public Manifest.Input input(String unit) {
    return new Manifest.Input(unit, manifest(unit).orElseThrow(() -> notMade(unit)).digest());
  }

  /** A table that later stages wait for. */
  public CriaException notMade(String unit) {
    return CriaException.badInput(
        run.path(unit) + ": this table is not made yet: run the stages before this one first");
  }

  private CriaException halfWritten(String unit, String what) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(directory(unit))
            + ": this table was not written whole ("
            + what
            + "): remove the directory and run again; its answers are still in the ledger");
  }
}
