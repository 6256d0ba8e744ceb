package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.Operation.Caps;
import io.cria.llm.Prices;
import io.cria.task.CriaException;
import java.time.LocalDate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cap in US dollars counts nothing where no price is known: such a run is not begun.
 *
 * @param caps that may name dollars
 * @param model asked
 * @param prices text of the price list; empty when there is none
 * @param list the price list's name
 * @param conf what to give again, once the list has the price
 */
record PriceCheck(Caps caps, String model, String prices, String list, String conf) {
  /** Of somebody whom a line asks. */
  static PriceCheck of(AskConfig asking, RunInputs inputs) {
    return of(asking, inputs.prices(), inputs.config().prices(), "the run file");
  }

  /** Of whatever asks. */
  static PriceCheck of(AskConfig asking, String prices, @Nullable String list, String conf) {
    return new PriceCheck(
        asking.caps(),
        asking.model(),
        prices,
        Objects.requireNonNullElse(list, "conf/prices.yaml"),
        conf);
  }

  /**
   * @throws CriaException (bad input) with the very line that the price list lacks
   */
  void require(LocalDate today) {
    if (!caps.needPrices() || Prices.listed(prices).entry(model, today).isPresent()) {
      return;
    }
    throw CriaException.badInput(
        (caps.usd() != null ? "caps.usd" : "caps.usdPerInstruction")
            + ": no price is known for the model '"
            + model
            + "', so dollars cannot be counted: add the line `- {model: \""
            + model.replace("\\", "\\\\").replace("\"", "\\\"")
            + "\", from: "
            + today
            + ", input: …, output: …}` to "
            + list
            + ", input and output being USD per million tokens of prompts and of answers, and give "
            + conf
            + " again, or do without this cap");
  }
}
