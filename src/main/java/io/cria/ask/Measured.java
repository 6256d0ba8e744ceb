package io.cria.ask;

import io.cria.llm.Prices;
import io.cria.run.AskContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.AskedTotals;
import io.cria.storage.Manifest;
import io.cria.task.Amount;
import java.time.LocalDate;
import java.util.List;

/**
 * What committed parts of a stage took of the caps, all attempts included.
 *
 * @param requests planned in them
 * @param amount taken by them
 */
public record Measured(long requests, Amount amount) {
  public static final Measured NOTHING = new Measured(0, Amount.ZERO);

  public Measured plus(Measured other) {
    return new Measured(requests + other.requests, amount.plus(other.amount));
  }

  /** What so many requests would take at the same rate; nothing where nothing is measured. */
  public Amount of(double howMany) {
    return requests == 0 ? Amount.ZERO : amount.times(howMany / requests);
  }

  /**
   * The committed parts of a round.
   *
   * @param prices by which answers count that were kept without a price
   */
  public static Measured of(
      AskContext context, StageDeclaration stage, int round, Prices prices, LocalDate day) {
    List<Manifest> parts = RunTables.committed(context.run(), stage.answers(round));
    Measured sum = NOTHING;
    for (Manifest part : parts) {
      AskedTotals asked = part.asked();
      if (asked != null) {
        sum =
            sum.plus(
                new Measured(asked.requests(), of(asked, prices, context.asking().model(), day)));
      }
    }
    return sum;
  }

  private static Amount of(AskedTotals asked, Prices prices, String model, LocalDate day) {
    return Spend.taken(
        asked.attempts(),
        asked.promptTokens() + asked.completionTokens(),
        asked.usd(),
        asked.unsure(),
        prices.entry(model, day));
  }
}
