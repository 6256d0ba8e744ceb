package io.cria.sft.train;

import io.cria.sft.model.Decoder;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Micro-batches of one step side by side, one a core. Each worker adds up gradients of its own;
 * they are summed in the workers' order, so the result depends on their number and not on their
 * speed. On CPUs this uses the cores better than threads inside each operation do, and it is the
 * same sum that ranks make.
 */
final class GradientWorkers implements AutoCloseable {
  private final List<Worker> workers = new ArrayList<>();
  private final ParameterGroups groups;
  private final ExecutorService threads;
  private final ExecutorService sums;

  /**
   * One worker's view of the model.
   *
   * @param decoder over weights that share the values of the others and hold their own gradients
   * @param parameters the trained ones of them, by name
   */
  record Replica(Decoder decoder, Map<String, Tensor> parameters) {}

  private record Worker(Replica replica, Backpropagation backpropagation) {}

  /**
   * @param replicas at least 1; the first is the model itself, whose parameters get the sums
   * @param groups of the model's parameters
   */
  GradientWorkers(List<Replica> replicas, ParameterGroups groups, boolean checkpointed) {
    this.groups = groups;
    for (Replica replica : replicas) {
      workers.add(new Worker(replica, new Backpropagation(replica.decoder(), checkpointed)));
    }
    threads =
        Executors.newFixedThreadPool(replicas.size(), task -> daemon(task, "gradient-worker"));
    sums = Executors.newSingleThreadExecutor(task -> daemon(task, "gradient-sums"));
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  int count() {
    return workers.size();
  }

  /**
   * Adds the gradients of scale * (summed loss over all batches) to the model's parameters and
   * returns the batches' losses. When {@code stopped} turns true it soon returns nothing, and the
   * gradients are incomplete.
   *
   * @param complete told each group of parameters, in their order and on a thread of its own, as
   *     soon as the workers' gradients of it are summed, while the workers go on with the next
   */
  Optional<Losses> run(
      List<PackedBatch> batches, double scale, BooleanSupplier stopped, IntConsumer complete) {
    Tensor[] losses = new Tensor[batches.size()];
    Passages passages = new Passages(complete);
    boolean whole = false;
    try {
      inParallel(
          index -> {
            Worker worker = workers.get(index);
            int i = index;
            for (; i < batches.size() && !stopped.getAsBoolean(); i += workers.size()) {
              boolean last = i + workers.size() >= batches.size();
              losses[i] =
                  worker.backpropagation.runAhead(
                      batches.get(i), scale, last ? passages::passed : group -> {});
            }
            if (index >= batches.size()) {
              passages.passedAll();
            }
          });
      passages.await();
      whole = !stopped.getAsBoolean();
      return whole ? Optional.of(new Losses(List.of(losses))) : Optional.empty();
    } finally {
      if (!whole) {
        release(losses);
      }
    }
  }

  /**
   * The summed loss of each batch, in the batches' order.
   *
   * @param scalars float64, on the device, which has not been waited for
   */
  record Losses(List<Tensor> scalars) implements AutoCloseable {
    @Override
    public void close() {
      scalars.forEach(Tensors::release);
    }
  }

  /** Which groups all workers are through with; each is summed then, in the groups' order. */
  private final class Passages {
    private final AtomicIntegerArray missing = new AtomicIntegerArray(groups.groups().size());
    private final Queue<Future<?>> begun = new ConcurrentLinkedQueue<>();
    private final IntConsumer complete;

    Passages(IntConsumer complete) {
      this.complete = complete;
      for (int group = 0; group < missing.length(); group++) {
        missing.set(group, workers.size());
      }
    }

    /**
     * Workers pass the groups in one order, so the last of a group precedes the last of the next.
     */
    void passed(int group) {
      if (missing.decrementAndGet(group) == 0) {
        begun.add(
            sums.submit(
                () -> {
                  addUp(group);
                  complete.accept(group);
                }));
      }
    }

    void passedAll() {
      for (int group = 0; group < missing.length(); group++) {
        passed(group);
      }
    }

    void await() {
      for (Future<?> sum : begun) {
        GradientWorkers.await(sum);
      }
    }
  }

  /** The summed loss over all batches, without gradients. */
  double loss(List<PackedBatch> batches) {
    Tensor[] losses = new Tensor[batches.size()];
    try {
      inParallel(
          index -> {
            for (int i = index; i < batches.size(); i += workers.size()) {
              losses[i] = workers.get(index).backpropagation.lossAhead(batches.get(i));
            }
          });
      return sum(losses);
    } finally {
      release(losses);
    }
  }

  /** In the batches' order; a GPU is waited for once. */
  private static double sum(Tensor[] losses) {
    return sum(Tensors.toDoubles(Arrays.asList(losses)), losses.length);
  }

  /** The first {@code count} values, one after the other. */
  static double sum(double[] values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i];
    }
    return sum;
  }

  private static void release(@Nullable Tensor[] losses) {
    for (Tensor loss : losses) {
      if (loss != null) {
        Tensors.release(loss);
      }
    }
  }

  private void addUp(int group) {
    Scoped.withoutGradients(
        () -> {
          for (Worker worker : workers.subList(1, workers.size())) {
            groups
                .groups()
                .get(group)
                .parameters()
                .forEach((name, parameter) -> addUp(parameter, worker, name));
          }
          return true;
        });
  }

  private static void addUp(Tensor parameter, Worker worker, String name) {
    Tensor replica = Objects.requireNonNull(worker.replica.parameters.get(name));
    if (!replica.grad().defined()) {
      return;
    }
    Tensor gradient = new Tensor(replica.grad());
    if (parameter.grad().defined()) {
      new Tensor(parameter.grad()).add_(gradient);
    } else {
      parameter.mutable_grad().put(gradient);
    }
    replica.mutable_grad().reset();
  }

  /** Forgets the gradients of all workers; the next backward pass allots new ones. */
  void clearGradients() {
    Scoped.run(
        () ->
            workers.forEach(
                worker ->
                    worker
                        .replica
                        .parameters
                        .values()
                        .forEach(tensor -> tensor.mutable_grad().reset())));
  }

  private interface Part {
    void run(int worker);
  }

  private void inParallel(Part part) {
    if (workers.size() == 1) {
      part.run(0);
      return;
    }
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < workers.size(); i++) {
      int index = i;
      tasks.add(
          () -> {
            part.run(index);
            return null;
          });
    }
    try {
      threads.invokeAll(tasks).forEach(GradientWorkers::await);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void await(Future<?> done) {
    try {
      done.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while training", e);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    sums.shutdownNow();
  }
}
