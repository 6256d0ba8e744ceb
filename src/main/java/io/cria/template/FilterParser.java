package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From tokens to filters and tests, whose names must be known. */
final class FilterParser {
  /** Names that go on with an expression, so that they are no argument of a test before them. */
  private static final Set<String> CONNECTIVES =
      Set.of("else", "or", "and", "is", "if", "in", "not", "recursive");

  private final Tokens tokens;
  private final ExpressionParser expressions;

  FilterParser(Tokens tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** The value through the filters and tests that are next. */
  Expression over(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.operator("|")) {
        value = filter().over(value);
      } else if (tokens.name("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        value = new Expression.Call(tokens.line(), value, expressions.arguments());
      } else {
        return value;
      }
    }
  }

  /** Filters in their order, to be put over a value that is parsed later. */
  record FilterChain(List<NamedFilter> filters) {
    Expression over(Expression value) {
      Expression filtered = value;
      for (NamedFilter filter : filters) {
        filtered = filter.over(filtered);
      }
      return filtered;
    }
  }

  record NamedFilter(int line, String name, Filter filter, Expression.Given arguments) {
    Expression over(Expression value) {
      return new Expression.Filtered(line, value, name, filter, arguments);
    }
  }

  /** {@code name | name(…)} where the first has no bar, else {@code | name | name(…)}. */
  FilterChain chain(boolean nameFirst) {
    List<NamedFilter> filters = new ArrayList<>();
    if (nameFirst) {
      filters.add(filter());
    }
    while (tokens.operator("|")) {
      filters.add(filter());
    }
    return new FilterChain(filters);
  }

  private NamedFilter filter() {
    Token name = tokens.need(Token.Kind.NAME);
    Filter filter = Filters.find(name.text());
    if (filter == null) {
      throw new TemplateException(name.line(), "filter '" + name.text() + "' is not supported");
    }
    Expression.Given arguments =
        tokens.isOperator("(") ? expressions.arguments() : Expression.Given.NOTHING;
    checkInnerName(name, arguments);
    return new NamedFilter(name.line(), name.text(), filter, arguments);
  }

  /** Filters and tests are named in arguments as well: these names are looked at here, too. */
  private static void checkInnerName(Token filter, Expression.Given arguments) {
    int place =
        switch (filter.text()) {
          case "map", "select", "reject" -> 0;
          case "selectattr", "rejectattr" -> 1;
          default -> Integer.MAX_VALUE;
        };
    if (place < arguments.positional().size()
        && arguments.positional().get(place) instanceof Expression.Literal literal
        && literal.constant() instanceof String name) {
      boolean isFilter = filter.text().equals("map");
      if (isFilter ? Filters.find(name) == null : ValueTests.find(name) == null) {
        String kind = isFilter ? "filter" : "test";
        throw new TemplateException(filter.line(), kind + " '" + name + "' is not supported");
      }
    }
  }

  private Expression test(Expression operand) {
    boolean not = tokens.name("not");
    Token name = tokens.need(Token.Kind.NAME);
    ValueTest test = ValueTests.find(name.text());
    if (test == null) {
      throw new TemplateException(name.line(), "test '" + name.text() + "' is not supported");
    }
    Expression.Given arguments = Expression.Given.NOTHING;
    if (tokens.isOperator("(")) {
      arguments = expressions.arguments();
    } else if (beginsArgument()) {
      Expression argument = expressions.operand();
      arguments = new Expression.Given(List.of(argument), List.of(false), Map.of());
    }
    Expression tested = new Expression.Tested(name.line(), operand, name.text(), test, arguments);
    return not ? new Expression.Not(tested) : tested;
  }

  private boolean beginsArgument() {
    return switch (tokens.peek().kind()) {
      case NAME -> !CONNECTIVES.contains(tokens.peek().text());
      case STRING, INTEGER, FLOAT -> true;
      default -> tokens.isOperator("[") || tokens.isOperator("{");
    };
  }
}
