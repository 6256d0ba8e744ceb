package io.cria.task;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a child process writes, read on a thread of its own so that it never waits for a reader. */
public final class ChildLines {
  private ChildLines() {}

  /**
   * Reads to the end of the stream, in UTF-8.
   *
   * @param thread its name, and the child's in the log
   * @param each told each line
   * @return the daemon thread that reads
   */
  public static Thread read(String thread, InputStream in, Consumer<String> each) {
    return read(thread, in, each, () -> {});
  }

  /**
   * The same.
   *
   * @param end run after the last line, however the stream ends
   */
  public static Thread read(String thread, InputStream in, Consumer<String> each, Runnable end) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  each.accept(line);
                }
              } catch (IOException e) {
                // the stream of a killed process breaks off
                System.getLogger(ChildLines.class.getName())
                    .log(System.Logger.Level.DEBUG, "{0}: {1}", thread, e.getMessage());
              } finally {
                end.run();
              }
            },
            thread);
    reader.setDaemon(true);
    reader.start();
    return reader;
  }
}
