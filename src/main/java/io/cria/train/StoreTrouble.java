package io.cria.train;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.security.AccessControlException;

/**
 * Failures of a store or a disk. Before a run begins they say that its address was wrong; a
 * training has read and written there before, so that it waits, and tries again.
 */
final class StoreTrouble {
  private StoreTrouble() {}

  /** Whether a store or a disk failed, and may be well again later. */
  static boolean mayPass(CriaException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return !isRefusal(cause);
      }
    }
    return false;
  }

  /** What time alone does not change: missing rights, a file in the place of a directory. */
  private static boolean isRefusal(Throwable cause) {
    return cause instanceof AccessControlException
        || cause instanceof AccessDeniedException
        || cause instanceof FileAlreadyExistsException
        || cause instanceof ParentNotDirectoryException;
  }

  /** How a training ends by it: what may pass is no bad input, but for a store that is full. */
  static ExitCode code(CriaException e) {
    return mayPass(e) && !NoRoom.isBehind(e) ? ExitCode.FAULT : e.exitCode();
  }
}
