package io.cria.browser;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A command of Cria that serves a page, in a process of its own. */
final class Served implements AutoCloseable {
  private final Process process;
  private final String what;
  private final BufferedReader out;
  private String url = "";

  private Served(Process process, String what) {
    this.process = process;
    this.what = what;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts it; what it says goes to a file. */
  static Served start(Path log, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("scripts/cria"));
    Collections.addAll(command, words);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("CRIA_HEAP", "768m");
    builder.environment().put("CRIA_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    return new Served(builder.start(), String.join(" ", words));
  }

  /** The page's address, once it is served. */
  String url() throws IOException {
    while (url.isEmpty()) {
      String line = out.readLine();
      if (line == null) {
        throw new IOException("cria " + what + " served no page; the logs tell why");
      }
      url = line.startsWith("http://") ? line : "";
    }
    return url;
  }

  /** As a power cut would end it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroy();
  }
}
