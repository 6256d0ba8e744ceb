package io.cria.sft.natives;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Work whose native memory goes when it ends. The collector does not see native memory, so a
 * training step outside a scope leaks all its tensors.
 */
public final class Scoped {
  private Scoped() {}

  /** Runs {@code work}; tensors made in it are freed unless kept ({@link Tensors#keep}). */
  public static void run(Runnable work) {
    call(
        () -> {
          work.run();
          return Boolean.TRUE;
        });
  }

  /** The result of {@code work}, which must not be a tensor of the scope. */
  public static <T> T call(Supplier<T> work) {
    PointerScope scope = new PointerScope();
    try {
      return work.get();
    } finally {
      scope.close();
    }
  }

  /**
   * The tensor that {@code work} gives, kept for the caller to release; everything else made in it
   * is freed.
   */
  public static Tensor keep(Supplier<Tensor> work) {
    return call(() -> Tensors.keep(work.get()));
  }

  /** As {@link #call}, without recording for gradients. */
  public static <T> T withoutGradients(Supplier<T> work) {
    return call(
        () -> {
          NoGradGuard guard = new NoGradGuard();
          try {
            return work.get();
          } finally {
            guard.close();
          }
        });
  }
}
