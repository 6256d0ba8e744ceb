package io.cria.dedup;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** A Spark job over an input: a file that fails in it is the user's, not a fault. */
final class Reading {
  private Reading() {}

  /**
   * @param name of the input
   * @throws CriaException (bad input) when the input cannot be read to its end
   */
  static <T> T of(String name, Supplier<T> job) {
    try {
      return job.get();
    } catch (RuntimeException e) {
      throw told(name, e);
    } catch (Exception e) {
      // Spark's own are checked, though Scala does not say so
      throw told(name, new IllegalStateException(e));
    }
  }

  private static RuntimeException told(String name, RuntimeException thrown) {
    Optional<NoRoom> full = NoRoom.behind(thrown);
    if (full.isPresent()) {
      return full.get(); // of a shuffle
    }
    Causes causes = new Causes(thrown);
    Optional<CriaException> told = causes.told();
    if (told.isPresent()) {
      return told.get();
    }
    Optional<Exception> merge = causes.named("CANNOT_MERGE_SCHEMAS");
    if (merge.isPresent()) {
      return new CriaException(
          ExitCode.BAD_INPUT,
          name
              + ": its files do not make one table ("
              + Causes.line(merge.get())
              + "): give files whose columns of one name have one type",
          thrown);
    }
    Optional<Exception> unread = causes.unreadFile();
    if (unread.isPresent()) {
      return InputFiles.unreadable(name, unread.get());
    }
    Optional<IOException> io = causes.io();
    if (io.isPresent()) {
      return InputFiles.unreadable(name, io.get());
    }
    return causes
        .named("")
        .<RuntimeException>map(e -> InputFiles.unreadable(name, e))
        .orElse(thrown);
  }
}
