package io.cria.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves pages to a browser: on this machine, or to others where a {@link Door} says so.
 *
 * <p>Every answer forbids the page to load anything from elsewhere, to be framed, and to be guessed
 * at by the browser ({@code Content-Security-Policy}, {@code X-Frame-Options}, {@code
 * X-Content-Type-Options}); nothing is cached. {@code GET /api/token} tells the session's token,
 * which each POST brings ({@link Visitors}). Where a password is asked for, {@code POST
 * /api/enter-by-password} takes it, and without it there are only the pages' files: 401. A failure
 * is {@code {"error": "…"}}: 400 and 404 for what makes no sense, 403 for whoever may not ask, 405,
 * 409, 413, 500; 429 and 503 tell when to ask again by {@code Retry-After}.
 */
public final class PageServer implements AutoCloseable {
  static final int MOST_BODY_BYTES = 1 << 20;

  private static final String JSON_TYPE = "application/json; charset=utf-8";
  private static final String ASSETS = "/assets/";
  private static final String DATA = "/api/";
  private static final String ENTER = "/api/enter-by-password";
  private static final int MOST_WAITING = 64;
  private static final int THREADS = 8;

  /** Each of those who wait for a stream holds one. */
  private static final int STREAMING_THREADS = 64;

  private static final int OK = 200;
  private static final int FAULT = 500;

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private final Routes routes;
  private final Door door;
  private final Entrance entrance;
  private final HttpServer http;
  private final ExecutorService handlers;
  private final Visitors visitors;

  private PageServer(Routes routes, Door door, HttpServer http, Clock clock) {
    int port = http.getAddress().getPort();
    this.routes = routes;
    this.door = door;
    this.http = http;
    this.visitors = new Visitors(door.hosts(port));
    this.entrance = new Entrance(door.password(), port, clock);
    this.handlers =
        Executors.newFixedThreadPool(
            routes.streams.isEmpty() ? THREADS : STREAMING_THREADS,
            task -> {
              Thread thread = new Thread(task, "cria-page");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts to listen on the loopback address.
   *
   * @param port 0 for any free one
   * @throws CriaException (bad input) when the port is taken
   */
  public static PageServer start(Routes routes, int port) {
    return start(routes, Door.loopback(port), Clock.systemUTC());
  }

  /**
   * Starts to listen.
   *
   * @param clock for what lasts a time, such as being let in
   * @throws CriaException (bad input) when there is no listening there
   */
  public static PageServer start(Routes routes, Door door, Clock clock) {
    HttpServer http = Loopback.bind(door, MOST_WAITING);
    PageServer server = new PageServer(routes, door, http, clock);
    http.createContext("/", server::handle);
    http.setExecutor(server.handlers);
    http.start();
    return server;
  }

  /** What is typed into a browser. */
  public String url() {
    return door.url(http.getAddress().getPort());
  }

  @Override
  public void close() {
    http.stop(0);
    handlers.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      HEADERS.forEach(exchange.getResponseHeaders()::set);
      try {
        answer(exchange);
      } catch (PageException e) {
        if (e.retryAfterSeconds() > 0) {
          String seconds = Integer.toString(e.retryAfterSeconds());
          exchange.getResponseHeaders().set("Retry-After", seconds);
        }
        refuse(exchange, e.status(), String.valueOf(e.getMessage()), e.told());
      } catch (CriaException e) {
        boolean bad = e.exitCode() == ExitCode.BAD_INPUT;
        int status = bad ? PageException.BAD_REQUEST : FAULT;
        refuse(exchange, status, String.valueOf(e.getMessage()), Map.of());
      } catch (RuntimeException | Error e) {
        // no memory left is an Error
        System.getLogger(PageServer.class.getName())
            .log(System.Logger.Level.ERROR, exchange.getRequestURI().getPath(), e);
        String words =
            e instanceof Error
                ? "the server cannot do this (" + e + "): end its command and give it again"
                : "a fault of Cria: " + e;
        refuse(exchange, FAULT, words, Map.of());
      }
    }
  }

  private static Object made(Routes.Handler handler, PageRequest request) {
    try {
      return handler.answer(request);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // Spark lets checked exceptions through
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException(e.toString(), e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Headers headers = exchange.getRequestHeaders();
    visitors.requireHost(headers);
    String path = exchange.getRequestURI().getPath();
    if (path.equals(ENTER)) {
      requireMethod(exchange, "POST");
      visitors.requireOwnPage(headers);
      sendJson(exchange, entrance.enter(request(exchange)));
      return;
    }
    if (routes.actions.containsKey(path)) {
      requireMethod(exchange, "POST");
      visitors.requireOwnPage(headers);
      sendJson(exchange, made(routes.actions.get(path), let(exchange)));
      return;
    }
    if (routes.streams.containsKey(path)) {
      requireMethod(exchange, "POST");
      visitors.requireOwnPage(headers);
      LineStream.answer(exchange, JSON, routes.streams.get(path), let(exchange));
      return;
    }
    requireMethod(exchange, "GET");
    if (path.startsWith(DATA)) {
      visitors.requireOwnSite(headers);
    }
    if (path.equals("/api/token")) {
      sendJson(exchange, Map.of("token", visitors.token()));
    } else if (routes.reads.containsKey(path)) {
      sendJson(exchange, made(routes.reads.get(path), let(exchange)));
    } else if (routes.pages.containsKey(path)) {
      file(exchange, routes.pages.get(path));
    } else if (path.startsWith(ASSETS)) {
      file(exchange, path.substring(ASSETS.length()));
    } else {
      throw PageException.notFound("there is nothing at " + path);
    }
  }

  /** The request of somebody who is in. */
  private PageRequest let(HttpExchange exchange) throws IOException {
    PageRequest request = request(exchange);
    entrance.require(request);
    return request;
  }

  private PageRequest request(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BODY_BYTES + 1);
    if (body.length > MOST_BODY_BYTES) {
      throw PageException.tooLarge("the request has more than " + MOST_BODY_BYTES + " bytes");
    }
    return PageRequest.of(
        exchange.getRequestURI().getRawQuery(),
        body,
        door.client(exchange.getRemoteAddress().getAddress(), exchange.getRequestHeaders()),
        exchange.getRequestHeaders());
  }

  private void sendJson(HttpExchange exchange, Object answer) throws IOException {
    Object body = answer;
    if (answer instanceof Kept kept) {
      body = kept.body();
      boolean secure = door.isSecure(exchange.getRequestHeaders());
      exchange.getResponseHeaders().add("Set-Cookie", kept.header(secure));
    }
    send(exchange, OK, JSON_TYPE, JSON.writeValueAsBytes(body));
  }

  private static void file(HttpExchange exchange, String name) throws IOException {
    byte[] bytes =
        Assets.bytes(name)
            .orElseThrow(() -> PageException.notFound("there is no file '" + name + "' here"));
    send(exchange, OK, Assets.type(name), bytes);
  }

  private static void requireMethod(HttpExchange exchange, String method) {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new PageException(
          PageException.WRONG_METHOD,
          exchange.getRequestURI().getPath() + " takes " + method + " only");
    }
  }

  private static void refuse(
      HttpExchange exchange, int status, String words, Map<String, String> told)
      throws IOException {
    Map<String, String> fields = new LinkedHashMap<>(told);
    fields.put("error", words);
    send(exchange, status, JSON_TYPE, JSON.writeValueAsBytes(fields));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] bytes)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
