package io.cria.cli;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Question;
import io.cria.serve.Backend;
import io.cria.serve.Feature;
import io.cria.sft.TunedModel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A checkpoint of this process, one request at a time: whoever asks waits for their turn, first
 * come first served.
 */
final class CheckpointBackend implements Backend {
  private final ReentrantLock turn = new ReentrantLock(true);
  private final TunedModel model;
  private final String name;
  private final boolean callsTools;
  private boolean open = true;

  /**
   * @param model closed with this
   * @param name what clients call it
   */
  CheckpointBackend(TunedModel model, String name) {
    this.model = model;
    this.name = name;
    this.callsTools = model.callsTools();
  }

  @Override
  public String modelName() {
    return name;
  }

  @Override
  public int contextLength() {
    return model.contextLength();
  }

  @Override
  public int alive() {
    return 1;
  }

  @Override
  public Optional<String> refusal(Feature feature) {
    return feature == Feature.TOOLS && !callsTools ? Optional.of(NO_TOOLS) : Optional.empty();
  }

  @Override
  public List<Choice> answer(Question question, ChoiceListener listener)
      throws InterruptedException {
    turn.lockInterruptibly();
    try {
      requireOpen();
      return model.answer(question, listener);
    } catch (CancellationException e) {
      Thread.interrupted(); // now told by the exception
      throw new InterruptedException();
    } finally {
      turn.unlock();
    }
  }

  private void requireOpen() {
    if (!open) {
      throw new UnavailableException("the server is going down", 1);
    }
  }

  @Override
  public void close() {
    turn.lock();
    try {
      if (open) {
        open = false;
        model.close();
      }
    } finally {
      turn.unlock();
    }
  }
}
