package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** From tokens to statements. What is not known here is refused with its line and name. */
final class Parser {
  private final Tokens tokens;
  private final ExpressionParser expressions;
  private final FilterParser filters;

  /** Whether break and continue have a loop around them in the same text. */
  private boolean inLoop;

  /** Whether what is written here stands in the output itself, in no generation block yet. */
  private boolean inOutput = true;

  /** Whether the text has a generation block. */
  private boolean marksGenerated;

  private Parser(List<Token> tokens) {
    this.tokens = new Tokens(tokens);
    this.expressions = new ExpressionParser(this.tokens);
    this.filters = expressions.filters();
  }

  static Parsed parse(String source) {
    Parser parser = new Parser(Lexer.tokens(source));
    Statement.Block body = parser.block(Set.of());
    return new Parsed(body, parser.marksGenerated);
  }

  /**
   * @param marksGenerated whether there is a generation block in it
   */
  record Parsed(Statement.Block body, boolean marksGenerated) {}

  /** The statements up to a tag of the given names, whose name is then the next token. */
  private Statement.Block block(Set<String> ends) {
    tokens.enter();
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.next();
      switch (token.kind()) {
        case TEXT -> statements.add(new Statement.Literal(token.text()));
        case PRINT_BEGIN -> {
          statements.add(new Statement.Print(token.line(), expressions.tupleOrOne()));
          tokens.need(Token.Kind.PRINT_END);
        }
        case TAG_BEGIN -> {
          if (tokens.isKind(Token.Kind.NAME) && ends.contains(tokens.peek().text())) {
            tokens.leave();
            return new Statement.Block(statements);
          }
          statements.add(statement());
        }
        case END -> {
          if (!ends.isEmpty()) {
            throw tokens.problem("'" + String.join("' or '", new TreeSet<>(ends)) + "' is missing");
          }
          tokens.leave();
          return new Statement.Block(statements);
        }
        default -> throw new IllegalStateException("a token out of place: " + token);
      }
    }
  }

  /** A block and its end tag. */
  private Statement.Block blockTo(String end) {
    Statement.Block block = block(Set.of(end));
    tokens.next();
    tokens.needTagEnd();
    return block;
  }

  /** A block and its end tag, whose text goes somewhere else than straight to the output. */
  private Statement.Block textTo(String end) {
    boolean loop = inLoop;
    boolean output = inOutput;
    inLoop = false;
    inOutput = false;
    Statement.Block block = blockTo(end);
    inLoop = loop;
    inOutput = output;
    return block;
  }

  private Statement statement() {
    Token tag = tokens.need(Token.Kind.NAME);
    int line = tag.line();
    return switch (tag.text()) {
      case "if" -> ifs(line);
      case "for" -> loop(line);
      case "set" -> set(line);
      case "with" -> with(line);
      case "macro" -> macro();
      case "call" -> call(line);
      case "filter" -> filter(line);
      case "generation" -> generation(line);
      case "break" -> leave(tag, Statement.Flow.BREAK);
      case "continue" -> leave(tag, Statement.Flow.CONTINUE);
      default -> throw new TemplateException(line, "tag '" + tag.text() + "' is not supported");
    };
  }

  private Statement ifs(int line) {
    List<Expression> conditions = new ArrayList<>();
    List<Statement.Block> blocks = new ArrayList<>();
    Statement.Block otherwise = null;
    String next = "elif";
    while (next.equals("elif")) {
      conditions.add(expressions.tupleOrOne());
      tokens.needTagEnd();
      blocks.add(block(Set.of("elif", "else", "endif")));
      next = tokens.needName();
    }
    tokens.needTagEnd();
    if (next.equals("else")) {
      otherwise = blockTo("endif");
    }
    return new Statement.If(line, conditions, blocks, otherwise);
  }

  private Statement loop(int line) {
    List<String> targets = targets();
    if (!tokens.name("in")) {
      throw tokens.unexpected("'in'");
    }
    Expression iterable = expressions.tupleWithoutConditions();
    Expression condition = tokens.name("if") ? expressions.one() : null;
    if (tokens.isName("recursive")) {
      throw tokens.problem("'recursive' loops are not supported");
    }
    tokens.needTagEnd();
    boolean outer = inLoop;
    inLoop = true;
    Statement.Block body = block(Set.of("else", "endfor"));
    inLoop = outer;
    Statement.Block otherwise = null;
    boolean hasElse = tokens.needName().equals("else");
    tokens.needTagEnd();
    if (hasElse) {
      otherwise = blockTo("endfor");
    }
    return new Statement.For(line, targets, iterable, condition, body, otherwise);
  }

  /** {@code a}, {@code a, b} or {@code (a, b)}. */
  private List<String> targets() {
    boolean bracket = tokens.operator("(");
    List<String> targets = new ArrayList<>();
    do {
      targets.add(tokens.needName());
    } while (tokens.operator(","));
    if (bracket) {
      tokens.need(")");
    }
    return targets;
  }

  private Statement set(int line) {
    if (tokens.isKind(Token.Kind.NAME) && tokens.peekSecond().isOperator(".")) {
      String namespace = tokens.needName();
      tokens.need(".");
      String attribute = tokens.needName();
      return new Statement.SetAttribute(line, namespace, attribute, setValue());
    }
    List<String> targets = targets();
    return new Statement.Set(line, targets, setValue());
  }

  /** The value behind {@code =}, or the text of the block, through the filters named. */
  private Expression setValue() {
    if (tokens.operator("=")) {
      Expression value = expressions.tupleOrOne();
      tokens.needTagEnd();
      return value;
    }
    return filteredBlock("endset", false);
  }

  private Statement filter(int line) {
    return new Statement.Print(line, filteredBlock("endfilter", true));
  }

  /** The text of a block through filters that stand in its tag, before the block is known. */
  private Expression filteredBlock(String end, boolean nameFirst) {
    FilterParser.FilterChain chain = filters.chain(nameFirst);
    tokens.needTagEnd();
    return chain.over(new Expression.BlockText(textTo(end)));
  }

  private Statement with(int line) {
    List<String> names = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.isKind(Token.Kind.TAG_END)) {
      if (!names.isEmpty()) {
        tokens.need(",");
      }
      names.add(tokens.needName());
      tokens.need("=");
      values.add(expressions.one());
    }
    tokens.needTagEnd();
    return new Statement.With(line, names, values, blockTo("endwith"));
  }

  private Statement macro() {
    String name = tokens.needName();
    List<Macro.Parameter> parameters = parameters();
    tokens.needTagEnd();
    return new Statement.Define(new Macro(name, parameters, textTo("endmacro")));
  }

  private Statement call(int line) {
    List<Macro.Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
    if (!(expressions.one() instanceof Expression.Call call)) {
      throw tokens.problem("'call' needs the call of a macro");
    }
    tokens.needTagEnd();
    Macro body = new Macro("caller", parameters, textTo("endcall"));
    return new Statement.CallBlock(line, body, call);
  }

  private List<Macro.Parameter> parameters() {
    tokens.need("(");
    List<Macro.Parameter> parameters = new ArrayList<>();
    while (!tokens.operator(")")) {
      if (!parameters.isEmpty()) {
        tokens.need(",");
      }
      String name = tokens.needName();
      @Nullable Expression otherwise = tokens.operator("=") ? expressions.one() : null;
      boolean followsDefault =
          !parameters.isEmpty() && parameters.get(parameters.size() - 1).otherwise() != null;
      if (otherwise == null && followsDefault) {
        throw tokens.problem("parameter '" + name + "' needs a default, as the one before it");
      }
      parameters.add(new Macro.Parameter(name, otherwise));
    }
    return parameters;
  }

  /** Ranges are places in the output, so the block must stand in it and not in another one. */
  private Statement generation(int line) {
    if (!inOutput) {
      throw new TemplateException(
          line,
          "'generation' inside a macro, call, filter, set or generation block is not supported");
    }
    tokens.needTagEnd();
    marksGenerated = true;
    return new Statement.Generation(textTo("endgeneration"));
  }

  private Statement leave(Token tag, Statement.Flow flow) {
    if (!inLoop) {
      throw new TemplateException(tag.line(), "'" + tag.text() + "' outside of a loop");
    }
    tokens.needTagEnd();
    return new Statement.Leave(flow);
  }
}
