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
 * {@link Ask} with an {@link Answer}.
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
   * A request.
   *
   * @param laidOut whether control tokens written in the prompt are meant
   */
  record Ask(String prompt, boolean laidOut, Decoding decoding) {}

  /**
   * What came of it: exactly one of the three; {@code tooLong} and {@code failure} are messages.
   */
  record Answer(
      @Nullable Generated generated, @Nullable String tooLong, @Nullable String failure) {}
}
