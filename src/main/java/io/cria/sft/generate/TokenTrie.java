package io.cria.sft.generate;

import io.cria.decoding.grammar.Automaton;
import io.cria.task.TokenText;
import io.cria.tokenizer.TokenTexts;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The texts of a vocabulary as a tree by bytes, so that what a grammar refuses of one text is
 * refused of all that begin so. Control tokens and tokens without a text are not in it.
 */
final class TokenTrie {
  private static final int NONE = -1;

  /** A node is a number; 0 is the root. */
  private int[] firstChild = new int[1024];

  private int[] sibling = new int[1024];
  private byte[] label = new byte[1024];
  private int[] firstToken = new int[1024];
  private int nodes;

  /** From a token to the next one of the same text. */
  private final int[] nextToken;

  private TokenTrie(int tokens) {
    this.nextToken = new int[tokens];
    Arrays.fill(nextToken, NONE);
    int unused = node((byte) 0);
  }

  /**
   * @param rows tokens from this id on have no logits
   */
  static TokenTrie of(TokenTexts texts, int rows) {
    int tokens = Math.min(texts.size(), rows);
    TokenTrie trie = new TokenTrie(tokens);
    for (int id = 0; id < tokens; id++) {
      if (!texts.isControl(id) && texts.of(id).length() > 0) {
        trie.add(id, texts.of(id));
      }
    }
    return trie;
  }

  private void add(int token, TokenText text) {
    int at = 0;
    for (int i = 0; i < text.length(); i++) {
      at = child(at, (byte) text.at(i));
    }
    nextToken[token] = firstToken[at];
    firstToken[at] = token;
  }

  private int child(int parent, byte value) {
    for (int at = firstChild[parent]; at != NONE; at = sibling[at]) {
      if (label[at] == value) {
        return at;
      }
    }
    int made = node(value);
    sibling[made] = firstChild[parent];
    firstChild[parent] = made;
    return made;
  }

  private int node(byte value) {
    if (nodes == label.length) {
      int size = 2 * nodes;
      firstChild = Arrays.copyOf(firstChild, size);
      sibling = Arrays.copyOf(sibling, size);
      label = Arrays.copyOf(label, size);
      firstToken = Arrays.copyOf(firstToken, size);
    }
    firstChild[nodes] = NONE;
    sibling[nodes] = NONE;
    firstToken[nodes] = NONE;
    label[nodes] = value;
    return nodes++;
  }

  /** The tokens that a text may go on with. */
  BitSet from(Automaton.State state) {
    BitSet tokens = new BitSet();
    collect(0, state, tokens);
    return tokens;
  }

  private void collect(int parent, Automaton.State state, BitSet tokens) {
    for (int at = firstChild[parent]; at != NONE; at = sibling[at]) {
      Automaton.State after = state.after(label[at] & 0xFF);
      if (after != null) {
        for (int token = firstToken[at]; token != NONE; token = nextToken[token]) {
          tokens.set(token);
        }
        collect(at, after, tokens);
      }
    }
  }
}
