package io.cria.sft.generate;

import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.LogitsHook;
import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a text's next token. In this order: repetition, presence and frequency penalties, biases,
 * temperature, top-p, min-p, the hook: it comes last, as a watermark does in transformers, so that
 * what was filtered out stays out. Temperature 0 is greedy: the token with the highest logit, the
 * lowest id among equals.
 */
final class Sampler {
  private final Decoding decoding;
  private final Map<Integer, Integer> biases = new HashMap<>();
  private final @Nullable LogitsHook hook;
  private final SeededRandom random;

  Sampler(Decoding decoding, @Nullable LogitsHook hook, SeededRandom random) {
    this.decoding = decoding;
    this.hook = hook;
    this.random = random;
    decoding
        .logitBias()
        .forEach(
            (token, bias) -> {
              try {
                biases.put(Integer.parseInt(token), bias);
              } catch (NumberFormatException e) {
                throw CriaException.badInput(
                    "logit bias for '" + token + "': give the token's id as a number");
              }
            });
  }

  /**
   * The next token.
   *
   * @param previous ids of prompt and answer so far
   * @param promptTokens how many of them are the prompt
   * @param logits one for each id; changed
   */
  int choose(int[] previous, int promptTokens, float[] logits) {
    penalise(previous, promptTokens, logits);
    biases.forEach((token, bias) -> addTo(logits, token, bias));
    double temperature = or(decoding.temperature(), 1);
    if (temperature == 0 || or(decoding.topP(), 1) <= 0) {
      if (hook != null) {
        hook.apply(previous, logits);
      }
      return argmax(logits);
    }
    return draw(previous, logits, temperature);
  }

  private static void addTo(float[] logits, int token, double value) {
    if (token >= 0 && token < logits.length) {
      logits[token] += (float) value;
    }
  }

  private void penalise(int[] previous, int promptTokens, float[] logits) {
    float repeat = (float) or(decoding.repeatPenalty(), 1);
    if (repeat != 1) {
      Arrays.stream(previous)
          .distinct()
          .filter(token -> token < logits.length)
          .forEach(
              token ->
                  logits[token] =
                      logits[token] > 0 ? logits[token] / repeat : logits[token] * repeat);
    }
    double presence = or(decoding.presencePenalty(), 0);
    double frequency = or(decoding.frequencyPenalty(), 0);
    if (presence != 0 || frequency != 0) {
      Map<Integer, Integer> counts = new HashMap<>();
      for (int i = promptTokens; i < previous.length; i++) {
        counts.merge(previous[i], 1, Integer::sum);
      }
      counts.forEach((token, count) -> addTo(logits, token, -presence - frequency * count));
    }
  }

  static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private int draw(int[] previous, float[] logits, double temperature) {
    int best = argmax(logits);
    double minP = or(decoding.minP(), 0);
    double topP = or(decoding.topP(), 1);
    // Weights relative to the best token's, which is 1.
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - (double) logits[best]) / temperature);
      sum += weights[i];
    }
    if (topP < 1) {
      sum = keepTop(weights, topP * sum);
    }
    if (minP > 0) {
      sum = 0;
      for (int i = 0; i < weights.length; i++) {
        weights[i] = weights[i] >= minP ? weights[i] : 0;
        sum += weights[i];
      }
    }
    if (hook != null) {
      sum = changed(hook, previous, logits, weights, temperature);
    }
    double point = random.nextDouble() * sum;
    for (int i = 0; i < weights.length; i++) {
      point -= weights[i];
      if (point < 0) {
        return i;
      }
    }
    return best;
  }

  /**
   * Lets the hook change the logits as temperature and filters left them: divided by the one, minus
   * infinity where the others dropped a token. Fills {@code weights} anew and returns their sum.
   */
  private static double changed(
      LogitsHook hook, int[] previous, float[] logits, double[] weights, double temperature) {
    for (int i = 0; i < weights.length; i++) {
      logits[i] = weights[i] > 0 ? (float) (logits[i] / temperature) : Float.NEGATIVE_INFINITY;
    }
    hook.apply(previous, logits);
    float highest = logits[argmax(logits)];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp(logits[i] - (double) highest);
      sum += weights[i];
    }
    return sum;
  }

  /**
   * Keeps the largest weights that together reach {@code mass} (the last one included) and returns
   * their sum.
   */
  private static double keepTop(double[] weights, double mass) {
    int[] candidates = new int[weights.length];
    int count = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        candidates[count++] = i;
      }
    }
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      // Positive doubles order as their bits do; the lowest 20 hold the place (no vocabulary has a
      // million tokens), so that one
      // sort of longs suffices.
      int place = candidates[i];
      order[i] = -((Double.doubleToLongBits(weights[place]) & ~0xFFFFFL) | (0xFFFFF - place));
    }
    Arrays.sort(order);
    double sum = 0;
    int kept = 0;
    boolean[] keep = new boolean[weights.length];
    while (kept < count && sum < mass) {
      int place = 0xFFFFF - (int) (-order[kept++] & 0xFFFFF);
      keep[place] = true;
      sum += weights[place];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = keep[i] ? weights[i] : 0;
    }
    return sum;
  }

  private static double or(@Nullable Double value, double ifAbsent) {
    return value == null ? ifAbsent : value;
  }
}
