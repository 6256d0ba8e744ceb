package io.cria.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * OpenAI's completion API over HTTP on a loopback address: {@code POST /v1/completions}, {@code
 * POST /v1/chat/completions}, {@code GET /v1/models}, {@code GET /health}.
 *
 * <p>Requests are handed to the backend in the order they come. Every refusal is an error object of
 * the API: 400 for a value that cannot be served ({@code context_length_exceeded} where prompt and
 * answer do not fit), 404 for an unknown route or model, 405, 413, and 503 with {@code Retry-After}
 * while nothing is alive to answer. The thread of a request whose client has hung up is
 * interrupted, in the backend too.
 */
public final class OpenAiServer implements AutoCloseable {
  static final int MOST_BODY_BYTES = 4 << 20;
  static final int MOST_WAITING = 1024;
  private static final long GRACE_MILLIS = 5_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    // Read once when the JDK's server class is loaded: without it, small answers wait for the
    // client's delayed ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final Object activity = new Object();
  private final Backend backend;
  private final Clock clock;
  private final HttpServer http;
  private final ExecutorService handlers;
  private final HangUps hangUps;
  private final String host;
  private final long startedAt;
  private int active;
  private boolean isClosing;

  private OpenAiServer(Backend backend, String host, HttpServer http, Clock clock) {
    this.backend = backend;
    this.host = host;
    this.http = http;
    this.clock = clock;
    this.startedAt = clock.instant().getEpochSecond();
    this.hangUps = HangUps.watch(http.getAddress().getPort());
    this.handlers =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "cria-serve");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts to listen. The server closes {@code backend} when it is closed.
   *
   * @param host a loopback address
   * @param port 0 for any free one
   * @throws CriaException when the address is not a loopback one or the port is taken
   */
  public static OpenAiServer start(Backend backend, String host, int port, Clock clock) {
    HttpServer http;
    try {
      InetAddress address = InetAddress.getByName(host);
      if (!address.isLoopbackAddress()) {
        throw CriaException.badInput(
            "serving is for this machine only, host " + host + ": give 127.0.0.1");
      }
      http = HttpServer.create(new InetSocketAddress(address, port), MOST_WAITING);
    } catch (UnknownHostException e) {
      throw CriaException.badInput("unknown address, host " + host + ": give 127.0.0.1");
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot listen, "
              + host
              + ":"
              + port
              + " ("
              + e.getMessage()
              + "): give another port, or 0 for any free one");
    }
    OpenAiServer server = new OpenAiServer(backend, host, http, clock);
    http.createContext("/", server::handle);
    http.setExecutor(server.handlers);
    http.start();
    return server;
  }

  /** The port it listens on. */
  public int port() {
    return http.getAddress().getPort();
  }

  /** What a client takes as base URL, {@code http://127.0.0.1:PORT/v1}. */
  public String baseUrl() {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/v1";
  }

  public Backend backend() {
    return backend;
  }

  /**
   * Refuses new requests, lets those at work finish for a few seconds, then closes server and
   * backend.
   */
  @Override
  public void close() {
    long end = System.nanoTime() + GRACE_MILLIS * 1_000_000;
    synchronized (activity) {
      isClosing = true;
      long left = GRACE_MILLIS;
      while (active > 0 && left > 0) {
        try {
          activity.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
        left = (end - System.nanoTime()) / 1_000_000;
      }
    }
    http.stop(0);
    handlers.shutdownNow();
    hangUps.close();
    backend.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        enter();
      } catch (ApiException e) {
        refuse(exchange, e);
        return;
      }
      try {
        answer(exchange);
      } catch (ApiException e) {
        refuse(exchange, e);
      } catch (Backend.UnavailableException e) {
        exchange.getResponseHeaders().set("Retry-After", Integer.toString(e.retryAfterSeconds()));
        refuse(
            exchange,
            new ApiException(
                503, "server_error", String.valueOf(e.getMessage()), null, "unavailable"));
      } catch (PromptTooLongException e) {
        refuse(
            exchange,
            new ApiException(
                400,
                ApiException.INVALID,
                String.valueOf(e.getMessage()),
                "prompt",
                "context_length_exceeded"));
      } catch (CriaException e) {
        refuse(exchange, refusalOf(e));
      } catch (InterruptedException e) {
        // The server closes, or the client hung up. An interrupted thread could not write.
        try {
          exchange.getResponseHeaders().set("Retry-After", "1");
          refuse(
              exchange,
              new ApiException(503, "server_error", "the server is closing", null, "unavailable"));
        } finally {
          Thread.currentThread().interrupt();
        }
      } catch (RuntimeException e) {
        refuse(
            exchange, new ApiException(500, "server_error", "the model failed: " + e, null, null));
      } finally {
        leave();
      }
    }
  }

  private static ApiException refusalOf(CriaException e) {
    String message = String.valueOf(e.getMessage());
    return e.exitCode() == ExitCode.BAD_INPUT
        ? new ApiException(400, ApiException.INVALID, message, null, null)
        : new ApiException(500, "server_error", message, null, null);
  }

  private void enter() {
    synchronized (activity) {
      if (isClosing || active >= MOST_WAITING) {
        String why = isClosing ? "the server is closing" : active + " requests wait already";
        throw new ApiException(503, "server_error", why, null, "unavailable");
      }
      active++;
    }
  }

  private void leave() {
    synchronized (activity) {
      active--;
      activity.notifyAll();
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/v1/completions" -> {
        requireMethod(exchange, "POST");
        generate(exchange, false);
      }
      case "/v1/chat/completions" -> {
        requireMethod(exchange, "POST");
        generate(exchange, true);
      }
      case "/v1/models" -> {
        requireMethod(exchange, "GET");
        send(exchange, 200, models());
      }
      case "/health" -> {
        requireMethod(exchange, "GET");
        int alive = backend.alive();
        ObjectNode health = JSON.createObjectNode().put("status", alive > 0 ? "ok" : "unavailable");
        health.put("workers", alive);
        if (alive == 0) {
          exchange.getResponseHeaders().set("Retry-After", "1");
        }
        send(exchange, alive > 0 ? 200 : 503, health);
      }
      default ->
          throw new ApiException(
              404,
              ApiException.INVALID,
              "there is no route " + path + " here",
              null,
              "unknown_route");
    }
  }

  private void generate(HttpExchange exchange, boolean chat)
      throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BODY_BYTES + 1);
    if (body.length > MOST_BODY_BYTES) {
      throw new ApiException(
          413,
          ApiException.INVALID,
          "the body has more than " + MOST_BODY_BYTES + " bytes",
          null,
          "body_too_large");
    }
    ApiRequest request = ApiRequest.read(body, chat, backend.modelName(), backend.contextLength());
    Generated generated;
    HangUps.Work work = hangUps.begin(exchange.getRemoteAddress().getPort());
    try {
      generated =
          request.isChat()
              ? backend.chat(request.messages(), request.decoding())
              : backend.complete(request.prompt(), request.decoding());
    } finally {
      work.end();
    }
    send(exchange, 200, completion(generated, chat));
  }

  private ObjectNode completion(Generated generated, boolean chat) {
    ObjectNode answer = JSON.createObjectNode();
    answer.put("id", (chat ? "chatcmpl-" : "cmpl-") + UUID.randomUUID());
    answer.put("object", chat ? "chat.completion" : "text_completion");
    answer.put("created", clock.instant().getEpochSecond());
    answer.put("model", backend.modelName());
    ObjectNode choice = answer.putArray("choices").addObject();
    choice.put("index", 0);
    if (chat) {
      choice.putObject("message").put("role", "assistant").put("content", generated.text());
    } else {
      choice.put("text", generated.text());
    }
    choice.putNull("logprobs");
    choice.put("finish_reason", generated.finishReason());
    answer
        .putObject("usage")
        .put("prompt_tokens", generated.promptTokens())
        .put("completion_tokens", generated.completionTokens())
        .put("total_tokens", generated.promptTokens() + generated.completionTokens());
    return answer;
  }

  private ObjectNode models() {
    ObjectNode list = JSON.createObjectNode().put("object", "list");
    list.putArray("data")
        .addObject()
        .put("id", backend.modelName())
        .put("object", "model")
        .put("created", startedAt)
        .put("owned_by", "local")
        .put("context_length", backend.contextLength());
    return list;
  }

  private static void requireMethod(HttpExchange exchange, String method) {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new ApiException(
          405,
          ApiException.INVALID,
          exchange.getRequestURI().getPath()
              + " takes "
              + method
              + ", not "
              + exchange.getRequestMethod(),
          null,
          "method_not_allowed");
    }
  }

  private static void refuse(HttpExchange exchange, ApiException refusal) throws IOException {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode error = body.putObject("error");
    error.put("message", refusal.getMessage());
    error.put("type", refusal.type());
    error.put("param", refusal.param());
    error.put("code", refusal.code());
    if (refusal.status() == 503 && !exchange.getResponseHeaders().containsKey("Retry-After")) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    send(exchange, refusal.status(), body);
  }

  private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = bytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static byte[] bytes(ObjectNode body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
