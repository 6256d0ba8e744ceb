package io.cria.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From source to tokens, with blocks trimmed as transformers sets it: a tag or comment takes the
 * blanks before it on its line and the newline after it; {@code -} takes all white space on its
 * side, {@code +} none.
 */
final class Lexer {
  private static final Pattern RAW = Pattern.compile("\\s*raw\\s*(?:-%\\}\\s*|%\\})");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern NUMBER =
      Pattern.compile("[0-9][0-9_]*(\\.[0-9][0-9_]*)?([eE][+-]?[0-9][0-9_]*)?");
  private static final Pattern DIGITS = Pattern.compile("[0-9][0-9_]*");

  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{",
          "}", ",", ":", ".", "|", "=", "<", ">");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  /** Whether what was read last ended with a newline, so that blanks now begin a line. */
  private boolean lineBegins = true;

  private Lexer(String source) {
    this.source = source;
  }

  /** The tokens of a template, an end token last. */
  static List<Token> tokens(String source) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    // the last newline of a file is the editor's
    return new Lexer(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text).all();
  }

  private List<Token> all() {
    while (at < source.length()) {
      int opening = nextOpening();
      if (opening < 0) {
        add(Token.Kind.TEXT, source.substring(at));
        at = source.length();
      } else {
        open(opening);
      }
    }
    add(Token.Kind.END, "");
    return tokens;
  }

  private int nextOpening() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void open(int opening) {
    char kind = source.charAt(opening + 1);
    String text = source.substring(at, opening);
    int inside = opening + 2;
    char sign = inside < source.length() ? source.charAt(inside) : ' ';
    if (sign == '-' || sign == '+') {
      inside++;
    }
    if (sign == '-') {
      text = Strings.strip(text, null, false, true);
    } else if (sign != '+' && kind != '{') {
      text = withoutIndent(text, lineBegins);
    }
    if (!text.isEmpty()) {
      add(Token.Kind.TEXT, text);
    }
    advance(opening);
    switch (kind) {
      case '#' -> comment(inside);
      case '{' -> {
        add(Token.Kind.PRINT_BEGIN, "");
        code(inside, "}}", Token.Kind.PRINT_END);
      }
      default -> tag(inside);
    }
    lineBegins = source.charAt(at - 1) == '\n';
  }

  private void comment(int inside) {
    int end = source.indexOf("#}", inside);
    if (end < 0) {
      throw problem("a comment without its end");
    }
    close(end + 2, end > inside ? source.charAt(end - 1) : ' ', true);
  }

  private void tag(int inside) {
    Matcher raw = RAW.matcher(source).region(inside, source.length());
    if (raw.lookingAt()) {
      raw(raw.end());
      return;
    }
    add(Token.Kind.TAG_BEGIN, "");
    code(inside, "%}", Token.Kind.TAG_END);
  }

  private void raw(int inside) {
    Matcher end = END_RAW.matcher(source);
    if (!end.find(inside)) {
      throw problem("'raw' without its end");
    }
    String text = source.substring(inside, end.start());
    String sign = end.group(1);
    if (sign.equals("-")) {
      text = Strings.strip(text, null, false, true);
    } else if (sign.isEmpty()) {
      text = withoutIndent(text, false);
    }
    if (!text.isEmpty()) {
      add(Token.Kind.TEXT, text);
    }
    advance(end.end());
  }

  /** The tokens of a tag or a print, up to its end. */
  private void code(int inside, String end, Token.Kind ending) {
    advance(inside);
    Deque<String> brackets = new ArrayDeque<>();
    while (true) {
      skipSpace();
      if (at >= source.length()) {
        throw problem("a tag without its end '" + end + "'");
      }
      if (brackets.isEmpty() && ends(end, ending)) {
        return;
      }
      char c = source.charAt(at);
      if (Character.isUnicodeIdentifierStart(c) || c == '_') {
        name();
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (c == '\'' || c == '"') {
        string(c);
      } else {
        operator(brackets);
      }
    }
  }

  private boolean ends(String end, Token.Kind ending) {
    if (source.startsWith(end, at)) {
      add(ending, "");
      close(at + 2, ' ', ending == Token.Kind.TAG_END);
      return true;
    }
    char sign = source.charAt(at);
    boolean signed = sign == '-' || (sign == '+' && ending == Token.Kind.TAG_END);
    if (signed && source.startsWith(end, at + 1)) {
      add(ending, "");
      close(at + 3, sign, ending == Token.Kind.TAG_END);
      return true;
    }
    return false;
  }

  /** Goes on behind an end: with {@code -} behind all white space, else behind one newline. */
  private void close(int behind, char sign, boolean trims) {
    int next = behind;
    if (sign == '-') {
      while (next < source.length() && Strings.isSpace(source.charAt(next))) {
        next++;
      }
    } else if (trims && sign != '+' && next < source.length() && source.charAt(next) == '\n') {
      next++;
    }
    advance(next);
  }

  private void name() {
    int end = at + 1;
    while (end < source.length() && Character.isUnicodeIdentifierPart(source.charAt(end))) {
      end++;
    }
    add(Token.Kind.NAME, source.substring(at, end));
    at = end;
  }

  private void number() {
    // in a.0.1 the digits behind a dot are an index, no fraction
    boolean index = !tokens.isEmpty() && tokens.get(tokens.size() - 1).isOperator(".");
    Matcher number = (index ? DIGITS : NUMBER).matcher(source).region(at, source.length());
    if (!number.lookingAt()) {
      throw problem("unexpected '" + source.charAt(at) + "'");
    }
    String digits = number.group();
    boolean whole = DIGITS.matcher(digits).matches();
    add(whole ? Token.Kind.INTEGER : Token.Kind.FLOAT, digits.replace("_", ""));
    at = number.end();
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw problem("a string without its end");
    }
    add(Token.Kind.STRING, Escapes.read(source.substring(at + 1, end), line));
    advance(end + 1);
  }

  private void operator(Deque<String> brackets) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        match(operator, brackets);
        add(Token.Kind.OPERATOR, operator);
        at += operator.length();
        return;
      }
    }
    throw problem("unexpected '" + Character.toString(source.codePointAt(at)) + "'");
  }

  private void match(String operator, Deque<String> brackets) {
    switch (operator) {
      case "(" -> brackets.push(")");
      case "[" -> brackets.push("]");
      case "{" -> brackets.push("}");
      case ")", "]", "}" -> {
        if (brackets.isEmpty() || !brackets.pop().equals(operator)) {
          throw problem("unexpected '" + operator + "'");
        }
      }
      default -> {
        return;
      }
    }
  }

  private void skipSpace() {
    int end = at;
    while (end < source.length() && Strings.isSpace(source.charAt(end))) {
      end++;
    }
    advance(end);
  }

  /** The text without the blanks at its end, where they stand alone on their line. */
  private static String withoutIndent(String text, boolean lineBegins) {
    int begin = text.lastIndexOf('\n') + 1;
    boolean wholeLine = begin > 0 || lineBegins;
    return wholeLine && Strings.isBlank(text.substring(begin)) ? text.substring(0, begin) : text;
  }

  private void advance(int to) {
    for (; at < to; at++) {
      if (source.charAt(at) == '\n') {
        line++;
      }
    }
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private TemplateException problem(String what) {
    return new TemplateException(line, what);
  }
}
