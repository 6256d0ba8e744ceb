package io.cria.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Interrupts the threads that work for a client which has hung up, or which does not take what is
 * written to it: its work would hold the model for ever. The JDK's server does not tell, but both
 * ends of a connection are on this machine, and Linux lists them in {@code /proc/net/tcp} (see
 * proc(5)): a socket that no process holds any more has inode 0 or is gone. A client that only
 * closed its sending half still holds its socket. Where there is no such list only a write that
 * does not end is noticed.
 */
final class HangUps implements AutoCloseable {
  private static final long PERIOD_MILLIS = 500;
  private static final long LONGEST_WRITE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final String LISTENING = "0A";

  private final int serverPort;
  private final LongSupplier nanoTime;
  private final Set<Work> atWork = new HashSet<>();
  private final ScheduledExecutorService watcher =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "cria-serve-hang-ups");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param nanoTime as of {@link System#nanoTime}
   */
  HangUps(int serverPort, LongSupplier nanoTime) {
    this.serverPort = serverPort;
    this.nanoTime = nanoTime;
  }

  /** Begins to watch the connections to a port of a loopback address. */
  static HangUps watch(int serverPort) {
    HangUps hangUps = new HangUps(serverPort, System::nanoTime);
    hangUps.lookEvery(PERIOD_MILLIS);
    return hangUps;
  }

  /** Begins to look. */
  void lookEvery(long periodMillis) {
    var unused =
        watcher.scheduleWithFixedDelay(
            this::lookOn, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
  }

  /** A look that fails is told and is not the last one: what is thrown on would end the watch. */
  private void lookOn() {
    try {
      look();
    } catch (RuntimeException | OutOfMemoryError e) {
      System.getLogger(HangUps.class.getName())
          .log(
              System.Logger.Level.ERROR,
              "clients that hung up could not be looked for just now",
              e);
    }
  }

  /** The current thread works for the client at this port until the result's end. */
  Work begin(int clientPort) {
    Work work = new Work(Thread.currentThread(), clientPort);
    synchronized (atWork) {
      atWork.add(work);
    }
    return work;
  }

  /** Interrupts whoever works for nobody now. */
  void look() {
    synchronized (atWork) {
      long now = nanoTime.getAsLong();
      interruptIf(work -> work.isWriting && now - work.writesSince > LONGEST_WRITE_NANOS);
      if (atWork.isEmpty()) {
        return;
      }
      Connections connections = Connections.read(serverPort);
      if (!connections.known) {
        return;
      }
      interruptIf(work -> !connections.clients.contains(work.clientPort));
    }
  }

  private void interruptIf(Predicate<Work> inVain) {
    atWork.removeIf(
        work -> {
          boolean isInVain = inVain.test(work);
          if (isInVain) {
            work.thread.interrupt();
          }
          return isInVain;
        });
  }

  @Override
  public void close() {
    watcher.shutdownNow();
  }

  /** A thread at work for a client; never interrupted after its end. */
  final class Work {
    private final Thread thread;
    private final int clientPort;
    private boolean isWriting;
    private long writesSince;

    private Work(Thread thread, int clientPort) {
      this.thread = thread;
      this.clientPort = clientPort;
    }

    /** A write to the client begins, which waits until the client takes it. */
    void beginWrite() {
      synchronized (atWork) {
        isWriting = true;
        writesSince = nanoTime.getAsLong();
      }
    }

    void endWrite() {
      synchronized (atWork) {
        isWriting = false;
      }
    }

    void end() {
      synchronized (atWork) {
        atWork.remove(this);
      }
    }
  }

  /**
   * The system's list of connections.
   *
   * @param known whether the server itself is in the list, so that the list can be believed
   * @param clients ports of the sockets that are connected to the server and held by a process
   */
  private record Connections(boolean known, Set<Integer> clients) {
    static Connections read(int serverPort) {
      boolean known = false;
      Set<Integer> clients = new HashSet<>();
      for (Path table : TABLES) {
        for (String line : lines(table)) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length <= INODE || fields[LOCAL].indexOf(':') < 0) {
            continue;
          }
          known |= fields[STATE].equals(LISTENING) && port(fields[LOCAL]) == serverPort;
          if (port(fields[REMOTE]) == serverPort && !fields[INODE].equals("0")) {
            clients.add(port(fields[LOCAL]));
          }
        }
      }
      return new Connections(known, clients);
    }

    private static List<String> lines(Path table) {
      try {
        return Files.readAllLines(table, StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        return List.of(); // another system, or one without IPv6
      }
    }

    private static int port(String address) {
      return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
  }
}
