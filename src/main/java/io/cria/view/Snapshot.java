package io.cria.view;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table as it was when it was read, in the order of acceptance: places, codes and scores in
 * memory (about 120 bytes a row), texts in temporary files.
 */
final class Snapshot implements Closeable {
  /** Kinds of verdicts that a row can be filtered by, a bit each. */
  static final int MOST_VERDICTS = Long.SIZE;

  private final Path folder;
  private final TextColumn ids;
  private final TextColumn instructions;
  private final TextColumn inputs;
  private final TextColumn outputs;
  private final TextColumn raws;
  private final TextColumn neighbours;
  private final Codes kinds = new Codes();
  private final Codes reasons = new Codes();
  private final Codes rounds = new Codes();
  private List<Codes.Count> verdicts = List.of();

  /** Four numbers a row. */
  private int[] places = new int[4 * 1024];

  private double[] scores = new double[1024];
  private long[] marks = new long[1024];
  private int rows;

  private final IdIndex index = new IdIndex();

  /**
   * A row of a table.
   *
   * @param instruction what the row is about; empty where nothing could be read
   * @param raw the text as it was found; null where the table has none
   * @param kind kept, rejected, seed and the like
   * @param reason why it was rejected; null where it was not
   * @param neighbour id of what it is near; null without one
   * @param score of that nearness
   * @param marks the verdicts on it, as bits
   */
  record Line(
      Key key,
      String id,
      String instruction,
      @Nullable String input,
      @Nullable String output,
      @Nullable String raw,
      String kind,
      @Nullable String reason,
      @Nullable String neighbour,
      @Nullable Double score,
      long marks) {}

  /** An empty one, which rows are added to in their order. */
  Snapshot() {
    this(temporary());
  }

