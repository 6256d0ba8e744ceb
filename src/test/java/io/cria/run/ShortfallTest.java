package io.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.run.Shortfall.Cause;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortfallTest {
  @Test
  void aStageForgetsItsOwnCauseAndTheFirstStageAll() {
    Shortfall shortfall = new Shortfall(List.of(new Cause("generate", "early", false)));
    assertThat(shortfall.isThere()).isTrue();
    assertThat(shortfall.hasCut()).isFalse();
    shortfall.begin("classify");
    shortfall.cut("classify", "cut");
    assertThat(shortfall.hasCut()).isTrue();
    assertThat(shortfall.reason()).as("what stands in the way last").isEqualTo("cut");
    shortfall.begin("classify");
    assertThat(shortfall.reason()).isEqualTo("early");
    shortfall.begin("dataset");
    assertThat(shortfall.causes()).containsExactly(new Cause("generate", "early", false));
    shortfall.begin("generate");
    assertThat(shortfall.isThere()).isFalse();
    assertThat(shortfall.reason()).isEmpty();
  }

  @Test
  void whatIsLeftForTheNextInvocationIsACopy() {
    Shortfall shortfall = new Shortfall(List.of());
    shortfall.endedEarly("generate", "early");
    List<Cause> left = shortfall.causes();
    shortfall.begin("generate");
    assertThat(left).containsExactly(new Cause("generate", "early", false));
  }
}
