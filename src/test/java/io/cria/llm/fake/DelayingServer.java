package io.cria.llm.fake;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * A model server for measurements: gives every request the same answer after the same time. One
 * thread and few instructions a request, so that what is measured is the client.
 */
public final class DelayingServer {
  private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final String LENGTH = "content-length:";

  private final Selector selector;
  private final ServerSocketChannel listener;
  private final long delayNanos;
  private final byte[] answer;
  private final ArrayDeque<Due> due = new ArrayDeque<>();

  private record Due(long nanos, Connection connection) {}

  /** A connection with one request at a time, as the client's connections have. */
  private static final class Connection {
    private final SocketChannel channel;
    private final byte[] bytes = new byte[1 << 16];
    private final ByteBuffer in = ByteBuffer.wrap(bytes);
    private ByteBuffer out = ByteBuffer.allocate(0);

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  private DelayingServer(Duration delay, String text) throws IOException {
    this.delayNanos = delay.toNanos();
    String body =
        "{\"id\":\"a\",\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\""
            + text
            + "\",\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1200}}";
    this.answer =
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(StandardCharsets.US_ASCII);
    this.selector = Selector.open();
    this.listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  private void serve() throws IOException {
    while (true) {
      Due first = due.peek();
      long wait = first == null ? 1000 : (first.nanos() - System.nanoTime()) / 1_000_000;
      if (wait > 0) {
        selector.select(wait);
      } else {
        selector.selectNow();
      }
      Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
      while (ready.hasNext()) {
        SelectionKey key = ready.next();
        ready.remove();
        handle(key);
      }
      for (first = due.peek(); isDue(first); first = due.peek()) {
        due.poll();
        first.connection().out = ByteBuffer.wrap(answer);
        send(first.connection());
      }
    }
  }

  private static boolean isDue(Due first) {
    return first != null && first.nanos() <= System.nanoTime();
  }

  private void handle(SelectionKey key) throws IOException {
    if (key.isAcceptable()) {
      SocketChannel channel = listener.accept();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
      return;
    }
    Connection connection = (Connection) key.attachment();
    if (key.isWritable()) {
      key.interestOps(SelectionKey.OP_READ);
      send(connection);
    } else if (connection.channel.read(connection.in) < 0) {
      key.cancel();
      connection.channel.close();
    } else if (isWhole(connection.bytes, connection.in.position())) {
      connection.in.clear();
      due.add(new Due(System.nanoTime() + delayNanos, connection));
    }
  }

  private void send(Connection connection) throws IOException {
    connection.channel.write(connection.out);
    if (connection.out.hasRemaining()) {
      connection.channel.keyFor(selector).interestOps(SelectionKey.OP_WRITE);
    }
  }

  private static boolean isWhole(byte[] bytes, int read) {
    for (int end = 0; end + HEAD_END.length <= read; end++) {
      if (bytes[end] == '\r' && bytes[end + 2] == '\r') {
        String head =
            new String(bytes, 0, end, StandardCharsets.US_ASCII).toLowerCase(java.util.Locale.ROOT);
        int at = head.indexOf(LENGTH) + LENGTH.length();
        int lineEnd = head.indexOf('\r', at);
        int length = Integer.parseInt(head.substring(at, lineEnd < 0 ? end : lineEnd).strip());
        return read >= end + HEAD_END.length + length;
      }
    }
    return false;
  }

  /**
   * Serves until the process ends; prints the base URL.
   *
   * @param args milliseconds an answer takes
   */
  public static void main(String[] args) throws IOException {
    DelayingServer server =
        new DelayingServer(Duration.ofMillis(Long.parseLong(args[0])), "word ".repeat(1_200));
    InetSocketAddress address = (InetSocketAddress) server.listener.getLocalAddress();
    System.out.println("http://127.0.0.1:" + address.getPort() + "/v1");
    server.serve();
  }
}
