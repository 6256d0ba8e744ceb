package io.cria.pipeline;

import io.cria.storage.Hadoop;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds in an exception what a person should be told. */
public final class Faults {
  private static final Pattern OF_S3 = Pattern.compile("software.amazon|hadoop.fs.s3a");

  private Faults() {}

  /**
   * The {@link CriaException} behind any number of wrappers, such as Spark's (the outermost one
   * speaks), or the fault in plain words as one. A full disk speaks before all others.
   *
   * @param places where there may have been writing, for a disk that is full
   */
  public static CriaException told(Throwable thrown, String... places) {
    Optional<CriaException> ours =
        chain(thrown).stream()
            .filter(CriaException.class::isInstance)
            .map(CriaException.class::cast)
            .findFirst();
    Optional<NoRoom> full = NoRoom.behind(ours.isPresent() ? ours.get() : thrown, places);
    if (full.isPresent()) {
      return full.get();
    }
    return ours.orElseGet(
        () ->
            new CriaException(
                ExitCode.FAULT,
                "fault of Cria: " + plainWords(thrown) + "; --verbose shows the trace",
                thrown));
  }

  private static String plainWords(Throwable thrown) {
    for (Throwable cause : chain(thrown)) {
      if (cause instanceof OutOfMemoryError) {
        return "out of memory ("
            + firstLine(cause)
            + "): give more with CRIA_HEAP, for example CRIA_HEAP=6g";
      }
      if (cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException) {
        return "a class is missing ("
            + firstLine(cause)
            + "): "
            + (OF_S3.matcher(firstLine(cause)).find()
                ? Hadoop.S3_REMEDY
                : "start Cria with scripts/cria, after a build");
      }
    }
    List<Throwable> chain = chain(thrown);
    Throwable root = chain.get(chain.size() - 1);
    String outer = firstLine(thrown);
    String inner = root.getClass().getSimpleName() + ": " + firstLine(root);
    return outer.isEmpty() || root.equals(thrown) || outer.contains(firstLine(root))
        ? inner
        : outer + " (" + inner + ")";
  }

  /** The throwable, its causes, then what they suppressed; each once. */
  private static List<Throwable> chain(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  private static String firstLine(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? "" : message.lines().findFirst().orElse("").strip();
  }
}
