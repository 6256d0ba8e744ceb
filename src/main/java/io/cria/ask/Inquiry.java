package io.cria.ask;

import io.cria.run.StopAsked;
import io.cria.task.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the driver knows of one job of asking while its tasks are at work: which attempt of each
 * slice counts, which parts are through, what was sent. Tasks reach it by {@link AskPlugin};
 * thread-safe. Its answers wait for nothing but a look at a file.
 */
final class Inquiry implements AutoCloseable {
  /** Kinds of messages. */
  static final String HELLO = "hello";

  static final String BEAT = "beat";
  static final String PART = "part";
  static final String WROTE = "wrote";
  static final String END = "end";

  /** Keys of messages and answers. */
  static final String KIND = "kind";

  static final String ID = "inquiry";
  static final String SLICE = "slice";
  static final String ATTEMPT = "attempt";
  static final String STOP = "stop";
  static final String LEFT = "left";
  static final String DONE = "done";
  static final String PROBE = "probe";
  static final String VISIBLE = "visible";
  static final String ENDED = "ended";
  static final String SENT = "sent";
  static final String USD = "usd";
  static final String DOWN_SINCE = "down_since";
  static final String WORDS = "words";
  static final String ROUND = "round";
  static final String NUMBER = "number";
  static final String SEGMENTS = "segments";
  static final String BYTES = "bytes";
  static final String OBSERVED = "observed";
  static final String LEASED = "leased";
  static final String CLAIM = "claim";
  static final String GRANTED = "granted";
  static final String SCARCE = "scarce";
  static final String IN_FLIGHT = "in_flight";
  static final String WINDOW = "window";
  static final String BEGIN = "begin";
  static final String FAILED = "failed";

  /** Why a task is to stop: another attempt of it is at work. */
  static final String SUPERSEDED = "superseded";

  /** Why a task is to stop: somebody asked, or the run is another driver's. */
  static final String REQUESTED = "requested";

  /** Why a task is to stop: the cap is reached. */
  static final String CAP = "cap";

  /** How long the first task waits for the others before it asks: a host may be slow to start. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Map<String, Inquiry> OPEN = new ConcurrentHashMap<>();

  private final String id;
  private final Slice[] slices;
  private final StopAsked stop;
  private final Predicate<String> visible;
  private final int together;
  private final SharedLimits limits;
  private final LongSupplier nanos;
  private final Set<Integer> heard = new HashSet<>();
  private long firstHeard;
  private final LinkedBlockingQueue<Optional<Reported>> through = new LinkedBlockingQueue<>();
  private final Map<Part, Set<Integer>> reports = new TreeMap<>();
  private final Map<Part, Map<String, Long>> segments = new TreeMap<>();
  private volatile boolean stopping;

  /** The state of one slice: what its latest attempt said. */
  private static final class Slice {
    int attempt = -1;
    long endedBefore;
    long ended;
    long sentBefore;
    long sent;
    double usdBefore;
    double usd;
    long downSince = -1;
    String words = "";
    final Set<Part> done = new HashSet<>();
  }

  /**
   * A part that all slices have reported.
   *
   * @param segments name to bytes of what the tasks wrote of it
   */
  record Reported(Part part, Map<String, Long> segments) {}

  /**
   * How far all slices are.
   *
   * @param ended requests
   * @param sent attempts
   * @param usd of the known prices; null when none is known
   * @param downSince when an outage began that lasts, in milliseconds of the epoch; -1 without one
   * @param words the last failure's
   */
  record State(long ended, long sent, @Nullable Double usd, long downSince, String words) {}

  /**
   * @param limits leased to the tasks
   * @param stop whether the tasks are to stop
   * @param visible whether a task's answer to the probe can be read here
   * @param together how many tasks must have been heard before any of them asks
   * @param nanos a clock
   */
  Inquiry(
      String id,
      int slices,
      SharedLimits limits,
      StopAsked stop,
      Predicate<String> visible,
      int together,
      LongSupplier nanos) {
    this.id = id;
    this.together = together;
    this.nanos = nanos;
    this.slices = new Slice[slices];
    for (int i = 0; i < slices; i++) {
      this.slices[i] = new Slice();
    }
    this.limits = limits;
    this.stop = stop;
    this.visible = visible;
    OPEN.put(id, this);
  }

  static Object receive(Map<?, ?> message) {
    Inquiry inquiry = OPEN.get(String.valueOf(message.get(ID)));
    HashMap<String, Object> answer = new HashMap<>();
    if (inquiry == null) {
      answer.put(STOP, SUPERSEDED);
      return answer;
    }
    inquiry.answer(message, answer);
    return answer;
  }

  private void answer(Map<?, ?> message, Map<String, Object> answer) {
    if (HELLO.equals(message.get(KIND))) {
      // outside the lock: it reads a file
      String probe = String.valueOf(message.get(PROBE));
      answer.put(VISIBLE, probe.isEmpty() || visible.test(probe));
    }
    boolean asked = stopping || stop.getAsBoolean();
    Duration left = stop.left();
    if (left != null) {
      answer.put(LEFT, left.toMillis());
    }
    synchronized (this) {
      Slice slice = slices[number(message, SLICE).intValue()];
      int attempt = number(message, ATTEMPT).intValue();
      String holder = holder(message, attempt);
      boolean isEnd = END.equals(message.get(KIND));
      if (isEnd) {
        limits.end(holder, message);
      }
      if (attempt < slice.attempt) {
        answer.put(STOP, SUPERSEDED);
        return;
      }
      if (attempt > slice.attempt) {
        limits.supersede(holder(message, slice.attempt));
        begin(slice, attempt);
      }
      if (!isEnd) {
        limits.renew(holder, message, answer);
      }
      answer.put(STOP, asked ? REQUESTED : limits.isReached() ? CAP : "");
      switch (String.valueOf(message.get(KIND))) {
        case HELLO -> hello(slice, message, answer);
        case BEAT -> {
          beat(slice, message);
          answer.put(BEGIN, mayBegin());
        }
        case PART -> part(slice, message);
        case WROTE -> wrote(message);
        case END -> end(message);
        default -> throw new IllegalArgumentException("no message " + message.get(KIND));
      }
    }
  }

