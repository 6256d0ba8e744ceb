package io.cria.shard;

import io.cria.task.TrainingExample;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.PromptTemplate;
import io.cria.tokenizer.Segment;
import io.cria.tokenizer.TrainingText;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lays an example out and turns it into token ids; the layout says what is learnt. */
public final class ExampleEncoder {
  private final ModelTokenizer tokenizer;
  private final PromptTemplate template;

  public ExampleEncoder(ModelTokenizer tokenizer, PromptTemplate template) {
    this.tokenizer = tokenizer;
    this.template = template;
  }

  /** The sequences of a whole example, however long, or why it has none. */
  public Encoded encode(TrainingExample example) {
    TrainingText text = template.training(example);
    return new Encoded(
        text.sequences().stream().map(this::encode).toList(), text.refusal(), text.detail());
  }

  /**
   * @param refusal why there are no sequences, or null
   * @param detail more about it, for a person
   */
  public record Encoded(List<TokenisedExample> sequences, @Nullable String refusal, String detail) {
    public Encoded {
      sequences = List.copyOf(sequences);
    }
  }

  /** Each segment is encoded by itself, as generation will meet it. */
  private TokenisedExample encode(List<Segment> segments) {
    List<int[]> parts = tokenizer.encodeSegments(segments);
    int length = parts.stream().mapToInt(part -> part.length).sum();
    int[] ids = new int[length];
    boolean[] learnt = new boolean[length];
    int at = 0;
    for (int i = 0; i < parts.size(); i++) {
      int[] part = parts.get(i);
      System.arraycopy(part, 0, ids, at, part.length);
      Arrays.fill(learnt, at, at + part.length, segments.get(i).learnt());
      at += part.length;
    }
    return new TokenisedExample(ids, learnt);
  }

  byte[] tokenizerJson() {
    return tokenizer.json();
  }

  String tokenizerHash() {
    return tokenizer.hash();
  }

  String templateHash() {
    return template.hash();
  }

  int vocabularySize() {
    return tokenizer.vocabularySize();
  }
}
