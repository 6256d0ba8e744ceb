package io.cria.sft.generate;

import io.cria.decoding.ScoredToken;
import io.cria.decoding.ScoredToken.Alternative;
import io.cria.task.TokenText;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TokenTexts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How likely the model held each token of one text, and which were likelier. */
final class Scores {
  private final ModelTokenizer tokenizer;
  private final TokenTexts texts;
  private final int most;
  private final List<ScoredToken> tokens = new ArrayList<>();
  private int told;

  /** Whether something stands in the text already. */
  private boolean begun;

  /** Whether control tokens are in the text. */
  private boolean showsControl;

  /** Whether the text lacks the space of its first token; null where its decoder decides. */
  private @Nullable Boolean lacksSpace;

  /**
   * @param most how many of the likeliest are kept beside each token
   */
  Scores(ModelTokenizer tokenizer, int most) {
    this.tokenizer = tokenizer;
    this.texts = tokenizer.tokenTexts();
    this.most = most;
  }

  /** The text begins with a prompt as it was given; control tokens before it are not in it. */
  void echoText(int[] ids, String text) {
    int characters = 0;
    for (int id : ids) {
      characters += texts.isControl(id) ? 0 : texts.of(id).characters();
    }
    lacksSpace = characters > text.codePointCount(0, text.length());
  }

  /** The text begins with all tokens of a prompt. */
  void echoIds() {
    showsControl = true;
  }

  /** These are those of the prompt. */
  void takeOver(List<ScoredToken> prompt) {
    tokens.addAll(prompt);
  }

  /** What comes now is behind the prompt. */
  void behindPrompt() {
    showsControl = false;
    begun = true;
  }

  /** The text begins with this token: nothing is expected of it. */
  void first(int token) {
    tokens.add(new ScoredToken(texts.of(token), characters(token), null, List.of()));
  }

  /**
   * The text goes on with this token.
   *
   * @param logits as the model gives them, of all ids from {@code from} on
   */
  void next(int token, float[] logits, int from, int width) {
    double normal = LogLikelihood.logOfSum(logits, from, width);
    List<Alternative> likeliest = new ArrayList<>();
    for (int id : likeliest(logits, from, width)) {
      likeliest.add(new Alternative(texts.of(id), logits[from + id] - normal));
    }
    double own = logits[from + token] - normal;
    tokens.add(new ScoredToken(texts.of(token), characters(token), own, likeliest));
  }

  /** How many characters of the text begin with a token. */
  private int characters(int token) {
    TokenText text = texts.of(token);
    if (text.length() == 0 || (texts.isControl(token) && !showsControl)) {
      return 0;
    }
    boolean isFirst = !begun;
    begun = true;
    if (!isFirst || text.at(0) != ' ') {
      return text.characters();
    }
    boolean lacks = lacksSpace == null ? tokenizer.losesSpace(token) : lacksSpace;
    return text.characters() - (lacks ? 1 : 0);
  }

  /** The ids of the highest logits, falling; of equal ones the lowest id first. */
  private int[] likeliest(float[] logits, int from, int width) {
    int[] ids = new int[Math.min(most, width)];
    int count = 0;
    for (int id = 0; id < width && ids.length > 0; id++) {
      float value = logits[from + id];
      if (count == ids.length && !(value > logits[from + ids[count - 1]])) {
        continue;
      }
      int at = count < ids.length ? count++ : count - 1;
      while (at > 0 && value > logits[from + ids[at - 1]]) {
        ids[at] = ids[at - 1];
        at--;
      }
      ids[at] = id;
    }
    return Arrays.copyOf(ids, count);
  }

  /** All so far. */
  List<ScoredToken> all() {
    return List.copyOf(tokens);
  }

  /** Those that have come since this was asked last. */
  List<ScoredToken> untold() {
    List<ScoredToken> untold = List.copyOf(tokens.subList(told, tokens.size()));
    told = tokens.size();
    return untold;
  }
}
