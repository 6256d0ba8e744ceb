package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.Reply;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A server whose answers are of no use. */
class UsefulAnswersTest {
  @Test
  void aRunWhoseFirstSixteenAnswersAreOfNoUseStops() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, " \n", "length"), s -> s.inFlight(1))) {
      assertThatThrownBy(() -> f.ask(500))
          .isInstanceOf(CriaException.class)
          .hasMessageEndingWith(
              "/completions gave 16 answers in a row that are of no use, the last: cut by length:"
                  + " look at the address, /v1, model, key, the model's thinking mode and max"
                  + " tokens")
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.ENDPOINT);
      assertThat(f.calls()).hasSize(16);
    }
  }

  @Test
  void theServersOwnWordsAreTold() throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.error(400, "invalid_request_error", "odd", "no such thing"),
            s -> s.inFlight(1))) {
      assertThatThrownBy(() -> f.ask(500)).hasMessageContaining("the last: 400: no such thing");
    }
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, ""), s -> s.inFlight(1))) {
      assertThatThrownBy(() -> f.ask(500))
          .hasMessageContaining("the last: ok, no text that can be used (finish_reason stop)");
    }
  }

  @Test
  void afterAUsefulAnswerSixtyFourInARowStop() throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, call.number() == 10 ? "x" : ""), s -> s.inFlight(1))) {
      assertThatThrownBy(() -> f.ask(500)).hasMessageContaining("gave 64 answers in a row");
      assertThat(f.calls()).hasSize(10 + 64);
    }
  }

  @Test
  void aRunThatHadUsefulAnswersBeforeHasMorePatience() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, ""), s -> s.inFlight(1).usableBefore(true))) {
      assertThatThrownBy(() -> f.ask(500)).hasMessageContaining("gave 64 answers in a row");
    }
  }

  @Test
  void everyThirtiethAnswerOfUseIsEnough() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, call.number() % 30 == 1 ? "x" : ""), s -> s)) {
      assertThat(f.ask(200)).hasSize(200);
    }
  }

  @Test
  void whatIsOfUseIsTheCallersWord() throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"),
            s -> s.inFlight(1).usable(record -> "y".equals(record.text())))) {
      assertThatThrownBy(() -> f.ask(500)).hasMessageContaining("gave 16 answers in a row");
    }
  }

  @Test
  void theCountGoesOnFromClientToClientOfAStage() throws IOException {
    EndpointHealth health = EndpointHealth.of(1);
    for (int client = 0; client < 3; client++) {
      try (ClientFixture f =
          new ClientFixture(call -> Reply.text(call, ""), s -> s.health(health))) {
        assertThat(f.ask(5)).hasSize(5);
      }
    }
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, ""), s -> s.health(health))) {
      assertThatThrownBy(() -> f.ask(5)).hasMessageContaining("gave 16 answers in a row");
    }
  }
}
