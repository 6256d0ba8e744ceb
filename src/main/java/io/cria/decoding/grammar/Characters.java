package io.cria.decoding.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A set of code points, none of them a surrogate. */
record Characters(List<Range> ranges) implements Symbol {
  private static final int FIRST_BEYOND_ASCII = 0x80;
  private static final int LAST_BEFORE_SURROGATES = 0xD7FF;
  private static final int FIRST_AFTER_SURROGATES = 0xE000;

  /** Both ends belong to it. */
  record Range(int first, int last) {}

  Characters {
    ranges = List.copyOf(ranges);
  }

  static Characters one(int codePoint) {
    return new Characters(List.of(new Range(codePoint, codePoint)));
  }

  /** Pairs of first and last. */
  static Characters of(String pairs) {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < pairs.length(); i += 2) {
      ranges.add(new Range(pairs.charAt(i), pairs.charAt(i + 1)));
    }
    return new Characters(ranges);
  }

  /** These and all beyond ASCII. */
  Characters andBeyondAscii() {
    List<Range> all = new ArrayList<>(ranges);
    all.add(new Range(FIRST_BEYOND_ASCII, LAST_BEFORE_SURROGATES));
    all.add(new Range(FIRST_AFTER_SURROGATES, Character.MAX_CODE_POINT));
    return new Characters(all);
  }

  boolean contains(int codePoint) {
    return meets(codePoint, codePoint);
  }

  /** Whether one of them lies between the two, or is one of them. */
  boolean meets(int first, int last) {
    for (Range range : ranges) {
      if (range.first <= last && first <= range.last) {
        return true;
      }
    }
    return false;
  }

  boolean isOne() {
    return ranges.size() == 1 && ranges.get(0).first == ranges.get(0).last;
  }

  /** As GBNF writes it in brackets. */
  String gbnf() {
    StringBuilder text = new StringBuilder("[");
    for (Range range : ranges) {
      text.append(escaped(range.first));
      if (range.last > range.first) {
        text.append('-').append(escaped(range.last));
      }
    }
    return text.append(']').toString();
  }

  /** Letters and digits as they are, the rest by number: no character has a meaning then. */
  static String escaped(int codePoint) {
    if (codePoint < FIRST_BEYOND_ASCII && Character.isLetterOrDigit(codePoint)) {
      return Character.toString(codePoint);
    }
    String form =
        codePoint < FIRST_BEYOND_ASCII ? "\\x%02X" : codePoint <= 0xFFFF ? "\\u%04X" : "\\U%08X";
    return String.format(Locale.ROOT, form, codePoint);
  }
}
