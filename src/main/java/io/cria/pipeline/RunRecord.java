package io.cria.pipeline;

import io.cria.run.Versions;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The content of run.json: what the run is and what made it. Written once.
 *
 * @param format version of this record
 * @param identityHash over the identity
 * @param identity the keys that decide what the run is
 * @param versions of what wrote it
 * @param gitCommit of Cria
 */
public record RunRecord(
    int format,
    String identityHash,
    Map<String, Object> identity,
    Map<String, String> versions,
    String gitCommit) {
  public static final String FILE = "run.json";
  private static final int FORMAT = 2;

  public RunRecord {
    identity = new TreeMap<>(identity);
    versions = new TreeMap<>(versions);
  }

  /** The key that tells what is done in a directory, where that is no line. */
  public static final String KIND = "kind";

  /** Whether it is of a line from seeds to a dataset; else of what is asked beside one. */
  public boolean isLine() {
    return !identity.containsKey(KIND);
  }

  /**
   * Reads it; empty when the run was never started.
   *
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when it is damaged or of another format
   */
  public static Optional<RunRecord> read(RunDirectory run) {
    return run.text(FILE).map(text -> parse(run, text));
  }

  private static RunRecord parse(RunDirectory run, String text) {
    RunRecord record;
    try {
      record = Json.read(text, RunRecord.class);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.path(FILE)
              + ": cannot be read ("
              + e.getMessage()
              + "): restore it, or take another directory",
          e);
    }
    if (record.format() != FORMAT) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.root()
              + ": this run is of format "
              + record.format()
              + ", this Cria reads format "
              + FORMAT
              + ": go on with Cria "
              + (record.format() == 1 ? "0.1.0" : "of a later version")
              + ", or take another --run directory");
    }
    return record;
  }

  /** Whether its hash is that of the identity beside it. */
  public boolean isItself() {
    return new RunIdentity(identity).hash().equals(identityHash);
  }

  /**
   * Writes it for a new run, or refuses a directory of another run.
   *
   * @param remedy what to give in place of the directory
   * @throws CriaException with {@link ExitCode#RUN_REFUSED}, naming what differs
   */
  static RunRecord ensure(
      RunDirectory run, RunIdentity identity, String sparkVersion, String remedy) {
    Optional<RunRecord> found = read(run);
    if (found.isEmpty()) {
      RunRecord made = of(identity, sparkVersion);
      run.replace(FILE, Json.write(made));
      return made;
    }
    if (!found.get().identityHash().equals(identity.hash())) {
      List<String> differences = identity.differences(new RunIdentity(found.get().identity()));
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.root()
              + ": this directory holds "
              + holds(found.get().identity(), identity.keys())
              + " ("
              + String.join("; ", differences)
              + (UnansweredRun.is(run)
                  ? "); nothing is answered there yet: remove it, or take " + remedy
                  : "): take " + remedy + ", or the configuration it was made with"));
    }
    return found.get();
  }

  /** What is there, in a word: {@code another run}, or {@code a review} where a run was wanted. */
  private static String holds(Map<String, Object> there, Map<String, Object> wanted) {
    String kind = String.valueOf(there.getOrDefault(KIND, "run"));
    if (kind.equals(wanted.getOrDefault(KIND, "run"))) {
      return "another " + kind;
    }
    return ("aeiou".indexOf(kind.charAt(0)) < 0 ? "a " : "an ") + kind;
  }

  private static RunRecord of(RunIdentity identity, String sparkVersion) {
    return new RunRecord(
        FORMAT,
        identity.hash(),
        identity.keys(),
        Map.of(
            "cria",
            Versions.cria(),
            "spark",
            sparkVersion,
            "java",
            Runtime.version().toString(),
            "random",
            SeededRandom.VERSION),
        Versions.commit());
  }
}
