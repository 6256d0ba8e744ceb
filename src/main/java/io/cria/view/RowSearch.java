package io.cria.view;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Looks through a snapshot in blocks of rows, several blocks at once, and ends when enough is
 * found.
 */
final class RowSearch {
  private static final int BLOCK = 2048;
  private static final int AT_ONCE = 4 * Math.max(2, Runtime.getRuntime().availableProcessors());

  private final Snapshot snapshot;
  private final Snapshot.Wanted wanted;

  RowSearch(Snapshot snapshot, RowFilter filter) {
    this.snapshot = snapshot;
    this.wanted = snapshot.wanted(filter);
  }

  /** At most {@code most} wanted rows from a row on, ascending. */
  List<Integer> from(int row, int most) {
    List<Integer> found = new ArrayList<>();
    for (int start = row; start < snapshot.rows() && found.size() < most; ) {
      int end = (int) Math.min(snapshot.rows(), start + (long) width(start, row));
      found.addAll(among(start, end));
      start = end;
    }
    return List.copyOf(found.subList(0, Math.min(most, found.size())));
  }

  /** At most {@code most} wanted rows before a row, ascending: the last ones. */
  List<Integer> before(int row, int most) {
    List<Integer> found = new ArrayList<>();
    for (int end = row; end > 0 && found.size() < most; ) {
      int start = Math.max(0, end - width(row, end));
      List<Integer> more = new ArrayList<>(among(start, end));
      Collections.reverse(more);
      found.addAll(more);
      end = start;
    }
    List<Integer> last = new ArrayList<>(found.subList(0, Math.min(most, found.size())));
    Collections.reverse(last);
    return List.copyOf(last);
  }

  /** How many rows are wanted in all. */
  long count() {
    int blocks = (snapshot.rows() + BLOCK - 1) / BLOCK;
    return LongStream.range(0, blocks)
        .parallel()
        .map(block -> wanted.among((int) block * BLOCK, end((int) block)).length)
        .sum();
  }

  private int end(int block) {
    return Math.min(snapshot.rows(), (block + 1) * BLOCK);
  }

  /** One block at first: often it holds a page. */
  private static int width(int at, int begin) {
    return at == begin ? BLOCK : BLOCK * AT_ONCE;
  }

  private List<Integer> among(int from, int to) {
    int blocks = (to - from + BLOCK - 1) / BLOCK;
    return IntStream.range(0, blocks)
        .parallel()
        .boxed()
        .flatMap(
            block -> {
              int start = from + block * BLOCK;
              return IntStream.of(wanted.among(start, Math.min(to, start + BLOCK))).boxed();
            })
        .toList();
  }
}
