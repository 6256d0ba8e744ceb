package io.cria.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From tokens to expressions, each method one level of precedence, the loosest first. */
final class ExpressionParser {
  /** Names that go on with an expression, so that they are no argument of a test before them. */
  private static final Set<String> CONNECTIVES =
      Set.of("else", "or", "and", "is", "if", "in", "not", "recursive");

  private final Tokens tokens;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
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
    return withFilters ? filtersAndTests(value) : value;
  }

  private Expression primary() {
    Token token = tokens.peek();
    switch (token.kind()) {
      case NAME:
        return name(tokens.next().text());
      case STRING:
        StringBuilder text = new StringBuilder();
        while (tokens.isKind(Token.Kind.STRING)) {
          text.append(tokens.next().text());
        }
        return new Expression.Literal(text.toString());
      case INTEGER:
        if (token.text().length() > 1000) {
          throw tokens.problem("an integer of more than 1000 digits");
        }
        return new Expression.Literal(Numbers.whole(new BigInteger(tokens.next().text())));
      case FLOAT:
        return new Expression.Literal(Double.valueOf(tokens.next().text()));
      default:
        return bracketed();
    }
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

  private Expression.Given arguments() {
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

  private Expression filtersAndTests(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.operator("|")) {
        value = filter().over(value);
      } else if (tokens.name("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        value = new Expression.Call(tokens.line(), value, arguments());
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
  FilterChain filterChain(boolean nameFirst) {
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
    Expression.Given arguments = tokens.isOperator("(") ? arguments() : Expression.Given.NOTHING;
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
      arguments = arguments();
    } else if (beginsArgument()) {
      Expression argument = postfix(primary());
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
