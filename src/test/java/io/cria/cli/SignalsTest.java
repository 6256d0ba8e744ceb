package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.OrderlyStop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the process at a signal, without one. */
class SignalsTest {
  private final List<String> seen = new ArrayList<>();
  private final Signals signals =
      new Signals(seen::add, code -> seen.add("exit " + code), code -> seen.add("halt " + code));

  @AfterEach
  void forget() {
    OrderlyStop.end();
  }

  @Test
  void whatIsStillStartingEndsAsStoppedOnRequest() {
    signals.heard("INT");
    assertThat(seen).containsExactly("stopped on request", "exit 3");
  }

  @Test
  void workThatStopsInOrderIsToldAndSaysItsOwnWords() {
    OrderlyStop.begin(keyboard -> seen.add("stopping, again " + keyboard));
    signals.heard("INT");
    assertThat(seen).containsExactly("stopping, again true", "exit 3");
  }

  @Test
  void ctrlCAgainLeavesNow() {
    OrderlyStop.begin(keyboard -> seen.add("stopping"));
    signals.heard("INT");
    signals.heard("INT");
    assertThat(seen.subList(2, 4))
        .containsExactly(
            "left at once; what is kept is kept, and the same command goes on", "halt 3");
  }

  @Test
  void aSignalThatComesWithTheKeysIsTheSameRequest() {
    OrderlyStop.begin(keyboard -> seen.add("stopping"));
    signals.heard("INT");
    signals.heard("TERM");
    signals.heard("HUP");
    signals.heard("TERM");
    assertThat(seen).containsExactly("stopping", "exit 3");
  }

  @Test
  void aSchedulersSignalIsNoKeyboards() {
    OrderlyStop.begin(keyboard -> seen.add("stopping, again " + keyboard));
    signals.heard("TERM");
    assertThat(seen).containsExactly("stopping, again false", "exit 3");
  }
}
