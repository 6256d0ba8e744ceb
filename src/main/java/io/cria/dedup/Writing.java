package io.cria.dedup;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FSError;

/** A Spark job that writes the output. */
final class Writing {
  private Writing() {}

  /**
   * @param output what is written
   * @throws CriaException (bad input) when it cannot be written, or records do not go into a table
   */
  static void of(String output, Runnable job) {
    try {
      job.run();
    } catch (RuntimeException e) {
      throw told(output, e);
    } catch (Exception | FSError e) {
      // Spark's own are checked, though Scala does not say so; a full disk is an error
      throw told(output, new IllegalStateException(e));
    }
  }

  private static RuntimeException told(String output, RuntimeException thrown) {
    Optional<NoRoom> full = NoRoom.behind(thrown, output);
    if (full.isPresent()) {
      return full.get();
    }
    Causes causes = new Causes(thrown);
    Optional<CriaException> told = causes.told();
    if (told.isPresent()) {
      return told.get();
    }
    Optional<Exception> unread = causes.unreadFile();
    if (unread.isPresent()) {
      return InputFiles.unreadable("an input", unread.get());
    }
    Optional<Exception> malformed = causes.named("MALFORMED");
    if (malformed.isPresent()) {
      return refused(malformed.get());
    }
    Optional<IOException> io = causes.io();
    if (io.isPresent()) {
      return unwritable(output, io.get());
    }
    Optional<Exception> json = causes.json();
    if (json.isPresent()) {
      return refused(json.get());
    }
    return causes.named("").<RuntimeException>map(Writing::refused).orElse(thrown);
  }

  static CriaException unwritable(String path, IOException e) {
    return NoRoom.or(
        path,
        e,
        () ->
            new CriaException(
                ExitCode.BAD_INPUT,
                path
                    + ": cannot be written ("
                    + e.getClass().getSimpleName()
                    + (e.getMessage() == null ? "" : ": " + Causes.line(e))
                    + "): give a directory that you may write to, with room",
                e));
  }

  private static CriaException refused(Exception e) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        "the records of all inputs do not make one table ("
            + Causes.line(e)
            + "): give inputs whose columns of one name have one type",
        e);
  }
}