  private void hello(Slice slice, Map<?, ?> message, Map<String, Object> answer) {
    if (Boolean.TRUE.equals(answer.get(VISIBLE))) {
      if (heard.isEmpty()) {
        firstHeard = nanos.getAsLong();
      }
      heard.add(number(message, SLICE).intValue());
    } else {
      stopping = true;
    }
    answer.put(DONE, packed(slice.done));
    answer.put(BEGIN, mayBegin());
  }

  /** Whether all that can be at work at once have proved that they see what the driver sees. */
  private boolean mayBegin() {
    return !heard.isEmpty()
        && (heard.size() >= together || nanos.getAsLong() - firstHeard > PATIENCE.toNanos());
  }

  /** A task that failed ends the others: without its slice no part can be through. */
  private void end(Map<?, ?> message) {
    if (Boolean.TRUE.equals(message.get(FAILED))) {
      stopping = true;
    }
  }

  private String holder(Map<?, ?> message, int attempt) {
    return id + "-" + message.get(SLICE) + "-" + attempt;
  }

  private static void begin(Slice slice, int attempt) {
    slice.attempt = attempt;
    slice.endedBefore += slice.ended;
    slice.sentBefore += slice.sent;
    slice.usdBefore += slice.usd;
    slice.ended = 0;
    slice.sent = 0;
    slice.usd = 0;
    slice.downSince = -1;
  }

  private static void beat(Slice slice, Map<?, ?> message) {
    slice.ended = number(message, ENDED).longValue();
    slice.sent = number(message, SENT).longValue();
    slice.usd = number(message, USD).doubleValue();
    slice.downSince = number(message, DOWN_SINCE).longValue();
    slice.words = String.valueOf(message.get(WORDS));
  }

  private Map<String, Long> wrote(Map<?, ?> message) {
    Part part = part(message);
    Map<String, Long> written = segments.computeIfAbsent(part, p -> new TreeMap<>());
    List<?> names = (List<?>) message.get(SEGMENTS);
    List<?> bytes = (List<?>) message.get(BYTES);
    if (names != null && bytes != null) {
      for (int i = 0; i < names.size(); i++) {
        written.put(String.valueOf(names.get(i)), ((Number) bytes.get(i)).longValue());
      }
    }
    return written;
  }

  private static Part part(Map<?, ?> message) {
    return new Part(number(message, ROUND).intValue(), number(message, NUMBER).intValue());
  }

  private void part(Slice slice, Map<?, ?> message) {
    Map<String, Long> written = wrote(message);
    Part part = part(message);
    slice.done.add(part);
    Set<Integer> reported = reports.computeIfAbsent(part, p -> new HashSet<>());
    boolean isNew = reported.add(number(message, SLICE).intValue());
    if (isNew && reported.size() == slices.length) {
      through.add(Optional.of(new Reported(part, written)));
    }
  }

  private static Number number(Map<?, ?> message, String key) {
    if (message.get(key) instanceof Number number) {
      return number;
    }
    throw new IllegalArgumentException("a message without " + key);
  }

  /** Parts as longs, round above number. */
  private static long[] packed(Set<Part> parts) {
    return parts.stream().mapToLong(p -> (long) p.round() << 32 | p.number()).toArray();
  }

  /** The parts that {@link #packed} made longs of. */
  static Set<Part> unpacked(@Nullable Object packed) {
    Set<Part> parts = new HashSet<>();
    if (packed instanceof long[] longs) {
      for (long both : longs) {
        parts.add(new Part((int) (both >>> 32), (int) both));
      }
    }
    return parts;
  }

  /** The next part that is through, waited for a while; null when none is by then. */
  @Nullable Reported poll(long millis) throws InterruptedException {
    Optional<Reported> next = through.poll(millis, TimeUnit.MILLISECONDS);
    return next == null ? null : next.orElse(null);
  }

  /** Ends a wait for the next part: there may be none. */
  void wake() {
    through.add(Optional.empty());
  }

  /** All parts that are through and were not polled yet. */
  List<Reported> rest() {
    List<Optional<Reported>> rest = new ArrayList<>();
    through.drainTo(rest);
    return rest.stream().flatMap(Optional::stream).toList();
  }

  /** All that tasks said they wrote, by part. */
  synchronized List<Reported> written() {
    return segments.entrySet().stream()
        .map(each -> new Reported(each.getKey(), Map.copyOf(each.getValue())))
        .toList();
  }

  /** Lets the tasks drain and end. */
  void stop() {
    stopping = true;
  }

  synchronized State state() {
    long ended = 0;
    long sent = 0;
    double usd = 0;
    long downSince = -1;
    String words = "";
    for (Slice slice : slices) {
      ended += slice.endedBefore + slice.ended;
      sent += slice.sentBefore + slice.sent;
      usd += slice.usdBefore + slice.usd;
      words = words.isEmpty() ? slice.words : words;
      if (slice.downSince >= 0 && (downSince < 0 || slice.downSince < downSince)) {
        downSince = slice.downSince;
        words = slice.words;
      }
    }
    return new State(ended, sent, usd > 0 ? usd : null, downSince, words);
  }

  @Override
  public void close() {
    OPEN.remove(id);
  }
}
