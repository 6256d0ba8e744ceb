package io.cria.template;

/**
 * A piece of a template's source.
 *
 * @param text the text itself, a name, an operator, the digits of a number, the value of a string
 * @param line its line, from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    TEXT("text"),
    PRINT_BEGIN("{{"),
    PRINT_END("}}"),
    TAG_BEGIN("{%"),
    TAG_END("%}"),
    NAME("a name"),
    STRING("a string"),
    INTEGER("an integer"),
    FLOAT("a float"),
    OPERATOR("an operator"),
    END("the end of the template");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  boolean is(Kind other, String value) {
    return kind == other && text.equals(value);
  }

  boolean isOperator(String value) {
    return is(Kind.OPERATOR, value);
  }

  boolean isName(String value) {
    return is(Kind.NAME, value);
  }

  /** The token in the words of a message. */
  String words() {
    return text.isEmpty() && kind != Kind.STRING ? kind.words : "'" + text + "'";
  }
}
