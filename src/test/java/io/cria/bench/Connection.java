package io.cria.bench;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: bytes in until a request is whole, bytes out until its answer is. One
 * request at a time; what comes early waits.
 */
final class Connection {
  private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST = 1 << 26;

  private final SocketChannel channel;
  private ByteBuffer in = ByteBuffer.allocate(1 << 14);
  private @Nullable ByteBuffer out;
  private String method = "";
  private String path = "";
  private int bodyStart;
  private int bodyEnd = -1;

  Connection(SocketChannel channel) {
    this.channel = channel;
  }

  /** Reads what is there; false when the client has closed its side. */
  boolean read() throws IOException {
    while (true) {
      if (!in.hasRemaining()) {
        if (in.capacity() >= LARGEST) {
          throw new IOException("request beyond " + LARGEST + " bytes");
        }
        in = ByteBuffer.allocate(2 * in.capacity()).put(in.flip());
      }
      int count = in.remaining();
      int read = channel.read(in);
      if (read < 0) {
        return false;
      }
      if (read < count) {
        return true;
      }
    }
  }

  /** Whether a request is whole; its parts can then be asked for, until {@link #forget}. */
  boolean hasRequest() {
    if (bodyEnd < 0) {
      byte[] bytes = in.array();
      int headEnd = Question.indexOf(HEAD_END, bytes, 0, in.position());
      if (headEnd < 0) {
        return false;
      }
      String head = new String(bytes, 0, headEnd, StandardCharsets.ISO_8859_1);
      String[] lines = head.split("\r\n");
      String[] request = lines[0].split(" ");
      method = request[0];
      path = request.length > 1 ? request[1] : "";
      int length = 0;
      for (String line : lines) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      bodyStart = headEnd + HEAD_END.length;
      bodyEnd = bodyStart + length;
    }
    return in.position() >= bodyEnd;
  }

  String method() {
    return method;
  }

  String path() {
    return path;
  }

  byte[] bytes() {
    return in.array();
  }

  int bodyStart() {
    return bodyStart;
  }

  int bodyEnd() {
    return bodyEnd;
  }

  /** Drops the request that is whole. */
  void forget() {
    in.limit(in.position()).position(bodyEnd);
    in.compact();
    bodyEnd = -1;
  }

  /** Sends a head for {@code body} and then this; true when all is out, else {@link #flush} it. */
  boolean send(int status, String moreHeaders, ByteBuffer body) throws IOException {
    String head =
        "HTTP/1.1 "
            + status
            + " Scripted\r\nContent-Type: application/json\r\n"
            + moreHeaders
            + "Content-Length: "
            + body.remaining()
            + "\r\n\r\n";
    ByteBuffer[] both = {ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)), body};
    channel.write(both);
    int rest = both[0].remaining() + both[1].remaining();
    if (rest == 0) {
      return true;
    }
    out = ByteBuffer.allocate(rest).put(both[0]).put(both[1]).flip();
    return false;
  }

  /** Sends more of what is left; true when all is out. */
  boolean flush() throws IOException {
    ByteBuffer rest = out;
    if (rest != null) {
      channel.write(rest);
      if (rest.hasRemaining()) {
        return false;
      }
      out = null;
    }
    return true;
  }

  /** Closing with linger 0 sends RST in place of FIN. */
  void reset() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  void close() throws IOException {
    channel.close();
  }
}
