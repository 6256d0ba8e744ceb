package io.cria.sft.generate;

import io.cria.sft.model.Decoder;
import io.cria.sft.model.KeyValueCache;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.Tensor;

/** Writes several texts at once, token ids in and out. */
final class BatchGenerator {
  private final Decoder decoder;

  BatchGenerator(Decoder decoder) {
    this.decoder = decoder;
  }

  /** Decides over one text. */
  interface Text {
    /** Ids of the prompt, at least one. */
    int[] prompt();

    /** Tokens the answer may have, at least 1. */
    int maxTokens();

    /**
     * Takes the logits of the next token, one for each id, and chooses.
     *
     * @return whether the text goes on after it
     */
    boolean next(float[] logits);

    /** The token that was chosen last. */
    int last();

    /** Tokens chosen so far. */
    int count();
  }

  /**
   * Runs every text to its end.
   *
   * @throws CancellationException when the thread is interrupted, seen between two tokens; its
   *     interrupted status stays
   */
  void run(List<? extends Text> texts) {
    int capacity =
        texts.stream().mapToInt(text -> text.prompt().length + text.maxTokens()).max().orElse(0);
    try (KeyValueCache cache =
        new KeyValueCache(
            decoder.config(), texts.size(), capacity, decoder.type(), decoder.device())) {
      List<Text> active = new ArrayList<>();
      boolean[] ended = new boolean[texts.size()];
      for (int row = 0; row < texts.size(); row++) {
        requireWanted();
        ended[row] = !readPrompt(texts.get(row), cache, row);
        active.add(texts.get(row));
      }
      while (!allEnded(ended)) {
        requireWanted();
        ended = compact(active, ended, cache);
        writeNext(active, ended, cache);
      }
    }
  }

  /**
   * @throws CancellationException when the thread is interrupted; its interrupted status stays
   */
  static void requireWanted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
  }

  private boolean readPrompt(Text text, KeyValueCache cache, int row) {
    long[] ids = Arrays.stream(text.prompt()).asLongStream().toArray();
    long[] positions = new long[ids.length];
    Arrays.setAll(positions, i -> i);
    float[] logits =
        Scoped.withoutGradients(
            () -> {
              Tensor hidden =
                  decoder.hidden(
                      decoder.device().longs(ids, 1, ids.length),
                      decoder.device().longs(positions, 1, ids.length),
                      cache.prompt(row, ids.length));
              return Tensors.toFloats(decoder.logits(hidden.narrow(1, ids.length - 1L, 1)));
            });
    return choose(text, logits);
  }

  private static boolean choose(Text text, float[] logits) {
    return text.next(logits) && text.count() < text.maxTokens();
  }

  private static boolean allEnded(boolean[] ended) {
    for (boolean end : ended) {
      if (!end) {
        return false;
      }
    }
    return true;
  }

  /**
   * Drops ended texts from the cache once they are half of it; copying it for each would cost more
   * than it saves.
   */
  private static boolean[] compact(List<Text> active, boolean[] ended, KeyValueCache cache) {
    int[] going = new int[ended.length];
    int count = 0;
    for (int row = 0; row < ended.length; row++) {
      if (!ended[row]) {
        going[count++] = row;
      }
    }
    if (count * 2 > ended.length) {
      return ended;
    }
    int[] rows = Arrays.copyOf(going, count);
    cache.keepRows(rows);
    List<Text> kept = Arrays.stream(rows).mapToObj(active::get).toList();
    active.clear();
    active.addAll(kept);
    return new boolean[count];
  }

  private void writeNext(List<Text> active, boolean[] ended, KeyValueCache cache) {
    int rows = active.size();
    long[] ids = new long[rows];
    long[] positions = new long[rows];
    for (int row = 0; row < rows; row++) {
      ids[row] = active.get(row).last();
      positions[row] = cache.length(row);
    }
    float[] logits =
        Scoped.withoutGradients(
            () ->
                Tensors.toFloats(
                    decoder.logits(
                        decoder.hidden(
                            decoder.device().longs(ids, rows, 1),
                            decoder.device().longs(positions, rows, 1),
                            cache.next()))));
    int width = logits.length / rows;
    for (int row = 0; row < rows; row++) {
      if (!ended[row]) {
        ended[row] =
            !choose(active.get(row), Arrays.copyOfRange(logits, row * width, (row + 1) * width));
      }
    }
  }
}
