package io.cria.dataset;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * Compact JSON on one line, keys in the order they are written, nothing escaped that need not be.
 */
final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonText() {}

  /** Writes one JSON value. */
  interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  static String of(Body body) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a string writer does not fail", e);
    }
    return escapedLoneSurrogates(out.toString());
  }

  /** A JSON string literal, which is a YAML double-quoted scalar too. */
  static String quoted(String text) {
    return of(json -> json.writeString(text));
  }

  /**
   * UTF-8 has no bytes for half a surrogate pair, which a model's answer may hold: an escape keeps
   * it. In the JSON written here such a character can stand inside a string only.
   */
  private static String escapedLoneSurrogates(String json) {
    StringBuilder out = null;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      boolean paired =
          Character.isHighSurrogate(c)
              && i + 1 < json.length()
              && Character.isLowSurrogate(json.charAt(i + 1));
      if (Character.isSurrogate(c) && !paired) {
        out = out == null ? new StringBuilder(json.substring(0, i)) : out;
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else if (out != null) {
        out.append(c);
        if (paired) {
          out.append(json.charAt(i + 1));
        }
      }
      i += paired ? 1 : 0;
    }
    return out == null ? json : out.toString();
  }
}
