package io.cria.llm;

import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Iterator;
import java.util.regex.Pattern;

/**
 * Share of the ideal rate, which is the window over the server's time for an answer. Client and
 * server share the process, so the CPU time told is that of both.
 */
final class BenchmarkModelClient {
  private static final Duration ANSWER_TIME = Duration.ofMillis(200);

  private static final Pattern CLIENT_THREAD = Pattern.compile("main|httpclient|cria-");

  private BenchmarkModelClient() {}

  /**
   * @param args window and number of requests
   */
  public static void main(String[] args) throws IOException {
    int window = args.length > 0 ? Integer.parseInt(args[0]) : 256;
    int count = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
    String text = "word ".repeat(1_200);
    MemoryStore store = new MemoryStore();
    try (ScriptedServer server =
            ScriptedServer.start(call -> Reply.text(call, text).withDelay(ANSWER_TIME));
        LedgerWriter ledger = new LedgerWriter(part -> store, "bench");
        ModelClient client =
            ClientStack.of(
                    new Endpoint(server.baseUrl(), Dialect.COMPLETIONS, Capabilities.plain()),
                    ledger)
                .health(EndpointHealth.of(window))
                .build()) {
      run(client, 2 * window);
      long begun = System.nanoTime();
      long cpuBefore = cpuNanos();
      run(client, count);
      double seconds = (System.nanoTime() - begun) / 1e9;
      double ideal = (double) count / window * ANSWER_TIME.toNanos() / 1e9;
      System.out.printf(
          "window %d: %.0f requests/s, %.3f of ideal, %.0f us CPU a request%n",
          window, count / seconds, ideal / seconds, (cpuNanos() - cpuBefore) / 1e3 / count);
    }
  }

  private static void run(ModelClient client, int count) {
    Iterator<LedgerRecord> answers = client.ask(ClientFixture.requests(count).iterator());
    while (answers.hasNext()) {
      answers.next();
    }
  }

  /**
   * CPU time of the client's threads: the caller's, the transport's, the ledger's and the
   * schedule's.
   */
  private static long cpuNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (long id : threads.getAllThreadIds()) {
      ThreadInfo thread = threads.getThreadInfo(id);
      if (thread != null && CLIENT_THREAD.matcher(thread.getThreadName()).lookingAt()) {
        nanos += threads.getThreadCpuTime(id);
      }
    }
    return nanos;
  }
}
