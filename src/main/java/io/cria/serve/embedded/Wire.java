package io.cria.serve.embedded;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.Decoding;
import io.cria.task.TextGenerator.Generated;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What server and worker say to each other: one JSON value a frame, its length in bytes before it
 * as four bytes. The worker begins with a {@link Hello}, then a {@link Ready}; then it answers each
 * {@link Ask} with any number of {@link Said} pieces, of which the last one brings an {@link
 * Answer}. The server may say at any time that it wants no more of one; where that comes too late
 * it has no effect.
 */
final class Wire {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_BYTES = 64 << 20;

  private Wire() {}

  static void write(DataOutputStream out, Object value) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(value);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
  }

  static <T> T read(DataInputStream in, Class<T> type) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MOST_BYTES) {
      throw new IOException("a frame of " + length + " bytes");
    }
    return JSON.readValue(in.readNBytes(length), type);
  }

  static String toLine(Start start) throws IOException {
    return JSON.writeValueAsString(start);
  }

  static Start start(String line) throws IOException {
    return JSON.readValue(line, Start.class);
  }

  /**
   * The only line on a worker's standard input, which then stays open for as long as the worker is
   * wanted.
   *
   * @param port where the server listens for this worker on the loopback address
   * @param token what the worker must show there
   * @param contextLength tokens of the context
   * @param directory the worker's own folder, which it removes at its end
   */
  record Start(
      int port, String token, String gguf, String modelName, int contextLength, String directory) {}

  /** The worker at the other end is the one that was started. */
  record Hello(String token) {}

  /** The model is loaded, or {@code failure} says in one line why not. */
  record Ready(@Nullable String failure) {}

  /**
   * What the server wants.
   *
   * @param ask the next request; null for no more of the one at work
   */
  record Order(@Nullable Ask ask) {
    static final Order STOP = new Order(null);
  }

  /**
   * A request.
   *
   * @param laidOut whether control tokens written in the prompt are meant
   * @param fitted whether the answer's limit is lowered to what the context has room for
   * @param grammar in GBNF, or null
   */
  record Ask(
      String prompt,
      boolean laidOut,
      Decoding decoding,
      boolean fitted,
      @Nullable String grammar) {}

  /**
   * What the model has written since the last one.
   *
   * @param more may be empty
   * @param answer what came of it, in the last one
   */
  record Said(String more, @Nullable Answer answer) {}

  /**
   * What came of a request: exactly one of the four; the last three are messages.
   *
   * @param refusal the request cannot be answered as it is
   */
  record Answer(
      @Nullable Generated generated,
      @Nullable String tooLong,
      @Nullable String refusal,
      @Nullable String failure) {}
}
