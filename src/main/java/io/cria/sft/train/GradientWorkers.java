package io.cria.sft.train;

import io.cria.sft.model.Decoder;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
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
  private final ExecutorService threads;

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
   */
  GradientWorkers(List<Replica> replicas, boolean checkpointed) {
    for (Replica replica : replicas) {
      workers.add(new Worker(replica, new Backpropagation(replica.decoder(), checkpointed)));
    }
    threads =
        Executors.newFixedThreadPool(
            replicas.size(),
            task -> {
              Thread thread = new Thread(task, "gradient-worker");
              thread.setDaemon(true);
              return thread;
            });
  }

  int count() {
    return workers.size();
  }

  /**
   * Adds the gradients of scale * (summed loss over all batches) to the model's parameters and
   * returns the summed loss. When {@code stopped} turns true it returns NaN soon, and the gradients
   * are incomplete.
   */
  double run(List<PackedBatch> batches, double scale, BooleanSupplier stopped) {
    Tensor[] losses = new Tensor[batches.size()];
    try {
      inParallel(
          index -> {
            Worker worker = workers.get(index);
            for (int i = index;
                i < batches.size() && !stopped.getAsBoolean();
                i += workers.size()) {
              losses[i] = worker.backpropagation.runAhead(batches.get(i), scale);
            }
          });
      if (stopped.getAsBoolean()) {
        return Double.NaN;
      }
      addUp();
      return sum(losses);
    } finally {
      release(losses);
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
    double sum = 0;
    for (double value : Tensors.toDoubles(Arrays.asList(losses))) {
      sum += value;
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

  private void addUp() {
    Scoped.withoutGradients(
        () -> {
          for (Worker worker : workers.subList(1, workers.size())) {
            workers
                .get(0)
                .replica
                .parameters
                .forEach((name, parameter) -> addUp(parameter, worker, name));
          }
          return true;
        });
  }

  private static void addUp(Tensor parameter, Worker worker, String name) {
    Tensor replica = java.util.Objects.requireNonNull(worker.replica.parameters.get(name));
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

  /** Forgets what an interrupted step left in the other workers. */
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
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while training", e);
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

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
