package io.cria.decoding.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rules of a context-free language over code points; the first one is the whole. No rule reaches
 * itself before it has said a character. Immutable.
 */
public final class Grammar {
  private final List<List<List<Symbol>>> rules;

  private Grammar(List<List<List<Symbol>>> rules) {
    this.rules = rules;
  }

  /** The ways to say each rule. */
  List<List<List<Symbol>>> rules() {
    return rules;
  }

  /** The same in llama.cpp's notation. */
  public String gbnf() {
    StringBuilder text = new StringBuilder();
    for (int rule = 0; rule < rules.size(); rule++) {
      text.append(name(rule))
          .append(" ::= ")
          .append(rules.get(rule).stream().map(Grammar::said).collect(Collectors.joining(" | ")))
          .append('\n');
    }
    return text.toString();
  }

  private static String name(int rule) {
    return rule == 0 ? "root" : "r" + rule;
  }

  private static String said(List<Symbol> way) {
    StringBuilder text = new StringBuilder();
    boolean quoted = false;
    for (Symbol symbol : way) {
      boolean literal = symbol instanceof Characters characters && characters.isOne();
      if (quoted && !literal) {
        text.append('"');
      }
      if (literal != quoted || !literal) {
        text.append(text.length() == 0 ? "" : " ").append(literal ? "\"" : "");
      }
      quoted = literal;
      if (symbol instanceof Symbol.Call call) {
        text.append(name(call.rule()));
      } else if (symbol instanceof Characters characters) {
        text.append(
            literal ? Characters.escaped(characters.ranges().get(0).first()) : characters.gbnf());
      }
    }
    return text.append(quoted ? "\"" : "").append(way.isEmpty() ? "\"\"" : "").toString();
  }

  /** Collects rules. */
  static final class Builder {
    private static final int MOST_SYMBOLS = 200_000;

    private final List<List<List<Symbol>>> rules = new ArrayList<>();
    private int symbols;

    /** A rule without a way to say it yet. */
    int rule() {
      rules.add(new ArrayList<>());
      return rules.size() - 1;
    }

    int size() {
      return rules.size();
    }

    /**
     * One more way to say a rule.
     *
     * @throws SchemaException when all ways together are too long
     */
    @SafeVarargs
    final Builder way(int rule, List<Symbol>... parts) {
      List<Symbol> way = new ArrayList<>();
      for (List<Symbol> part : parts) {
        way.addAll(part);
      }
      symbols += way.size() + 1;
      requireRoom(symbols, "");
      rules.get(rule).add(List.copyOf(way));
      return this;
    }

    /**
     * @param where the place in the schema
     * @throws SchemaException when so many symbols are too many
     */
    static void requireRoom(int symbols, String where) {
      if (symbols > MOST_SYMBOLS) {
        throw SchemaException.tooLarge(where);
      }
    }

    /**
     * @throws LeftRecursionException when a rule reaches itself before a character
     * @throws SchemaException when a rule can begin in too many ways
     */
    Grammar build() {
      List<List<List<Symbol>>> copy = rules.stream().map(List::copyOf).toList();
      new Beginnings(copy).require();
      return new Grammar(copy);
    }
  }

  /** A text, character by character. */
  static List<Symbol> text(String text) {
    return text.codePoints().<Symbol>mapToObj(Characters::one).toList();
  }

  static List<Symbol> any(Characters characters) {
    return List.of(characters);
  }

  static List<Symbol> call(int rule) {
    return List.of(new Symbol.Call(rule));
  }

  /** A rule that says itself before anything else can never be said to its end. */
  static final class LeftRecursionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeftRecursionException() {
      super("a rule reaches itself before it says a character", null, false, false);
    }
  }

  /**
   * Looks at what rules begin with: whether one reaches itself, and in how many ways one comes to
   * its first character. llama.cpp follows each of them by itself, also where several meet.
   */
  private static final class Beginnings {
    private static final int MOST = 10_000;

    private final List<List<List<Symbol>>> rules;
    private final long[] count;
    private final boolean[] mayBeEmpty;
    private final boolean[] open;
    private final boolean[] done;

    Beginnings(List<List<List<Symbol>>> rules) {
      this.rules = rules;
      this.count = new long[rules.size()];
      this.mayBeEmpty = new boolean[rules.size()];
      this.open = new boolean[rules.size()];
      this.done = new boolean[rules.size()];
    }

    void require() {
      boolean changed = true;
      while (changed) {
        changed = false;
        for (int rule = 0; rule < rules.size(); rule++) {
          if (!mayBeEmpty[rule] && rules.get(rule).stream().anyMatch(this::isEmpty)) {
            mayBeEmpty[rule] = true;
            changed = true;
          }
        }
      }
      for (int rule = 0; rule < rules.size(); rule++) {
        visit(rule);
      }
    }

    private boolean isEmpty(List<Symbol> way) {
      return way.stream()
          .allMatch(symbol -> symbol instanceof Symbol.Call call && mayBeEmpty[call.rule()]);
    }

    private void visit(int rule) {
      if (open[rule]) {
        throw new LeftRecursionException();
      }
      if (done[rule]) {
        return;
      }
      open[rule] = true;
      for (List<Symbol> way : rules.get(rule)) {
        count[rule] += beginnings(way);
        if (count[rule] > MOST) {
          throw new SchemaException(
              "",
              "a value of it can begin in more than "
                  + MOST
                  + " ways: give 'anyOf' fewer schemas, or fewer within each other");
        }
      }
      open[rule] = false;
      done[rule] = true;
    }

    /** One of each call that comes before the first character. */
    private long beginnings(List<Symbol> way) {
      long product = 1;
      for (Symbol symbol : way) {
        if (!(symbol instanceof Symbol.Call call)) {
          break;
        }
        visit(call.rule());
        product = Math.min(product * count[call.rule()], MOST + 1L);
        if (!mayBeEmpty[call.rule()]) {
          break;
        }
      }
      return product;
    }
  }
}
