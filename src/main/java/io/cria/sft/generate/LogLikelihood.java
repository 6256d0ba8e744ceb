package io.cria.sft.generate;

import io.cria.sft.model.Decoder;
import io.cria.sft.model.KeyValueCache;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * How likely a model holds a text: one forward pass over its tokens. Interrupting the thread ends
 * it with a {@link java.util.concurrent.CancellationException}.
 */
final class LogLikelihood {
  /** Positions whose logits are held at once: all of a long text would not fit. */
  private static final int SLICE = 128;

  private LogLikelihood() {}

  /**
   * The natural logarithm of the probability of all tokens but the first, each after those before
   * it.
   *
   * @param ids at least one, as many as fit the model's context
   */
  static double of(Decoder decoder, int[] ids) {
    return of(decoder, ids, SLICE);
  }

  /**
   * As {@link #of(Decoder, int[])}.
   *
   * @param slice positions whose logits are held at once
   */
  static double of(Decoder decoder, int[] ids, int slice) {
    double[] sum = {0};
    each(
        decoder,
        ids,
        slice,
        (place, logits, from, width) ->
            sum[0] += logits[from + ids[place]] - logOfSum(logits, from, width));
    return sum[0];
  }

  /** Takes the logits that the model has for a place of a text. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param place of the token in the text, from 1
     * @param logits one for each id from {@code from} on, {@code width} of them
     */
    void at(int place, float[] logits, int from, int width);
  }

  /** Adds all tokens of a text to its scores. */
  static void score(Decoder decoder, int[] ids, Scores scores) {
    scores.first(ids[0]);
    each(
        decoder,
        ids,
        SLICE,
        (place, logits, from, width) -> scores.next(ids[place], logits, from, width));
  }

  private static void each(Decoder decoder, int[] ids, int slice, Visitor visitor) {
    BatchGenerator.requireWanted();
    long[] tokens = Arrays.stream(ids).asLongStream().toArray();
    long[] positions = new long[ids.length];
    Arrays.setAll(positions, i -> i);
    try (KeyValueCache cache =
        new KeyValueCache(decoder.config(), 1, ids.length, decoder.type(), decoder.device())) {
      Boolean unused =
          Scoped.withoutGradients(
              () -> {
                // (1,T,C)
                Tensor hidden =
                    decoder.hidden(
                        decoder.device().longs(tokens, 1, ids.length),
                        decoder.device().longs(positions, 1, ids.length),
                        cache.prompt(0, ids.length));
                for (int from = 0; from + 1 < ids.length; from += slice) {
                  BatchGenerator.requireWanted();
                  int first = from;
                  int count = Math.min(slice, ids.length - 1 - from);
                  // (S,V)
                  float[] logits =
                      Scoped.call(
                          () -> Tensors.toFloats(decoder.logits(hidden.narrow(1, first, count))));
                  int width = logits.length / count;
                  for (int i = 0; i < count; i++) {
                    visitor.at(first + i + 1, logits, i * width, width);
                  }
                }
                return true;
              });
    }
  }

  /** ln Σ exp, with the largest taken out so that none overflows. */
  static double logOfSum(float[] logits, int from, int width) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + width; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = from; i < from + width; i++) {
      sum += Math.exp((double) logits[i] - largest);
    }
    return largest + Math.log(sum);
  }
}
