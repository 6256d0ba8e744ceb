package io.cria.sft.train;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The ranks that train one model together. Every operation is one of all ranks: each calls the same
 * ones in the same order, from one thread at a time. What is added up over ranks is added in the
 * order of the ranks, so that the bits do not depend on which machine a rank runs on.
 */
public interface ProcessGroup {
  /** This process alone. */
  ProcessGroup ALONE = new Alone();

  /**
   * An operation did not end because another rank is gone, or cannot be reached. Which one is known
   * to who watches over the ranks.
   */
  final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Broken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** From 0. */
  int rank();

  int size();

  /** The values that each rank gave, by rank; all give as many. */
  double[][] gather(double... values);

  /** The bytes that rank 0 gave. */
  byte[] ofFirst(byte[] bytes);

  /**
   * Parts of a tensor for each rank against theirs for this one.
   *
   * @param values one dimension: {@code counts[0]} values for rank 0, and so on
   * @param counts the same on every rank
   * @return (size, counts[rank]): what each rank had for this one
   */
  Tensor exchange(Tensor values, long[] counts);

  /** Overwrites the tensor, which is contiguous, with that of rank {@code from}. */
  void broadcast(Tensor values, int from);

  /** Hands a contiguous tensor to the one rank that calls {@link #receive} for it. */
  void send(Tensor values, int to);

  /** Overwrites a contiguous tensor with one that rank {@code from} sends. */
  void receive(Tensor values, int from);

  /** Whether this is the rank that decides, writes and tells. */
  default boolean isFirst() {
    return rank() == 0;
  }

  /** The values that rank 0 gave. */
  default double[] ofFirst(double... values) {
    return gather(values)[0];
  }

  /** The values summed over the ranks. */
  default double[] sum(double... values) {
    double[][] all = gather(values);
    double[] sum = all[0].clone();
    for (double[] other : Arrays.asList(all).subList(1, all.length)) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += other[i];
      }
    }
    return sum;
  }

  /** One rank: what it has is all there is. */
  final class Alone implements ProcessGroup {
    private Alone() {}

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public double[][] gather(double... values) {
      return new double[][] {values};
    }

    @Override
    public byte[] ofFirst(byte[] bytes) {
      return bytes;
    }

    @Override
    public Tensor exchange(Tensor values, long[] counts) {
      return values.view(1, -1);
    }

    @Override
    public void broadcast(Tensor values, int from) {
      // it is rank 0's already
    }

    @Override
    public void send(Tensor values, int to) {
      throw new IllegalArgumentException("there is no rank " + to);
    }

    @Override
    public void receive(Tensor values, int from) {
      throw new IllegalArgumentException("there is no rank " + from);
    }
  }
}
