package io.cria.sft.ranks;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * By which ranks notice that one of them is gone: killed, stopped, cut off, or failed. Each rank
 * holds a connection to rank 0 and both sides give a sign a few times in the time after which
 * silence counts as loss. Rank 0 tells every rank of a loss or a failure. The operations that the
 * ranks compute with cannot be interrupted, so who is told ends the process.
 */
final class Heartbeats implements AutoCloseable {
  private static final int LAST_WORDS_MILLIS = 3000;
  private static final int RETRY_MILLIS = 200;
  private static final int HELLO_MILLIS = 1000;

  private final int rank;
  private final List<String> hosts;
  private final int silentSeconds;
  private final Consumer<Failure> onFailure;
  private final Map<Integer, Peer> peers = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch decided = new CountDownLatch(1);
  private @Nullable Failure failure;

  /**
   * Why all ranks leave.
   *
   * @param rank that is lost or has failed
   * @param code to end with
   * @param message one line, naming the rank
   * @param isLoss whether the rank cannot go on, rather than the training
   * @param again whether a fault may pass when the training is tried again
   */
  record Failure(int rank, int code, String message, boolean isLoss, boolean again) {
    /** The rank, or -1 for a failure that is none of a rank. */
    int lost() {
      return isLoss ? rank : -1;
    }
  }

  /** A rank that did not come in time. */
  static final class Unreached extends CriaException {
    private static final long serialVersionUID = 1L;

    private final int rank;

    Unreached(int rank, String message, Exception cause) {
      super(ExitCode.FAULT, message, cause);
      this.rank = rank;
    }

    int rank() {
      return rank;
    }
  }

  /** A line between two ranks. */
  record Note(Kind kind, int rank, @Nullable Failure failure) {
    /** What a note says. */
    enum Kind {
      HELLO,
      BEAT,
      FAILURE,
      BYE
    }

    static Note of(Kind kind, int rank) {
      return new Note(kind, rank, null);
    }
  }

  private Heartbeats(int rank, List<String> hosts, int silentSeconds, Consumer<Failure> onFailure) {
    this.rank = rank;
    this.hosts = List.copyOf(hosts);
    this.silentSeconds = silentSeconds;
    this.onFailure = onFailure;
  }

  /**
   * Rank 0's side: returns when all other ranks are connected.
   *
   * @param server at which they come; closed here
   * @param onFailure called once, when all are to leave; it ends the process
   * @throws CriaException naming a rank that does not come
   */
  static Heartbeats first(
      ServerSocket server, List<String> hosts, int silentSeconds, Consumer<Failure> onFailure) {
    Heartbeats beats = new Heartbeats(0, hosts, silentSeconds, onFailure);
    daemon("beats", beats::beat);
    try {
      beats.accept(server);
    } catch (Unreached e) {
      Failure why =
          new Failure(e.rank(), e.exitCode().code(), Objects.toString(e.getMessage()), true, true);
      if (beats.decide(why)) {
        beats.awaitPeers(e.rank());
      }
      throw e;
    }
    return beats;
  }

  /**
   * Another rank's side: returns when it is connected.
   *
   * @throws CriaException when rank 0 is not reached in the time after which silence is loss
   */
  static Heartbeats other(
      int rank,
      String host,
      int port,
      List<String> hosts,
      int silentSeconds,
      Consumer<Failure> onFailure) {
    Heartbeats beats = new Heartbeats(rank, hosts, silentSeconds, onFailure);
    Peer first = connect(host, port, silentSeconds);
    first.say(Note.of(Note.Kind.HELLO, rank));
    beats.peers.put(0, first);
    daemon("beats", beats::beat);
    beats.listenTo(first);
    return beats;
  }

