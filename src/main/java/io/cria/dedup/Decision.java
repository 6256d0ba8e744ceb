package io.cria.dedup;

import io.cria.run.RunProgress;
import io.cria.select.Recall;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.Selection;
import io.cria.similarity.TextSelector;
import io.cria.task.CriaException;
import java.math.BigDecimal;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One pass of the rule over all texts in order of priority, in blocks that grow with what was seen,
 * so that progress is told and the order of tokens follows the texts.
 */
final class Decision {
  private static final int LEAST_BLOCK = 1 << 15;
  private static final int LARGEST_BLOCK = 1 << 18;

  /** Bytes of a block's texts: they travel in one array. */
  private static final long BLOCK_BYTES = 1L << 30;

  /**
   * Texts of a block whose verdicts are checked by the exact rule, with an approximate prefilter.
   */
  private static final int SAMPLE = 10_000;

  private final List<Input> inputs;
  private final List<Column> columns;
  private final long blockBytes;
  private final SimilarVerdicts verdicts;
  private final int[] order;
  private @Nullable Recall recall;

  /**
   * @param columns one an input
   */
  Decision(List<Input> inputs, List<Column> columns) {
    this(inputs, columns, BLOCK_BYTES);
  }

  /**
   * @param blockBytes after which a block takes no further text
   */
  Decision(List<Input> inputs, List<Column> columns, long blockBytes) {
    this.inputs = inputs;
    this.blockBytes = blockBytes;
    this.columns = columns;
    int[] firsts = new int[columns.size()];
    int count = 0;
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = count;
      count = Math.addExact(count, columns.get(i).size());
    }
    this.verdicts = new SimilarVerdicts(inputs.stream().map(Input::name).toList(), firsts, count);
    this.order = new int[count - columns.stream().mapToInt(Column::missing).sum()];
    int judged = 0;
    for (int i = 0; i < firsts.length; i++) {
      judged = order(i, judged);
    }
  }

  /**
   * Record numbers of one input in the order they are judged; those without a text are not.
   *
   * @param at where in the order they begin
   * @return where they end
   */
  private int order(int input, int at) {
    Column column = columns.get(input);
    int first = verdicts.first(input);
    IntStream.range(0, column.size())
        .filter(column::isMissing)
        .forEach(i -> verdicts.dropMissing(first + i));
    IntStream judged = IntStream.range(0, column.size()).filter(i -> !column.isMissing(i));
    if (column.orders().isEmpty()) {
      int[] rows = judged.map(i -> first + i).toArray();
      System.arraycopy(rows, 0, order, at, rows.length);
      return at + rows.length;
    }
    int[] sorted;
    try {
      sorted =
          judged
              .boxed()
              .sorted(Comparator.comparing(column.orders()::get, Decision::compare))
              .mapToInt(i -> first + i)
              .toArray();
    } catch (ClassCastException e) {
      throw new CriaException(
          io.cria.task.ExitCode.BAD_INPUT,
          inputs.get(input).name()
              + ": the order column holds numbers and texts: give a column of one kind",
          e);
    }
    System.arraycopy(sorted, 0, order, at, sorted.length);
    return at + sorted.length;
  }

  @SuppressWarnings("unchecked")
  private static int compare(Comparable<?> a, Comparable<?> b) {
    if (a instanceof BigDecimal one && b instanceof BigDecimal other) {
      return one.compareTo(other);
    }
    return ((Comparable<Object>) a).compareTo(b);
  }

  /**
   * Judges all records.
   *
   * @param selector with an empty pool
   */
  SimilarVerdicts run(EngineOptions options, TextSelector selector, RunProgress progress) {
    Recall.Meter meter = options.prefilter().isExact() ? null : new Recall.Meter(options, SAMPLE);
    int[] accepted = new int[1 << 10];
    int kept = 0;
    progress.begin("deciding", order.length);
    for (int from = 0; from < order.length; ) {
      int to = blockEnd(from);
      Block block = new Block(from, to);
      Selection selection = selector.select(block);
      for (int i = 0; i < block.size(); i++) {
        int record = order[from + i];
        if (selection.survives(i)) {
          accepted = kept == accepted.length ? Arrays.copyOf(accepted, kept * 2) : accepted;
          accepted[kept++] = record;
        } else {
          verdicts.drop(record, accepted[selection.neighbour(i)], selection.score(i));
        }
      }
      if (meter != null) {
        Recall measured = meter.batch(block, selection::survives);
        recall = recall == null ? measured : recall.plus(measured);
      }
      from = to;
      progress.advance(from, null);
    }
    progress.end();
    return verdicts;
  }

  /** Where the block that begins at a place of the order ends. */
  int blockEnd(int from) {
    int to = Math.min(order.length, from + Math.max(LEAST_BLOCK, Math.min(LARGEST_BLOCK, from)));
    if (columns.stream().mapToLong(Column::bytes).sum() <= blockBytes) {
      return to;
    }
    long bytes = 0;
    for (int i = from; i < to; i++) {
      // a char is at most three bytes
      bytes += 3L * text(order[i]).length();
      if (bytes > blockBytes) {
        return Math.max(i, from + 1);
      }
    }
    return to;
  }

  private String text(int record) {
    int input = columns.size() - 1;
    while (verdicts.first(input) > record) {
      input--;
    }
    return columns.get(input).get(record - verdicts.first(input));
  }

  /** Of an approximate prefilter; null with an exact one. */
  @Nullable Recall recall() {
    return recall;
  }

  /** Texts of consecutive places in the order; decoded when asked for. */
  private final class Block extends AbstractList<String> {
    private final int from;
    private final int to;

    Block(int from, int to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public String get(int i) {
      return text(order[from + i]);
    }

    @Override
    public int size() {
      return to - from;
    }
  }
}
