package io.cria.sft;

import io.cria.task.Key;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code card} of a fine-tuning run file: what the base and the data are called where
 * the tuned model is handed on. Cards and adapters hold these names and no places of this machine.
 */
public record CardConfig(
    @Key(
            "The base model's name on a hub, such as HuggingFaceTB/SmolLM2-135M; without it told"
                + " by the place it lies in")
        @Nullable String base,
    @Key("Names on a hub of the datasets it is tuned on; without it none are named")
        List<String> datasets) {
  public static final CardConfig DEFAULT = new CardConfig(null, List.of());

  private static final Pattern NAME = Pattern.compile("[\\w.-]+(/[\\w.-]+)?");

  public CardConfig {
    datasets = List.copyOf(Objects.requireNonNullElse(datasets, List.of()));
    if (base != null) {
      require("card.base", base);
    }
    datasets.forEach(dataset -> require("card.datasets", dataset));
  }

  private static void require(String key, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          key + " has '" + name + "', which is no name on a hub: write OWNER/NAME, or NAME");
    }
  }
}
