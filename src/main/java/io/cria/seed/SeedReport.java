package io.cria.seed;

import java.util.List;
import java.util.Objects;

/**
 * What {@link SeedCheck} found in a file of seed tasks.
 *
 * @param displayName the file, as messages name it
 * @param findings by line, findings about the whole file first
 * @param counts of the tasks that are right
 */
public record SeedReport(String displayName, List<Finding> findings, Counts counts) {
  public SeedReport {
    Objects.requireNonNull(displayName, "displayName");
    Objects.requireNonNull(counts, "counts");
    findings = List.copyOf(findings);
  }

  /** How much a finding matters. */
  public enum Severity {
    /** No run takes the file. */
    ERROR,
    /** A run takes the file; what comes of it may suffer. */
    WARNING
  }

  /**
   * One thing to mend.
   *
   * @param severity whether it stops a run
   * @param line from 1; 0 when it concerns the whole file
   * @param message what it is and what to do, in one line
   */
  public record Finding(Severity severity, int line, String message) {
    public Finding {
      Objects.requireNonNull(severity, "severity");
      Objects.requireNonNull(message, "message");
    }
  }

  /** How many tasks share {@code name}, a first word or a script. */
  public record Share(String name, int tasks) {
    public Share {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * @param tasks tasks whose line is right
   * @param classification tasks whose output is one of a few labels
   * @param instances instances of all tasks
   * @param withInput instances with a non-blank input
   * @param emptyOutputs instances with a blank output
   * @param duplicates tasks whose instruction stands earlier in the file
   * @param nearDuplicates tasks with an earlier neighbour above the threshold, exact duplicates not
   *     counted
   * @param firstWords lower-cased first words of the instructions, most frequent first
   * @param scripts writing systems of the instructions, most frequent first
   */
  public record Counts(
      int tasks,
      int classification,
      int instances,
      int withInput,
      int emptyOutputs,
      int duplicates,
      int nearDuplicates,
      List<Share> firstWords,
      List<Share> scripts) {
    public Counts {
      firstWords = List.copyOf(firstWords);
      scripts = List.copyOf(scripts);
    }
  }

  public long errors() {
    return count(Severity.ERROR);
  }

  public long warnings() {
    return count(Severity.WARNING);
  }

  /** Whether a run takes the file: {@link SeedFile#read} gives its tasks. */
  public boolean isUsable() {
    return errors() == 0;
  }

  private long count(Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }
}
