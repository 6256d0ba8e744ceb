package io.cria.sft.ranks;

import io.cria.sft.natives.NativeErrors;
import io.cria.sft.train.GaveUp;
import java.io.IOException;
import java.util.List;

/** Which faults a second try does not mend. */
final class Faults {
  private static final List<String> FULL_DISK =
      List.of("No space left on device", "Disk quota exceeded");

  private Faults() {}

  /**
   * Whether the same training, started again from its last checkpoint, may get past the fault: not
   * when its losses are bad, its memory is too small or the disk is full.
   */
  static boolean mayPass(Throwable fault) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof GaveUp
          || each instanceof OutOfMemoryError
          || NativeErrors.isOutOfMemory(each)
          || isFullDisk(each)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFullDisk(Throwable fault) {
    String message = String.valueOf(fault.getMessage());
    return fault instanceof IOException && FULL_DISK.stream().anyMatch(message::contains);
  }
}
