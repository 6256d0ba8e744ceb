package io.cria.serve.demo;

import io.cria.page.PageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Those who want an answer, first come first served. Thread-safe. */
final class WaitingLine {
  private static final int RETRY_AFTER_SECONDS = 20;

  private final int atOnce;
  private final int most;
  private final long tellMillis;
  private final List<Object> line = new ArrayList<>();

  /** What is done when it is somebody's turn. */
  @FunctionalInterface
  interface Work {
    void run() throws InterruptedException;
  }

  /**
   * @param atOnce how many are served at the same time
   * @param most how many may be in the line, with those who are served
   * @param tellMillis how often those who wait are told, also where nothing has changed
   */
  WaitingLine(int atOnce, int most, long tellMillis) {
    this.atOnce = atOnce;
    this.most = most;
    this.tellMillis = tellMillis;
  }

  /**
   * Waits, and does the work.
   *
   * @param waiting hears again and again how many are served before; what it throws ends the wait
   * @throws PageException (503) when too many wait already
   */
  void inTurn(IntConsumer waiting, Work work) throws InterruptedException {
    Object ticket = new Object();
    synchronized (line) {
      if (line.size() >= most) {
        throw PageException.unavailable(
            "Too many people are waiting: try again in a while.", RETRY_AFTER_SECONDS);
      }
      line.add(ticket);
    }
    try {
      for (int ahead = ahead(ticket); ahead > 0; ahead = waitBehind(ticket, ahead)) {
        waiting.accept(ahead);
      }
      work.run();
    } finally {
      synchronized (line) {
        line.remove(ticket);
        line.notifyAll();
      }
    }
  }

  private int ahead(Object ticket) {
    synchronized (line) {
      return Math.max(0, line.indexOf(ticket) - atOnce + 1);
    }
  }

  private int waitBehind(Object ticket, int ahead) throws InterruptedException {
    synchronized (line) {
      if (ahead(ticket) == ahead) {
        line.wait(tellMillis);
      }
      return ahead(ticket);
    }
  }
}
