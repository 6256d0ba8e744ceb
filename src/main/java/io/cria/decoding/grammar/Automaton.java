package io.cria.decoding.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Follows a grammar byte by byte of UTF-8. States between characters are made when they are first
 * reached and kept, so equal ones are the same object; those within a character, of which a bounded
 * string has many at every place, are made anew each time. Not thread-safe.
 *
 * <p>A state is a set of stacks of places in the rules, as of a push-down automaton that takes all
 * its choices at once, and the bytes of a character that is not whole yet.
 */
public final class Automaton {
  /** The empty stack: all is said. */
  private static final int ALL_SAID = 0;

  /** A place in the rules with the stack below it; equal ones have one number. */
  private record Stack(int place, int below) {}

  /** What a state is: stacks by number, and of a torn character its bits and missing bytes. */
  private record Key(Set<Integer> stacks, int bits, int missing, int least) {}

  /** All ways of all rules one after the other, each with a null behind it. */
  private final List<@Nullable Symbol> symbols = new ArrayList<>();

  /** Where the ways of a rule begin. */
  private final List<List<Integer>> ways = new ArrayList<>();

  private final List<Stack> stacks = new ArrayList<>();
  private final Map<Stack, Integer> numbers = new HashMap<>();
  private final Map<Key, State> states = new HashMap<>();

  /** From the stacks whose character has come to what follows: for most characters the same. */
  private final Map<List<Integer>, State> followers = new HashMap<>();

  private final State start;

  public Automaton(Grammar grammar) {
    for (List<List<Symbol>> rule : grammar.rules()) {
      List<Integer> beginnings = new ArrayList<>();
      for (List<Symbol> way : rule) {
        beginnings.add(symbols.size());
        symbols.addAll(way);
        symbols.add(null);
      }
      ways.add(beginnings);
    }
    stacks.add(new Stack(-1, -1));
    Reach reach = new Reach();
    for (int way : ways.get(0)) {
      reach.from(way, ALL_SAID);
    }
    this.start = state(new Key(reach.reached, 0, 0, 0));
  }

  /** Before the first byte. */
  public State start() {
    return start;
  }

  /**
   * Goes on to all places where a character is wanted, or the end is reached. Ways that meet are
   * followed once: rules that share others have more ways than could be.
   */
  private final class Reach {
    private final Set<Integer> reached = new TreeSet<>();
    private final Set<Stack> seen = new HashSet<>();
    private final Deque<Stack> open = new ArrayDeque<>();

    void from(int place, int below) {
      open(place, below);
      for (Stack next = open.poll(); next != null; next = open.poll()) {
        pass(next);
      }
    }

    private void open(int place, int below) {
      Stack stack = new Stack(place, below);
      if (seen.add(stack)) {
        open.add(stack);
      }
    }

    private void pass(Stack at) {
      Symbol symbol = symbols.get(at.place);
      if (symbol == null) {
        if (at.below == ALL_SAID) {
          reached.add(ALL_SAID);
        } else {
          Stack caller = stacks.get(at.below);
          open(caller.place, caller.below);
        }
      } else if (symbol instanceof Symbol.Call call) {
        // nothing is to come back to where the call is the last
        boolean isLast = symbols.get(at.place + 1) == null;
        int after = isLast ? at.below : number(new Stack(at.place + 1, at.below));
        for (int way : ways.get(call.rule())) {
          open(way, after);
        }
      } else {
        reached.add(number(at));
      }
    }
  }

  private int number(Stack stack) {
    return numbers.computeIfAbsent(
        stack,
        made -> {
          stacks.add(made);
          return stacks.size() - 1;
        });
  }

  private State state(Key key) {
    return states.computeIfAbsent(key, State::new);
  }

  /** The state behind the character that these stacks want. */
  private State behind(List<Integer> wanting) {
    Reach reach = new Reach();
    for (int number : wanting) {
      Stack stack = stacks.get(number);
      reach.from(stack.place + 1, stack.below);
    }
    return state(new Key(reach.reached, 0, 0, 0));
  }

  private boolean wants(int stack, int first, int last) {
    return stack != ALL_SAID
        && symbols.get(stacks.get(stack).place) instanceof Characters characters
        && characters.meets(first, last);
  }

  /** Where a text may stand. */
  public final class State {
    private static final int ASCII = 0x80;

    private final Key key;
    private @Nullable State @Nullable [] next;
    private boolean @Nullable [] known;

    private State(Key key) {
      this.key = key;
    }

    /** Whether the text may end here. */
    public boolean isWhole() {
      return key.missing == 0 && key.stacks.contains(ALL_SAID);
    }

    /** Whether a character has begun here and is not at its end. */
    public boolean isTorn() {
      return key.missing > 0;
    }

    /** Whether the text may go on from here. */
    public boolean goesOn() {
      return key.stacks.size() > (key.stacks.contains(ALL_SAID) ? 1 : 0);
    }

    /**
     * After one more byte, 0 to 255; null where the text may not go on so.
     *
     * <p>A torn character is let through only if it can become one that is wanted.
     */
    public @Nullable State after(int utf8) {
      if (key.missing > 0 || utf8 >= ASCII) {
        return made(utf8);
      }
      if (next == null || known == null) {
        next = new State[ASCII];
        known = new boolean[ASCII];
      }
      if (!known[utf8]) {
        next[utf8] = made(utf8);
        known[utf8] = true;
      }
      return next[utf8];
    }

    private @Nullable State made(int utf8) {
      if (key.missing > 0) {
        return (utf8 & 0xC0) == 0x80
            ? torn((key.bits << 6) | (utf8 & 0x3F), key.missing - 1, key.least)
            : null;
      }
      if (utf8 < ASCII) {
        return whole(utf8);
      }
      if (utf8 >= 0xC2 && utf8 <= 0xDF) {
        return torn(utf8 & 0x1F, 1, 0x80);
      }
      if (utf8 >= 0xE0 && utf8 <= 0xEF) {
        return torn(utf8 & 0x0F, 2, 0x800);
      }
      return utf8 >= 0xF0 && utf8 <= 0xF4 ? torn(utf8 & 0x07, 3, 0x10000) : null;
    }

    private @Nullable State torn(int bits, int missing, int least) {
      int first = Math.max(bits << (6 * missing), least);
      int last = ((bits + 1) << (6 * missing)) - 1;
      if (first > last) {
        return null; // a longer spelling than need be
      }
      if (missing == 0) {
        return whole(bits);
      }
      Set<Integer> left = new TreeSet<>();
      for (int stack : key.stacks) {
        if (wants(stack, first, last)) {
          left.add(stack);
        }
      }
      return left.isEmpty() ? null : new State(new Key(left, bits, missing, least));
    }

    private @Nullable State whole(int codePoint) {
      List<Integer> wanting = new ArrayList<>();
      for (int number : key.stacks) {
        if (wants(number, codePoint, codePoint)) {
          wanting.add(number);
        }
      }
      return wanting.isEmpty() ? null : followers.computeIfAbsent(wanting, Automaton.this::behind);
    }
  }
}
