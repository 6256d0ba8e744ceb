package io.cria.decoding.grammar;

import static io.cria.decoding.grammar.Grammar.any;
import static io.cria.decoding.grammar.Grammar.call;
import static io.cria.decoding.grammar.Grammar.text;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules of JSON's own values (RFC 8259), in the spellings that models use: white space behind
 * brackets, commas and colons alone, and not without end; integers of at most 15 digits, which a
 * double holds; no half of a surrogate pair.
 */
final class JsonRules {
  /** Beyond it a number of repetitions is none. */
  static final int UNBOUNDED = Integer.MAX_VALUE;

  private static final int MOST_INDENT = 20;
  private static final int MOST_DIGITS = 15;
  private static final Characters DIGIT = Characters.of("09");
  private static final Characters HEX = Characters.of("09AFaf");
  private static final Characters UNESCAPED = Characters.of(" !#[]~").andBeyondAscii();

  private final Grammar.Builder rules;
  final int space;
  final int string;
  final int integer;
  final int number;
  final int value;
  final int object;
  private final int character;

  /** Adds the rules. */
  JsonRules(Grammar.Builder rules) {
    this.rules = rules;
    this.space = space();
    this.character = character();
    this.string = string(0, UNBOUNDED);
    this.integer = integer();
    this.number = number();
    this.value = rules.rule();
    this.object = map(call(value));
    rules
        .way(value, call(object))
        .way(value, call(list(call(value), 0, UNBOUNDED)))
        .way(value, call(string))
        .way(value, call(number))
        .way(value, text("true"))
        .way(value, text("false"))
        .way(value, text("null"));
  }

  /** Nothing, a space, or a line's end with an indent. */
  private int space() {
    int rule = rules.rule();
    int indent = repeated(any(Characters.of("  \t\t")), 0, MOST_INDENT);
    rules.way(rule).way(rule, text(" ")).way(rule, text("\n"), call(indent));
    return rule;
  }

  private int character() {
    int rule = rules.rule();
    List<Symbol> hex = any(HEX);
    rules
        .way(rule, any(UNESCAPED))
        .way(rule, text("\\"), any(Characters.of("\"\"\\\\//bbffnnrrtt")))
        .way(rule, text("\\u"), any(Characters.of("09ACEFacef")), hex, hex, hex)
        .way(rule, text("\\u"), any(Characters.of("DDdd")), any(Characters.of("07")), hex, hex);
    return rule;
  }

  private int integer() {
    int more = repeated(any(DIGIT), 0, MOST_DIGITS - 1);
    int size = rules.rule();
    rules.way(size, text("0")).way(size, any(Characters.of("19")), call(more));
    int rule = rules.rule();
    rules.way(rule, text("-"), call(size)).way(rule, call(size));
    return rule;
  }

  private int number() {
    int digits = repeated(any(DIGIT), 1, MOST_DIGITS);
    int exponent = repeated(any(DIGIT), 1, 2);
    int power = rules.rule();
    List<Symbol> e = any(Characters.of("EEee"));
    rules
        .way(power)
        .way(power, e, any(Characters.of("++--")), call(exponent))
        .way(power, e, call(exponent));
    int fraction = rules.rule();
    rules.way(fraction).way(fraction, text("."), call(digits));
    int rule = rules.rule();
    rules.way(rule, call(integer), call(fraction), call(power));
    return rule;
  }

  /** A string of so many characters. */
  int string(int least, int most) {
    int rule = rules.rule();
    rules.way(rule, text("\""), call(repeated(call(character), least, most)), text("\""));
    return rule;
  }

  /** An item so many times over. */
  private int repeated(List<Symbol> item, int least, int most) {
    return chain(least, most, item, List.of());
  }

  /** A list of so many items. */
  int list(List<Symbol> item, int least, int most) {
    List<Symbol> close = new ArrayList<>(call(space));
    close.addAll(text("]"));
    int rule = rules.rule();
    List<Symbol> open = new ArrayList<>(text("["));
    open.addAll(call(space));
    if (least == 0) {
      rules.way(rule, open, text("]"));
    }
    if (most > 0) {
      List<Symbol> next = new ArrayList<>(text(","));
      next.addAll(call(space));
      next.addAll(item);
      int rest =
          chain(Math.max(0, least - 1), most == UNBOUNDED ? UNBOUNDED : most - 1, next, close);
      rules.way(rule, open, item, call(rest));
    }
    return rule;
  }

  /** An object of any keys with values of one kind. */
  int map(List<Symbol> item) {
    List<Symbol> pair = new ArrayList<>(call(string));
    pair.addAll(text(":"));
    pair.addAll(call(space));
    pair.addAll(item);
    List<Symbol> next = new ArrayList<>(text(","));
    next.addAll(call(space));
    next.addAll(pair);
    List<Symbol> close = new ArrayList<>(call(space));
    close.addAll(text("}"));
    int rule = rules.rule();
    rules
        .way(rule, text("{"), call(space), text("}"))
        .way(rule, text("{"), call(space), pair, call(chain(0, UNBOUNDED, next, close)));
    return rule;
  }

  /** The same part over and over, then an end: one rule each, so that no stack grows with them. */
  private int chain(int least, int most, List<Symbol> part, List<Symbol> end) {
    int first = rules.rule();
    int rule = first;
    int bounded = most == UNBOUNDED ? least : most;
    for (int made = 0; made < bounded; made++) {
      if (made >= least) {
        rules.way(rule, end);
      }
      int next = rules.rule();
      rules.way(rule, part, call(next));
      rule = next;
    }
    rules.way(rule, end);
    if (most == UNBOUNDED) {
      rules.way(rule, part, call(rule));
    }
    return first;
  }
}
