package io.cria.sft.generate;

import io.cria.sft.model.ModelConfig;
import io.cria.tokenizer.ModelTokenizer;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/** Where an answer ends: its end tokens and its stop texts. */
final class Ending {
  private final BitSet tokens = new BitSet();
  private final List<String> stops;

  /**
   * @param layoutEnd the token that ends an answer in the layout, besides the model's own
   */
  Ending(ModelTokenizer tokenizer, ModelConfig config, OptionalInt layoutEnd, List<String> stops) {
    for (int id = 0; id < config.vocabularySize(); id++) {
      tokens.set(id, config.isEnd(id));
    }
    layoutEnd.ifPresent(tokens::set);
    tokenizer.eosId().ifPresent(tokens::set);
    this.stops = stops.stream().filter(stop -> !stop.isEmpty()).toList();
  }

  boolean isEnd(int token) {
    return tokens.get(token);
  }

  /** The end tokens. */
  BitSet tokens() {
    return tokens;
  }

  /** None of them empty. */
  List<String> stops() {
    return stops;
  }

  /** Where the earliest stop text begins; -1 where there is none. */
  int stopIn(String text) {
    return stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }
}
