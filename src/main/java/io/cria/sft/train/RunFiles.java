package io.cria.sft.train;

import io.cria.sft.natives.Natives;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checkpoints and the result, which rank 0 writes and the others hand their shares in for. */
final class RunFiles {
  private final TrainingSetup setup;
  private final String data;
  private final RunEvents events;
  private final @Nullable String baseName;
  private final Trainer.Cards cards;

  /**
   * @param data the training rows' fingerprint
   */
  RunFiles(TrainingSetup setup, String data, Trainer.Environment environment) {
    this.setup = setup;
    this.data = data;
    this.events = environment.events();
    this.baseName = environment.baseName();
    this.cards = environment.cards();
  }

  /** Saves where the run stands, unless it was saved already. */
  void checkpoint(Standing standing, LossGuard guard, double seconds) {
    if (standing.savedAt == standing.steps) {
      return;
    }
    if (setup.group().isFirst()) {
      events.awaitKept();
      Path saved =
          setup
              .checkpoints()
              .save(
                  state(standing, guard, seconds),
                  directory -> {
                    setup.model().save(directory, baseName);
                    cards.write(directory, standing.steps);
                  },
                  setup.optimizerFiles());
      events.saved(standing.steps, saved);
    } else {
      setup.optimizerFiles().hand();
    }
    standing.savedAt = standing.steps;
  }

  private TrainerState state(Standing standing, LossGuard guard, double seconds) {
    return new TrainerState(
        TrainerState.FORMAT,
        standing.steps,
        setup.optimizer().steps(),
        standing.tokens,
        standing.targets,
        seconds,
        guard.losses(),
        guard.skippedInRow(),
        standing.firstEvaluationLoss,
        setup.precision().word(),
        setup.workers().count(),
        setup.group().size(),
        setup.optimizerFiles().names(),
        data,
        setup.identity(),
        Natives.torchVersion(),
        Runtime.version().toString());
  }

  /**
   * The tuned model in {@code model}, or the adapter in {@code adapter} and the merged model in
   * {@code model}; where rank 0 has put them.
   */
  Path result() {
    Path whole = setup.output().resolve("model");
    Path adapter = setup.output().resolve("adapter");
    Path result = setup.model().isAdapter() ? adapter : whole;
    if (!setup.group().isFirst()) {
      return result;
    }
    if (!setup.model().isAdapter()) {
      setup.model().save(whole, baseName);
      return whole;
    }
    try {
      Files.createDirectories(adapter);
    } catch (IOException e) {
      throw NoRoom.or(
          adapter.toString(),
          e,
          () ->
              new CriaException(
                  ExitCode.FAULT,
                  "cannot create " + adapter + " (" + e.getMessage() + "): check the disk",
                  e));
    }
    setup.model().save(adapter, baseName);
    SftConfig.Lora lora = setup.config().lora();
    if (lora != null && lora.merge()) {
      setup.model().saveMerged(whole);
    }
    return adapter;
  }
}
