package io.cria.verify;

import java.util.ArrayList;
import java.util.List;

/**
 * What a verification came to.
 *
 * @param kind {@code run, dataset, shards} or {@code model}
 * @param checked what was looked at, with how much of it
 * @param notes what a person should know, and is not wrong
 * @param findings the first of what is wrong, a line each that begins with its place
 * @param found how much is wrong in all
 */
public record Verified(
    String kind, List<Checked> checked, List<String> notes, List<String> findings, long found) {
  /**
   * Something that was looked at.
   *
   * @param what it is
   * @param count how much of it
   * @param held against what
   */
  public record Checked(String what, long count, String held) {}

  public Verified {
    checked = List.copyOf(checked);
    notes = List.copyOf(notes);
    findings = List.copyOf(findings);
  }

  /** Whether nothing is wrong. */
  public boolean isWhole() {
    return found == 0;
  }

  /** A verification on its way. */
  static final class Builder {
    private final String kind;
    private final List<Checked> checked = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Findings findings = new Findings();

    Builder(String kind) {
      this.kind = kind;
    }

    Findings findings() {
      return findings;
    }

    void checked(String what, long count, String held) {
      checked.add(new Checked(what, count, held));
    }

    /** What is told once is told. */
    void note(String line) {
      if (!notes.contains(line)) {
        notes.add(line);
      }
    }

    Verified done() {
      return new Verified(kind, checked, notes, findings.first(), findings.count());
    }
  }
}
