package io.cria.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.cria.task.SeededRandom;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A model server on loopback for runs of any size: chat and plain completions and the list of
 * models below {@code /v1}, its books as JSON at {@code GET /stats}. One thread serves a thousand
 * connections. What it says is a function of a request's body alone.
 *
 * <p>Prints its base URL, and serves until the process ends. Arguments: {@link ServerOptions}.
 */
public final class ModelServer implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BACKLOG = 4_096;
  private static final String LOADING = error("the model is being loaded");
  private static final String OVER_LIMIT =
      "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
          + "\"code\":\"rate_limit_exceeded\"}}";

  /** Bytes that stand for a token. */
  private static final int TOKEN = 4;

  private final ServerOptions options;
  private final AnswerText answers;
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final PriorityQueue<Pending> due = new PriorityQueue<>();
  private final BodyCounts bodies = new BodyCounts();
  private final Books books = new Books();
  private final RateLimits limits;
  private final OutageBooks outageBooks;
  private final Bytes text = new Bytes();
  private final Bytes body = new Bytes();
  private long firstRequestAt = -1;

  /** A request on its way. */
  private static final class Pending implements Comparable<Pending> {
    final SelectionKey key;
    final Question question;
    final long hash;
    final int timesCame;
    final int promptTokens;
    final boolean chat;
    final long dueAt;
    int completionTokens;

    Pending(
        SelectionKey key,
        Question question,
        long hash,
        int timesCame,
        int promptTokens,
        boolean chat,
        long dueAt) {
      this.key = key;
      this.question = question;
      this.hash = hash;
      this.timesCame = timesCame;
      this.promptTokens = promptTokens;
      this.chat = chat;
      this.dueAt = dueAt;
    }

    @Override
    public int compareTo(Pending other) {
      return Long.compare(dueAt - other.dueAt, 0);
    }
  }

  /** What a selection key carries: the connection, and the request that waits on it. */
  private static final class Client {
    final Connection connection;
    @Nullable Pending pending;
    boolean sending;

    Client(Connection connection) {
      this.connection = connection;
    }
  }

  ModelServer(ServerOptions options) throws IOException {
    this.options = options;
    this.limits = new RateLimits(options.limits());
    this.outageBooks = new OutageBooks(options.outage());
    this.answers = new AnswerText(Phrases.from(options.texts()));
    this.selector = Selector.open();
    this.listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port()), BACKLOG);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  public static void main(String[] args) throws IOException {
    ServerOptions options;
    try {
      options = ServerOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("cria: " + e.getMessage());
      System.exit(2);
      return;
    }
    ModelServer server = new ModelServer(options);
    System.out.println(server.baseUrl());
    server.serve();
  }

  /** {@code http://127.0.0.1:port/v1}. */
  String baseUrl() {
    return "http://127.0.0.1:" + listener.socket().getLocalPort() + "/v1";
  }

  /** Serves until {@link #close}. */
  void serve() throws IOException {
    while (listener.isOpen()) {
      selector.select(this::serve, untilNextDue());
      long now = System.nanoTime();
      for (Pending next = due.peek(); next != null && next.dueAt - now <= 0; next = due.peek()) {
        due.remove();
        answer(next);
      }
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    selector.wakeup();
  }

  /** Milliseconds, at least one; 0 for ever. */
  private long untilNextDue() {
    Pending next = due.peek();
    return next == null ? 0 : Math.max(1, (next.dueAt - System.nanoTime() + 999_999) / 1_000_000);
  }

  private void serve(SelectionKey key) {
    if (key.isAcceptable()) {
      accept();
      return;
    }
    Client client = (Client) key.attachment();
    try {
      if (key.isWritable()) {
        sent(key, client, client.connection.flush());
      } else if (!client.connection.read()) {
        drop(key, client);
      } else if (client.pending == null && !client.sending) {
        take(key, client);
      }
    } catch (IOException e) {
      // a client that goes away
      drop(key, client);
    }
  }

  private void accept() {
    try {
      for (SocketChannel channel = listener.accept();
          channel != null;
          channel = listener.accept()) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        key.attach(new Client(new Connection(channel)));
        books.connected();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no more connections can be taken", e);
    }
  }

  private void take(SelectionKey key, Client client) throws IOException {
    Connection connection = client.connection;
    if (!connection.hasRequest()) {
      return;
    }
    boolean completion =
        connection.method().equals("POST") && connection.path().endsWith("/completions");
    if (!completion) {
      other(key, client);
      return;
    }
    long now = System.nanoTime();
    if (firstRequestAt < 0) {
      firstRequestAt = now;
    }
    int from = connection.bodyStart();
    int to = connection.bodyEnd();
    Question question = Question.of(connection.bytes(), from, to);
    long hash = BodyCounts.hash(connection.bytes(), from, to);
    boolean chat = connection.path().endsWith("/chat/completions");
    connection.forget();
    books.arrived(question, now);
    int times = bodies.came(hash);
    Pending pending =
        new Pending(
            key, question, hash, times, (to - from) / TOKEN, chat, now + latency(hash, times));
    client.pending = pending;
    if (!isLetIn(pending, client, now)) {
      return;
    }
    if (pending.dueAt - now <= 0) {
      answer(pending);
    } else {
      due.add(pending);
    }
  }

  /**
   * Whether a request is neither in the outage nor over a limit; else it is answered so at once.
   */
  private boolean isLetIn(Pending pending, Client client, long now) throws IOException {
    long since = now - firstRequestAt;
    if (options.outage().covers(since)) {
      outageBooks.attempted();
      fail(pending, client, "outage", 503, "", LOADING);
      return false;
    }
    if (!options.completionTokens().isByLength()) {
      pending.completionTokens = options.completionTokens().draw(pending.hash);
    } else if (limits.onTokens() && pending.question.form() != Question.Form.UNKNOWN) {
      write(pending);
    }
    int tokens = limits.onTokens() ? pending.promptTokens + pending.completionTokens : 0;
    if (limits.admits(tokens, since)) {
      books.accepted(pending.question, tokens, now);
      return true;
    }
    client.pending = null;
    books.refused(pending.question, now);
    String headers = limits.refusal(tokens, since, System.currentTimeMillis());
    reply(pending.key, client, 429, headers, OVER_LIMIT);
    return false;
  }

  private long latency(long hash, int times) {
    if (options.latencySigma() == 0) {
      return options.latencyNanos(0);
    }
    SeededRandom random = new SeededRandom(hash + times);
    // Box and Muller
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return options.latencyNanos(radius * Math.cos(2 * Math.PI * random.nextDouble()));
  }

  private void other(SelectionKey key, Client client) throws IOException {
    String path = client.connection.path();
    client.connection.forget();
    if (path.equals("/stats")) {
      Map<String, Object> figures = new LinkedHashMap<>(books.figures(limits, firstRequestAt));
      if (options.outage().isPlanned()) {
        figures.put("outage", outageBooks.figures());
      }
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      figures.put("cpu_seconds", system.getProcessCpuTime() / 1e9);
      reply(key, client, 200, "", JSON.writeValueAsString(figures));
    } else if (path.endsWith("/models") && isOut()) {
      outageBooks.probed();
      reply(key, client, 503, "", LOADING);
    } else if (path.endsWith("/models") && isDown()) {
      reply(key, client, 503, "", LOADING);
    } else if (path.endsWith("/models")) {
      reply(key, client, 200, "", "{\"object\":\"list\",\"data\":[{\"id\":\"scripted\"}]}");
    } else {
      reply(key, client, 404, "", error("no such address"));
    }
  }

  private boolean isDown() {
    return options.downSeconds() > 0
        && (firstRequestAt < 0 || System.nanoTime() - firstRequestAt < options.downSeconds() * 1e9);
  }

  private boolean isOut() {
    return firstRequestAt >= 0 && options.outage().covers(System.nanoTime() - firstRequestAt);
  }

  private void answer(Pending pending) {
    Client client = (Client) pending.key.attachment();
    if (client.pending != pending) {
      // its client went away
      return;
    }
    try {
      if (options.refuses()) {
        fail(pending, client, "refused", 400, "", error("API key not valid"));
      } else if (isDown()) {
        fail(pending, client, "down", 503, "", LOADING);
      } else if (isOut()) {
        outageBooks.caught();
        fail(pending, client, "outage", 503, "", LOADING);
      } else if (pending.question.form() == Question.Form.UNKNOWN) {
        fail(pending, client, "unknown", 400, "", error("no recipe of ours asks so"));
      } else if (!meetsFault(pending, client)) {
        write(pending);
        String headers =
            limits.headers(System.nanoTime() - firstRequestAt, System.currentTimeMillis());
        sent(pending.key, client, client.connection.send(200, headers, body.view()));
      }
    } catch (IOException e) {
      // a client that goes away
      drop(pending.key, client);
    }
  }

  private static String error(String message) {
    return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"error\"}}";
  }

  private boolean meetsFault(Pending pending, Client client) throws IOException {
    if (options.faults() == 0) {
      return false;
    }
    double draw = new SeededRandom(pending.hash ^ pending.timesCame).nextDouble();
    if (draw >= options.faults()) {
      return false;
    }
    double kind = 3 * draw / options.faults();
    if (kind < 1) {
      fail(pending, client, "broken", kind < 0.5 ? 500 : 503, "", error("try again"));
    } else if (kind < 2) {
      fail(pending, client, "rate", 429, "retry-after-ms: 100\r\n", error("slow down"));
    } else {
      client.pending = null;
      books.failed(pending.question, "reset", System.nanoTime());
      client.connection.reset();
    }
    return true;
  }

  private void fail(
      Pending pending, Client client, String fault, int status, String headers, String message)
      throws IOException {
    client.pending = null;
    books.failed(pending.question, fault, System.nanoTime());
    reply(pending.key, client, status, headers, message);
  }

  private void reply(SelectionKey key, Client client, int status, String headers, String message)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8));
    sent(key, client, client.connection.send(status, headers, bytes));
  }

  /** After bytes went out: all of them, or the rest when there is room again. */
  private void sent(SelectionKey key, Client client, boolean all) throws IOException {
    if (!all) {
      client.sending = true;
      key.interestOps(SelectionKey.OP_WRITE);
      return;
    }
    if (client.sending) {
      client.sending = false;
      key.interestOps(SelectionKey.OP_READ);
    }
    Pending pending = client.pending;
    if (pending != null) {
      client.pending = null;
      long now = System.nanoTime();
      books.answered(
          pending.question,
          bodies.answered(pending.hash),
          pending.promptTokens,
          pending.completionTokens,
          now);
      if (options.outage().isPlanned()) {
        outageBooks.answered(now - firstRequestAt);
      }
    }
    take(key, client);
  }

  private void drop(SelectionKey key, Client client) {
    key.cancel();
    Pending pending = client.pending;
    if (pending != null) {
      client.pending = null;
      books.lost(pending.question, System.nanoTime());
    }
    try {
      client.connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a connection cannot be closed", e);
    }
  }

  /** Makes the answer in {@code body}. */
  private void write(Pending pending) {
    text.clear();
    boolean cut = answers.write(pending.question, new SeededRandom(pending.hash), text);
    if (options.completionTokens().isByLength()) {
      pending.completionTokens = 1 + text.size() / TOKEN;
    }
    body.clear();
    body.put("{\"id\":\"scripted-").put(Long.toHexString(pending.hash));
    body.put("\",\"model\":\"scripted\",\"choices\":[{\"index\":0,");
    body.put(pending.chat ? "\"message\":{\"role\":\"assistant\",\"content\":\"" : "\"text\":\"");
    body.put(text);
    body.put(pending.chat ? "\"}" : "\"");
    body.put(",\"finish_reason\":\"").put(cut ? "length" : "stop");
    body.put("\"}],\"usage\":{\"prompt_tokens\":").put(pending.promptTokens);
    body.put(",\"completion_tokens\":").put(pending.completionTokens).put("}}");
  }
}