  /** An empty one, whose texts lie in an empty folder, which goes with it. */
  Snapshot(Path folder) {
    this.folder = folder;
    ids = column("ids");
    instructions = column("instructions");
    inputs = column("inputs");
    outputs = column("outputs");
    raws = column("raws");
    neighbours = column("neighbours");
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("cria-view");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no temporary folder can be made: give another by CRIA_JAVA_OPTS=-Djava.io.tmpdir=DIR",
          e);
    }
  }

  private TextColumn column(String name) {
    return new TextColumn(folder.resolve(name));
  }

  private List<TextColumn> columns() {
    return List.of(ids, instructions, inputs, outputs, raws, neighbours);
  }

  /** Adds the next row. */
  void add(Line line) {
    if (rows == scores.length) {
      places = Arrays.copyOf(places, places.length * 2);
      scores = Arrays.copyOf(scores, rows * 2);
      marks = Arrays.copyOf(marks, rows * 2);
    }
    Key key = line.key();
    int at = 4 * rows;
    places[at] = key.round();
    places[at + 1] = key.row();
    places[at + 2] = key.item();
    places[at + 3] = key.n();
    Double score = line.score();
    scores[rows] = score == null ? Double.NaN : score;
    marks[rows] = line.marks();
    ids.add(line.id());
    index.add(line.id());
    instructions.add(line.instruction());
    inputs.add(line.input());
    outputs.add(line.output());
    raws.add(line.raw());
    neighbours.add(line.neighbour());
    kinds.add(line.kind());
    reasons.add(line.reason() == null ? "" : line.reason());
    rounds.add(String.valueOf(key.round()));
    rows++;
  }

  /**
   * All rows are there.
   *
   * @param labels of the verdicts, by bit
   */
  Snapshot completed(List<Codes.Count> labels) {
    columns().forEach(TextColumn::complete);
    verdicts = List.copyOf(labels);
    index.complete();
    return this;
  }

  int rows() {
    return rows;
  }

  List<Codes.Count> kinds() {
    return kinds.counts();
  }

  List<Codes.Count> reasons() {
    return reasons.counts();
  }

  /** Rounds in their order. */
  List<Codes.Count> rounds() {
    return rounds.counts().stream()
        .sorted((a, b) -> Integer.compare(Integer.parseInt(a.value()), Integer.parseInt(b.value())))
        .toList();
  }

  List<Codes.Count> verdicts() {
    return verdicts;
  }

  /** The verdicts on a row. */
  List<String> verdicts(int row) {
    return IntStream.range(0, verdicts.size())
        .filter(bit -> (marks[row] & 1L << bit) != 0)
        .mapToObj(bit -> verdicts.get(bit).value())
        .toList();
  }

  Key key(int row) {
    int at = 4 * row;
    return new Key(places[at], places[at + 1], places[at + 2], places[at + 3]);
  }

  Line line(int row) {
    String neighbour = neighbours.get(row);
    String reason = reasons.get(row);
    return new Line(
        key(row),
        ids.get(row),
        instructions.get(row),
        inputs.get(row),
        outputs.get(row),
        raws.get(row),
        kinds.get(row),
        reason.isEmpty() ? null : reason,
        neighbour.isEmpty() ? null : neighbour,
        Double.isNaN(scores[row]) ? null : scores[row],
        marks[row]);
  }

  /** The first row at or behind a place. */
  int from(Key key) {
    int low = 0;
    int high = rows;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (key(middle).compareTo(key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The row at a place. */
  Optional<Integer> at(Key key) {
    int row = from(key);
    return row < rows && key(row).equals(key) ? Optional.of(row) : Optional.empty();
  }

  /** The row with an id. */
  Optional<Integer> withId(String id) {
    return index.find(id, ids::get);
  }

  /** What rows must have, prepared for this table. */
  Wanted wanted(RowFilter filter) {
    return new Wanted(filter);
  }

  /** Decides on rows, some at a time. */
  final class Wanted {
    private static final int ANY = -2;

    private final @Nullable Needle needle;
    private final int kind;
    private final int reason;
    private final int round;
    private final long mark;

    private Wanted(RowFilter filter) {
      needle = filter.text().map(Needle::new).orElse(null);
      kind = filter.kind().map(kinds::code).orElse(ANY);
      reason = filter.reason().map(reasons::code).orElse(ANY);
      round = filter.round().map(rounds::code).orElse(ANY);
      mark = filter.verdict().map(this::bit).orElse(0L);
    }

    /** A verdict that no row has is a bit that none has: then nothing is wanted. */
    private long bit(String label) {
      for (int bit = 0; bit < verdicts.size(); bit++) {
        if (verdicts.get(bit).value().equals(label)) {
          return 1L << bit;
        }
      }
      return -1L;
    }

    /** Of rows {@code [from, to)} those that are wanted, ascending. */
    int[] among(int from, int to) {
      int[] found = new int[to - from];
      int size = 0;
      for (int row = from; row < to; row++) {
        if (hasCodes(row)) {
          found[size++] = row;
        }
      }
      Needle sought = needle;
      return sought == null || size == 0
          ? Arrays.copyOf(found, size)
          : holding(sought, found, size);
    }

    private boolean hasCodes(int row) {
      return (kind == ANY || kinds.code(row) == kind)
          && (reason == ANY || reasons.code(row) == reason)
          && (round == ANY || rounds.code(row) == round)
          && (mark == 0 || (marks[row] & mark) == mark);
    }

    private int[] holding(Needle sought, int[] among, int size) {
      int first = among[0];
      int end = among[size - 1] + 1;
      boolean[] holds = new boolean[size];
      for (TextColumn column : List.of(instructions, inputs, outputs, raws, ids)) {
        if (column.bytes(first, end) == 0) {
          continue;
        }
        TextColumn.Slice slice = column.slice(first, end);
        for (int i = 0; i < size; i++) {
          holds[i] = holds[i] || slice.holds(among[i], sought);
        }
      }
      return IntStream.range(0, size).filter(i -> holds[i]).map(i -> among[i]).toArray();
    }
  }

  @Override
  public void close() {
    columns().forEach(TextColumn::close);
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("the temporary folder " + folder + " cannot be removed", e);
    }
  }
}
