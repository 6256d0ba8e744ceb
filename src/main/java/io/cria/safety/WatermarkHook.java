package io.cria.safety;

import io.cria.safety.Watermark.Scheme;
import io.cria.task.CriaException;
import io.cria.task.LogitsHook;
import java.util.BitSet;

/**
 * Marks what a model generates: raises the logits of green tokens. Equal to transformers'
 * WatermarkLogitsProcessor. Not thread-safe.
 */
public final class WatermarkHook implements LogitsHook {
  /** Self-hash tries the likeliest tokens only, as the published program does. */
  private static final int CANDIDATES = 40;

  private final Watermark watermark;
  private final int vocabularySize;
  private final GreenLists lists;

  /**
   * @param vocabularySize logits of the model
   */
  public WatermarkHook(Watermark watermark, int vocabularySize) {
    this.watermark = watermark;
    this.vocabularySize = vocabularySize;
    this.lists = new GreenLists(watermark, vocabularySize);
  }

  /**
   * Changes nothing while there are fewer tokens than the context is wide.
   *
   * @throws CriaException (bad input) when the model has another number of logits: its green lists
   *     would be others
   */
  @Override
  public void apply(int[] previous, float[] logits) {
    if (logits.length != vocabularySize) {
      throw CriaException.badInput(
          "the watermark is for a model of "
              + vocabularySize
              + " logits, this one has "
              + logits.length
              + ": set vocabularySize in its profile");
    }
    if (previous.length < watermark.contextWidth()) {
      return;
    }
    float bias = (float) watermark.bias();
    if (watermark.scheme() == Scheme.LEFT_HASH) {
      BitSet green = lists.after(previous, previous.length);
      for (int token = green.nextSetBit(0); token >= 0; token = green.nextSetBit(token + 1)) {
        logits[token] += bias;
      }
      return;
    }
    for (int token : likeliest(logits)) {
      if (lists.isGreen(previous, previous.length, token)) {
        logits[token] += bias;
      }
    }
  }

  /** The tokens with the highest logits, the lower id first among equals. */
  private static int[] likeliest(float[] logits) {
    int count = Math.min(CANDIDATES, logits.length);
    int[] best = new int[count];
    int found = 0;
    for (int token = 0; token < logits.length; token++) {
      if (found == count && !(logits[token] > logits[best[found - 1]])) {
        continue;
      }
      int place = found < count ? found++ : count - 1;
      while (place > 0 && logits[token] > logits[best[place - 1]]) {
        best[place] = best[place - 1];
        place--;
      }
      best[place] = token;
    }
    return best;
  }
}
