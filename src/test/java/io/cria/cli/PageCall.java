package io.cria.cli;

import io.cria.page.Visit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicInteger;

/** A command of this process that serves a page, until it is closed. */
final class PageCall implements AutoCloseable {
  private final Thread thread;
  private final AtomicInteger code = new AtomicInteger(-1);
  private final StringWriter err = new StringWriter();
  private final String url;

  private PageCall(String... words) throws IOException {
    PipedWriter out = new PipedWriter();
    BufferedReader told = new BufferedReader(new PipedReader(out));
    thread =
        new Thread(
            () -> {
              try (PrintWriter writer = new PrintWriter(out)) {
                code.set(Main.run(writer, new PrintWriter(err), words));
              }
            },
            "page");
    thread.start();
    String line = told.readLine();
    if (line == null) {
      throw new IllegalStateException("no page: " + err);
    }
    url = line;
  }

  static PageCall with(Object... words) throws IOException {
    String[] texts = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      texts[i] = String.valueOf(words[i]);
    }
    return new PageCall(texts);
  }

  Visit visit() {
    return new Visit(url);
  }

  /** Ends it, and returns its exit code. */
  int end() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return code.get();
  }

  @Override
  public void close() {
    int unused = end();
  }
}
