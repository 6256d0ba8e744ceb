package io.cria.template;

/** A part of a text, from {@code start} to before {@code end}, in UTF-16 units. */
public record Range(int start, int end) {
  public Range {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("no range: " + start + " to " + end);
    }
  }
}
