package io.cria.template;

/** The escapes of Python's string literals. */
final class Escapes {
  private Escapes() {}

  static String read(String literal, int line) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char kind = literal.charAt(++i);
      switch (kind) {
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'v' -> text.append('\u000b');
        case 'a' -> text.append('\u0007');
        case '\\', '\'', '"' -> text.append(kind);
        case '\n' -> {} // a line continued
        case 'x' -> i = codePoint(literal, i + 1, 2, text, line);
        case 'u' -> i = codePoint(literal, i + 1, 4, text, line);
        case 'U' -> i = codePoint(literal, i + 1, 8, text, line);
        default -> {
          if (kind >= '0' && kind <= '7') {
            i = octal(literal, i, text);
          } else {
            text.append('\\').append(kind);
          }
        }
      }
    }
    return text.toString();
  }

  private static int codePoint(String literal, int from, int digits, StringBuilder text, int line) {
    int value = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
      if (digit < 0 || value > Character.MAX_CODE_POINT) {
        throw new TemplateException(line, "a string with a broken \\" + literal.charAt(from - 1));
      }
      value = value * 16 + digit;
    }
    if (!Character.isValidCodePoint(value)) {
      throw new TemplateException(line, "a string with a broken \\" + literal.charAt(from - 1));
    }
    text.appendCodePoint(value);
    return from + digits - 1;
  }

  private static int octal(String literal, int from, StringBuilder text) {
    int value = 0;
    int i = from;
    while (i < from + 3 && i < literal.length() && Character.digit(literal.charAt(i), 8) >= 0) {
      value = value * 8 + Character.digit(literal.charAt(i++), 8);
    }
    text.appendCodePoint(value);
    return i - 1;
  }
}
