package io.cria.sft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.model.ModelFingerprint;
import io.cria.sft.train.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a training tells beside its checkpoints and results, for programs and for people. */
final class ResultCards implements Trainer.Cards {
  private final SftRunFile file;
  private final String base;
  private final String fingerprint;
  private final String data;

  /**
   * @param base what the base is called
   * @param source where it lies
   * @param data fingerprint of the training rows
   */
  ResultCards(SftRunFile file, String base, Path source, String data) {
    this.file = file;
    this.base = base;
    this.fingerprint = ModelFingerprint.of(source);
    this.data = data;
  }

  @Override
  public void write(Path checkpoint, int steps) {
    write(checkpoint, card(steps));
  }

  /** Beside the results, which are whole: their checksums are told, too. */
  void results(Path output, Trainer.Outcome outcome) {
    ObjectNode card = card(outcome.steps());
    if (!Double.isNaN(outcome.firstEvaluationLoss())) {
      card.put("eval_loss_before", outcome.firstEvaluationLoss());
      card.put("eval_loss_after", outcome.lastEvaluationLoss());
    }
    for (String result : new String[] {"adapter", "model"}) {
      Path directory = output.resolve(result);
      if (Files.isDirectory(directory)) {
        write(directory, card);
      }
    }
    TaughtForm.bringTo(output.resolve("model"));
    CheckpointCard.seal(output.resolve("adapter"));
    CheckpointCard.seal(output.resolve("model"));
  }

  private void write(Path directory, ObjectNode card) {
    CheckpointCard.write(directory, card);
    ModelReadme.write(directory, base);
  }

  private ObjectNode card(int steps) {
    ObjectNode card = CheckpointCard.of(file.templateSource());
    card.put(CheckpointCard.BASE, base);
    card.put(CheckpointCard.BASE_FINGERPRINT, fingerprint);
    card.put("data", data);
    if (!file.card().datasets().isEmpty()) {
      file.card().datasets().forEach(card.putArray(CheckpointCard.DATASETS)::add);
    }
    card.put("steps", steps);
    card.set("shards", CheckpointCard.tree(file.shards()));
    card.set("training", CheckpointCard.tree(file.training()));
    card.set(CheckpointCard.TERMS, CheckpointCard.tree(file.terms().told()));
    return card;
  }
}
