package io.cria.serve.embedded;

import io.cria.serve.Backend;
import io.cria.serve.embedded.Wire.Answer;
import io.cria.serve.embedded.Wire.Ask;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of {@link Worker} processes as one backend. Requests are taken in the order they come, each by the
 * worker that is free first; a worker that dies is started again, after a pause that doubles while it dies young.
 */
final class WorkerPool implements Backend {
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final long YOUNG_NANOS = 10_000_000_000L;

  private final Object state = new Object();
  private final Deque<WorkerProcess> idle = new ArrayDeque<>();
  private final Deque<CompletableFuture<WorkerProcess>> waiting = new ArrayDeque<>();
  private final List<WorkerProcess> living = new ArrayList<>();
  private final List<Thread> keepers = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Path gguf;
  private final String modelName;
  private final int contextLength;

  private WorkerPool(Path gguf, String modelName, int contextLength) {
    this.gguf = gguf;
    this.modelName = modelName;
    this.contextLength = contextLength;
  }

  /**
   * Starts {@code workers} processes and waits until each has loaded the model.
   *
   * @throws CriaException when one of them cannot
   */
  static WorkerPool start(Path gguf, String modelName, int contextLength, int workers) {
    WorkerPool pool = new WorkerPool(gguf, modelName, contextLength);
    List<CompletableFuture<Void>> started = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      CompletableFuture<Void> first = new CompletableFuture<>();
      Thread keeper = new Thread(() -> pool.keep(first), "cria-worker-keeper-" + i);
      keeper.setDaemon(true);
      pool.keepers.add(keeper);
      started.add(first);
      keeper.start();
    }
    try {
      for (CompletableFuture<Void> first : started) {
        first.get();
      }
      return pool;
    } catch (ExecutionException e) {
      pool.close();
      throw e.getCause() instanceof CriaException known
          ? known
          : new CriaException(ExitCode.FAULT, "cannot start the workers, " + gguf + ": " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      pool.close();
      throw new CriaException(ExitCode.STOPPED, "interrupted while the workers started, " + gguf + ": start again", e);
    }
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
    synchronized (state) {
      return living.size();
    }
  }

  /** Process ids of the workers alive now. */
  List<Long> pids() {
    synchronized (state) {
      return living.stream().map(WorkerProcess::pid).toList();
    }
  }

  @Override
  public Generated complete(String prompt, Decoding decoding) throws InterruptedException {
    return ask(new Ask(prompt, null, decoding));
  }

  @Override
  public Generated chat(List<Message> messages, Decoding decoding) throws InterruptedException {
    return ask(new Ask(null, messages, decoding));
  }

  /** Ends all workers; requests that still wait are refused. */
  @Override
  public void close() {
    List<WorkerProcess> last;
    synchronized (state) {
      closing.countDown();
      last = List.copyOf(living);
      refuseWaiting("the server is closing");
    }
    last.forEach(WorkerProcess::close);
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

  private Generated ask(Ask ask) throws InterruptedException {
    WorkerProcess worker = borrow();
    Answer answer;
    try {
      answer = worker.ask(ask);
    } catch (UnavailableException e) {
      bury(worker);
      throw e;
    }
    giveBack(worker);
    if (answer.tooLong() != null) {
      throw new TooLong(answer.tooLong());
    }
    Generated generated = answer.generated();
    if (generated == null) {
      throw new IllegalStateException(answer.failure());
    }
    return generated;
  }

  private WorkerProcess borrow() throws InterruptedException {
    CompletableFuture<WorkerProcess> turn = new CompletableFuture<>();
    synchronized (state) {
      if (closing.getCount() == 0 || living.isEmpty()) {
        throw new UnavailableException("no worker process is alive, one is being started: try again", 1);
      }
      WorkerProcess free = idle.poll();
      if (free != null) {
        return free;
      }
      waiting.add(turn);
    }
    try {
      return turn.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UnavailableException refusal ? refusal : new IllegalStateException(e);
    } catch (InterruptedException e) {
      boolean isStillWaiting;
      synchronized (state) {
        isStillWaiting = waiting.removeIf(other -> other == turn);
      }
      if (!isStillWaiting && !turn.isCompletedExceptionally()) {
        giveBack(turn.join());
      }
      throw e;
    }
  }

  private void giveBack(WorkerProcess worker) {
    synchronized (state) {
      if (!living.contains(worker)) {
        return;
      }
      CompletableFuture<WorkerProcess> next = waiting.poll();
      if (next == null) {
        idle.add(worker);
      } else {
        next.complete(worker);
      }
    }
  }

  private void bury(WorkerProcess worker) {
    synchronized (state) {
      living.remove(worker);
      idle.remove(worker);
      if (living.isEmpty()) {
        refuseWaiting("the last worker process died: try again");
      }
    }
  }

  private void refuseWaiting(String why) {
    for (CompletableFuture<WorkerProcess> turn = waiting.poll(); turn != null; turn = waiting.poll()) {
      turn.completeExceptionally(new UnavailableException(why, 1));
    }
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
      return WorkerProcess.start(gguf, modelName, contextLength);
    } catch (RuntimeException e) {
      if (!first.completeExceptionally(e)) {
        System.err.println("cria: a worker process cannot be started again: " + e.getMessage());
      }
      return null;
    }
  }

  private void liveOnce(WorkerProcess worker, CompletableFuture<Void> first) throws InterruptedException {
    synchronized (state) {
      if (closing.getCount() > 0) {
        living.add(worker);
        giveBack(worker);
      }
    }
    first.complete(null);
    if (closing.getCount() > 0) {
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
