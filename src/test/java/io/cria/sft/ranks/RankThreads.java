package io.cria.sft.ranks;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Natives;
import io.cria.sft.train.ProcessGroup;
import io.cria.sft.train.TrainingRow;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Ranks as threads of this process: quicker than processes, and the same numbers. */
final class RankThreads {
  private static final String HERE = "127.0.0.1";
  private static final int SECONDS = 60;

  private RankThreads() {}

  /** What each rank's work gives, by rank. */
  static <T> List<T> run(int size, Function<ProcessGroup, T> work) {
    if (size == 1) {
      return List.of(work.apply(ProcessGroup.ALONE));
    }
    Natives.load();
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try (RankStore store = RankStore.open(HERE)) {
      List<Future<T>> ranks = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        int rank = i;
        ranks.add(threads.submit(() -> run(rank, size, store, work)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> each : ranks) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> T run(int rank, int size, RankStore store, Function<ProcessGroup, T> work) {
    RankStore own = rank == 0 ? store : RankStore.reach(HERE, store.port(), SECONDS);
    try (TorchProcessGroup group =
        TorchProcessGroup.join(own, rank, size, HERE, Device.CPU, SECONDS)) {
      T result = work.apply(group);
      group.gather(1); // nobody closes connections while another still uses them
      return result;
    }
  }

  /**
   * Rows of a few examples of unequal length. Every fourth row has no label at all, and each other
   * one another number of them.
   */
  static List<TrainingRow> rows(int count, long seed) {
    SeededRandom random = new SeededRandom(seed);
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] lengths = new int[1 + random.nextInt(3)];
      Arrays.setAll(lengths, segment -> 4 + random.nextInt(8));
      int[] tokens = new int[Arrays.stream(lengths).sum()];
      int[] labels = new int[tokens.length];
      int at = 0;
      for (int length : lengths) {
        for (int t = 0; t < length; t++, at++) {
          // a pattern that can be learnt: the next token follows from the one before
          tokens[at] = t == 0 ? 3 + random.nextInt(500) : 3 + (tokens[at - 1] * 7 + 1) % 500;
          labels[at] = i % 4 == 1 || t < length / 2 ? TrainingRow.IGNORED : tokens[at];
        }
      }
      rows.add(new TrainingRow(tokens, labels, lengths));
    }
    return rows;
  }
}
