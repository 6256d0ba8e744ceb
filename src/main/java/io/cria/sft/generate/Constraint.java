package io.cria.sft.generate;

import io.cria.decoding.grammar.Automaton;
import io.cria.decoding.grammar.Grammar;
import io.cria.task.CriaException;
import io.cria.task.TokenText;
import io.cria.tokenizer.TokenTexts;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps one answer to a grammar: tokens that break it have no chance, and its end is an end. */
final class Constraint {
  /** For all answers to one question: what may come where, once found out, is kept. */
  static final class Rules {
    private static final int MOST_KEPT = 512;

    private final Automaton automaton;
    private final TokenTrie trie;
    private final TokenTexts texts;
    private final Map<Automaton.State, BitSet> kept = new HashMap<>();

    Rules(Grammar grammar, TokenTrie trie, TokenTexts texts) {
      this.automaton = new Automaton(grammar);
      this.trie = trie;
      this.texts = texts;
    }

    private BitSet from(Automaton.State state) {
      if (state.isTorn()) {
        return trie.from(state); // few tokens go on from there, and it does not come again
      }
      if (kept.size() >= MOST_KEPT) {
        kept.clear();
      }
      return kept.computeIfAbsent(state, trie::from);
    }
  }

  private final Rules rules;
  private final BitSet ends;
  private Automaton.State state;

  /**
   * @param ends the tokens that end an answer
   */
  Constraint(Rules rules, BitSet ends) {
    this.rules = rules;
    this.ends = ends;
    this.state = rules.automaton.start();
  }

  /**
   * Takes what the grammar refuses out of the logits.
   *
   * @throws CriaException (bad input) when nothing is left, since the vocabulary cannot spell it
   */
  void apply(float[] logits) {
    BitSet allowed = rules.from(state);
    boolean mayEnd = state.isWhole();
    boolean any = false;
    for (int id = 0; id < logits.length; id++) {
      // a token that ends answers ends this one, whatever its text
      if (ends.get(id) ? mayEnd : allowed.get(id)) {
        any = true;
      } else {
        logits[id] = Float.NEGATIVE_INFINITY;
      }
    }
    if (!any) {
      throw CriaException.badInput(
          "the model's vocabulary has no token for what must come next in the format asked for:"
              + " leave response_format out");
    }
  }

  /** The answer goes on with this token. */
  void took(int token) {
    if (ends.get(token)) {
      return;
    }
    TokenText text = rules.texts.of(token);
    for (int i = 0; i < text.length(); i++) {
      state = after(state, text.at(i), token);
    }
  }

  private static Automaton.State after(Automaton.State state, int utf8, int token) {
    Automaton.@Nullable State after = state.after(utf8);
    if (after == null) {
      throw new IllegalStateException("token " + token + " breaks the grammar and was chosen");
    }
    return after;
  }

  /** Whether nothing can come any more. */
  boolean isOver() {
    return state.isWhole() && !state.goesOn();
  }
}
