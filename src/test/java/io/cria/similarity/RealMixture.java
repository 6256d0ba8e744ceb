package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The 45,266 real texts with 4 to 150 tokens, in the order that Python's {@code random.seed(7)}
 * shuffles them to.
 */
public final class RealMixture {
  private static final Tokenizer ROUGE = Tokenizer.named("rouge-en");
  private static final List<String> FILES =
      List.of(
          "self_instruct_user252",
          "nl2bash",
          "gpteacher_toolformer",
          "gpteacher_roleplay",
          "clinc150");

  private RealMixture() {}

  /** Skips the test where the files are not at hand. */
  static List<String> texts() {
    List<String> lines = new ArrayList<>();
    for (String file : FILES) {
      lines.addAll(Corpora.real(file));
    }
    return mixed(lines);
  }

  /** From the files {@code NAME.txt} of a folder; throws where one is missing. */
  public static List<String> texts(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String file : FILES) {
      lines.addAll(Files.readAllLines(folder.resolve(file + ".txt")));
    }
    return mixed(lines);
  }

  private static List<String> mixed(List<String> lines) {
    List<String> texts = new ArrayList<>();
    for (String line : lines) {
      int tokens = ROUGE.tokens(line).size();
      if (tokens >= 4 && tokens <= 150) {
        texts.add(line);
      }
    }
    new PythonRandom(7).shuffle(texts);
    return texts;
  }

  /** Python's random.Random: MT19937 seeded by an integer below 2^32, and its shuffle. */
  static final class PythonRandom {
    private static final int N = 624;

    private final int[] state = new int[N];
    private int next = N;

    PythonRandom(int seed) {
      seedByArray(seed);
    }

    private void seedByArray(int key) {
      state[0] = 19_650_218;
      for (int i = 1; i < N; i++) {
        state[i] = 1_812_433_253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
      }
      int i = 1;
      for (int k = 0; k < N; k++) {
        state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1_664_525)) + key;
        i = advance(i);
      }
      for (int k = 0; k < N - 1; k++) {
        state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1_566_083_941)) - i;
        i = advance(i);
      }
      state[0] = 0x80000000;
    }

    private int advance(int i) {
      if (i + 1 < N) {
        return i + 1;
      }
      state[0] = state[N - 1];
      return 1;
    }

    private int bits32() {
      if (next == N) {
        for (int i = 0; i < N; i++) {
          int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7FFFFFFF);
          state[i] = state[(i + 397) % N] ^ (y >>> 1) ^ ((y & 1) * 0x9908B0DF);
        }
        next = 0;
      }
      int y = state[next++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9D2C5680;
      y ^= (y << 15) & 0xEFC60000;
      return y ^ (y >>> 18);
    }

    private int below(int bound) {
      int bits = 32 - Integer.numberOfLeadingZeros(bound);
      int draw = bits32() >>> (32 - bits);
      while (draw >= bound) {
        draw = bits32() >>> (32 - bits);
      }
      return draw;
    }

    <T> void shuffle(List<T> items) {
      for (int i = items.size() - 1; i > 0; i--) {
        int j = below(i + 1);
        T item = items.get(i);
        items.set(i, items.get(j));
        items.set(j, item);
      }
    }
  }
}
