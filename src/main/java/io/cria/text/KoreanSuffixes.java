package io.cria.text;

import java.util.Arrays;
import java.util.List;

/**
 * What the tokenizer for Korean cuts off: particles behind nouns, endings behind the stems of
 * verbs, and whole words by which a sentence asks politely or in passing. The lists belong to the
 * tokenizer's name: a text has the same tokens as long as the name is the same.
 *
 * <p>Suffixes are kept as a trie over their syllables from the last to the first. Thread-safe.
 */
final class KoreanSuffixes {
  static final List<String> PARTICLES =
      words(
          """
          이 가 을 를 은 는 의 에 에서 에게 에게서 한테 한테서 께 께서 로 으로 로서 으로서 로써 으로써 와 과 랑 이랑 하고
          도 만 까지 부터 마다 조차 마저 밖에 처럼 보다 대로 뿐 나 이나 든지 라도 이라도 라고 이라고 라는 이라는 이란 란
          에는 에도 에서는 에서도 으로는 로는 까지는 부터는 만을 만이 께는 에게는 한테는 들 들을 들이 들은 들의 들에게
          때문에 서
          """);

  /** Of the copula too, which follows a noun. */
  static final List<String> ENDINGS =
      words(
          """
          인 이다 입니다 인가요 인가 인지 이고 이며 이지 예요 이에요 일까요 일까 입니까 이야 야
          하 하여라 하시오 하십시오 하세요 하셔요 해라 하라 해 해요 합니다 한다 하는 할 한 하고 하여 해서 하면 하자
          할래 할까 할까요 하렴 하기 하지 했어요 했던
          해줘 해주세요 해주십시오 해주시오 해봐 해보세요 해줄래 해줄래요
          시오 으시오 십시오 으십시오 세요 으세요 어라 아라 여라 라 으라
          어요 아요 에요 습니까 습니다 나요 가요 까요 을까 을까요 는지 은지 는가 은가 던 고 어서 아서 려면 으려면
          면 으면 거나 지만 는데 은데 며 으며 음 기 니 냐 자 지 어 아 여
          줘 어줘 아줘 주세요 어주세요 아주세요 주십시오
          """);

  /** Dropped where they stand alone. */
  static final List<String> WORDS =
      words(
          """
          주세요 주십시오 주시오 줘 줘요 줄래 줄래요 주시겠어요 주시겠습니까 주라 다오 주렴 주실래요 주실 주기 주면
          주셨으면 보세요 보시오 보십시오 봐 봐요 봐라 보아라 보자 볼래 볼래요 볼까 볼까요 보렴
          좋겠어 좋겠어요 좋겠다 합니다 바랍니다 바란다 바라 싶어요 싶습니다 싶어
          부탁해 부탁해요 부탁드려요 부탁드립니다 돼 돼요 됩니다 되나 되나요 될까 될까요
          수 있나요 있나 있을까 있을까요 있어 있어요 있니 있습니까 좀 것 것을 것이 게 걸 거 거야 그 이 저 한
          해 해줘 해주세요 하시오 하세요 하라 해라 하십시오
          """);

  private static final KoreanSuffixes SUFFIXES = new KoreanSuffixes();

  private static final byte SUFFIX = 1;
  private static final byte WORD = 2;

  /** Of a node: its syllables in order, and for each the node after it. */
  private char[][] syllables = {new char[0]};

  private int[][] next = {new int[0]};
  private byte[] kinds = {0};
  private int nodes = 1;

  private KoreanSuffixes() {
    PARTICLES.forEach(suffix -> add(suffix, SUFFIX));
    ENDINGS.forEach(suffix -> add(suffix, SUFFIX));
    WORDS.forEach(word -> add(word, WORD));
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }

  /**
   * Where the stem of a word ends: before its longest suffix that leaves a syllable; at its end
   * where it has none; at its start where it is a word to be dropped.
   *
   * @param buffer syllables of the word in {@code [start, end)}
   */
  static int stemEnd(char[] buffer, int start, int end) {
    int stem = end;
    int node = 0;
    for (int i = end - 1; i >= start; i--) {
      node = SUFFIXES.after(node, buffer[i]);
      if (node == 0) {
        return stem;
      }
      byte kind = SUFFIXES.kinds[node];
      if (i == start) {
        return (kind & WORD) != 0 ? start : stem;
      }
      if ((kind & SUFFIX) != 0) {
        stem = i;
      }
    }
    return stem;
  }

  /** The node after a syllable; 0, the root, which none leads to, where there is none. */
  private int after(int node, char syllable) {
    int at = Arrays.binarySearch(syllables[node], syllable);
    return at < 0 ? 0 : next[node][at];
  }

  private void add(String suffix, byte kind) {
    int node = 0;
    for (int i = suffix.length() - 1; i >= 0; i--) {
      int there = after(node, suffix.charAt(i));
      node = there == 0 ? branch(node, suffix.charAt(i)) : there;
    }
    kinds[node] = (byte) (kinds[node] | kind);
  }

  private int branch(int node, char syllable) {
    int at = -1 - Arrays.binarySearch(syllables[node], syllable);
    syllables[node] = inserted(syllables[node], at, syllable);
    next[node] = inserted(next[node], at, nodes);
    syllables = Arrays.copyOf(syllables, nodes + 1);
    next = Arrays.copyOf(next, nodes + 1);
    kinds = Arrays.copyOf(kinds, nodes + 1);
    syllables[nodes] = new char[0];
    next[nodes] = new int[0];
    return nodes++;
  }

  private static char[] inserted(char[] values, int at, char value) {
    char[] longer = Arrays.copyOf(values, values.length + 1);
    System.arraycopy(values, at, longer, at + 1, values.length - at);
    longer[at] = value;
    return longer;
  }

  private static int[] inserted(int[] values, int at, int value) {
    int[] longer = Arrays.copyOf(values, values.length + 1);
    System.arraycopy(values, at, longer, at + 1, values.length - at);
    longer[at] = value;
    return longer;
  }
}
