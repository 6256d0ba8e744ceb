package io.cria.similarity;

import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.ArrayList;
import java.util.List;

/** The {@link Selector} over a {@link TextSelector}: knows which text is whose. */
public final class EngineSelector implements Selector {
  private final TextSelector index;
  private final List<String> ids = new ArrayList<>();

  /** Over a {@link PoolIndex} in this process. */
  public EngineSelector(EngineOptions options) {
    this(new PoolIndex(options));
  }

  public EngineSelector(TextSelector index) {
    this.index = index;
  }

  @Override
  public void accept(List<Instruction> texts) {
    index.append(texts.stream().map(Instruction::text).toList());
    texts.forEach(text -> ids.add(text.id()));
  }

  @Override
  public List<Verdict> select(List<Instruction> batch) {
    Selection selection = index.select(batch.stream().map(Instruction::text).toList());
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (selection.survives(i)) {
        ids.add(batch.get(i).id());
        verdicts.add(Verdict.keep());
      } else {
        verdicts.add(Verdict.similar(ids.get(selection.neighbour(i)), selection.score(i)));
      }
    }
    return verdicts;
  }
}
