package io.cria.similarity;

import io.cria.task.SeededRandom;
import io.cria.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Texts to test with. */
final class Corpora {
  static final List<String> FILES =
      List.of(
          "self_instruct_seed175",
          "self_instruct_user252",
          "nl2bash",
          "gpteacher_toolformer",
          "gpteacher_roleplay",
          "clinc150");

  private Corpora() {}

  /** The lines of a real file; skips the test where it is not at hand. */
  static List<String> real(String name) {
    try {
      return Files.readAllLines(Fixtures.file("data/" + name + ".txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Texts of {@code least} to {@code most} tokens over few words, of which half are an earlier text
   * with a few tokens dropped, doubled, moved or replaced: many similar pairs, ties and repeats.
   */
  static List<String> tiny(long seed, int count, int vocabulary, int least, int most) {
    SeededRandom random = new SeededRandom(seed);
    List<List<String>> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> text;
      if (i > 0 && random.nextInt(2) == 0) {
        text = new ArrayList<>(texts.get(random.nextInt(i)));
        for (int edits = random.nextInt(2 + text.size() / 3);
            edits > 0 && !text.isEmpty();
            edits--) {
          edit(text, random, vocabulary);
        }
      } else {
        text = new ArrayList<>();
        for (int n = least + random.nextInt(most - least + 1); n > 0; n--) {
          text.add(word(random, vocabulary));
        }
      }
      texts.add(text);
    }
    return texts.stream().map(text -> String.join(" ", text)).toList();
  }

  private static void edit(List<String> text, SeededRandom random, int vocabulary) {
    int at = random.nextInt(text.size());
    switch (random.nextInt(4)) {
      case 0 -> text.remove(at);
      case 1 -> text.add(at, text.get(at));
      case 2 -> text.set(at, word(random, vocabulary));
      default -> Collections.swap(text, at, random.nextInt(text.size()));
    }
  }

  /** Small numbers are frequent. */
  private static String word(SeededRandom random, int vocabulary) {
    return "w" + Math.min(random.nextInt(vocabulary), random.nextInt(vocabulary));
  }

  /** {@code count} different words. */
  static List<String> words(String prefix, int count) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add(prefix + i);
    }
    return words;
  }
}
