package io.cria.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.config.Identity.Rounds;
import io.cria.stage.RoundPlan.Committed;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundPlanTest {
  private static final RoundPlan GROWING = new RoundPlan(new Rounds("growing", 8, 100, 10, 3, 42L));

  @Test
  void fixedRoundsNeverChange() {
    RoundPlan fixed = new RoundPlan(new Rounds("fixed", 5, 100, 10, 3, 42L));
    assertThat(fixed.size(List.of(), 1000)).isEqualTo(5);
    assertThat(fixed.size(List.of(new Committed(5, 500)), 501)).isEqualTo(5);
  }

  @Test
  void growingRoundsDoubleWhileAcceptanceHolds() {
    assertThat(GROWING.size(List.of(), 1000)).isEqualTo(8);
    assertThat(GROWING.size(List.of(new Committed(8, 24)), 10_000)).isEqualTo(16);
    // three a request, then exactly half of that: still holds
    assertThat(GROWING.size(List.of(new Committed(8, 24), new Committed(16, 24)), 10_000))
        .isEqualTo(32);
    assertThat(GROWING.size(List.of(new Committed(8, 24), new Committed(16, 23)), 10_000))
        .isEqualTo(16);
  }

  @Test
  void aRoundAsksNoMoreThanTheTargetNeeds() {
    // 30 missing at three a request
    assertThat(GROWING.size(List.of(new Committed(8, 24)), 54)).isEqualTo(10);
    assertThat(GROWING.size(List.of(new Committed(8, 24)), 25)).isEqualTo(1);
  }

  @Test
  void aRoundIsNeverLargerThanAllowed() {
    assertThat(GROWING.size(List.of(new Committed(90, 270)), 100_000)).isEqualTo(100);
  }

  @Test
  void aBarrenRoundIsAskedAgainAtTheSameSize() {
    assertThat(GROWING.size(List.of(new Committed(8, 0)), 1000)).isEqualTo(8);
  }

  @Test
  void generationEndsAfterBarrenRoundsOrAtTheRoundLimit() {
    Committed good = new Committed(8, 1);
    Committed barren = new Committed(8, 0);
    assertThat(GROWING.end(List.of(good, barren, barren))).isEmpty();
    assertThat(GROWING.end(List.of(good, barren, barren, barren)))
        .hasValueSatisfying(why -> assertThat(why).contains("rounds.barren"));
    assertThat(GROWING.end(java.util.Collections.nCopies(10, good)))
        .hasValueSatisfying(why -> assertThat(why).contains("rounds.max"));
  }
}
