package io.cria.similarity;

import io.cria.task.CriaException;
import io.cria.text.Tokenizer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which examples are near an evaluation set, by two rules, each of which names the set's earliest
 * item that it finds.
 *
 * <ul>
 *   <li>{@code rouge-l}: ROUGE-L F above a threshold, of the instructions, or of instruction and
 *       input together. An item's score is the higher of the two.
 *   <li>{@code N-gram}: N consecutive tokens that stand both in the example's instruction, input
 *       and output and in the item's instruction, input and reference, the texts of each joined. An
 *       item of fewer tokens counts when all of them stand in the example, one after the other; not
 *       where the tokenizer passes over some of its letters or digits ({@link #isSeen}). The score
 *       is the share of the item's different runs that the example has. No run is too common to
 *       count.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class Contamination {
  /** The similarity rule's name. */
  public static final String ROUGE_L = "rouge-l";

  /** How the second rule's name ends: {@code 8-gram}. */
  private static final String GRAM = "-gram";

  private static final Set<String> TOKENIZERS = Set.of("rouge-en", "unicode-1");
  private static final int MOST_GRAM = 100;

  private final Rules rules;
  private final PoolIndex instructions;
  private final PoolIndex asked;
  private final SharedGrams grams;

  /**
   * What counts as near.
   *
   * @param tokenizer {@code rouge-en} or {@code unicode-1}
   * @param threshold ROUGE-L F above which two texts are near; in (0.3, 1]
   * @param gram consecutive tokens that may not be shared; from 2 to 100
   */
  public record Rules(String tokenizer, double threshold, int gram) implements Serializable {
    public Rules {
      if (!TOKENIZERS.contains(tokenizer)) {
        throw CriaException.badInput(
            "unknown tokenizer, '" + tokenizer + "': use unicode-1 (every script) or rouge-en");
      }
      if (gram < 2 || gram > MOST_GRAM) {
        throw CriaException.badInput(
            "--ngram out of range, " + gram + ": give a number from 2 to " + MOST_GRAM);
      }
      engine(tokenizer, threshold);
    }

    private static EngineOptions engine(String tokenizer, double threshold) {
      return EngineOptions.of(Tokenizer.named(tokenizer), threshold);
    }

    EngineOptions engine() {
      return engine(tokenizer, threshold);
    }

    /** The names of both rules. */
    public List<String> names() {
      return List.of(ROUGE_L, gram + GRAM);
    }
  }

  /** An example as it is judged; input and output may be empty. */
  public record Text(String instruction, String input, String output) {
    String asked() {
      return EvaluationItem.joined(instruction, input, "");
    }

    String whole() {
      return EvaluationItem.joined(instruction, input, output);
    }
  }

  /**
   * That an example is near.
   *
   * @param rule which rule says so
   * @param item position of the item in the set
   * @param score of the rule
   * @param reason which texts are alike, or the words that are shared
   */
  public record Near(String rule, int item, double score, String reason) {}

  public Contamination(Rules rules, List<EvaluationItem> items) {
    this.rules = rules;
    this.instructions = index(items.stream().map(EvaluationItem::instruction).toList());
    this.asked = index(items.stream().map(EvaluationItem::asked).toList());
    this.grams =
        new SharedGrams(
            Tokenizer.named(rules.tokenizer()),
            rules.gram(),
            items.stream().map(EvaluationItem::whole).toList());
  }

  /** Whether the tokenizer passes over no letter or digit of a text. */
  public static boolean isSeen(String tokenizer, String text) {
    return SharedGrams.isWhole(Tokenizer.named(tokenizer), text);
  }

  private PoolIndex index(List<String> texts) {
    PoolIndex index = new PoolIndex(rules.engine());
    index.append(texts);
    return index;
  }

  /** Judges texts: for each what it is near to, at most one verdict a rule. */
  public List<List<Near>> judge(List<Text> texts) {
    Selection alike = instructions.probe(texts.stream().map(Text::instruction).toList());
    Selection askedAlike = asked.probe(texts.stream().map(Text::asked).toList());
    List<List<Near>> judged = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      List<Near> near = new ArrayList<>();
      addSimilar(alike, askedAlike, i, near);
      grams
          .find(texts.get(i).whole())
          .ifPresent(
              shared ->
                  near.add(
                      new Near(
                          rules.names().get(1), shared.text(), shared.share(), shared.words())));
      judged.add(List.copyOf(near));
    }
    return judged;
  }

  private static void addSimilar(Selection alike, Selection askedAlike, int i, List<Near> near) {
    boolean byInstruction = !alike.survives(i);
    boolean byBoth = !askedAlike.survives(i);
    if (!byInstruction && !byBoth) {
      return;
    }
    int one = byInstruction ? alike.neighbour(i) : Integer.MAX_VALUE;
    int both = byBoth ? askedAlike.neighbour(i) : Integer.MAX_VALUE;
    boolean higher = one == both && askedAlike.score(i) > alike.score(i);
    near.add(
        both < one || higher
            ? new Near(ROUGE_L, both, askedAlike.score(i), "instruction and input")
            : new Near(ROUGE_L, one, alike.score(i), "instruction"));
  }
}
