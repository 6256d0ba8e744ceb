package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Gradients added up over the ranks, and updated values handed to all. Parameters travel together
 * in buckets of bounded size; large ones in several. A value's sum is made of the ranks' values in
 * the ranks' order whoever makes it, so sharded and plain give the same bits.
 */
final class GradientReduction {
  /** Values of one bucket: 64 MiB of float32, which a rank may get from each other at once. */
  private static final long BUCKET_VALUES = 1L << 24;

  private final ProcessGroup group;
  private final Shares shares;
  private final List<List<Bucket>> buckets = new ArrayList<>();
  private final ParameterGroups parameters;

  /** Consecutive values of a parameter. */
  private record Slice(String name, int owner, long from, long count) {}

  /** Slices in the order of their owners. */
  private record Bucket(List<Slice> slices) {
    long count() {
      return slices.stream().mapToLong(Slice::count).sum();
    }

    long[] countsByOwner(int size) {
      long[] counts = new long[size];
      slices.forEach(slice -> counts[slice.owner()] += slice.count());
      return counts;
    }

    Bucket of(int owner) {
      return new Bucket(slices.stream().filter(slice -> slice.owner() == owner).toList());
    }
  }

  GradientReduction(ProcessGroup group, ParameterGroups parameters, Shares shares) {
    this(group, parameters, shares, BUCKET_VALUES);
  }

  GradientReduction(
      ProcessGroup group, ParameterGroups parameters, Shares shares, long bucketValues) {
    this.group = group;
    this.shares = shares;
    this.parameters = parameters;
    for (ParameterGroups.Group each : parameters.groups()) {
      buckets.add(buckets(each, bucketValues));
    }
  }

  private List<Bucket> buckets(ParameterGroups.Group of, long most) {
    List<Slice> all = new ArrayList<>();
    of.parameters()
        .forEach(
            (name, tensor) -> {
              for (long from = 0; from < tensor.numel(); from += most) {
                long count = Math.min(most, tensor.numel() - from);
                all.add(new Slice(name, shares.owner(name), from, count));
              }
            });
    List<Bucket> filled = new ArrayList<>();
    List<Slice> open = new ArrayList<>();
    long values = 0;
    for (Slice slice : all) {
      if (!open.isEmpty() && values + slice.count() > most) {
        filled.add(bucket(open));
        open = new ArrayList<>();
        values = 0;
      }
      open.add(slice);
      values += slice.count();
    }
    if (!open.isEmpty()) {
      filled.add(bucket(open));
    }
    return filled;
  }

  private static Bucket bucket(List<Slice> slices) {
    return new Bucket(slices.stream().sorted(Comparator.comparingInt(Slice::owner)).toList());
  }

  /**
   * Sums the gradients of a group of parameters: at its owner where sharded, else everywhere. A
   * parameter that got no gradient on this rank counts as zeros. All travel in float32: what each
   * rank has must be of one type.
   *
   * @param index of the group
   */
  void reduce(int index) {
    Scoped.withoutGradients(
        () -> {
          parameters.groups().get(index).parameters().values().forEach(Backpropagation::gradientOf);
          if (group.size() > 1) {
            for (Bucket bucket : buckets.get(index)) {
              Scoped.run(() -> reduce(bucket));
            }
          }
          return true;
        });
  }

  private void reduce(Bucket bucket) {
    Tensor own = packed(bucket, this::gradient);
    if (shares.isSharded()) {
      Bucket mine = bucket.of(group.rank());
      Tensor all = group.exchange(own, bucket.countsByOwner(group.size()));
      if (!mine.slices().isEmpty()) {
        unpack(sum(all), mine, this::gradient);
      }
      return;
    }
    long[] counts = evenly(bucket.count(), group.size());
    Tensor sum = sum(group.exchange(own, counts));
    long from = 0;
    for (int rank = 0; rank < counts.length; rank++) {
      Tensor part = own.narrow(0, from, counts[rank]);
      if (rank == group.rank()) {
        part.copy_(sum);
      }
      if (counts[rank] > 0) {
        group.broadcast(part, rank);
      }
      from += counts[rank];
    }
    unpack(own, bucket, this::gradient);
  }

  private static long[] evenly(long count, int parts) {
    long[] counts = new long[parts];
    for (int i = 0; i < parts; i++) {
      counts[i] = count * (i + 1) / parts - count * i / parts;
    }
    return counts;
  }

  /** (ranks, n), overwritten, to (n), in the ranks' order. */
  private static Tensor sum(Tensor all) {
    Tensor sum = all.select(0, 0);
    for (long rank = 1; rank < all.size(0); rank++) {
      sum.add_(all.select(0, rank));
    }
    return sum;
  }

  /** Hands the values that owners have updated to all ranks; nothing where all ranks update all. */
  void spread() {
    if (!shares.isSharded()) {
      return;
    }
    Scoped.withoutGradients(
        () -> {
          for (List<Bucket> ofGroup : buckets) {
            for (Bucket bucket : ofGroup) {
              for (int owner = 0; owner < group.size(); owner++) {
                int from = owner;
                Scoped.run(() -> spread(bucket.of(from), from));
              }
            }
          }
          return true;
        });
  }

  private void spread(Bucket owned, int owner) {
    if (owned.slices().isEmpty()) {
      return;
    }
    Tensor values = packed(owned, this::value);
    group.broadcast(values, owner);
    if (owner != group.rank()) {
      unpack(values, owned, this::value);
    }
  }

  /** Makes rank 0's values of all parameters everyone's. */
  void spreadFirst() {
    if (group.size() > 1) {
      Scoped.withoutGradients(
          () -> {
            parameters
                .parameters()
                .values()
                .forEach(tensor -> Scoped.run(() -> group.broadcast(tensor.detach(), 0)));
            return true;
          });
    }
  }

  private Tensor gradient(Slice slice) {
    return part(Backpropagation.gradientOf(parameters.parameter(slice.name())), slice);
  }

  private Tensor value(Slice slice) {
    return part(parameters.parameter(slice.name()).detach(), slice);
  }

  private static Tensor part(Tensor tensor, Slice slice) {
    return tensor.view(-1).narrow(0, slice.from(), slice.count());
  }

  /** The slices end to end: the very memory of a single one, else a copy. */
  private static Tensor packed(Bucket bucket, Function<Slice, Tensor> part) {
    List<Slice> slices = bucket.slices();
    if (slices.size() == 1) {
      return part.apply(slices.get(0));
    }
    return torch.cat(new TensorVector(slices.stream().map(part).toArray(Tensor[]::new)));
  }

  private static void unpack(Tensor values, Bucket bucket, Function<Slice, Tensor> part) {
    long from = 0;
    for (Slice slice : bucket.slices()) {
      // a bucket of one slice may be that slice's memory itself
      part.apply(slice).copy_(values.narrow(0, from, slice.count()));
      from += slice.count();
    }
  }
}
