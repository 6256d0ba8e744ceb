package io.cria.llm;

import io.cria.llm.limit.Claim;
import io.cria.task.Amount;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The part of a budget that one asker was granted: attempts reserve of it in the order in which
 * they come, and wait where it does not suffice. Thread-safe.
 */
public final class Allowance implements Budget {
  private static final CompletableFuture<Boolean> YES = CompletableFuture.completedFuture(true);

  /** What it asks for beyond what waits now: so many times what one attempt may take. */
  private static final double AHEAD = 8;

  private final boolean isWhole;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private Runnable urgent = () -> {};
  private Amount granted;
  private Amount returned = Amount.ZERO;
  private Amount taken = Amount.ZERO;
  private Amount reserved = Amount.ZERO;
  private boolean reached;

  private record Waiting(Amount worst, CompletableFuture<Boolean> turn) {}

  /** All that there is. */
  Allowance(Amount whole) {
    this.isWhole = true;
    this.granted = whole;
  }

  private Allowance() {
    this.isWhole = false;
    this.granted = Amount.ZERO;
  }

  /** One that has nothing until it is granted something. */
  public static Allowance granted() {
    return new Allowance();
  }

  /**
   * Runs when something is needed.
   *
   * @param action must not block
   */
  public synchronized void whenUrgent(Runnable action) {
    urgent = action;
  }

  @Override
  public CompletableFuture<Boolean> reserve(Amount worst) {
    CompletableFuture<Boolean> turn;
    Runnable ask;
    synchronized (this) {
      if (reached) {
        return CompletableFuture.completedFuture(false);
      }
      if (waiting.isEmpty() && worst.fitsIn(free())) {
        reserved = reserved.plus(worst);
        return YES;
      }
      turn = new CompletableFuture<>();
      waiting.add(new Waiting(worst, turn));
      ask = waiting.size() == 1 ? urgent : null;
      reached = isWhole && reserved.equals(Amount.ZERO);
    }
    if (isWhole) {
      release();
    } else if (ask != null) {
      ask.run();
    }
    return turn;
  }

  @Override
  public void settle(Amount wasReserved, Amount took) {
    synchronized (this) {
      reserved = reserved.minus(wasReserved);
      taken = taken.plus(took);
    }
    release();
  }

  /** Takes in what was granted so far, in all. */
  public void grant(Amount all, boolean scarce) {
    synchronized (this) {
      granted = all;
    }
    release();
    if (scarce) {
      giveBack();
    }
  }

  /** The cap is reached: whoever waits is refused. */
  public void reach() {
    synchronized (this) {
      reached = true;
    }
    release();
  }

  /** What is to be said of it. */
  public synchronized Claim claim() {
    drop();
    Waiting next = waiting.peek();
    if (next == null) {
      return new Claim(Amount.ZERO, Amount.ZERO, returned, taken, reserved);
    }
    Amount want = next.worst().times(AHEAD);
    for (Waiting each : waiting) {
      want = want.plus(each.worst());
    }
    return new Claim(next.worst(), want, returned, taken, reserved);
  }

  /** Taken by attempts that are through. */
  public synchronized Amount taken() {
    return taken;
  }

  /** Who waits may have given up. */
  private void drop() {
    waiting.removeIf(each -> each.turn().isDone());
  }

  /** What nobody here can use now others may. */
  private synchronized void giveBack() {
    drop();
    Waiting next = waiting.peek();
    if (next == null || !next.worst().fitsIn(free())) {
      returned = returned.plus(free().max(Amount.ZERO));
    }
  }

  private Amount free() {
    return granted.minus(returned).minus(taken).minus(reserved);
  }

  private void release() {
    List<Waiting> out = new ArrayList<>();
    boolean refused;
    synchronized (this) {
      drop();
      for (Waiting next = waiting.peek();
          next != null && !reached && next.worst().fitsIn(free());
          next = waiting.peek()) {
        waiting.remove();
        reserved = reserved.plus(next.worst());
        out.add(next);
      }
      // what is left is too little, and nothing is on its way that could give back
      reached |= isWhole && !waiting.isEmpty() && out.isEmpty() && reserved.equals(Amount.ZERO);
      refused = reached;
      if (refused) {
        out.addAll(waiting);
        waiting.clear();
      }
    }
    for (Waiting each : out) {
      boolean isGiven = !refused;
      if (!each.turn().complete(isGiven) && isGiven) {
        settle(each.worst(), Amount.ZERO);
      }
    }
  }
}
