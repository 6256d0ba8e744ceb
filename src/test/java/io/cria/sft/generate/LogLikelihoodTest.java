package io.cria.sft.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogLikelihoodTest {
  private static final int[] TEXT = {3, 17, 5, 42, 8, 60};

  /** Takes the logits after a prompt. */
  private static final class Next implements BatchGenerator.Text {
    private final int[] prompt;
    private float[] logits = {};

    Next(int[] prompt) {
      this.prompt = prompt;
    }

    @Override
    public int[] prompt() {
      return prompt;
    }

    @Override
    public int maxTokens() {
      return 1;
    }

    @Override
    public boolean next(float[] next) {
      logits = next;
      return false;
    }

    @Override
    public int last() {
      return 0;
    }

    @Override
    public int count() {
      return 1;
    }
  }

  @Test
  void itIsTheSumOverWhatGenerationGivesEachToken() {
    Decoder decoder = Golden.decoder(Golden.MODELS.get(0), false);
    double expected = 0;
    for (int i = 1; i < TEXT.length; i++) {
      Next next = new Next(Arrays.copyOf(TEXT, i));
      new BatchGenerator(decoder).run(List.of(next));
      double sum = 0;
      for (float logit : next.logits) {
        sum += Math.exp(logit);
      }
      expected += next.logits[TEXT[i]] - Math.log(sum);
    }
    assertThat(expected).isNegative();
    assertThat(LogLikelihood.of(decoder, TEXT)).isCloseTo(expected, within(1e-3));
    for (int slice = 1; slice <= TEXT.length; slice++) {
      assertThat(LogLikelihood.of(decoder, TEXT, slice))
          .as("%d positions at once", slice)
          .isCloseTo(expected, within(1e-3));
    }
    assertThat(LogLikelihood.of(decoder, new int[] {3})).as("nothing is expected").isZero();
  }
}
