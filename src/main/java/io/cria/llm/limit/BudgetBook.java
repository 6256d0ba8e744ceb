package io.cria.llm.limit;

import io.cria.task.Amount;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

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

  private final Amount cap;
  private final Amount before;
  private final Consumer<Amount> journal;
  private final Map<String, Holder> holders = new HashMap<>();
  private Amount journaled = Amount.ZERO;

  private final class Holder {
    Amount granted = Amount.ZERO;
    Claim claim = Claim.NONE;
    boolean starved;
    boolean ended;

    Amount outstanding() {
      return granted.minus(bounded(claim.returned()));
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
    holder.starved = false;
    if (claim.need().equals(Amount.ZERO)) {
      return told(holder.granted);
    }
    Amount left = left();
    if (!claim.need().fitsIn(left)) {
      holder.starved = true;
      return told(holder.granted);
    }
    Amount grant = claim.want().min(left.times(PIECE / live())).max(claim.need()).min(left);
    Amount raised = holder.granted.plus(bounded(grant));
    remember(outstanding().plus(bounded(grant)), grant);
    holder.granted = raised;
    return told(raised);
  }

  /** Whether somebody lacks what others may have to spare. */
  public synchronized boolean isScarce() {
    return holders.values().stream().anyMatch(holder -> holder.starved);
  }

  /** Whether nothing more can be sent under the cap. */
  public synchronized boolean isReached() {
    boolean starving = false;
    for (Holder holder : holders.values()) {
      if (!holder.ended) {
        boolean settled =
            holder.claim.reserved().equals(Amount.ZERO)
                && holder.outstanding().equals(bounded(holder.claim.taken()));
        if (!settled || !(holder.starved || holder.claim.need().equals(Amount.ZERO))) {
          return false;
        }
        starving |= holder.starved;
      }
    }
    return starving;
  }

  /** A holder that is through: what it did not take comes back. */
  public synchronized void end(String name, Claim last) {
    Holder holder = holders.computeIfAbsent(name, any -> new Holder());
    holder.claim = last;
    holder.granted = bounded(last.taken()).plus(bounded(last.returned()));
    holder.starved = false;
    holder.ended = true;
  }

  /** Whether every holder has said its last word: then the ledger tells all that was taken. */
  public synchronized boolean isClean() {
    return holders.values().stream().allMatch(holder -> holder.ended);
  }

  /** Taken by attempts that are through, since these askers began. */
  public synchronized Amount taken() {
    Amount sum = Amount.ZERO;
    for (Holder holder : holders.values()) {
      sum = sum.plus(holder.claim.taken());
    }
    return sum;
  }

  /** Reserved for attempts on their way. */
  public synchronized Amount reserved() {
    Amount sum = Amount.ZERO;
    for (Holder holder : holders.values()) {
      sum = sum.plus(holder.ended ? Amount.ZERO : holder.claim.reserved());
    }
    return sum;
  }

  private int live() {
    int live = 0;
    for (Holder holder : holders.values()) {
      live += holder.ended ? 0 : 1;
    }
    return Math.max(1, live);
  }

  private Amount outstanding() {
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

  /** Remembers a little more than is granted, so that not every grant must be remembered anew. */
  private void remember(Amount outstanding, Amount latest) {
    if (!outstanding.fitsIn(journaled)) {
      Amount most = bounded(cap.minus(before).max(Amount.ZERO));
      Amount more = outstanding.plus(bounded(latest)).min(most).max(journaled);
      journal.accept(more);
      journaled = more;
    }
  }
}
