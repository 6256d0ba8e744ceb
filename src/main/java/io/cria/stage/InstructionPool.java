package io.cria.stage;

import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.similarity.Selector;
import io.cria.storage.Manifest;
import io.cria.task.Instruction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * The pool on the driver: seeds, then kept candidates in acceptance order, and the similarity rule
 * over both. Grows by committed rounds only.
 */
public final class InstructionPool {
  private final List<Instruction> machine = new ArrayList<>();
  private final Selector selector;

  public InstructionPool(RunContext context, Selector selector) {
    this.selector = selector;
    selector.accept(
        context.seeds().stream().map(s -> new Instruction(s.id(), s.instruction())).toList());
  }

  /** Takes in the kept candidates of rounds that are committed already. */
  void takeCommitted(RunContext context, List<Integer> rounds) {
    List<String> parts = rounds.stream().map(r -> RunTables.round("candidates", r)).toList();
    context.job("load the pool");
    List<Instruction> kept = new ArrayList<>();
    for (Row row :
        RunTables.read(context, Schemas.CANDIDATES, parts)
            .filter("kept")
            .orderBy("round", "row", "item")
            .select("candidate_id", "instruction")
            .collectAsList()) {
      kept.add(new Instruction(row.getString(0), row.getString(1)));
    }
    selector.accept(kept);
    machine.addAll(kept);
  }

  /** Adds what the selector has just kept. */
  void add(List<Instruction> kept) {
    machine.addAll(kept);
  }

  Selector selector() {
    return selector;
  }

  /** The machine's instructions in acceptance order. */
  public List<Instruction> machine() {
    return Collections.unmodifiableList(machine);
  }

  /**
   * What stands for the pool before {@code round} in manifests: the seeds, and the round before.
   */
  static List<Manifest.Input> inputs(RunContext context, int round) {
    List<Manifest.Input> inputs = new ArrayList<>();
    inputs.add(context.seedsInput());
    if (round > 0) {
      inputs.add(context.run().input(RunTables.round("candidates", round - 1)));
    }
    return inputs;
  }
}
