package io.cria.llm.limit;

import io.cria.task.Amount;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run's caps, parted among all who ask. What is granted and not returned counts as spent: so what
 * was spent and what is reserved never exceed a cap, whatever becomes of those who hold it. Near
 * the cap grants become small, and who has what he does not need returns it. The cap is reached
 * when nobody has anything on its way any more and what is left is too little for the next request.
 * Thread-safe.
 */
public final class BudgetBook {
  /** What is left is not given to one asker alone. */
  private static final double PIECE = 0.25;

  /** The share of what is outstanding that is remembered beyond it. */
  private static final double SLACK = 0.1;

  private final Amount cap;
  private final Amount before;
  private final Consumer<Amount> journal;
  private final Map<String, Holder> holders = new HashMap<>();
  private Amount journaled = Amount.ZERO;
  private Amount reachedBy = Amount.ZERO;
  private @Nullable RuntimeException failure;

  private final class Holder {
    Amount granted = Amount.ZERO;
    Claim claim = Claim.NONE;

    /** What it needs and was not granted; zero where there is nothing. */
    Amount lack = Amount.ZERO;

    boolean ended;
    boolean isLost;
    boolean isDoubtful;

    /** Granted and not returned; or more, where attempts took more than they were to take. */
    Amount outstanding() {
      Amount held = granted.minus(bounded(claim.returned()));
      Amount used = bounded(claim.taken()).plus(ended ? Amount.ZERO : bounded(claim.reserved()));
      return held.max(used);
    }

    boolean isAtWork() {
      return !ended && !isLost;
    }

    /** Whether nothing is on its way and nothing is left to return. */
    boolean isSettled() {
      return claim.reserved().equals(Amount.ZERO) && outstanding().fitsIn(bounded(claim.taken()));
    }
  }

  /**
   * @param cap in each currency, {@link Amount#NO_BOUND} where there is none
   * @param before taken or lost before these askers began
   * @param journal made to remember, before a grant goes out, that so much may be outstanding in
   *     all; called with ever larger amounts
   */
  public BudgetBook(Amount cap, Amount before, Consumer<Amount> journal) {
    this.cap = cap;
    this.before = before;
    this.journal = journal;
  }

  /**
   * Takes in what a holder says, and grants what it needs, if that is left.
   *
   * @return all that it was granted so far
   */
  public synchronized Amount grant(String name, Claim claim) {
    Holder holder = holders.computeIfAbsent(name, any -> new Holder());
    holder.claim = claim;
    holder.isLost = false;
    holder.lack = claim.need();
    if (claim.need().equals(Amount.ZERO)) {
      return told(holder.granted);
    }
    Amount left = left();
    if (claim.need().fitsIn(left)) {
      Amount grant = claim.want().min(left.times(PIECE / live())).max(claim.need()).min(left);
      if (remember(outstanding().plus(bounded(grant)))) {
        holder.granted = holder.granted.plus(bounded(grant));
        holder.lack = Amount.ZERO;
      }
    }
    return told(holder.granted);
  }

  /** Whether somebody lacks what others may have to spare. */
  public synchronized boolean isScarce() {
    return holders.values().stream()
        .anyMatch(holder -> holder.isAtWork() && !holder.lack.equals(Amount.ZERO));
  }

  /** Whether nothing more can be sent under the cap. */
  public synchronized boolean isReached() {
    Amount left = left();
    boolean isLacking = false;
    for (Holder holder : holders.values()) {
      if (holder.isAtWork()) {
        boolean lacks = !holder.lack.equals(Amount.ZERO);
        if (!holder.isSettled() || (lacks && holder.lack.fitsIn(left))) {
          return false;
        }
        isLacking |= lacks;
        reachedBy = lacks ? holder.lack : reachedBy;
      }
    }
    return isLacking;
  }

  /** What the next request would have needed at worst, once the cap is reached. */
  public synchronized Amount reachedBy() {
    return reachedBy;
  }

  /**
   * A holder that is through: what it did not take comes back.
   *
   * @param isDoubtful whether what it took may stand nowhere, since it failed
   */
  public synchronized void end(String name, Claim last, boolean isDoubtful) {
    Holder holder = holders.computeIfAbsent(name, any -> new Holder());
    holder.claim = last;
    holder.granted = bounded(last.taken()).plus(bounded(last.returned()));
    holder.lack = Amount.ZERO;
    holder.ended = true;
    holder.isDoubtful = isDoubtful;
  }

  /** A holder of which nothing more is heard: what it holds counts as spent, and nobody waits. */
  public synchronized void lose(String name) {
    Holder holder = holders.get(name);
    if (holder != null) {
      holder.isLost = true;
    }
  }

  /** Whether every holder has ended well: then the ledger tells all that was taken. */
  public synchronized boolean isClean() {
    return holders.values().stream().allMatch(holder -> holder.ended && !holder.isDoubtful);
  }

  /** Why a grant could not be remembered; null where all could. */
  public synchronized @Nullable RuntimeException failure() {
    return failure;
  }

  private int live() {
    int live = 0;
    for (Holder holder : holders.values()) {
      live += holder.isAtWork() ? 1 : 0;
    }
    return Math.max(1, live);
  }

  /** Granted and not returned; of those that have ended, what they took. */
  public synchronized Amount outstanding() {
    Amount sum = Amount.ZERO;
    for (Holder holder : holders.values()) {
      sum = sum.plus(holder.outstanding());
    }
    return sum;
  }

  private Amount left() {
    return cap.minus(before).minus(outstanding()).max(Amount.ZERO);
  }

  /** Only what has a bound is granted in pieces; of the rest nothing is kept. */
  private Amount bounded(Amount amount) {
    return new Amount(
        cap.requests() == Amount.NO_BOUND ? 0 : amount.requests(),
        cap.tokens() == Amount.NO_BOUND ? 0 : amount.tokens(),
        cap.nanoUsd() == Amount.NO_BOUND ? 0 : amount.nanoUsd());
  }

  private Amount told(Amount granted) {
    return new Amount(
        cap.requests() == Amount.NO_BOUND ? Amount.NO_BOUND : granted.requests(),
        cap.tokens() == Amount.NO_BOUND ? Amount.NO_BOUND : granted.tokens(),
        cap.nanoUsd() == Amount.NO_BOUND ? Amount.NO_BOUND : granted.nanoUsd());
  }

  /**
   * Remembers more than is granted, so that few grants must be remembered anew. Where that fails
   * nothing is granted.
   */
  private boolean remember(Amount outstanding) {
    if (outstanding.fitsIn(journaled)) {
      return true;
    }
    Amount most = bounded(cap.minus(before).max(Amount.ZERO));
    Amount more =
        outstanding.plus(outstanding.times(SLACK)).min(most).max(outstanding).max(journaled);
    try {
      journal.accept(more);
    } catch (RuntimeException e) {
      failure = e;
      return false;
    }
    journaled = more;
    return true;
  }
}
