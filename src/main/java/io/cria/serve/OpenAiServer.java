package io.cria.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.page.Loopback;
import io.cria.page.Origins;
import io.cria.task.CriaException;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * OpenAI's completion API over HTTP on a loopback address: {@code POST /v1/completions}, {@code
 * POST /v1/chat/completions}, {@code GET /v1/models} and {@code /v1/models/NAME}, {@code GET
 * /health}. Answers come whole or, on request, as server-sent events while they are written.
 *
 * <p>Requests are handed to the backend in the order they come. Every refusal is an error object of
 * the API: 400 for a value that cannot be served ({@code context_length_exceeded} where prompt and
 * answer do not fit), 403 for a web page and for another machine's name, 404 for an unknown route
 * or model, 405, 413, and 503 with {@code Retry-After} while nothing is alive to answer; once
 * events are on their way it is an event. A parameter that means nothing here is named in a header
 * {@code Warning}. The thread of a request whose client has hung up, or reads no more of its
 * answer, is interrupted, in the backend too.
 */
public final class OpenAiServer implements AutoCloseable {
  static final int MOST_BODY_BYTES = 4 << 20;
  static final int MOST_WAITING = 1024;
  private static final long GRACE_MILLIS = 5_000;
  private static final String MODELS = "/v1/models";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Object activity = new Object();
  private final Backend backend;
  private final Clock clock;
  private final HttpServer http;
  private final ExecutorService handlers;
  private final HangUps hangUps;
  private final UnknownParameters unknownParameters =
      new UnknownParameters(line -> System.err.println("cria: " + line));
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
    HttpServer http = Loopback.bind(host, port, MOST_WAITING);
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
      if (!enter()) {
        String why =
            isClosing() ? "the server is closing" : MOST_WAITING + " requests wait already";
        Replies.refuse(exchange, ApiException.unavailable(why, 1));
        return;
      }
      try {
        answer(exchange);
      } catch (InterruptedException e) {
        // The server closes, or the client hung up. An interrupted thread could not write.
        try {
          Replies.refuse(exchange, ApiException.of(e));
        } finally {
          Thread.currentThread().interrupt();
        }
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        Replies.refuse(exchange, told(e));
      } finally {
        leave();
      }
    }
  }

  /** What the client is told; of what nobody foresaw the server's own output has the rest. */
  private static ApiException told(Throwable e) {
    ApiException refusal = ApiException.of(e);
    if (refusal.status() >= 500 && e instanceof RuntimeException && !isForeseen(e)) {
      System.getLogger(OpenAiServer.class.getName())
          .log(System.Logger.Level.ERROR, "a request failed", e);
    }
    return refusal;
  }

  private static boolean isForeseen(Throwable e) {
    return e instanceof CriaException
        || e instanceof ApiException
        || e instanceof Backend.UnavailableException;
  }

  private boolean enter() {
    synchronized (activity) {
      if (isClosing || active >= MOST_WAITING) {
        return false;
      }
      active++;
      return true;
    }
  }

  private boolean isClosing() {
    synchronized (activity) {
      return isClosing;
    }
  }

  private void leave() {
    synchronized (activity) {
      active--;
      activity.notifyAll();
    }
  }

  /**
   * A web page may send requests here from the browser that shows it, and a name of its site may
   * lead here: it is to hold no model and read no answer. Clients that are programs send none of
   * these headers but Host.
   */
  private void requireProgram(Headers headers) {
    String named = headers.getFirst("Host");
    if (named != null && !Loopback.isNamedBy(named, host)) {
      throw new ApiException(
          403,
          "this server answers to the names of this machine only, Host '"
              + named
              + "': give clients the base URL "
              + baseUrl(),
          null,
          "foreign_host");
    }
    if (Origins.isForeign(headers)) {
      throw new ApiException(
          403,
          "web pages are not answered, and a browser sent this for one: ask from a program on this"
              + " machine",
          null,
          "foreign_origin");
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    requireProgram(exchange.getRequestHeaders());
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/v1/completions" -> generate(exchange, false);
      case "/v1/chat/completions" -> generate(exchange, true);
      case MODELS -> {
        requireMethod(exchange, "GET");
        ObjectNode list = JSON.createObjectNode().put("object", "list");
        list.putArray("data").add(model());
        Replies.send(exchange, 200, list);
      }
      case "/health" -> {
        requireMethod(exchange, "GET");
        int alive = backend.alive();
        ObjectNode health = JSON.createObjectNode().put("status", alive > 0 ? "ok" : "unavailable");
        health.put("workers", alive);
        if (alive == 0) {
          exchange.getResponseHeaders().set("Retry-After", "1");
        }
        Replies.send(exchange, alive > 0 ? 200 : 503, health);
      }
      default -> {
        if (!path.startsWith(MODELS + "/")) {
          throw new ApiException(
              404,
              "there is no route "
                  + path
                  + " here: /v1/chat/completions, /v1/completions, /v1/models and /health are",
              null,
              "unknown_route");
        }
        requireMethod(exchange, "GET");
        String name = path.substring(MODELS.length() + 1);
        if (!name.equals(backend.modelName())) {
          throw ApiRequest.unknownModel(name, backend.modelName());
        }
        Replies.send(exchange, 200, model());
      }
    }
  }

  private void generate(HttpExchange exchange, boolean chat)
      throws IOException, InterruptedException {
    requireMethod(exchange, "POST");
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BODY_BYTES + 1);
    if (body.length > MOST_BODY_BYTES) {
      throw new ApiException(
          413,
          "the body has more than " + MOST_BODY_BYTES + " bytes: send less in one request",
          null,
          "body_too_large");
    }
    ApiRequest request = ApiRequest.read(body, chat, backend);
    unknownParameters.tell(request.unknown(), exchange.getResponseHeaders());
    Envelope envelope =
        new Envelope(
            (chat ? "chatcmpl-" : "cmpl-") + UUID.randomUUID(),
            clock.instant().getEpochSecond(),
            backend.modelName(),
            request.question(),
            request.usageInStream());
    AnswerForm form =
        chat
            ? new ChatForm(envelope, request.mostCalls(), UUID::randomUUID)
            : new CompletionForm(envelope);
    HangUps.Work work = hangUps.begin(exchange.getRemoteAddress().getPort());
    try {
      if (request.stream()) {
        stream(new EventStream(exchange, work), request, form);
      } else {
        List<Choice> choices = answer(request.question(), ChoiceListener.NONE);
        work.end();
        ObjectNode whole = form.whole(choices);
        if (request.question().isScored()) {
          Replies.sendUnheld(exchange, whole);
        } else {
          Replies.send(exchange, 200, whole);
        }
      }
    } finally {
      work.end();
    }
  }

  private List<Choice> answer(Question question, ChoiceListener listener)
      throws InterruptedException {
    try {
      return backend.answer(question, listener);
    } catch (PromptTooLongException e) {
      boolean isChat = question.prompts().get(0) instanceof Prompt.Chat;
      throw ApiException.tooLong(e, isChat ? "messages" : "prompt");
    }
  }

  /** What fails before the first event is thrown on, what fails after it is an event. */
  private void stream(EventStream events, ApiRequest request, AnswerForm form)
      throws IOException, InterruptedException {
    StreamedAnswer answer =
        new StreamedAnswer(events, form, request.question().choices(), request.mayCall());
    try {
      answer.end(answer(request.question(), answer), request.usageInStream());
    } catch (InterruptedException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      if (!events.hasBegun()) {
        throw e;
      }
      events.fail(told(e));
    }
    events.close();
  }

  private ObjectNode model() {
    return JSON.createObjectNode()
        .put("id", backend.modelName())
        .put("object", "model")
        .put("created", startedAt)
        .put("owned_by", "local")
        .put("context_length", backend.contextLength());
  }

  private static void requireMethod(HttpExchange exchange, String method) {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new ApiException(
          405,
          exchange.getRequestURI().getPath()
              + " takes "
              + method
              + ", not "
              + exchange.getRequestMethod(),
          null,
          "method_not_allowed");
    }
  }
}