  private void accept(ServerSocket server) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(silentSeconds);
    try (server) {
      while (peers.size() < hosts.size() - 1) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        server.setSoTimeout((int) Math.max(1, left));
        if (left <= 0) {
          throw new SocketTimeoutException();
        }
        welcome(server.accept());
      }
    } catch (SocketTimeoutException e) {
      throw absent(e);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, "cannot listen for the other ranks (" + e.getMessage() + ")", e);
    }
  }

  /** Whoever says no hello of a rank that is waited for is no rank. */
  private void welcome(Socket socket) throws IOException {
    socket.setSoTimeout(HELLO_MILLIS);
    Peer unknown = new Peer(-1, socket);
    int from = rankOf(unknown);
    Peer peer = unknown.as(from);
    if (from < 1 || from >= hosts.size() || peers.putIfAbsent(from, peer) != null) {
      peer.close();
      return;
    }
    listenTo(peer);
  }

  private static int rankOf(Peer unknown) {
    try {
      return unknown
          .hear()
          .filter(note -> note.kind() == Note.Kind.HELLO)
          .map(Note::rank)
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }

  private Unreached absent(SocketTimeoutException e) {
    int missing = 1;
    while (peers.containsKey(missing)) {
      missing++;
    }
    return new Unreached(
        missing,
        named(missing)
            + " did not connect within "
            + silentSeconds
            + " s: it must reach "
            + hosts.get(0)
            + " on any port",
        e);
  }

  private static Peer connect(String host, int port, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      Socket socket = new Socket();
      try {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        socket.connect(new InetSocketAddress(host, port), (int) Math.max(1, left));
        return new Peer(0, socket);
      } catch (IOException e) {
        Peer.close(socket);
        if (System.nanoTime() >= end) {
          throw unreachable(host, port, seconds, e);
        }
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reaching rank 0", e);
    }
  }

  static Unreached unreachable(String host, int port, int seconds, Exception e) {
    return new Unreached(
        0,
        "rank 0 is not reached at "
            + host
            + ":"
            + port
            + " within "
            + seconds
            + " s ("
            + RankStore.firstLine(e)
            + "): every rank must reach every other on any port",
        e);
  }

  private void listenTo(Peer peer) {
    daemon("beats-of-rank-" + peer.rank(), () -> listen(peer));
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void beat() {
    try {
      while (!closed.await(silentSeconds * 1000L / 8, TimeUnit.MILLISECONDS)) {
        peers.values().forEach(peer -> peer.say(Note.of(Note.Kind.BEAT, rank)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen(Peer peer) {
    try {
      peer.hearAfterAtMost(silentSeconds * 1000);
      Optional<Note> heard = peer.hear();
      while (heard.isPresent() && heard.get().kind() != Note.Kind.BYE) {
        Failure told = heard.get().failure();
        if (told != null) {
          leave(told);
        }
        heard = peer.hear();
      }
      if (heard.isEmpty()) {
        leave(lost(peer.rank(), "its connection closed"));
      }
    } catch (SocketTimeoutException e) {
      leave(lost(peer.rank(), "no sign of it for " + silentSeconds + " s"));
    } catch (IOException e) {
      leave(lost(peer.rank(), "its connection broke: " + e.getMessage()));
    } finally {
      peer.end();
    }
  }

  private Failure lost(int which, String how) {
    return new Failure(
        which,
        ExitCode.FAULT.code(),
        named(which) + " was lost (" + how + "): start again to go on from the last checkpoint",
        true,
        true);
  }

  private String named(int which) {
    return "rank " + which + " on " + hosts.get(which);
  }

  /** The first failure counts: what follows from it looks like more of them. */
  private boolean decide(Failure why) {
    synchronized (this) {
      if (failure != null || closed.getCount() == 0) {
        return false;
      }
      failure = why;
    }
    peers.values().forEach(peer -> peer.say(new Note(Note.Kind.FAILURE, rank, why)));
    return true;
  }

  private void leave(Failure why) {
    if (decide(why)) {
      daemon(
          "beats-leave",
          () -> {
            awaitPeers(why.rank());
            decided.countDown();
            onFailure.accept(why);
          });
    }
  }

  /** Rank 0 goes last: what it has said would be lost with its connections. */
  private void awaitPeers(int except) {
    if (rank == 0) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_WORDS_MILLIS);
      peers.forEach(
          (which, peer) -> {
            if (which != except) {
              peer.awaitEnd(end);
            }
          });
    }
  }

  /**
   * Tells the others that this rank has failed; returns when they know, or could.
   *
   * @param code to end with
   * @param message one line, without the rank's name
   * @param again whether a fault may pass when the training is tried again
   * @return the failure that all leave for: an earlier one, where there was one
   */
  Failure fail(int code, String message, boolean again) {
    boolean isLoss = code != ExitCode.BAD_INPUT.code() && code != ExitCode.RUN_REFUSED.code();
    Failure own = new Failure(rank, code, named(rank) + ": " + message, isLoss, again);
    if (decide(own)) {
      if (rank == 0) {
        awaitPeers(rank);
      } else {
        peers.values().forEach(Heartbeats::awaitLastWord);
      }
    }
    synchronized (this) {
      return failure == null ? own : failure;
    }
  }

  private static void awaitLastWord(Peer peer) {
    peer.awaitEnd(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_WORDS_MILLIS));
  }

  /**
   * After an operation with the other ranks broke off: waits until it is known why, which ends the
   * process, or returns when nobody is found missing.
   */
  void awaitFailure() {
    try {
      decided.await(silentSeconds + LAST_WORDS_MILLIS / 1000L, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All is well: returns when rank 0 has ended its work, too, which it may yet fail in. */
  @Override
  public void close() {
    if (rank == 0) {
      // from here on nobody is needed any more
      closed.countDown();
      peers.values().forEach(peer -> peer.say(Note.of(Note.Kind.BYE, rank)));
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_WORDS_MILLIS);
      peers.values().forEach(peer -> peer.awaitEnd(end));
    } else {
      peers.values().forEach(peer -> peer.say(Note.of(Note.Kind.BYE, rank)));
      peers.values().forEach(peer -> peer.awaitEnd(Long.MAX_VALUE));
      closed.countDown();
    }
    peers.values().forEach(Peer::close);
  }
}
