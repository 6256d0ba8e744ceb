package io.cria.template;

import java.util.List;

/** The tokens of a template with a place in them, as its parsers read on. */
final class Tokens {
  private final List<Token> tokens;
  private int at;
  private int nesting;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peekSecond() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (at < tokens.size() - 1) {
      at++;
    }
    return token;
  }

  int line() {
    return peek().line();
  }

  boolean isOperator(String text) {
    return peek().isOperator(text);
  }

  boolean isName(String text) {
    return peek().isName(text);
  }

  boolean isKind(Token.Kind kind) {
    return peek().kind() == kind;
  }

  /** Takes the operator, if it is next. */
  boolean operator(String text) {
    return isOperator(text) && taken();
  }

  /** Takes the word, if it is next. */
  boolean name(String text) {
    return isName(text) && taken();
  }

  private boolean taken() {
    next();
    return true;
  }

  void need(String operator) {
    if (!operator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  Token need(Token.Kind kind) {
    if (!isKind(kind)) {
      throw unexpected(kind.words);
    }
    return next();
  }

  String needName() {
    return need(Token.Kind.NAME).text();
  }

  void needTagEnd() {
    need(Token.Kind.TAG_END);
  }

  /** Begins a bracket or block within others. */
  void enter() {
    if (++nesting > Limits.NESTING) {
      throw problem("more than " + Limits.NESTING + " brackets and blocks inside each other");
    }
  }

  void leave() {
    nesting--;
  }

  TemplateException unexpected(String wanted) {
    return problem("expected " + wanted + ", got " + peek().words());
  }

  TemplateException problem(String what) {
    return new TemplateException(line(), what);
  }
}
