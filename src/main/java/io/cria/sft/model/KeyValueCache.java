package io.cria.sft.model;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Keys and values of texts that are being written: the state of generation. Rows have lengths of
 * their own; nothing is padded but the cache's memory.
 */
public final class KeyValueCache implements AutoCloseable {
  private final ModelConfig config;
  private final int capacity;
  private final Device device;
  private int[] lengths;
  private final List<Tensor> keys = new ArrayList<>(); // one (B,capacity,K,D) a layer
  private final List<Tensor> values = new ArrayList<>();

  /**
   * @param rows texts at once
   * @param capacity tokens a text may have
   * @param type in which the decoder's attention computes
   * @param device where it does
   */
  public KeyValueCache(ModelConfig config, int rows, int capacity, ScalarType type, Device device) {
    this.config = config;
    this.device = device;
    this.capacity = capacity;
    this.lengths = new int[rows];
    long[] shape = {rows, capacity, config.keyValueHeads(), config.headDimension()};
    for (int i = 0; i < config.layers(); i++) {
      keys.add(Scoped.keep(() -> torch.zeros(shape, device.options(type))));
      values.add(Scoped.keep(() -> torch.zeros(shape, device.options(type))));
    }
  }

  /** Texts in the cache. */
  public int rows() {
    return lengths.length;
  }

  /** Tokens of a row so far. */
  public int length(int row) {
    return lengths[row];
  }

  /**
   * Attention over a row's first tokens, which are kept. For one forward pass over (1,n) ids with
   * positions from 0.
   *
   * @param tokens n
   */
  public Attention prompt(int row, int tokens) {
    if (tokens > capacity) {
      throw new IllegalArgumentException(tokens + " tokens in a cache for " + capacity);
    }
    lengths[row] = tokens;
    Attention causal = new PackedAttention(new int[] {tokens}, config.slidingWindow());
    return (layer, query, key, value) -> {
      keys.get(layer).select(0, row).narrow(0, 0, tokens).copy_(key.squeeze(0));
      values.get(layer).select(0, row).narrow(0, 0, tokens).copy_(value.squeeze(0));
      return causal.attend(layer, query, key, value);
    };
  }

  /**
   * Attention of one more token of every row to all before it and itself. For one forward pass over
   * (B,1) ids at the positions that {@link #length} gave before this call.
   */
  public Attention next() {
    int rows = lengths.length;
    long[] places = new long[rows];
    for (int row = 0; row < rows; row++) {
      if (lengths[row] >= capacity) {
        throw new IllegalStateException("row " + row + " is full");
      }
      places[row] = (long) row * capacity + lengths[row]++;
    }
    int longest = Arrays.stream(lengths).max().orElse(0);
    Tensor place = device.longs(places, rows);
    Tensor allowed = seen(longest);
    return (layer, query, key, value) -> {
      write(keys.get(layer), place, key);
      write(values.get(layer), place, value);
      return attend(query, keys.get(layer), values.get(layer), longest, allowed);
    };
  }

  private void write(Tensor cache, Tensor places, Tensor entries) {
    cache
        .view((long) lengths.length * capacity, config.keyValueHeads(), config.headDimension())
        .index_copy_(0, places, entries.squeeze(1));
  }

  /** (B,1,1,longest): which tokens each row's new one sees. */
  private Tensor seen(int longest) {
    Tensor columns = PackedAttention.range(longest, device).unsqueeze(0);
    Tensor last =
        device.longs(
            Arrays.stream(lengths).asLongStream().map(n -> n - 1).toArray(), lengths.length, 1);
    Tensor allowed = columns.le(last);
    Integer window = config.slidingWindow();
    if (window != null) {
      allowed = allowed.logical_and(columns.add(device.longs(new long[] {window}, 1)).gt(last));
    }
    return allowed.view(lengths.length, 1, 1, longest);
  }

  /**
   * The query heads of a group stand in for query tokens, so that the group's keys are not
   * repeated.
   */
  private Tensor attend(Tensor query, Tensor key, Tensor value, int longest, Tensor allowed) {
    long rows = lengths.length;
    long groups = config.keyValueHeads();
    long size = config.headDimension();
    Tensor out =
        torch.scaled_dot_product_attention(
            query.reshape(rows, groups, config.heads() / groups, size),
            key.narrow(1, 0, longest).transpose(1, 2),
            value.narrow(1, 0, longest).transpose(1, 2),
            new TensorOptional(allowed),
            0,
            false,
            new DoubleOptional(),
            false);
    return out.reshape(rows, 1, config.heads() * size);
  }

  /** Keeps these rows only, in this order. */
  public void keepRows(int[] rows) {
    long[] indices = Arrays.stream(rows).asLongStream().toArray();
    for (List<Tensor> tensors : List.of(keys, values)) {
      tensors.replaceAll(
          old -> {
            Tensor kept =
                Scoped.keep(() -> old.index_select(0, device.longs(indices, indices.length)));
            Tensors.release(old);
            return kept;
          });
    }
    lengths = Arrays.stream(rows).map(row -> lengths[row]).toArray();
  }

  @Override
  public void close() {
    keys.forEach(Tensors::release);
    values.forEach(Tensors::release);
  }
}
