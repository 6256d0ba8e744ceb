package io.cria.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From tokens to expressions, each method one level of precedence, the loosest first. */
final class ExpressionParser {
  private final Tokens tokens;
  private final FilterParser filters;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
    this.filters = new FilterParser(tokens, this);
  }

  FilterParser filters() {
    return filters;
  }

  /** {@code a} or the tuple {@code a, b}. */
  Expression tupleOrOne() {
    return tuple(true);
  }

  /** As {@link #tupleOrOne}, but an {@code if} behind it is not its own. */
  Expression tupleWithoutConditions() {
    return tuple(false);
  }

  private Expression tuple(boolean conditions) {
    Expression first = conditions ? one() : or();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (tokens.operator(",") && !endsTuple()) {
      elements.add(conditions ? one() : or());
    }
    return new Expression.TupleOf(elements);
  }

  private boolean endsTuple() {
    return tokens.isKind(Token.Kind.PRINT_END)
        || tokens.isKind(Token.Kind.TAG_END)
        || tokens.isOperator(")");
  }

  /** One expression, which may be an inline if. */
  Expression one() {
    tokens.enter();
    Expression value = or();
    while (tokens.name("if")) {
      Expression condition = or();
      Expression otherwise = tokens.name("else") ? one() : null;
      value = new Expression.Conditional(condition, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.name("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.name("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!tokens.name("not")) {
      return comparison();
    }
    tokens.enter();
    Expression operand = not();
    tokens.leave();
    return new Expression.Not(operand);
  }

  private Expression comparison() {
    Expression first = sum();
    List<Comparator> comparators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    for (Comparator next = comparator(); next != null; next = comparator()) {
      comparators.add(next);
      others.add(sum());
    }
    return others.isEmpty() ? first : new Expression.Comparison(first, comparators, others);
  }

  private @Nullable Comparator comparator() {
    if (tokens.isName("not") && tokens.peekSecond().isName("in")) {
      tokens.next();
      tokens.next();
      return Comparator.NOT_IN;
    }
    if (tokens.name("in")) {
      return Comparator.IN;
    }
    Comparator comparator =
        tokens.isKind(Token.Kind.OPERATOR) ? Comparator.of(tokens.peek().text()) : null;
    if (comparator != null) {
      tokens.next();
    }
    return comparator;
  }

  private Expression sum() {
    Expression left = concatenation();
    for (Operator next = operator("+", "-"); next != null; next = operator("+", "-")) {
      left = new Expression.Arithmetic(next, left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.operator("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    Operator next = operator("*", "/", "//", "%");
    while (next != null) {
      left = new Expression.Arithmetic(next, left, power());
      next = operator("*", "/", "//", "%");
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    for (Operator next = operator("**"); next != null; next = operator("**")) {
      left = new Expression.Arithmetic(next, left, unary(true));
    }
    return left;
  }

  private @Nullable Operator operator(String... symbols) {
    for (String symbol : symbols) {
      if (tokens.operator(symbol)) {
        return Operator.of(symbol);
      }
    }
    return null;
  }

  /** A sign binds tighter than filters, so that {@code -1 | abs} is 1. */
  private Expression unary(boolean withFilters) {
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      tokens.enter();
      boolean negative = tokens.next().isOperator("-");
      value = new Expression.Signed(negative, unary(false));
      tokens.leave();
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilters ? filters.over(value) : value;
  }

  /** What stands without operators before or behind it. */
  private Expression primary() {
    return switch (tokens.peek().kind()) {
      case NAME -> name(tokens.next().text());
      case STRING -> strings();
      case INTEGER -> integer();
      case FLOAT -> new Expression.Literal(Double.valueOf(tokens.next().text()));
      default -> bracketed();
    };
  }

  /** Strings beside each other are one. */
  private Expression strings() {
    StringBuilder text = new StringBuilder();
    while (tokens.isKind(Token.Kind.STRING)) {
      text.append(tokens.next().text());
    }
    return new Expression.Literal(text.toString());
  }

  private Expression integer() {
    if (tokens.peek().text().length() > Limits.DIGITS) {
      throw tokens.problem("an integer of more than " + Limits.DIGITS + " digits");
    }
    return new Expression.Literal(Numbers.whole(new BigInteger(tokens.next().text())));
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> new Expression.Literal(true);
      case "false", "False" -> new Expression.Literal(false);
      case "none", "None" -> new Expression.Literal(None.NONE);
      default -> new Expression.Name(name);
    };
  }

  private Expression bracketed() {
    if (tokens.operator("(")) {
      if (tokens.operator(")")) {
        return new Expression.TupleOf(List.of());
      }
      Expression inner = tupleOrOne();
      tokens.need(")");
      return inner;
    }
    if (tokens.operator("[")) {
      return list();
    }
    if (tokens.operator("{")) {
      return dict();
    }
    throw tokens.unexpected("an expression");
  }

  private Expression list() {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.operator("]")) {
      if (!elements.isEmpty()) {
        tokens.need(",");
        if (tokens.operator("]")) {
          break;
        }
      }
      elements.add(one());
    }
    return new Expression.ListOf(elements);
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.operator("}")) {
      if (!keys.isEmpty()) {
        tokens.need(",");
        if (tokens.operator("}")) {
          break;
        }
      }
      keys.add(one());
      tokens.need(":");
      values.add(one());
    }
    return new Expression.DictOf(keys, values);
  }

  /** An operand with what is behind it, but no filters. */
  Expression operand() {
    return postfix(primary());
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.operator(".")) {
        value = member(value);
      } else if (tokens.operator("[")) {
        value = subscript(value);
      } else if (tokens.isOperator("(")) {
        value = new Expression.Call(tokens.line(), value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression member(Expression owner) {
    if (tokens.isKind(Token.Kind.INTEGER)) {
      return new Expression.Item(owner, primary());
    }
    if (tokens.isKind(Token.Kind.NAME) && tokens.peek().text().startsWith("_")) {
      throw tokens.problem("attribute '" + tokens.peek().text() + "' is not supported");
    }
    return new Expression.Attribute(owner, tokens.needName());
  }

  private Expression subscript(Expression owner) {
    List<@Nullable Expression> bounds = new ArrayList<>();
    bounds.add(bound());
    while (tokens.operator(":")) {
      bounds.add(bound());
    }
    tokens.need("]");
    Expression first = bounds.get(0);
    if (bounds.size() > 3) {
      throw tokens.problem("a slice of more than three parts");
    }
    if (bounds.size() > 1) {
      Expression step = bounds.size() > 2 ? bounds.get(2) : null;
      return new Expression.Slice(owner, first, bounds.get(1), step);
    }
    if (first == null) {
      throw tokens.problem("[] without an index");
    }
    return new Expression.Item(owner, first);
  }

  private @Nullable Expression bound() {
    return tokens.isOperator(":") || tokens.isOperator("]") ? null : one();
  }

  /** The arguments of a call, with their brackets. */
  Expression.Given arguments() {
    tokens.need("(");
    List<Expression> positional = new ArrayList<>();
    List<Boolean> spread = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    boolean first = true;
    while (!tokens.operator(")")) {
      if (!first) {
        tokens.need(",");
        if (tokens.operator(")")) {
          break;
        }
      }
      first = false;
      if (tokens.isOperator("**")) {
        throw tokens.problem("'**' in calls is not supported");
      }
      if (tokens.isKind(Token.Kind.NAME) && tokens.peekSecond().isOperator("=")) {
        String name = tokens.needName();
        tokens.next();
        named.put(name, one());
      } else {
        spread.add(tokens.operator("*"));
        positional.add(one());
      }
    }
    return new Expression.Given(positional, spread, named);
  }
}
