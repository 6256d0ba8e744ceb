package io.cria.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An answer as server-sent events, each on its way as soon as it is sent. Until the first one
 * nothing is, so that a request may be refused by its status.
 */
final class EventStream {
  /** Writes into a stream that goes on. */
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE);

  private static final byte[] DATA = bytes("data: ");
  private static final byte[] DONE = bytes("[DONE]");
  private static final byte[] END = bytes("\n\n");

  /** Writes what an event holds. */
  @FunctionalInterface
  private interface Data {
    void write(OutputStream out) throws IOException;
  }

  private final HttpExchange exchange;
  private final HangUps.Work work;
  private boolean begun;
  private @Nullable IOException gone;

  /**
   * @param work which the answer is written in
   */
  EventStream(HttpExchange exchange, HangUps.Work work) {
    this.exchange = exchange;
    this.work = work;
  }

  boolean hasBegun() {
    return begun;
  }

  /**
   * Sends an event.
   *
   * @return whether there is anybody to send to; once there is not, nothing is done
   */
  boolean send(ObjectNode event) {
    return sendData(out -> JSON.writeValue(out, event));
  }

  /** Sends what became of an answer that does not come to its end. */
  void fail(ApiException e) {
    boolean unused = send(Replies.error(e));
  }

  /** Sends the mark that OpenAI's interface ends its answers with. */
  void done() {
    boolean unused = sendData(out -> out.write(DONE));
  }

  /**
   * Ends the stream.
   *
   * @throws IOException when its reader had gone
   */
  void close() throws IOException {
    if (gone != null) {
      throw gone;
    }
    if (begun) {
      exchange.getResponseBody().close();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private boolean sendData(Data data) {
    if (gone != null) {
      return false;
    }
    work.beginWrite();
    try {
      if (!begun) {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        // for a proxy that would collect events before it hands them on
        exchange.getResponseHeaders().set("X-Accel-Buffering", "no");
        begun = true;
        exchange.sendResponseHeaders(200, 0);
      }
      OutputStream out = exchange.getResponseBody();
      out.write(DATA);
      data.write(out);
      out.write(END);
      out.flush();
      return true;
    } catch (IOException e) {
      gone = e;
      return false;
    } finally {
      work.endWrite();
    }
  }
}
