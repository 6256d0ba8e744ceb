package io.cria.sft.ranks;

import io.cria.sft.natives.NativeErrors;
import io.cria.sft.train.GaveUp;
import io.cria.task.NoRoom;

/** Which faults a second try does not mend. */
final class Faults {
  private Faults() {}

  /**
   * Whether the same training, started again from its last checkpoint, may get past the fault: not
   * when its losses are bad, its memory is too small or the disk is full.
   */
  static boolean mayPass(Throwable fault) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof GaveUp
          || each instanceof OutOfMemoryError
          || NativeErrors.isOutOfMemory(each)) {
        return false;
      }
    }
    return !NoRoom.isBehind(fault);
  }
}
