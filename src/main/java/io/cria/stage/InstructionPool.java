package io.cria.stage;

import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.similarity.Selector;
import io.cria.storage.Manifest;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * The pool on the driver: seeds, then kept candidates in acceptance order, held once, by the
 * similarity rule. Grows by committed parts only.
 */
public final class InstructionPool {
  private final Selector selector;
  private final int seeds;

  public InstructionPool(RunContext context, Selector selector) {
    this.selector = selector;
    this.seeds = context.seeds().size();
    selector.accept(
        context.seeds().stream().map(s -> new Instruction(s.id(), s.instruction())).toList());
  }

  /** Takes in the kept candidates of what is committed already, round by round. */
  void takeCommitted(RunContext context, List<List<Manifest>> rounds) {
    for (List<Manifest> committed : rounds) {
      context.job("load the pool");
      List<Instruction> kept = new ArrayList<>();
      for (Row row :
          RunTables.read(context.spark(), context.run(), Line.GENERATE.table(), committed)
              .filter("kept")
              .orderBy("row", "item")
              .select("candidate_id", "instruction")
              .collectAsList()) {
        kept.add(new Instruction(row.getString(0), row.getString(1)));
      }
      selector.accept(kept);
    }
  }

  /** Judges texts in order; what is kept joins the pool. */
  List<Verdict> select(List<Instruction> batch) {
    return selector.select(batch);
  }

  /** The machine's instructions in acceptance order: a view, which decodes what is asked for. */
  public List<Instruction> machine() {
    List<Instruction> all = selector.accepted();
    return all.subList(seeds, all.size());
  }

  /**
   * What stands for the pool before {@code round} in manifests: the seeds, and the round before.
   */
  static List<Manifest.Input> inputs(RunContext context, int round) {
    List<Manifest.Input> inputs = new ArrayList<>();
    inputs.add(context.seedsInput());
    if (round > 0) {
      inputs.add(RunTables.input(context.run(), Line.GENERATE.table().round(round - 1)));
    }
    return inputs;
  }
}
