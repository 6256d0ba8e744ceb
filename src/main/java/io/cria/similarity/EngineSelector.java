package io.cria.similarity;

import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.ArrayList;
import java.util.List;

/** The {@link Selector} over a {@link TextSelector}: knows which text is whose. */
public final class EngineSelector implements Selector {
  private final TextSelector index;
  private final AcceptedTexts accepted = new AcceptedTexts();

  /** Over a {@link PoolIndex} in this process. */
  public EngineSelector(EngineOptions options) {
    this(new PoolIndex(options));
  }

  /**
   * @param index without texts yet
   */
  public EngineSelector(TextSelector index) {
    this.index = index;
  }

  @Override
  public void accept(List<Instruction> texts) {
    index.append(new TextsOf(texts));
    texts.forEach(accepted::append);
  }

  @Override
  public List<Verdict> select(List<Instruction> batch) {
    Selection selection = index.select(new TextsOf(batch));
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (selection.survives(i)) {
        accepted.append(batch.get(i));
        verdicts.add(Verdict.keep());
      } else {
        verdicts.add(Verdict.similar(accepted.id(selection.neighbour(i)), selection.score(i)));
      }
    }
    return verdicts;
  }

  @Override
  public List<Instruction> accepted() {
    return accepted.view();
  }
}
