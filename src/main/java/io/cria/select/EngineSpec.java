package io.cria.select;

import io.cria.similarity.EngineOptions;
import io.cria.text.Tokenizer;
import java.io.Serializable;

/** What of {@link EngineOptions} an executor's lossless index needs, so that it can travel. */
record EngineSpec(String tokenizer, double threshold, int hotFrequency) implements Serializable {
  static EngineSpec of(EngineOptions options) {
    return new EngineSpec(options.tokenizer().name(), options.threshold(), options.hotFrequency());
  }

  /** For one thread: on an executor the tasks are the threads. */
  EngineOptions options() {
    return EngineOptions.of(Tokenizer.named(tokenizer), threshold).withHotFrequency(hotFrequency);
  }
}
