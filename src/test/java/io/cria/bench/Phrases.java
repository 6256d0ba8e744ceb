package io.cria.bench;

import io.cria.similarity.bench.GeneratedTexts;
import io.cria.task.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Sentences recombined from pieces of others, three to five words each. Those others are the lines
 * of {@code *.txt} files, where there are some, and the benchmark's generated texts. A text is a
 * function of the random numbers it is given.
 *
 * <p>A part of the texts are variants of a common one, with 0 to 60 % of its pieces replaced; which
 * common text is drawn log-uniformly, so that the share of texts similar to an earlier one grows
 * slowly: some 30 % of the first hundred thousand, 40 % of the first 1.6 million.
 */
final class Phrases {
  private static final int GENERATED = 50_000;
  private static final int LEAST_SENTENCES = 1_000;
  private static final double VARIANTS = 0.7;
  private static final double MOST_REPLACED = 0.6;
  private static final double LOG_COMMON_TEXTS = Math.log(1 << 20);
  private static final int LEAST_PIECES = 3;
  private static final double TAIL_PIECES = 1.9;
  private static final int MOST_PIECES = 16;
  private static final long COMMON_SEED = 0x5EED;
  private static final byte[] SPACE = {' '};

  private static final Pattern WORD = Pattern.compile("[a-z]+");

  /** Words that the shipped recipes' keyword filters reject. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "image",
          "images",
          "graph",
          "graphs",
          "picture",
          "pictures",
          "file",
          "files",
          "map",
          "maps",
          "draw",
          "plot",
          "go",
          "video",
          "audio",
          "music",
          "flowchart",
          "diagram");

  private final byte[] bytes;
  private final int[] starts;
  private final int[] pieces = new int[MOST_PIECES];

  private Phrases(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  /** From the {@code *.txt} files in {@code folder}, if it is one, and from generated texts. */
  static Phrases from(Path folder) throws IOException {
    List<String> sentences = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
          sentences.addAll(Files.readAllLines(file));
        }
      }
    }
    // a few real lines alone would be recombined to the same texts again and again
    int generated = sentences.size() < LEAST_SENTENCES ? 2 * GENERATED : GENERATED;
    sentences.addAll(new GeneratedTexts(7, generated));
    return of(sentences);
  }

  private static Phrases of(List<String> sentences) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] starts = new int[1 << 16];
    int count = 0;
    List<String> words = new ArrayList<>();
    for (String sentence : sentences) {
      for (String word : sentence.toLowerCase(Locale.ROOT).split("[^a-z']+")) {
        if (WORD.matcher(word).matches() && !LEFT_OUT.contains(word)) {
          words.add(word);
        }
        if (words.size() == 3 + count % 3) {
          if (count + 1 == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count + 2);
          }
          bytes.writeBytes(String.join(" ", words).getBytes(StandardCharsets.US_ASCII));
          starts[++count] = bytes.size();
          words.clear();
        }
      }
    }
    return new Phrases(bytes.toByteArray(), Arrays.copyOf(starts, count + 1));
  }

  private int size() {
    return starts.length - 1;
  }

  /** An instruction: some eighteen words, of which a good third are near a common text. */
  void instruction(SeededRandom random, Bytes out) {
    int count;
    if (random.nextDouble() < VARIANTS) {
      long common = (long) Math.exp(random.nextDouble() * LOG_COMMON_TEXTS);
      count = draw(new SeededRandom(COMMON_SEED + (common << 20)));
      int replaced = (int) (random.nextDouble() * MOST_REPLACED * count);
      for (int i = 0; i < replaced; i++) {
        pieces[random.nextInt(count)] = random.nextInt(size());
      }
    } else {
      count = draw(random);
    }
    int start = out.size();
    for (int i = 0; i < count; i++) {
      piece(pieces[i], i > 0, out);
    }
    out.capitalize(start);
    out.put(".");
  }

  private int draw(SeededRandom random) {
    double tail = -TAIL_PIECES * Math.log(1 - random.nextDouble());
    int count = Math.min(MOST_PIECES, LEAST_PIECES + (int) tail);
    for (int i = 0; i < count; i++) {
      pieces[i] = random.nextInt(size());
    }
    return count;
  }

  /** Words in {@code count} pieces, ended by a full stop. */
  void passage(int count, SeededRandom random, Bytes out) {
    int start = out.size();
    for (int i = 0; i < count; i++) {
      piece(random.nextInt(size()), i > 0, out);
    }
    out.capitalize(start);
    out.put(".");
  }

  private void piece(int piece, boolean joined, Bytes out) {
    if (joined) {
      out.put(SPACE);
    }
    out.put(bytes, starts[piece], starts[piece + 1] - starts[piece]);
  }
}
