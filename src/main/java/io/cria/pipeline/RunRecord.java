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

  /**
   * Writes it for a new run, or refuses a directory of another run.
   *
   * @throws CriaException with {@link ExitCode#RUN_REFUSED}, naming what differs
   */
  static RunRecord ensure(RunDirectory run, RunIdentity identity, String sparkVersion) {
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
              + ": this directory holds another run ("
              + String.join("; ", differences)
              + "): take another --run directory, or the configuration it was made with");
    }
    return found.get();
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
