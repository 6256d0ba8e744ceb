package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.task.CriaException;
import java.time.LocalDate;
import java.util.List;

/** What questions beside a line would take, before anything is sent. */
public final class BesideEstimate {
  private BesideEstimate() {}

  /**
   * A stage's requests.
   *
   * @param stage its name
   * @param requests that it would send
   * @param built of some of them, or all, the texts of their messages
   * @param maxTokens that an answer may have
   */
  public record Asked(String stage, long requests, List<List<String>> built, int maxTokens) {
    public Asked {
      built = List.copyOf(built);
    }
  }

  /**
   * The estimate as a table for people.
   *
   * @param what is asked, for example {@code "review of 200 examples"}
   * @param prices text of the price list; empty when there is none
   * @throws CriaException where it has a cap in dollars and the model no price
   */
  public static String text(
      String what, AskConfig asking, String prices, LocalDate today, List<Asked> asked) {
    PriceCheck.of(asking, prices, null, "the command").require(today);
    CountedRequests counted = new CountedRequests(asking.model(), prices, today);
    EstimateText text =
        new EstimateText(
            asking,
            asked.stream()
                .map(a -> counted.line(a.stage(), a.requests(), a.built(), a.maxTokens()))
                .toList(),
            counted.isPriced() ? List.of() : List.of(asking.model()),
            "it would end there, with exit code 4");
    StringBuilder out = new StringBuilder();
    EstimateText.add(out, "Estimate: %s, model %s. Nothing is sent.%n", what, asking.model());
    text.table(out);
    EstimateText.add(
        out,
        "Prompt tokens and max tokens are those of one request. Tokens and USD are expected of all:"
            + " answers half as long as they may be, none asked twice. USD at worst: what is set"
            + " aside before sending, a token for every byte of a prompt and answers as long as"
            + " they may be.");
    EstimateText.add(out, "An answer off the form is asked for once more.");
    text.time(out);
    text.caps(out);
    return out.toString();
  }
}
