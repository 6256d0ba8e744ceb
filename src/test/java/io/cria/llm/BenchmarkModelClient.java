package io.cria.llm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.cria.bench.PeerQuestion;
import io.cria.llm.fake.DelayingServer;
import io.cria.llm.limit.RateBook;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Cria's client by itself, with the ledger on this machine's disk; its CPU time and the heap it
 * allocates, by thread and in all.
 *
 * <p>Against a server of its own that takes a fixed time an answer: the share of the ideal rate,
 * which is the window over that time. The server is a process of its own on the same machine.
 *
 * <p>Against a server that is there already, as one of the clients that {@code scripts/bench}
 * compares: a line of JSON; what the server saw stands in its books.
 */
final class BenchmarkModelClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Decoding DECODING =
      new Decoding(2_000, 0.7, null, null, null, null, null, List.of(), Map.of(), null);
  private static final String AGAINST = "--against";
  private static final int WARM_UP_ROWS = 10_000;
  private static final int WARM_UP_WINDOW = 64;

  private BenchmarkModelClient() {}

  /**
   * @param args window, number of requests, milliseconds an answer takes; or {@code --against},
   *     base URL, window, number of requests, a URL to ask beforehand for as long as compiling
   *     takes, requests and tokens a minute that the client is to keep to
   */
  public static void main(String[] args) throws IOException {
    if (args.length == 7 && args[0].equals(AGAINST)) {
      Limits limits = new Limits(Double.parseDouble(args[5]), Double.parseDouble(args[6]));
      against(args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]), args[4], limits);
    } else {
      saturate(
          args.length > 0 ? Integer.parseInt(args[0]) : 256,
          args.length > 1 ? Integer.parseInt(args[1]) : 0,
          args.length > 2 ? Long.parseLong(args[2]) : 200);
    }
  }

  /**
   * What the client is told of the server's limits.
   *
   * @param requestsPerMinute 0 where it is told nothing
   * @param tokensPerMinute 0 where it is told nothing
   */
  private record Limits(double requestsPerMinute, double tokensPerMinute) {
    static final Limits UNKNOWN = new Limits(0, 0);
    private static final long BEAT_MILLIS = 500;

    /** A client that leases from a book of its own, as tasks do from the driver's. */
    ClientStack set(ClientStack stack, EndpointHealth health) {
      RateBook book = new RateBook();
      book.configure(perSecond(requestsPerMinute), perSecond(tokensPerMinute));
      Pacer pacer = health.pacer();
      ScheduledExecutorService heart =
          Executors.newSingleThreadScheduledExecutor(
              task -> {
                Thread thread = new Thread(task, "bench-lease");
                thread.setDaemon(true);
                return thread;
              });
      Runnable renew =
          () -> {
            pacer.window(health.windowSize());
            pacer.lease(book.renew("bench", pacer.observed(), System.nanoTime() / 1e9), 0);
          };
      renew.run();
      pacer.whenUrgent(() -> heart.execute(renew));
      heart.scheduleWithFixedDelay(renew, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
      return stack.health(health).pacer(pacer);
    }

    private static double perSecond(double perMinute) {
      return perMinute == 0 ? Double.POSITIVE_INFINITY : perMinute / 60;
    }
  }

  private static void against(String url, int window, int rows, String warmUpUrl, Limits limits)
      throws IOException {
    used(
        new Endpoint(warmUpUrl, Dialect.CHAT, Capabilities.plain()),
        WARM_UP_WINDOW,
        Limits.UNKNOWN,
        client -> answered(client, BenchmarkModelClient::question, 0, WARM_UP_ROWS));
    used(
        new Endpoint(url, Dialect.CHAT, Capabilities.plain()),
        window,
        limits,
        client -> {
          Spent before = Spent.now();
          long begun = System.nanoTime();
          int answered = answered(client, BenchmarkModelClient::question, 0, rows);
          double seconds = (System.nanoTime() - begun) / 1e9;
          Spent costs = Spent.now().since(before);
          Map<String, Object> figures = new LinkedHashMap<>();
          figures.put("client", "cria");
          figures.put("rows", rows);
          figures.put("failed", rows - answered);
          figures.put("seconds", seconds);
          figures.put("cpu_us", costs.processNanos() / 1e3 / rows);
          figures.put("allocated_kb", costs.allocated() / 1e3 / rows);
          figures.put("threads", costs.lines(rows));
          System.out.println(json(figures));
        });
  }

  private static String json(Map<String, Object> figures) {
    try {
      return JSON.writeValueAsString(figures);
    } catch (IOException e) {
      throw new IllegalStateException("figures are no JSON", e);
    }
  }

  private static LlmRequest question(int row) {
    List<Message> messages = List.of(new Message(Message.USER, PeerQuestion.of(row)));
    return LlmRequest.ofMessages("generate", 0, row, 0, "scripted", messages, DECODING);
  }

  /**
   * @param requests 0 for forty windows
   */
  private static void saturate(int window, int requests, long latencyMillis) throws IOException {
    int count = requests > 0 ? requests : 40 * window;
    // compiled code is what long runs are made of
    served(10, 64, (client, server) -> answered(client, ClientFixture::request, 0, 40_000));
    served(
        latencyMillis,
        window,
        (client, server) -> {
          answered(client, ClientFixture::request, 0, 2 * window);
          measure(client, server, window, count, latencyMillis);
          System.out.printf(
              "  live heap: %.1f KB a request in flight%n", liveKilobytes(client, window));
        });
  }

  /** Uses a client of a server process of its own. */
  private static void served(
      long latencyMillis, int window, BiConsumer<ModelClient, ProcessHandle> use)
      throws IOException {
    Process server =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    DelayingServer.class.getName(),
                    Long.toString(latencyMillis)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader told =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
      used(
          new Endpoint(told.readLine(), Dialect.COMPLETIONS, Capabilities.plain()),
          window,
          Limits.UNKNOWN,
          client -> use.accept(client, server.toHandle()));
    } finally {
      server.destroy();
    }
  }

  private static void used(Endpoint endpoint, int window, Limits limits, Consumer<ModelClient> use)
      throws IOException {
    Path folder = Files.createTempDirectory(Path.of("target"), "bench-client");
    try (LedgerWriter ledger =
            new LedgerWriter(part -> name -> new Segment(folder.resolve(name)), "bench");
        ModelClient client =
            limits.set(ClientStack.of(endpoint, ledger), EndpointHealth.of(window)).build()) {
      use.accept(client);
    } finally {
      try (Stream<Path> segments = Files.list(folder)) {
        for (Path segment : segments.toList()) {
          Files.delete(segment);
        }
      }
      Files.delete(folder);
    }
  }

  private static void measure(
      ModelClient client, ProcessHandle server, int window, int count, long latencyMillis) {
    Spent before = Spent.now();
    Duration serverBefore = cpu(server);
    long begun = System.nanoTime();
    int unused = answered(client, ClientFixture::request, 1_000_000, count);
    double seconds = (System.nanoTime() - begun) / 1e9;
    Spent costs = Spent.now().since(before);
    Duration serverCpu = cpu(server).minus(serverBefore);
    double ideal = (double) count / window * latencyMillis / 1e3;
    System.out.printf(
        "window %d, %d ms an answer: %.0f requests/s, %.3f of ideal; a request: %.0f us CPU and %.1f"
            + " KB allocated in the client's threads, %.0f us in its process, %.0f us in the"
            + " server's%n",
        window,
        latencyMillis,
        count / seconds,
        ideal / seconds,
        costs.threadNanos() / 1e3 / count,
        costs.allocated() / 1e3 / count,
        costs.processNanos() / 1e3 / count,
        serverCpu.toNanos() / 1e3 / count);
    costs.lines(count).forEach((name, line) -> System.out.printf("  %s: %s%n", name, line));
  }

  private static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** What the heap holds more with the window full than with nothing asked, a request. */
  private static double liveKilobytes(ModelClient client, int window) {
    Runtime runtime = Runtime.getRuntime();
    Iterator<LlmRequest> requests = requests(ClientFixture::request, 2_000_000, 4 * window);
    Iterator<LedgerRecord> answers = client.ask(requests);
    for (int i = 0; i < 2 * window; i++) {
      LedgerRecord unused = answers.next();
    }
    System.gc();
    long full = runtime.totalMemory() - runtime.freeMemory();
    answers.forEachRemaining(answer -> {});
    System.gc();
    return (full - (runtime.totalMemory() - runtime.freeMemory())) / 1e3 / window;
  }

  private static Iterator<LlmRequest> requests(
      IntFunction<LlmRequest> question, int firstRow, int count) {
    return IntStream.range(firstRow, firstRow + count).mapToObj(question).iterator();
  }

  /** Asks so many rows; how many had an answer. */
  private static int answered(
      ModelClient client, IntFunction<LlmRequest> question, int firstRow, int count) {
    Iterator<LedgerRecord> answers = client.ask(requests(question, firstRow, count));
    int answered = 0;
    while (answers.hasNext()) {
      Outcome outcome = answers.next().outcome();
      answered += outcome == Outcome.FAILED || outcome == Outcome.REJECT_ROW ? 0 : 1;
    }
    return answered;
  }

  /**
   * What one group of threads has cost.
   *
   * @param nanos of CPU time
   * @param allocated bytes
   */
  private record Cost(long nanos, long allocated) {
    Cost plus(Cost other) {
      return new Cost(nanos + other.nanos, allocated + other.allocated);
    }

    Cost minus(Cost other) {
      return new Cost(nanos - other.nanos, allocated - other.allocated);
    }

    String a(int requests) {
      return String.format(
          Locale.ROOT, "%.1f us, %.1f KB", nanos / 1e3 / requests, allocated / 1e3 / requests);
    }
  }

  /**
   * What this process has cost.
   *
   * @param threads the client's, by name: the caller's, the transport's, the ledger's and the
   *     schedule's
   * @param processNanos CPU time of the process; compiling and collecting are in it besides
   */
  private record Spent(Map<String, Cost> threads, long processNanos) {
    private static final Pattern CLIENT_THREAD = Pattern.compile("main|httpclient|cria-");
    private static final Cost NOTHING = new Cost(0, 0);

    static Spent now() {
      ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      Map<String, Cost> threads = new TreeMap<>();
      for (long id : bean.getAllThreadIds()) {
        ThreadInfo thread = bean.getThreadInfo(id);
        if (thread != null && CLIENT_THREAD.matcher(thread.getThreadName()).lookingAt()) {
          Cost cost = new Cost(bean.getThreadCpuTime(id), bean.getThreadAllocatedBytes(id));
          threads.merge(thread.getThreadName(), cost, Cost::plus);
        }
      }
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      return new Spent(threads, system.getProcessCpuTime());
    }

    Spent since(Spent before) {
      Map<String, Cost> more = new TreeMap<>(threads);
      more.replaceAll((name, cost) -> cost.minus(before.threads.getOrDefault(name, NOTHING)));
      return new Spent(more, processNanos - before.processNanos);
    }

    long threadNanos() {
      return threads.values().stream().mapToLong(Cost::nanos).sum();
    }

    long allocated() {
      return threads.values().stream().mapToLong(Cost::allocated).sum();
    }

    /** By thread, and what the process cost besides, a request. */
    Map<String, String> lines(int requests) {
      Map<String, String> lines = new LinkedHashMap<>();
      threads.forEach((name, cost) -> lines.put(name, cost.a(requests)));
      lines.put(
          "compiler and collector",
          String.format(Locale.ROOT, "%.1f us", (processNanos - threadNanos()) / 1e3 / requests));
      return lines;
    }
  }

  /** A segment on disk. */
  private static final class Segment implements SegmentOutput {
    private final FileOutputStream out;

    Segment(Path path) throws IOException {
      this.out = new FileOutputStream(path.toFile());
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    @Override
    public void sync() throws IOException {
      out.getFD().sync();
    }

    @Override
    public boolean syncIsDurable() {
      return true;
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
