package io.cria.ask;

import io.cria.llm.RequestCap;
import java.util.concurrent.atomic.AtomicLong;

/** The part of the cap that this task has leased and not used. */
final class LeasedCap implements RequestCap {
  private static final long LEASE = 64;

  private final DriverLink link;
  private final boolean capped;
  private final AtomicLong sent = new AtomicLong();
  private long left;

  LeasedCap(DriverLink link, boolean capped) {
    this.link = link;
    this.capped = capped;
  }

  @Override
  public boolean tryAcquire() {
    if (capped && !lease()) {
      return false;
    }
    sent.incrementAndGet();
    return true;
  }

  private synchronized boolean lease() {
    if (left == 0) {
      left = link.lease(LEASE);
    }
    if (left == 0) {
      return false;
    }
    left--;
    return true;
  }

  long sent() {
    return sent.get();
  }

  synchronized long unused() {
    return left;
  }
}
