package io.cria.serve.embedded;

import io.cria.serve.Backend.UnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Members that serve one caller at a time, given out in the order callers come. Members join and
 * leave; callers are refused while there is none. Thread-safe.
 */
final class FairPool<T> {
  private static final int RETRY_AFTER_SECONDS = 1;

  private final Object state = new Object();
  private final List<T> members = new ArrayList<>();
  private final Deque<T> idle = new ArrayDeque<>();
  private final Deque<CompletableFuture<T>> waiting = new ArrayDeque<>();
  private @Nullable String closedBecause;

  /** Takes in a free member; false, and nothing done, once the pool is closed. */
  boolean join(T member) {
    synchronized (state) {
      if (closedBecause != null) {
        return false;
      }
      members.add(member);
      offer(member);
      return true;
    }
  }

  /** Lets a member go, free or not; the last one's going refuses all who wait, with {@code why}. */
  void leave(T member, String why) {
    synchronized (state) {
      members.remove(member);
      idle.remove(member);
      if (members.isEmpty()) {
        refuseWaiting(why);
      }
    }
  }

  /**
   * The next free member, for this caller alone until {@link #giveBack}.
   *
   * @throws UnavailableException when there is no member, or the last one leaves during the wait
   */
  T borrow() throws InterruptedException {
    CompletableFuture<T> turn = new CompletableFuture<>();
    synchronized (state) {
      if (closedBecause != null || members.isEmpty()) {
        String why =
            closedBecause != null
                ? closedBecause
                : "no worker process is alive, one is being started: try again";
        throw new UnavailableException(why, RETRY_AFTER_SECONDS);
      }
      T free = idle.poll();
      if (free != null) {
        return free;
      }
      waiting.add(turn);
    }
    try {
      return turn.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UnavailableException refusal
          ? refusal
          : new IllegalStateException(e);
    } catch (InterruptedException e) {
      giveUp(turn);
      throw e;
    }
  }

  /** Ends a loan; a member that left meanwhile is not given out again. */
  void giveBack(T member) {
    synchronized (state) {
      if (members.contains(member)) {
        offer(member);
      }
    }
  }

  /** Refuses all who wait and all who come, with {@code why}; the members at that moment. */
  List<T> close(String why) {
    synchronized (state) {
      closedBecause = why;
      refuseWaiting(why);
      return List.copyOf(members);
    }
  }

  List<T> members() {
    synchronized (state) {
      return List.copyOf(members);
    }
  }

  /** How many callers wait for a member now. */
  int waiting() {
    synchronized (state) {
      return waiting.size();
    }
  }

  private void offer(T member) {
    CompletableFuture<T> next = waiting.poll();
    if (next == null) {
      idle.add(member);
    } else {
      next.complete(member);
    }
  }

  private void giveUp(CompletableFuture<T> turn) {
    synchronized (state) {
      boolean hadNoMember =
          waiting.removeIf(other -> other == turn) || turn.isCompletedExceptionally();
      if (!hadNoMember) {
        giveBack(turn.join());
      }
    }
  }

  private void refuseWaiting(String why) {
    for (CompletableFuture<T> turn = waiting.poll(); turn != null; turn = waiting.poll()) {
      turn.completeExceptionally(new UnavailableException(why, RETRY_AFTER_SECONDS));
    }
  }
}
