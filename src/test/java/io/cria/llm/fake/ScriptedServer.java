package io.cria.llm.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cria.task.Ids;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A model server on loopback that does what a script says: an HTTP/1.1 server on plain sockets, so
 * that it can also hang, trickle, truncate and reset. Takes any method. Counts every request it has
 * read, by body. A script that is a pure function of the {@link Call} makes it deterministic. One
 * thread a connection; closing ends all.
 */
public final class ScriptedServer implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEAD_LIMIT = 1 << 16;

  private final ServerSocket listener;
  private final Script script;
  private final ExecutorService threads;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Call> calls = new ArrayList<>();
  private final Map<String, Integer> callsByBody = new LinkedHashMap<>();
  private int connectionsAccepted;

  /** What to do with a request. Called by several threads at a time; must not throw. */
  @FunctionalInterface
  public interface Script {
    Reply reply(Call call);
  }

  /**
   * A request as it was read.
   *
   * @param method HTTP method
   * @param path its path, with its query
   * @param headers lower-case name to value
   * @param text the body's text
   * @param body the body as JSON; missing where it is none
   * @param timesSeen how often this body has come, this time included
   * @param number how many requests have come, this one included
   */
  public record Call(
      String method,
      String path,
      Map<String, String> headers,
      String text,
      JsonNode body,
      int timesSeen,
      int number) {
    public boolean isChat() {
      return path.split("\\?", 2)[0].endsWith("/chat/completions");
    }

    /** The prompt, or the last message's content. */
    public String promptText() {
      if (!isChat()) {
        return body.path("prompt").asText();
      }
      JsonNode messages = body.path("messages");
      return messages.path(messages.size() - 1).path("content").asText();
    }

    /** A short name for the body, the same whenever it comes. */
    public String keyDigest() {
      return Ids.sha256(text).substring(0, 12);
    }
  }

  private ScriptedServer(int port, Script script) throws IOException {
    this.script = script;
    this.listener = new ServerSocket(port, 1024, InetAddress.getLoopbackAddress());
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "scripted-server");
              thread.setDaemon(true);
              return thread;
            });
    threads.execute(this::accept);
  }

  /** Starts on a free port. */
  public static ScriptedServer start(Script script) {
    return start(0, script);
  }

  /** Starts on {@code port}. */
  public static ScriptedServer start(int port, Script script) {
    try {
      return new ScriptedServer(port, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code http://127.0.0.1:port/v1}. */
  public String baseUrl() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/v1";
  }

  /** The requests read so far, in order. */
  public synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  /** How often each body has come, in order of first appearance. */
  public synchronized Map<String, Integer> callsByBody() {
    return new LinkedHashMap<>(callsByBody);
  }

  /** How many connections were opened. */
  public synchronized int connectionsAccepted() {
    return connectionsAccepted;
  }

  /** How many connections are open now, as far as reading or writing them has told. */
  public int connectionsOpen() {
    return connections.size();
  }

  private synchronized Call count(
      String method, String path, Map<String, String> headers, String text, JsonNode body) {
    int timesSeen = callsByBody.merge(text, 1, Integer::sum);
    Call call = new Call(method, path, headers, text, body, timesSeen, calls.size() + 1);
    calls.add(call);
    return call;
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    listener.close();
    for (Socket connection : connections) {
      connection.close();
    }
    threads.shutdownNow();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        connections.add(connection);
        synchronized (this) {
          connectionsAccepted++;
        }
        threads.execute(() -> serve(connection));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = new BufferedOutputStream(connection.getOutputStream());
      boolean open = true;
      while (open) {
        Call call = read(in);
        open = answer(call, script.reply(call), connection, in, out);
      }
    } catch (EOFException e) {
      // The client is done with this connection.
      return;
    } catch (IOException | InterruptedException e) {
      // A client that goes away, or the server's end: both are what tests do.
      return;
    } finally {
      connections.remove(connection);
    }
  }

  private Call read(InputStream in) throws IOException {
    String[] request = line(in).split(" ");
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    String text = new String(body, StandardCharsets.UTF_8);
    return count(request[0], request[1], headers, text, json(text));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      return JsonNodeFactory.instance.missingNode();
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || line.length() > HEAD_LIMIT) {
        throw new EOFException();
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Answers; whether the connection goes on. */
  private boolean answer(
      Call call, Reply reply, Socket connection, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    if (reply.fault() != Reply.Fault.TRICKLE && !reply.delay().isZero()) {
      pause(reply);
    }
    byte[] body = reply.bytes();
    switch (reply.fault()) {
      case HANG -> {
        // Comes back when the client closes its side or the server ends.
        while (in.read() >= 0) {
          // Whatever still comes is of no interest.
        }
        return false;
      }
      case RESET -> {
        return reset(connection);
      }
      case RESET_IN_BODY, TRUNCATE -> {
        out.write(head(reply, body.length));
        out.write(body, 0, body.length / 2);
        out.flush();
        return reply.fault() == Reply.Fault.RESET_IN_BODY && reset(connection);
      }
      case TRICKLE -> {
        out.write(head(reply, body.length));
        for (byte b : body) {
          out.write(b);
          out.flush();
          pause(reply);
        }
        return true;
      }
      default -> {
        out.write(head(reply, body.length));
        out.write(body);
        out.flush();
        boolean asked = "close".equalsIgnoreCase(call.headers().get("connection"));
        return reply.fault() == Reply.Fault.NONE && !asked;
      }
    }
  }

  private void pause(Reply reply) throws InterruptedException, EOFException {
    if (closing.await(reply.delay().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new EOFException();
    }
  }

  /** Closing with linger 0 sends RST in place of FIN. */
  private static boolean reset(Socket connection) throws IOException {
    connection.setSoLinger(true, 0);
    connection.close();
    return false;
  }

  private static byte[] head(Reply reply, int length) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " Scripted\r\n");
    reply
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (reply.headers().keySet().stream().noneMatch("Content-Type"::equalsIgnoreCase)) {
      head.append("Content-Type: application/json\r\n");
    }
    head.append("Content-Length: ").append(length);
    return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * Serves numbered words drawn from the prompt's digest until the process ends; prints the base
   * URL.
   *
   * @param args the port; a free one by default
   */
  public static void main(String[] args) throws InterruptedException {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
    ScriptedServer server =
        start(port, call -> Reply.text(call, "answer " + call.keyDigest() + " to its prompt."));
    System.out.println(server.baseUrl());
    server.closing.await();
  }
}
