package io.cria.verify;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What is wrong: the first of it in words, and how much there is. Travels from executors. */
final class Findings implements Serializable {
  private static final long serialVersionUID = 1L;

  /** How many are told in words. */
  static final int TOLD = 20;

  private final ArrayList<String> first = new ArrayList<>();
  private long count;

  /**
   * @param where file, and row where a row tells
   * @param what is wrong with it
   */
  void add(String where, String what) {
    addLine(where + ": " + what);
  }

  /** Adds a line that begins with its place. */
  void addLine(String line) {
    count++;
    if (first.size() < TOLD) {
      first.add(line);
    }
  }

  /** Adds what was found elsewhere. */
  void add(Findings other) {
    other.first.forEach(this::addLine);
    count += other.count - other.first.size();
  }

  /** Adds how many more there are of what was told last. */
  void addUntold(long more) {
    count += more;
  }

  List<String> first() {
    return List.copyOf(first);
  }

  long count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }
}
