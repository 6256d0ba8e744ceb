package io.cria.shard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Packs examples into rows of at most the context length: best-fit decreasing over a bounded buffer
 * (Johnson's BFD bin packing; used for training rows by Ding et al., arXiv 2404.10830). Once the
 * buffer is full, its examples are placed from the longest to the shortest, each into the row that
 * it leaves least room in, and all rows are handed on. Equal lengths keep their order and the
 * earliest of equally full rows is taken, so the same examples give the same rows.
 */
final class Packer {
  private final int contextLength;
  private final int bufferSize;
  private final Consumer<List<TokenisedExample>> rows;
  private List<TokenisedExample> buffer = new ArrayList<>();

  /**
   * @param contextLength tokens that a row holds
   * @param bufferSize examples that are placed together; 1 puts every example into a row of its own
   * @param rows takes each row, its segments in order
   */
  Packer(int contextLength, int bufferSize, Consumer<List<TokenisedExample>> rows) {
    this.contextLength = contextLength;
    this.bufferSize = bufferSize;
    this.rows = rows;
  }

  void add(TokenisedExample example) {
    if (example.length() > contextLength) {
      throw new IllegalArgumentException(
          example.length() + " tokens do not fit a row of " + contextLength);
    }
    buffer.add(example);
    if (buffer.size() == bufferSize) {
      flush();
    }
  }

  /** Places what is buffered. */
  void flush() {
    List<TokenisedExample> examples = new ArrayList<>(buffer);
    buffer = new ArrayList<>();
    examples.sort(Comparator.comparingInt(TokenisedExample::length).reversed());
    List<List<TokenisedExample>> packed = new ArrayList<>();
    TreeMap<Integer, Deque<Integer>> rowsByRoom = new TreeMap<>();
    for (TokenisedExample example : examples) {
      Map.Entry<Integer, Deque<Integer>> fit = rowsByRoom.ceilingEntry(example.length());
      int row;
      int room;
      if (fit == null) {
        row = packed.size();
        room = contextLength;
        packed.add(new ArrayList<>());
      } else {
        row = fit.getValue().removeFirst();
        room = fit.getKey();
        if (fit.getValue().isEmpty()) {
          rowsByRoom.remove(room);
        }
      }
      packed.get(row).add(example);
      rowsByRoom.computeIfAbsent(room - example.length(), key -> new ArrayDeque<>()).addLast(row);
    }
    packed.forEach(rows);
  }
}
