package io.cria.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two clients as they are often written, on the JDK's HTTP client: {@code blocking}, where so many
 * threads each ask one row after the other, and {@code ordered}, where so many rows are on their
 * way and their answers are taken in the order of the rows. Both try twice again after a 429, a
 * server's error or a broken connection, after as many seconds as {@code retry-after} says, else
 * after a doubling half second, as providers' kits do; then the row has failed.
 *
 * <p>Arguments: the client, the base URL, window, rows, and the URL to ask beforehand for as long
 * as compiling takes. Prints a line of JSON.
 */
public final class PeerClients {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RETRIES = 2;
  private static final int WARM_UP_ROWS = 10_000;
  private static final int WARM_UP_WINDOW = 64;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI address;
  private final int window;
  private final int rows;

  private PeerClients(String baseUrl, int window, int rows) {
    this.address = URI.create(baseUrl + "/chat/completions");
    this.window = window;
    this.rows = rows;
  }

  /** See the class. */
  public static void main(String[] args) throws Exception {
    String name = args[0];
    int rows = Integer.parseInt(args[3]);
    int unused = new PeerClients(args[4], WARM_UP_WINDOW, WARM_UP_ROWS).failedOf(name);
    PeerClients measured = new PeerClients(args[1], Integer.parseInt(args[2]), rows);
    long cpu = cpuNanos();
    long begun = System.nanoTime();
    int failed = measured.failedOf(name);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("client", name);
    figures.put("rows", rows);
    figures.put("failed", failed);
    figures.put("seconds", (System.nanoTime() - begun) / 1e9);
    figures.put("cpu_us", (cpuNanos() - cpu) / 1e3 / rows);
    System.out.println(JSON.writeValueAsString(figures));
    System.exit(0);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Asks all rows; how many failed. */
  private int failedOf(String name) throws InterruptedException {
    return switch (name) {
      case "blocking" -> blocking();
      case "ordered" -> ordered();
      default ->
          throw new IllegalArgumentException(
              "no client " + name + ": blocking and ordered are known");
    };
  }

  private int blocking() throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < window; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int row = next.getAndIncrement(); row < rows; row = next.getAndIncrement()) {
                  failed.addAndGet(isAnswered(row) ? 0 : 1);
                }
              },
              "blocking");
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return failed.get();
  }

  private boolean isAnswered(int row) {
    HttpRequest request = request(row);
    try {
      for (int attempt = 0; ; attempt++) {
        long wait;
        try {
          HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
          if (!isPassing(response.statusCode())) {
            return isText(response);
          }
          wait = waitMillis(response, attempt);
        } catch (IOException e) {
          wait = backoffMillis(attempt);
        }
        if (attempt == RETRIES) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(wait);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private int ordered() {
    Deque<CompletableFuture<Boolean>> onTheirWay = new ArrayDeque<>();
    int failed = 0;
    int next = 0;
    while (next < rows || !onTheirWay.isEmpty()) {
      while (next < rows && onTheirWay.size() < window) {
        onTheirWay.add(answered(request(next++)));
      }
      failed += onTheirWay.remove().join() ? 0 : 1;
    }
    return failed;
  }

  private CompletableFuture<Boolean> answered(HttpRequest request) {
    CompletableFuture<Boolean> end = new CompletableFuture<>();
    attempt(request, 0, end);
    return end;
  }

  private void attempt(HttpRequest request, int attempt, CompletableFuture<Boolean> end) {
    CompletableFuture<?> unused =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
            .whenComplete(
                (response, broken) -> {
                  if (broken == null && !isPassing(response.statusCode())) {
                    end.complete(isText(response));
                  } else if (attempt == RETRIES) {
                    end.complete(false);
                  } else {
                    long wait =
                        broken == null ? waitMillis(response, attempt) : backoffMillis(attempt);
                    CompletableFuture.delayedExecutor(wait, TimeUnit.MILLISECONDS)
                        .execute(() -> attempt(request, attempt + 1, end));
                  }
                });
  }

  private HttpRequest request(int row) {
    Map<String, Object> body =
        Map.of(
            "model",
            "scripted",
            "max_tokens",
            2_000,
            "messages",
            List.of(Map.of("role", "user", "content", PeerQuestion.of(row))));
    try {
      return HttpRequest.newBuilder(address)
          .timeout(Duration.ofMinutes(10))
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
          .build();
    } catch (IOException e) {
      throw new IllegalStateException("a question is no JSON", e);
    }
  }

  private static boolean isPassing(int status) {
    return status == 429 || status >= 500;
  }

  private static boolean isText(HttpResponse<String> response) {
    try {
      return response.statusCode() == 200
          && JSON.readTree(response.body()).at("/choices/0/message/content").isTextual();
    } catch (IOException e) {
      return false;
    }
  }

  private static long waitMillis(HttpResponse<String> response, int attempt) {
    return response
        .headers()
        .firstValue("retry-after")
        .map(seconds -> 1_000 * Long.parseLong(seconds))
        .orElseGet(() -> backoffMillis(attempt));
  }

  private static long backoffMillis(int attempt) {
    return (long) (500 * (1 << attempt) * (1 - ThreadLocalRandom.current().nextDouble() / 4));
  }
}
