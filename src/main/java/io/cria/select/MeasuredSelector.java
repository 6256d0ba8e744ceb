package io.cria.select;

import io.cria.run.RunProgress;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.Selector;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.List;

/**
 * An approximate {@link Selector} that measures its recall on a sample of each batch, tells it and
 * leaves it in {@code RUN/similarity.json}: since the invocation began, the last batch beside it.
 */
final class MeasuredSelector implements Selector {
  /** Where the figures stand in a run. */
  static final String FILE = "similarity.json";

  private static final int SAMPLE = 500;

  private final Selector selector;
  private final EngineOptions options;
  private final RunDirectory run;
  private final RunProgress progress;
  private final Recall.Meter meter;
  private Recall total = new Recall(0, 0, 0);

  MeasuredSelector(
      Selector selector, EngineOptions options, RunDirectory run, RunProgress progress) {
    this.selector = selector;
    this.options = options;
    this.run = run;
    this.progress = progress;
    this.meter = new Recall.Meter(options, SAMPLE);
  }

  @Override
  public void accept(List<Instruction> texts) {
    meter.accept(texts.stream().map(Instruction::text).toList());
    selector.accept(texts);
  }

  @Override
  public List<Verdict> select(List<Instruction> batch) {
    List<Verdict> verdicts = selector.select(batch);
    Recall last =
        meter.batch(batch.stream().map(Instruction::text).toList(), i -> verdicts.get(i).kept());
    total = total.plus(last);
    progress.note("similarity: " + last.say());
    run.replace(FILE, Json.write(report(last)));
    return verdicts;
  }

  @Override
  public List<Instruction> accepted() {
    return selector.accepted();
  }

  private Report report(Recall last) {
    return new Report(
        options.prefilter().key(),
        options.threshold(),
        options.tokenizer().name(),
        options.recall(),
        total.recall(),
        total,
        last);
  }

  /**
   * @param wantedRecall that the bands were chosen for, at the threshold
   * @param recall measured over all batches of the invocation
   */
  record Report(
      String prefilter,
      double threshold,
      String tokenizer,
      double wantedRecall,
      double recall,
      Recall sample,
      Recall lastBatch) {}
}
