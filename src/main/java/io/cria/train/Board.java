package io.cria.train;

import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the driver hears from the ranks of one training, and what it tells them. Thread-safe, and
 * never blocks: messages come in on Spark's own threads.
 */
final class Board implements AutoCloseable {
  /** Keys of a message. */
  static final String TRAINING = "training";

  static final String RANK = "rank";
  static final String ATTEMPT = "attempt";
  static final String LINES = "lines";
  static final String TEXT = "text";
  static final String CODE = "code";
  static final String REASON = "reason";
  static final String FOR_GOOD = "forGood";

  /** Key of an answer. */
  static final String STOP = "stop";

  private static final Map<String, Board> OPEN = new ConcurrentHashMap<>();

  private final String id;
  private final List<String> lines = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private volatile boolean stop;
  private int attempt = -1;
  private long heardNanos = System.nanoTime();
  private @Nullable End refusal;
  private @Nullable End fault;

  /** How a rank ended that did not end well. */
  record End(ExitCode code, String reason) {}

  private Board(String id) {
    this.id = id;
  }

  static Board open(String id) {
    Board board = new Board(id);
    OPEN.put(id, board);
    return board;
  }

  /** A message of a rank's task. One of a training that has ended is told to stop. */
  static Map<String, Object> receive(Map<?, ?> message) {
    Board board = OPEN.get(String.valueOf(message.get(TRAINING)));
    return Map.of(STOP, board == null || board.hear(message));
  }

  private synchronized boolean hear(Map<?, ?> message) {
    int of = message.get(ATTEMPT) instanceof Number number ? number.intValue() : 0;
    if (of < attempt) {
      // of ranks that are being given up
      return stop;
    }
    attempt = of;
    heardNanos = System.nanoTime();
    if (message.get(LINES) instanceof List<?> heard) {
      heard.forEach(line -> lines.add(String.valueOf(line)));
    }
    if (message.get(TEXT) instanceof List<?> heard) {
      heard.forEach(text -> texts.add(String.valueOf(text)));
    }
    if (message.get(CODE) instanceof Number code) {
      End end = new End(ExitCode.of(code.intValue()), String.valueOf(message.get(REASON)));
      boolean forGood = Boolean.TRUE.equals(message.get(FOR_GOOD));
      if (end.code() == ExitCode.FAULT && !forGood) {
        fault = end;
      } else if (refusal == null) {
        refusal = end;
      }
    }
    return stop;
  }

  /** Tells all ranks to stop, at their next word. */
  void stop() {
    stop = true;
  }

  /** Lines of metrics that nobody took yet. */
  synchronized List<String> takeLines() {
    List<String> taken = List.copyOf(lines);
    lines.clear();
    return taken;
  }

  /** What rank 0 said that nobody took yet. */
  synchronized List<String> takeTexts() {
    List<String> taken = List.copyOf(texts);
    texts.clear();
    return taken;
  }

  /** How often the ranks were started; 0 before the first word. */
  synchronized int attempts() {
    return attempt + 1;
  }

  /** What no further attempt mends. */
  synchronized Optional<End> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** The latest fault, after which the ranks are started again. */
  synchronized Optional<End> fault() {
    return Optional.ofNullable(fault);
  }

  /** How long nobody has said anything. */
  synchronized long silentNanos() {
    return System.nanoTime() - heardNanos;
  }

  @Override
  public void close() {
    OPEN.remove(id, this);
  }
}
