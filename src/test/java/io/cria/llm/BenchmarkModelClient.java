package io.cria.llm;

import io.cria.llm.fake.DelayingServer;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Share of the ideal rate, which is the window over the server's time for an answer, with the
 * ledger on this machine's disk. The server is a process of its own on the same machine; the CPU
 * time told is the client's alone, the server's stands beside it.
 */
final class BenchmarkModelClient {
  private static final Pattern CLIENT_THREAD = Pattern.compile("main|httpclient|cria-");

  private BenchmarkModelClient() {}

  /**
   * @param args window, number of requests, milliseconds an answer takes
   */
  public static void main(String[] args) throws IOException {
    int window = args.length > 0 ? Integer.parseInt(args[0]) : 256;
    int count = args.length > 1 ? Integer.parseInt(args[1]) : 40 * window;
    long latencyMillis = args.length > 2 ? Long.parseLong(args[2]) : 200;
    // compiled code is what long runs are made of
    asked(10, 64, server -> client -> run(client, 0, 40_000));
    asked(
        latencyMillis,
        window,
        server ->
            client -> {
              run(client, 0, 2 * window);
              measure(client, server, window, count, latencyMillis);
            });
  }

  /** Uses a client of a server process of its own. */
  private static void asked(
      long latencyMillis, int window, Function<ProcessHandle, Consumer<ModelClient>> use)
      throws IOException {
    Path folder = Files.createTempDirectory(Path.of("target"), "bench-client");
    Process server = server(latencyMillis);
    try (BufferedReader told =
            new BufferedReader(
                new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        LedgerWriter ledger =
            new LedgerWriter(part -> name -> new Segment(folder.resolve(name)), "bench");
        ModelClient client =
            ClientStack.of(
                    new Endpoint(told.readLine(), Dialect.COMPLETIONS, Capabilities.plain()),
                    ledger)
                .health(EndpointHealth.of(window))
                .build()) {
      use.apply(server.toHandle()).accept(client);
    } finally {
      server.destroy();
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
    TreeMap<String, Long> before = cpuNanos();
    Duration clientBefore = cpu(ProcessHandle.current());
    Duration serverBefore = cpu(server);
    long begun = System.nanoTime();
    run(client, 1_000_000, count);
    double seconds = (System.nanoTime() - begun) / 1e9;
    TreeMap<String, Long> after = cpuNanos();
    Duration clientCpu = cpu(ProcessHandle.current()).minus(clientBefore);
    Duration serverCpu = cpu(server).minus(serverBefore);
    after.replaceAll((name, nanos) -> nanos - before.getOrDefault(name, 0L));
    double ideal = (double) count / window * latencyMillis / 1e3;
    System.out.printf(
        "window %d, %d ms an answer: %.0f requests/s, %.3f of ideal, %.0f us CPU a request in the"
            + " client's threads, %.0f us in its process, %.0f us in the server's%n",
        window,
        latencyMillis,
        count / seconds,
        ideal / seconds,
        after.values().stream().mapToLong(Long::longValue).sum() / 1e3 / count,
        clientCpu.toNanos() / 1e3 / count,
        serverCpu.toNanos() / 1e3 / count);
    after.forEach((name, nanos) -> System.out.printf("  %s %.0f us%n", name, nanos / 1e3 / count));
  }

  private static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static Process server(long latencyMillis) throws IOException {
    return new ProcessBuilder(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                DelayingServer.class.getName(),
                Long.toString(latencyMillis)))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void run(ModelClient client, int firstRow, int count) {
    Iterator<LlmRequest> requests =
        IntStream.range(firstRow, firstRow + count).mapToObj(ClientFixture::request).iterator();
    client.ask(requests).forEachRemaining(answer -> {});
  }

  /**
   * CPU time of the client's threads by name: the caller's, the transport's, the ledger's and the
   * schedule's.
   */
  private static TreeMap<String, Long> cpuNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    TreeMap<String, Long> nanos = new TreeMap<>();
    for (long id : threads.getAllThreadIds()) {
      ThreadInfo thread = threads.getThreadInfo(id);
      if (thread != null && CLIENT_THREAD.matcher(thread.getThreadName()).lookingAt()) {
        nanos.merge(thread.getThreadName(), threads.getThreadCpuTime(id), Long::sum);
      }
    }
    return nanos;
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
