package io.cria.serve.embedded;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.serve.Backend;
import io.cria.serve.Feature;
import io.cria.serve.embedded.Wire.Answer;
import io.cria.serve.embedded.Wire.Ask;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import io.cria.task.TextListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of {@link Worker} processes as one backend. Requests are taken in the order they
 * come, each by the worker that is free first; a worker that dies is started again, after a pause
 * that doubles while it dies young. The request it was at work on is refused, not repeated: it may
 * be what killed it.
 */
final class WorkerPool implements Backend {
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final long YOUNG_NANOS = 10_000_000_000L;
  private static final long SEED_STEP = 0x9E37_79B9_7F4A_7C15L;

  private final FairPool<WorkerProcess> workers = new FairPool<>();
  private final List<Thread> keepers = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Supplier<WorkerProcess> starter;
  private final GgufChat chat;
  private final boolean callsTools;
  private final String modelName;
  private final int contextLength;

  private WorkerPool(
      Supplier<WorkerProcess> starter, GgufChat chat, String modelName, int contextLength) {
    this.starter = starter;
    this.chat = chat;
    this.callsTools = chat.callsTools();
    this.modelName = modelName;
    this.contextLength = contextLength;
  }

  /**
   * Starts {@code workers} processes and waits until each has loaded the model.
   *
   * @throws CriaException when one of them cannot
   */
  static WorkerPool start(
      Path gguf, GgufChat chat, String modelName, int contextLength, int workers) {
    return start(
        () -> WorkerProcess.start(gguf, modelName, contextLength),
        gguf,
        chat,
        modelName,
        contextLength,
        workers);
  }

