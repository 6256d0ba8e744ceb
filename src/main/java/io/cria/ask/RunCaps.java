package io.cria.ask;

import io.cria.llm.Prices;
import io.cria.llm.limit.BudgetBook;
import io.cria.run.AskContext;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A run's caps and what was taken of them, over all its invocations. Used by one thread. */
final class RunCaps {
  private final AskContext context;
  private final Supplier<Map<String, Spend>> before;
  private final boolean closes;
  private @Nullable Amount takenBefore;
  private Amount takenHere = Amount.ZERO;

  /**
   * @param before what each stage had spent before this invocation
   * @param closes whether what a cap cut may be closed without the rest
   */
  RunCaps(AskContext context, Supplier<Map<String, Spend>> before, boolean closes) {
    this.context = context;
    this.before = before;
    this.closes = closes;
  }

  boolean areSet() {
    return context.asking().caps().areSet();
  }

  /** The bounds. */
  Amount cap() {
    return context.asking().caps().amount();
  }

  /** Taken, and lost by jobs that were killed; only with caps. */
  Amount taken() {
    Amount known = takenBefore;
    if (known == null) {
      known = areSet() ? found() : Amount.ZERO;
      takenBefore = known;
    }
    return known.plus(takenHere);
  }

  private Amount found() {
    Prices prices = Prices.listed(context.prices());
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    return new CapUse(context.run(), context.spark().sparkContext().hadoopConfiguration())
        .of(before.get(), prices, context.asking().model(), today)
        .plus(BudgetJournal.lost(context));
  }

  /**
   * A job has ended.
   *
   * @param taken by its tasks' own words
   */
  void ended(BudgetJournal journal, @Nullable BudgetBook book, Amount taken) {
    boolean isClean = book == null || book.isClean();
    // a task whose end was not heard may have sent what stands nowhere
    takenHere = takenHere.plus(book == null || isClean ? taken : book.outstanding().max(taken));
    try {
      if (book != null && isClean) {
        journal.forget();
      } else if (book != null) {
        journal.settle(context, book.outstanding());
      }
    } catch (RuntimeException e) {
      // this invocation counts all that was held; the next one finds out what of it was sent
      context.progress().note("not settled with the caps yet: " + e.getMessage());
    }
  }

  /**
   * @throws CriaException ({@link ExitCode#CAP_REACHED}) when nothing is left of one
   */
  void requireRest() {
    if (areSet()) {
      Amount left = cap().minus(taken());
      if (left.requests() <= 0 || left.tokens() <= 0 || left.nanoUsd() <= 0) {
        throw reached(Amount.ZERO, Amount.ZERO);
      }
    }
  }

  /**
   * That nothing more can be sent.
   *
   * @param more taken by a job that has not ended
   * @param next what its next request may take at worst; zero where that is not known
   */
  CriaException reached(Amount more, Amount next) {
    return new CriaException(
        ExitCode.CAP_REACHED,
        context.run().root()
            + ": "
            + CapWords.reached(cap(), taken().plus(more), next)
            + ": every paid answer is kept; raise the cap and give the same command to go on"
            + (closes
                ? ", or give --close-round to do without the rest of this round and "
                    + context.closed()
                : "; nothing of this stage can be left out"));
  }
}
