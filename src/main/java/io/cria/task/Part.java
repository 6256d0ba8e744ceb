package io.cria.task;

import java.io.Serializable;

/**
 * A run of {@value #ROWS} rows of a round: what is asked, read and committed as one.
 *
 * @param round its round, from 0
 * @param number its place in the round, from 0
 */
public record Part(int round, int number) implements Comparable<Part>, Serializable {
  /** Rows of every part but a round's last. A constant: it stands in the names of files. */
  public static final int ROWS = 4096;

  public Part {
    if (round < 0 || number < 0) {
      throw new IllegalArgumentException("a part counts from 0, not " + round + ", " + number);
    }
  }

  /** The part that holds a row of a round. */
  public static Part of(int round, int row) {
    return new Part(round, row / ROWS);
  }

  /** How many parts a round of {@code rows} rows has; at least one. */
  public static int count(long rows) {
    return (int) Math.max(1, (rows + ROWS - 1) / ROWS);
  }

  /** Its first row. */
  public int firstRow() {
    return number * ROWS;
  }

  /** By round, then number: the order of acceptance. */
  @Override
  public int compareTo(Part other) {
    return round != other.round
        ? Integer.compare(round, other.round)
        : Integer.compare(number, other.number);
  }
}
