package io.cria.pipeline;

import io.cria.config.Operation.Caps;
import io.cria.llm.Prices;
import io.cria.task.CriaException;
import java.time.LocalDate;

/** A cap in US dollars counts nothing where no price is known: such a run is not begun. */
final class PriceCheck {
  private PriceCheck() {}

  /**
   * @throws CriaException (bad input) with the very line that the price list lacks
   */
  static void require(RunInputs inputs, LocalDate today) {
    Caps caps = inputs.config().caps();
    String model = inputs.config().model();
    if (!caps.needPrices() || prices(inputs).entry(model, today).isPresent()) {
      return;
    }
    String list = inputs.config().prices();
    throw CriaException.badInput(
        (caps.usd() != null ? "caps.usd" : "caps.usdPerInstruction")
            + ": no price is known for the model '"
            + model
            + "', so dollars cannot be counted: add the line `- {model: \""
            + model.replace("\\", "\\\\").replace("\"", "\\\"")
            + "\", from: "
            + today
            + ", input: …, output: …}` to "
            + (list == null ? "conf/prices.yaml" : list)
            + ", input and output being USD per million tokens of prompts and of answers, and give"
            + " the run file again, or do without this cap");
  }

  /** The price list of a run; without any, no price is known. */
  static Prices prices(RunInputs inputs) {
    return Prices.listed(inputs.prices());
  }
}
