package io.cria.sft.generate;

import io.cria.sft.model.ModelConfig;
import io.cria.task.TextGenerator.Generated;
import io.cria.tokenizer.ModelTokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** One text being written: its tokens, and whether an end token or a stop text has come. */
final class Answer implements BatchGenerator.Text {
  private final ModelTokenizer tokenizer;
  private final ModelConfig config;
  private final Sampler sampler;
  private final List<String> stops;
  private final OptionalInt end;
  private final int promptTokens;
  private final int maxTokens;
  private int[] tokens;
  private int length;
  private boolean ended;

  Answer(
      ModelTokenizer tokenizer,
      ModelConfig config,
      Sampler sampler,
      List<String> stops,
      OptionalInt end,
      int[] prompt,
      int maxTokens) {
    this.tokenizer = tokenizer;
    this.config = config;
    this.sampler = sampler;
    this.stops = stops.stream().filter(stop -> !stop.isEmpty()).toList();
    this.end = end;
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
    int token = sampler.choose(Arrays.copyOf(tokens, length), promptTokens, logits);
    tokens[length++] = token;
    ended = isEnd(token) || stopIn(tail()) >= 0;
    return !ended;
  }

  private boolean isEnd(int token) {
    OptionalInt eos = tokenizer.eosId();
    return config.isEnd(token)
        || (end.isPresent() && end.getAsInt() == token)
        || (eos.isPresent() && eos.getAsInt() == token);
  }

  /** The end of the text, long enough to hold any stop that the last token finished. */
  private String tail() {
    if (stops.isEmpty()) {
      return "";
    }
    int longest = stops.stream().mapToInt(String::length).max().orElse(0);
    // A character may take up to four tokens of single bytes.
    int from = Math.max(promptTokens, length - 4 * longest - 8);
    return tokenizer.decode(Arrays.copyOfRange(tokens, from, length), true);
  }

  private int stopIn(String text) {
    return stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }

  @Override
  public int last() {
    return tokens[length - 1];
  }

  @Override
  public int count() {
    return length - promptTokens;
  }

  /** The answer once it is finished. */
  Generated generated() {
    int[] answer = Arrays.copyOfRange(tokens, promptTokens, length);
    String text = tokenizer.decode(answer, true);
    int stop = stopIn(text);
    if (stop >= 0) {
      text = text.substring(0, stop);
    } else if (!ended) {
      text = withoutTornCharacter(text);
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
