package io.cria.sft.ranks;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The connection to another rank, for notes of one line. */
final class Peer {
  private final int rank;
  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;
  private final CountDownLatch ended = new CountDownLatch(1);

  Peer(int rank, Socket socket) throws IOException {
    this(
        rank,
        socket,
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)),
        socket.getOutputStream());
    socket.setTcpNoDelay(true);
  }

  private Peer(int rank, Socket socket, BufferedReader in, OutputStream out) {
    this.rank = rank;
    this.socket = socket;
    this.in = in;
    this.out = out;
  }

  /** The same connection, now known to be that rank's. */
  Peer as(int known) {
    return new Peer(known, socket, in, out);
  }

  int rank() {
    return rank;
  }

  void hearAfterAtMost(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /** The next note; empty at the connection's end, or when what comes is none. */
  Optional<Heartbeats.Note> hear() throws IOException {
    String line = in.readLine();
    try {
      return line == null
          ? Optional.empty()
          : Optional.of(RankLines.read(line, Heartbeats.Note.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Says it to a peer that is there; of one that is gone its reader will know. */
  synchronized void say(Heartbeats.Note note) {
    try {
      out.write((RankLines.write(note) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      // the reader of this connection sees its end and tells it
      return;
    }
  }

  /** Nothing more is heard from it. */
  void end() {
    ended.countDown();
  }

  /** Waits until nothing more is heard from it, or a time of {@link System#nanoTime}. */
  void awaitEnd(long nanoTime) {
    try {
      long left = nanoTime == Long.MAX_VALUE ? nanoTime : nanoTime - System.nanoTime();
      ended.await(left, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void close() {
    close(socket);
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is of no use any more either way
      return;
    }
  }
}
