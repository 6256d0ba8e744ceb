package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.ConfigReader;
import io.cria.storage.RunDirectory;
import java.util.Map;
import java.util.Optional;

/**
 * What the last invocation of a {@link BesideRunner} was told of asking, as its directory keeps it.
 *
 * @param asking whom, where, within which caps
 * @param prices text of the price list; empty when there is none
 */
public record BesideInputs(AskConfig asking, String prices) {
  static final String ASKING = "inputs/asking.json";

  /** From a directory; empty where none was told. */
  public static Optional<BesideInputs> of(RunDirectory directory) {
    return directory
        .text(ASKING)
        .map(
            text ->
                new BesideInputs(
                    ConfigReader.parse(text, directory.path(ASKING), AskConfig.class, Map.of()),
                    directory.text(RunInputs.PRICES).orElse("")));
  }
}
