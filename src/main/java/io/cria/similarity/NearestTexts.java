package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds, of a fixed list of texts, the one whose ROUGE-L F with a given text is highest; of several
 * the first. Exact, to the double: what is passed over could not have been it.
 *
 * <p>An inverted index over token occurrences (the k-th "the" of a text meets the k-th of another)
 * gives for each text the size of its multiset overlap with the given one, which is no less than
 * their longest common subsequence and so bounds F from above. The lists are gone through from the
 * shortest on, and only as long as a text that is in none of them yet could still be the nearest:
 * those of the frequent words mostly are not. Texts are then compared while their bound reaches the
 * best score so far. (The idea is that of MaxScore: Turtle and Flood, "Query evaluation: strategies
 * and optimizations", 1995.)
 *
 * <p>Unchanging once made: any number of threads may search, each with a {@link Search} of its own.
 */
public final class NearestTexts {
  /** Position where no text shares a token. */
  public static final int NONE = -1;

  private final Tokenizer tokenizer;
  private final TokenDictionary dictionary = new TokenDictionary();
  private final TextStore texts = new TextStore();

  /** Keys of the second, third … occurrence of a token within a text, by both. */
  private final Map<Long, Integer> repeated = new HashMap<>();

  /** Texts by key, ascending: those of key k are {@code postings[starts[k] .. starts[k + 1])}. */
  private final int[] starts;

  private final int[] postings;

  /**
   * @param tokenizer of the rule
   * @param from the texts, at positions 0, 1, …
   */
  public NearestTexts(Tokenizer tokenizer, List<String> from) {
    this.tokenizer = tokenizer;
    Encoder encoder = new Encoder(tokenizer, dictionary, true);
    for (String text : from) {
      encoder.encode(text);
      texts.add(encoder.tokens(), 0, encoder.length());
    }
    Occurrences occurrences = new Occurrences(dictionary.size());
    int[] counts = new int[1 << 10];
    int keys = dictionary.size();
    for (int id = 0; id < texts.size(); id++) {
      int[] page = texts.page(id);
      int offset = texts.offset(id);
      for (int i = 0; i < texts.length(id); i++) {
        int key = addKey(page[offset + i], occurrences.next(page[offset + i]), keys);
        keys = Math.max(keys, key + 1);
        if (key >= counts.length) {
          counts = Arrays.copyOf(counts, Math.max(key + 1, counts.length * 2));
        }
        counts[key]++;
      }
      occurrences.forget();
    }
    this.starts = new int[keys + 1];
    for (int key = 0; key < keys; key++) {
      starts[key + 1] = Math.addExact(starts[key], key < counts.length ? counts[key] : 0);
    }
    this.postings = new int[starts[keys]];
    fill(occurrences);
  }

  private void fill(Occurrences occurrences) {
    int[] next = Arrays.copyOf(starts, starts.length);
    for (int id = 0; id < texts.size(); id++) {
      int[] page = texts.page(id);
      int offset = texts.offset(id);
      for (int i = 0; i < texts.length(id); i++) {
        int token = page[offset + i];
        postings[next[key(token, occurrences.next(token))]++] = id;
      }
      occurrences.forget();
    }
  }

  private int addKey(int token, int occurrence, int keys) {
    return occurrence == 0
        ? token
        : repeated.computeIfAbsent(pair(token, occurrence), pair -> keys);
  }

  /** The key of an occurrence, or -1 when no text has it. */
  private int key(int token, int occurrence) {
    return occurrence == 0 ? token : repeated.getOrDefault(pair(token, occurrence), -1);
  }

  private static long pair(int token, int occurrence) {
    return (long) token << 32 | occurrence;
  }

  /** How many texts there are. */
  public int size() {
    return texts.size();
  }

  /** Working memory for the searches of one thread. */
  public Search search() {
    return new Search(this);
  }

  /** How often each token came in a text so far. */
  private static final class Occurrences {
    private final int[] seen;
    private int[] touched = new int[64];
    private int count;

    Occurrences(int vocabulary) {
      this.seen = new int[vocabulary];
    }

    /** The number of this occurrence, from 0. */
    int next(int token) {
      if (seen[token] == 0) {
        if (count == touched.length) {
          touched = Arrays.copyOf(touched, count * 2);
        }
        touched[count++] = token;
      }
      return seen[token]++;
    }

    void forget() {
      for (int i = 0; i < count; i++) {
        seen[touched[i]] = 0;
      }
      count = 0;
    }
  }

  /** Searches one after another. Not thread-safe. */
  public static final class Search {
    /** Wider than what rounding moves a bound by, narrower than what one token does. */
    private static final double ROUNDING = 1e-9;

    private final NearestTexts index;
    private final Encoder encoder;
    private final Occurrences occurrences;
    private final BitParallelLcs lcs = new BitParallelLcs();
    private final int[] overlaps;
    private int[] touched = new int[1 << 10];
    private int touchedCount;

    /** Of the occurrences that some text has, the length of their list and their key. */
    private long[] lists = new long[64];

    private int length;
    private int except;
    private int position = NONE;
    private double score;

    private Search(NearestTexts index) {
      this.index = index;
      this.encoder = new Encoder(index.tokenizer, index.dictionary, false);
      this.occurrences = new Occurrences(index.dictionary.size());
      this.overlaps = new int[index.size()];
    }

    /** The position that was found; {@link #NONE} when no text shares a token. */
    public int position() {
      return position;
    }

    /** Its F in (0, 1]; 0 when none was found. */
    public double score() {
      return score;
    }

    /**
     * Looks for the nearest text.
     *
     * @param except the position that is passed over, or {@link #NONE}
     */
    public void find(String text, int except) {
      encoder.encode(text);
      this.length = encoder.length();
      this.except = except;
      position = NONE;
      score = 0;
      lcs.prepare(encoder.tokens(), 0, length, index.dictionary.size());
      int left = count(listsOf(encoder.tokens()));
      compare(mostPromising(), left);
      for (int i = 0; i < touchedCount; i++) {
        int id = touched[i];
        compare(id, left);
        overlaps[id] = 0;
      }
      touchedCount = 0;
    }

    /** Puts the lists of the text's occurrences in order, the shortest first, and counts them. */
    private int listsOf(int[] tokens) {
      if (lists.length < length) {
        lists = new long[length * 2];
      }
      int found = 0;
      for (int i = 0; i < length; i++) {
        int token = tokens[i];
        int key = token < 0 ? -1 : index.key(token, occurrences.next(token));
        if (key >= 0) {
          lists[found++] = (long) (index.starts[key + 1] - index.starts[key]) << 32 | key;
        }
      }
      occurrences.forget();
      Arrays.sort(lists, 0, found);
      return found;
    }

    /**
     * Counts for each text of the first lists the occurrences that it shares.
     *
     * @return how many lists were not gone through
     */
    private int count(int found) {
      for (int i = 0; i < found; i++) {
        int left = found - i;
        int size = (int) (lists[i] >>> 32);
        if (touchedCount > 0 && size > touchedCount) {
          // looking through what is touched costs less than the list, and may spare it
          compare(mostPromising(), left);
          if (score > 2.0 * left / (length + left) + ROUNDING) {
            return left;
          }
        }
        int start = index.starts[(int) lists[i]];
        for (int at = start; at < start + size; at++) {
          touch(index.postings[at]);
        }
      }
      return 0;
    }

    private void touch(int id) {
      if (overlaps[id]++ == 0) {
        if (touchedCount == touched.length) {
          touched = Arrays.copyOf(touched, touchedCount * 2);
        }
        touched[touchedCount++] = id;
      }
    }

    /** A text that shares much: a good score early spares most comparisons. */
    private int mostPromising() {
      int best = NONE;
      double bestBound = 0;
      for (int i = 0; i < touchedCount; i++) {
        int id = touched[i];
        double bound = (double) overlaps[id] / (length + index.texts.length(id));
        if (bound > bestBound && id != except) {
          best = id;
          bestBound = bound;
        }
      }
      return best;
    }

    /**
     * Takes a text when it is nearer than the nearest so far.
     *
     * @param left occurrences that are not counted yet, and that it may share
     */
    private void compare(int id, int left) {
      if (id == NONE || id == except) {
        return;
      }
      TextStore texts = index.texts;
      int other = texts.length(id);
      double least = (score - ROUNDING) * (length + other);
      if (2.0 * Math.min(overlaps[id] + left, Math.min(length, other)) < least) {
        return;
      }
      int required = Math.max(1, (int) Math.ceil(least / 2));
      int common = lcs.lengthOrLess(texts.page(id), texts.offset(id), other, required);
      double f = common < 1 ? 0 : RequiredLcs.f(common, length, other);
      if (f > score || (f == score && f > 0 && id < position)) {
        position = id;
        score = f;
      }
    }
  }
}
