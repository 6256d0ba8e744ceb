package io.cria.serve.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.page.PageException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingLineTest {
  @Test
  void whoeverFindsTheLineFullIsRefusedAndWhoeverGivesUpLeavesIt() throws InterruptedException {
    WaitingLine line = new WaitingLine(1, 2, 1);
    List<String> done = new ArrayList<>();
    line.inTurn(
        ahead -> {},
        () -> {
          assertThatThrownBy(
                  () ->
                      line.inTurn(
                          ahead -> {
                            assertThat(ahead).isEqualTo(1);
                            full(line);
                            throw new IllegalStateException("gone");
                          },
                          () -> done.add("never")))
              .hasMessage("gone");
          done.add("first");
        });
    line.inTurn(ahead -> done.add("waits"), () -> done.add("second"));
    assertThat(done).containsExactly("first", "second");
  }

  private static void full(WaitingLine line) {
    assertThatThrownBy(() -> line.inTurn(ahead -> {}, () -> {}))
        .isInstanceOfSatisfying(
            PageException.class, refused -> assertThat(refused.status()).isEqualTo(503))
        .hasMessageContaining("Too many people are waiting");
  }

  @Test
  void asManyAreServedAtOnceAsThereAreWorkers() throws InterruptedException {
    WaitingLine line = new WaitingLine(2, 4, 1);
    List<String> done = new ArrayList<>();
    line.inTurn(
        ahead -> {},
        () -> line.inTurn(ahead -> done.add("waits"), () -> done.add("at the same time")));
    assertThat(done).containsExactly("at the same time");
  }
}
