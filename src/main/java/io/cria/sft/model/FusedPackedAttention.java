package io.cria.sft.model;

import io.cria.sft.natives.Device;
import java.util.Arrays;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention inside each segment of one packed row (B = 1) by one kernel call for all of
 * them, which knows the segments by their starts: no mask exists. The kernels have no Java binding,
 * so TorchScript functions call them; libtorch records these for gradients as any other operation.
 */
final class FusedPackedAttention implements Attention {
  // A flash window counts the tokens before the query's own; the other kernel's counts that too.
  private static final String SCRIPT =
      """
      def flash(q: Tensor, k: Tensor, v: Tensor, starts: Tensor, longest: int, window: int):
          return torch._flash_attention_forward(q, k, v, starts, starts, longest, longest, 0.0, True, False, scale=None, window_size_left=window - 1, window_size_right=0)[0]

      def flash_all(q: Tensor, k: Tensor, v: Tensor, starts: Tensor, longest: int, window: int):
          return torch._flash_attention_forward(q, k, v, starts, starts, longest, longest, 0.0, True, False)[0]

      def efficient(q: Tensor, k: Tensor, v: Tensor, starts: Tensor, longest: int, window: int):
          return torch._efficient_attention_forward(q, k, v, None, starts, starts, longest, longest, 0.0, 1, True, scale=None, seqlen_k=None, window_size=window)[0]

      def efficient_all(q: Tensor, k: Tensor, v: Tensor, starts: Tensor, longest: int, window: int):
          return torch._efficient_attention_forward(q, k, v, None, starts, starts, longest, longest, 0.0, 1, True)[0]
      """;

  private static final class Compiled {
    static final CompilationUnit UNIT = compile();

    private Compiled() {}

    private static CompilationUnit compile() {
      CompilationUnit unit = torch.compile(SCRIPT);
      unit.retainReference();
      return unit;
    }
  }

  private final boolean flash;
  private final String function;
  private final Tensor starts; // (segments + 1) int32
  private final long longest;
  private final long window;

  /**
   * @param kernel FLASH or EFFICIENT
   */
  FusedPackedAttention(
      PackedKernel kernel, int[] lengths, @Nullable Integer slidingWindow, Device device) {
    flash = kernel == PackedKernel.FLASH;
    long[] ends = new long[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      ends[i + 1] = ends[i] + lengths[i];
    }
    starts = device.ints(ends, ends.length);
    longest = Arrays.stream(lengths).max().orElse(0);
    window = slidingWindow == null ? Integer.MAX_VALUE : slidingWindow;
    function = (flash ? "flash" : "efficient") + (window >= longest ? "_all" : "");
  }

  @Override
  public Tensor attend(int layer, Tensor query, Tensor key, Tensor value) {
    long[] shape = query.shape(); // (1,T,H,D)
    Tensor out =
        flash
            ? call(query.squeeze(0), key.squeeze(0), value.squeeze(0))
            : call(query, repeated(key, shape[2]), repeated(value, shape[2]));
    return out.reshape(1, shape[1], shape[2] * shape[3]);
  }

  private Tensor call(Tensor query, Tensor key, Tensor value) {
    Function kernel = Compiled.UNIT.get_function(new QualifiedName(function));
    return kernel
        .apply(
            new IValueVector(
                new IValue(query),
                new IValue(key),
                new IValue(value),
                new IValue(starts),
                new IValue(longest),
                new IValue(window)))
        .toTensor();
  }

  /** (1,T,K,D) to (1,T,H,D): each group's head once for each of its query heads. */
  private static Tensor repeated(Tensor keyOrValue, long heads) {
    long[] shape = keyOrValue.shape();
    if (shape[2] == heads) {
      return keyOrValue;
    }
    return keyOrValue
        .unsqueeze(3)
        .expand(1, shape[1], shape[2], heads / shape[2], shape[3])
        .reshape(1, shape[1], heads, shape[3]);
  }
}