  /**
   * Likewise.
   *
   * @param starter of a worker that has loaded the model
   */
  static WorkerPool start(
      Supplier<WorkerProcess> starter,
      Path gguf,
      GgufChat chat,
      String modelName,
      int contextLength,
      int workers) {
    WorkerPool pool = new WorkerPool(starter, chat, modelName, contextLength);
    List<CompletableFuture<Void>> started = new ArrayList<>();
    try {
      for (int i = 0; i < workers; i++) {
        CompletableFuture<Void> first = new CompletableFuture<>();
        Thread keeper = new Thread(() -> pool.keep(first), "cria-worker-keeper-" + i);
        keeper.setDaemon(true);
        keeper.start();
        pool.keepers.add(keeper);
        started.add(first);
      }
      for (CompletableFuture<Void> first : started) {
        first.get();
      }
      return pool;
    } catch (ExecutionException e) {
      pool.close();
      throw e.getCause() instanceof CriaException known
          ? known
          : unstartable(gguf, String.valueOf(e.getCause()), e);
    } catch (OutOfMemoryError e) {
      // there is no thread for a keeper
      pool.close();
      throw unstartable(gguf, e.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      pool.close();
      throw new CriaException(
          ExitCode.STOPPED, "interrupted while the workers started, " + gguf + ": start again", e);
    }
  }

  private static CriaException unstartable(Path gguf, String why, Throwable cause) {
    return new CriaException(
        ExitCode.FAULT,
        "cannot start the workers, "
            + gguf
            + " ("
            + why
            + "): give fewer --workers, or allow this user more threads and memory (ulimit -a)",
        cause);
  }

  @Override
  public String modelName() {
    return modelName;
  }

  @Override
  public int contextLength() {
    return contextLength;
  }

  @Override
  public int alive() {
    return workers.members().size();
  }

  /** Process ids of the workers alive now. */
  List<Long> pids() {
    return workers.members().stream().map(WorkerProcess::pid).toList();
  }

  @Override
  public Optional<String> refusal(Feature feature) {
    String other = ": serve its checkpoint with --checkpoint for that";
    return switch (feature) {
      case LOGPROBS ->
          Optional.of("llama.cpp's binding does not tell how likely its tokens are" + other);
      case ECHO -> Optional.of("llama.cpp's binding does not give the prompt's tokens" + other);
      case TOKEN_IDS ->
          Optional.of("llama.cpp's binding takes texts alone, no token ids: give texts");
      case TOOLS -> callsTools ? Optional.empty() : Optional.of(NO_TOOLS);
    };
  }

  @Override
  public List<Choice> answer(Question question, ChoiceListener listener)
      throws InterruptedException {
    String grammar = question.grammar() == null ? null : question.grammar().gbnf();
    List<Ask> asks = new ArrayList<>();
    for (Prompt prompt : question.prompts()) {
      for (int sample = 0; sample < question.samples(); sample++) {
        asks.add(ask(prompt, question, sample, grammar));
      }
    }
    List<Choice> choices = new ArrayList<>();
    for (Ask ask : asks) {
      int place = choices.size();
      Generated generated = ask(ask, more -> listener.hear(place, more, List.of()));
      choices.add(
          new Choice(
              generated.text(),
              generated.finishReason(),
              generated.promptTokens(),
              generated.completionTokens(),
              List.of()));
    }
    return choices;
  }

  /** One answer's request; a further sample of a prompt has a seed of its own. */
  private Ask ask(Prompt prompt, Question question, int sample, @Nullable String grammar) {
    Decoding decoding = question.decoding();
    if (decoding.seed() != null) {
      decoding = decoding.withSeed(decoding.seed() + sample * SEED_STEP);
    }
    if (prompt instanceof Prompt.Text text) {
      return new Ask(text.text(), false, decoding, question.fitted(), grammar);
    }
    if (!(prompt instanceof Prompt.Chat laidOut)) {
      throw new IllegalArgumentException("refused before: " + prompt);
    }
    if (grammar == null) {
      // what keeps to a grammar does not fall out of its turn
      List<String> stops = new ArrayList<>(decoding.stop());
      stops.addAll(chat.stops());
      decoding = decoding.withStop(stops);
    }
    String text = chat.prompt(laidOut.conversation());
    return new Ask(text, true, decoding, question.fitted(), grammar);
  }

  /** Ends all workers; requests that still wait are refused. */
  @Override
  public void close() {
    closing.countDown();
    workers.close("the server is closing").forEach(WorkerProcess::close);
    boolean interrupted = false;
    for (Thread keeper : keepers) {
      try {
        keeper.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Generated ask(Ask ask, TextListener listener) throws InterruptedException {
    WorkerProcess worker = workers.borrow();
    Answer answer;
    try {
      answer = worker.ask(ask, listener);
    } catch (UnavailableException e) {
      bury(worker);
      throw e;
    } catch (RuntimeException e) {
      workers.giveBack(worker);
      throw e;
    } catch (Error e) {
      // in the middle of an answer, whose rest nobody would read
      worker.kill();
      bury(worker);
      throw e;
    }
    workers.giveBack(worker);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (answer.tooLong() != null) {
      throw new TooLong(answer.tooLong());
    }
    if (answer.refusal() != null) {
      throw CriaException.badInput(answer.refusal());
    }
    Generated generated = answer.generated();
    if (generated == null) {
      throw new IllegalStateException(answer.failure());
    }
    return generated;
  }

  private void bury(WorkerProcess worker) {
    workers.leave(worker, "the last worker process died, one is being started: try again");
  }

  /** One worker's life after the other, until the pool closes. */
  private void keep(CompletableFuture<Void> first) {
    long pause = FIRST_PAUSE_MILLIS;
    try {
      while (closing.getCount() > 0) {
        long born = System.nanoTime();
        WorkerProcess worker = tryStart(first);
        if (worker != null) {
          liveOnce(worker, first);
        } else if (first.isCompletedExceptionally()) {
          return;
        }
        boolean diedYoung = System.nanoTime() - born < YOUNG_NANOS;
        pause = diedYoung ? Math.min(2 * pause, LONGEST_PAUSE_MILLIS) : FIRST_PAUSE_MILLIS;
        if (closing.await(pause, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable WorkerProcess tryStart(CompletableFuture<Void> first) {
    try {
      return starter.get();
    } catch (RuntimeException | Error e) {
      // an Error too, such as that of no thread to be had: somebody waits for the first
      if (!first.completeExceptionally(e)) {
        String why = e instanceof CriaException ? String.valueOf(e.getMessage()) : e.toString();
        System.err.println("cria: a worker process cannot be started again just now: " + why);
      }
      return null;
    }
  }

  private void liveOnce(WorkerProcess worker, CompletableFuture<Void> first)
      throws InterruptedException {
    boolean isWanted = workers.join(worker);
    first.complete(null);
    if (isWanted) {
      try {
        worker.onExit().get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
      bury(worker);
    }
    worker.close();
  }

  /** A worker's refusal, its numbers already in the message. */
  private static final class TooLong extends PromptTooLongException {
    private static final long serialVersionUID = 1L;

    private final String message;

    TooLong(String message) {
      super(0, 0);
      this.message = message;
    }

    @Override
    public String getMessage() {
      return message;
    }
  }
}
