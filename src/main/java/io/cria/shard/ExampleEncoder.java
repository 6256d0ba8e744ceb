package io.cria.shard;

import io.cria.task.Example;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.PromptTemplate;
import io.cria.tokenizer.Segment;
import java.util.Arrays;
import java.util.List;

/** Lays an example out and turns it into token ids; the layout says what is learnt. */
public final class ExampleEncoder {
  private final ModelTokenizer tokenizer;
  private final PromptTemplate template;

  public ExampleEncoder(ModelTokenizer tokenizer, PromptTemplate template) {
    this.tokenizer = tokenizer;
    this.template = template;
  }

  /**
   * The whole example, however long. Each segment is encoded by itself, as generation will meet it.
   */
  public TokenisedExample encode(Example example) {
    List<Segment> segments = template.training(example);
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
