package io.cria.sft.generate;

import io.cria.decoding.Told;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextListener;
import io.cria.tokenizer.ModelTokenizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One text being written: its tokens, and whether an end token or a stop text has come. */
final class Answer implements BatchGenerator.Text {
  private final ModelTokenizer tokenizer;
  private final Ending ending;
  private final Sampler sampler;
  private final int promptTokens;
  private final int maxTokens;
  private final @Nullable Constraint constraint;
  private final @Nullable Scores scores;
  private final @Nullable Told told;
  private int[] tokens;
  private int length;
  private boolean ended;

  /**
   * @param constraint what it keeps to, or null
   * @param scores where its tokens are scored, or null
   * @param listener hears it, or null
   */
  Answer(
      ModelTokenizer tokenizer,
      Ending ending,
      Sampler sampler,
      int[] prompt,
      int maxTokens,
      @Nullable Constraint constraint,
      @Nullable Scores scores,
      @Nullable TextListener listener) {
    this.tokenizer = tokenizer;
    this.ending = ending;
    this.sampler = sampler;
    this.constraint = constraint;
    this.scores = scores;
    this.told = listener == null ? null : new Told(listener, ending.stops());
    this.promptTokens = prompt.length;
    this.maxTokens = maxTokens;
    this.tokens = Arrays.copyOf(prompt, prompt.length + maxTokens);
    this.length = prompt.length;
  }

  @Override
  public int[] prompt() {
    return Arrays.copyOf(tokens, promptTokens);
  }

  @Override
  public int maxTokens() {
    return maxTokens;
  }

  @Override
  public boolean next(float[] logits) {
    int token = choose(logits);
    tokens[length++] = token;
    ended = ending.isEnd(token) || ending.stopIn(tail()) >= 0;
    if (constraint != null) {
      constraint.took(token);
      ended |= constraint.isOver();
    }
    if (told != null && !ended) {
      ended = !told.soFar(tokenizer.decode(Arrays.copyOfRange(tokens, promptTokens, length), true));
    }
    return !ended;
  }

  private int choose(float[] logits) {
    float[] given = scores == null ? logits : logits.clone();
    if (constraint != null) {
      constraint.apply(logits);
    }
    int token = sampler.choose(Arrays.copyOf(tokens, length), promptTokens, logits);
    if (scores != null) {
      scores.next(token, given, 0, given.length);
    }
    return token;
  }

  /** The end of the text, long enough to hold any stop that the last token finished. */
  private String tail() {
    if (ending.stops().isEmpty()) {
      return "";
    }
    int longest = ending.stops().stream().mapToInt(String::length).max().orElse(0);
    // A character may take up to four tokens of single bytes.
    int from = Math.max(promptTokens, length - 4 * longest - 8);
    return tokenizer.decode(Arrays.copyOfRange(tokens, from, length), true);
  }

  @Override
  public int last() {
    return tokens[length - 1];
  }

  @Override
  public int count() {
    return length - promptTokens;
  }

  /** Whether its text has not the space that its first word begins with. */
  boolean lacksSpace() {
    for (int i = promptTokens; i < length; i++) {
      if (!tokenizer.tokenTexts().isControl(tokens[i])) {
        return tokenizer.losesSpace(tokens[i]);
      }
    }
    return false;
  }

  /** The answer once it is finished; a listener hears its end. Called once. */
  Generated generated() {
    int[] answer = Arrays.copyOfRange(tokens, promptTokens, length);
    String text = tokenizer.decode(answer, true);
    int stop = ending.stopIn(text);
    if (stop >= 0) {
      text = text.substring(0, stop);
    } else if (!ended) {
      text = withoutTornCharacter(text);
    }
    if (told != null) {
      told.whole(text);
    }
    return new Generated(text, ended ? "stop" : "length", promptTokens, answer.length);
  }

  /** The token limit may fall inside a character's bytes. */
  private static String withoutTornCharacter(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\uFFFD') {
      end--;
    }
    return text.substring(0, end);
  }
}
