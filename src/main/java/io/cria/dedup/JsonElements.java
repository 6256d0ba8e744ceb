package io.cria.dedup;

import java.io.IOException;
import java.io.Reader;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The elements of one JSON array as they are written, one after the other, whatever the array's
 * size. White space with line breaks between an element's tokens is left out, so that each is one
 * line, but for one space where it alone divides two; everything else stays as it is. An element
 * may still be no valid JSON: only brackets and strings are followed.
 */
final class JsonElements implements Iterator<JsonElements.Element> {
  private final Reader in;
  private int peeked = -2;
  private long line = 1;
  private boolean begun;
  private boolean ended;
  private @Nullable Element next;

  /**
   * @param text as it is written
   * @param line of the file where it begins, from 1
   */
  record Element(String text, long line) {}

  /** The array is not one. */
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long line;

    Malformed(long line, String message) {
      super(message);
      this.line = line;
    }

    long line() {
      return line;
    }
  }

  /**
   * @param in buffered; stays open
   */
  JsonElements(Reader in) {
    this.in = in;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      try {
        next = advance();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      ended = next == null;
    }
    return next != null;
  }

  @Override
  public Element next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Element element = next;
    next = null;
    return element;
  }

  private @Nullable Element advance() throws IOException {
    int c = skipBlank();
    if (!begun) {
      begun = true;
      if (c == '\uFEFF') {
        read();
        c = skipBlank();
      }
      require(c == '[', "the file is no JSON array");
      read();
      if (skipBlank() == ']') {
        return end();
      }
    } else if (c == ']') {
      return end();
    } else {
      require(c == ',', "a comma or the array's end is missing");
      read();
    }
    skipBlank();
    return element();
  }

  private @Nullable Element end() throws IOException {
    read();
    require(skipBlank() < 0, "there is something after the array");
    return null;
  }

  private Element element() throws IOException {
    long begins = line;
    StringBuilder text = new StringBuilder(256);
    int depth = 0;
    while (true) {
      int c = peek();
      require(c >= 0, "the array is cut off");
      if (depth == 0 && (c == ',' || c == ']')) {
        break;
      }
      if (isBlank(c)) {
        blank(text);
        continue;
      }
      read();
      text.append((char) c);
      if (c == '"') {
        string(text);
      } else if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
    }
    return new Element(text.toString().stripTrailing(), begins);
  }

  private void string(StringBuilder text) throws IOException {
    int c;
    do {
      c = read();
      require(c >= 0, "the array is cut off within a string");
      text.append((char) c);
      if (c == '\\') {
        text.append((char) read());
      }
    } while (c != '"');
  }

  /** Keeps white space that stays on its line. */
  private void blank(StringBuilder text) throws IOException {
    int before = text.length();
    boolean broken = false;
    while (isBlank(peek())) {
      int c = read();
      broken |= c == '\n' || c == '\r';
      text.append((char) c);
    }
    if (broken) {
      text.setLength(before);
      if (before > 0 && !divides(text.charAt(before - 1)) && !divides(peek())) {
        text.append(' ');
      }
    }
  }

  /** Whether it ends the token before it, and begins none that goes on. */
  private static boolean divides(int c) {
    return c < 0 || "{}[],:\"".indexOf(c) >= 0;
  }

  private int skipBlank() throws IOException {
    while (isBlank(peek())) {
      read();
    }
    return peek();
  }

  private static boolean isBlank(int c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private int peek() throws IOException {
    if (peeked == -2) {
      peeked = in.read();
    }
    return peeked;
  }

  private int read() throws IOException {
    int c = peek();
    peeked = -2;
    if (c == '\n') {
      line++;
    }
    return c;
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new Malformed(line, "not valid JSON, " + message + ": write an array of records […]");
    }
  }
}
