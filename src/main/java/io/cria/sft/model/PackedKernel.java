package io.cria.sft.model;

import io.cria.sft.natives.Device;
import java.util.List;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** How the attention inside the segments of a packed row is computed. */
public enum PackedKernel {
  /** One call a segment. */
  SEGMENTS("attention by segments"),
  /** libtorch's memory-efficient kernel over all segments at once. */
  EFFICIENT("memory-efficient attention"),
  /** Flash attention (Dao, arXiv 2307.08691) over all segments at once. */
  FLASH("flash attention");

  private final String words;

  PackedKernel(String words) {
    this.words = words;
  }

  /** As messages name it. */
  public String words() {
    return words;
  }

  /** Those that may suit a device and a type, the fastest first. */
  static List<PackedKernel> candidates(Device device, ScalarType type) {
    if (!device.isCuda()) {
      return List.of(SEGMENTS);
    }
    return type == ScalarType.Float
        ? List.of(EFFICIENT, SEGMENTS)
        : List.of(FLASH, EFFICIENT, SEGMENTS);
  }

  /**
   * The attention of one packed row.
   *
   * @param lengths tokens of each segment, in order
   * @param slidingWindow a token sees this many up to itself; null for all of its segment
   */
  Attention over(int[] lengths, @Nullable Integer slidingWindow, Device device) {
    return this == SEGMENTS
        ? new PackedAttention(lengths, slidingWindow)
        : new FusedPackedAttention(this, lengths, slidingWindow, device);
  }
}
