package io.cria.stage.similarity;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.Prefilter;
import io.cria.text.Tokenizer;
import java.io.Serializable;

/** What of {@link EngineOptions} an executor needs, by name, so that it can travel. */
record EngineSpec(
    String tokenizer, double threshold, int hotFrequency, String prefilter, double recall)
    implements Serializable {
  static EngineSpec of(EngineOptions options) {
    return new EngineSpec(
        options.tokenizer().name(),
        options.threshold(),
        options.hotFrequency(),
        options.prefilter().key(),
        options.recall());
  }

  /** For one thread: on an executor the tasks are the threads. */
  EngineOptions options() {
    return EngineOptions.of(Tokenizer.named(tokenizer), threshold)
        .withHotFrequency(hotFrequency)
        .withPrefilter(Prefilter.named(prefilter))
        .withRecall(recall);
  }
}
