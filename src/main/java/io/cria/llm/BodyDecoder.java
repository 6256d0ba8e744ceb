package io.cria.llm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes content encodings off a body. None is ever asked for, but gateways compress all the same,
 * twice at times, name the encoding of a body that they have decoded already, or send gzip without
 * naming it.
 */
final class BodyDecoder {
  /** Bytes that a body may have, as it comes and decoded. */
  static final int LIMIT_BYTES = 64 << 20;

  private final int limitBytes;

  BodyDecoder(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /**
   * A body as text.
   *
   * @param text decoded, read as UTF-8; empty where it could not be decoded
   * @param unreadable why it could not be decoded; null where it was
   */
  record Decoded(String text, @Nullable String unreadable) {
    static Decoded failed(String why) {
      return new Decoded("", why);
    }
  }

  /** What a body over the limit comes to. */
  Decoded tooLong() {
    return Decoded.failed("the answer is longer than " + (limitBytes >> 20) + " MiB");
  }

  /**
   * Decodes a body.
   *
   * @param contentEncoding values of the header, in their order
   */
  Decoded decode(byte[] body, List<String> contentEncoding) {
    List<String> encodings = new ArrayList<>();
    for (String value : contentEncoding) {
      for (String encoding : value.split(",", -1)) {
        String name = encoding.strip().toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !name.equals("identity")) {
          encodings.add(name);
        }
      }
    }
    byte[] plain = body;
    try {
      for (int i = encodings.size() - 1; i >= 0 && plain.length > 0; i--) {
        switch (encodings.get(i)) {
          case "gzip", "x-gzip" -> plain = isGzip(plain) ? gunzip(plain) : plain;
          case "deflate" -> plain = inflate(plain);
          default -> {
            return Decoded.failed(
                "the answer has an encoding that was not asked for and is not known: "
                    + encodings.get(i));
          }
        }
      }
      if (isGzip(plain)) {
        plain = gunzip(plain);
      }
    } catch (TooLongException e) {
      return Decoded.failed(
          "the answer is longer than " + (limitBytes >> 20) + " MiB once it is decoded");
    } catch (IOException e) {
      return Decoded.failed("the answer's encoding is damaged: " + e.getMessage());
    }
    return new Decoded(new String(plain, StandardCharsets.UTF_8), null);
  }

  /** JSON never begins with these bytes. */
  private static boolean isGzip(byte[] body) {
    return body.length > 2 && (body[0] & 0xff) == 0x1f && (body[1] & 0xff) == 0x8b;
  }

  private byte[] gunzip(byte[] body) throws IOException {
    return read(new GZIPInputStream(new ByteArrayInputStream(body)));
  }

  /** With zlib's head as the standard has it, or without as some servers send it. */
  private byte[] inflate(byte[] body) throws IOException {
    boolean zlib = body.length > 1 && (body[0] & 0x0f) == 8 && (word(body) % 31) == 0;
    Inflater inflater = new Inflater(!zlib);
    try {
      return read(new InflaterInputStream(new ByteArrayInputStream(body), inflater));
    } catch (TooLongException e) {
      throw e;
    } catch (IOException e) {
      if (!zlib && (body[0] == '{' || body[0] == '[')) {
        return body;
      }
      throw e;
    } finally {
      inflater.end();
    }
  }

  private static int word(byte[] body) {
    return (body[0] & 0xff) << 8 | (body[1] & 0xff);
  }

  private byte[] read(InputStream decoding) throws IOException {
    byte[] decoded = decoding.readNBytes(limitBytes + 1);
    if (decoded.length > limitBytes) {
      throw new TooLongException();
    }
    return decoded;
  }

  private static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
