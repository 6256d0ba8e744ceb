package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What to do is told by what the endpoint said. */
class JobStopTest {
  private final JobStop jobStop =
      new JobStop(
          new Endpoint("http://127.0.0.1:1/v1", Dialect.CHAT, Capabilities.plain()),
          Credentials.none(),
          null);

  private static LedgerRecord record(Outcome outcome, @Nullable Integer status, String error) {
    return new LedgerRecord(
        "key",
        1,
        "generate",
        0,
        0,
        outcome,
        status,
        null,
        null,
        null,
        null,
        "m",
        null,
        null,
        Instant.EPOCH,
        1,
        false,
        error);
  }

  @ParameterizedTest
  @CsvSource({
    "200, 401, give a key that may use this model",
    "401, 401, give a key that may use this model",
    "200, 402, see to credit and limits",
    "200, 404, 'correct model, endpoint.baseUrl or endpoint.dialect'",
    "200, 0, 'correct model, endpoint.baseUrl or endpoint.dialect'",
    "200, 200, correct endpoint.baseUrl",
    "200, 422, correct the model's name"
  })
  void theStatusThatTheAnswerNamesDecides(int status, int named, String remedy) {
    LedgerRecord record = record(Outcome.STOP_JOB, status, "words");
    assertThat(jobStop.because(new Step.Attempted(record, null, named, Step.Sign.UP)))
        .hasMessageStartingWith(
            "POST http://127.0.0.1:1/v1/chat/completions answered words: " + remedy);
  }

  @ParameterizedTest
  @CsvSource({
    "host name not known: nowhere.invalid, check the host in endpoint.baseUrl",
    "no secure connection: PKIX path building failed, 'check scheme, host and port in"
        + " endpoint.baseUrl'",
    "no connection: refused, start the server or correct endpoint.baseUrl"
  })
  void whyNoConnectionWasMadeDecides(String words, String remedy) {
    LedgerRecord record = record(Outcome.STOP_JOB, null, "nothing answers there (" + words + ")");
    assertThat(
            jobStop.because(
                new Step.Attempted(record, null, ErrorRules.NONE, Step.Sign.UNREACHABLE)))
        .hasMessageContaining("failed, nothing answers there (" + words + "): " + remedy);
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:1, ', /v1 may be missing'",
    "http://127.0.0.1:1/v1, ''",
    "http://127.0.0.1:1/v1beta/openai, ''"
  })
  void aPageIsAskedForTheVersionOnlyWhereTheAddressHasNone(String baseUrl, String further) {
    Endpoint endpoint = new Endpoint(baseUrl, Dialect.CHAT, Capabilities.plain());
    LedgerRecord record = record(Outcome.STOP_JOB, 200, "a page");
    assertThat(
            new JobStop(endpoint, Credentials.none(), null)
                .because(new Step.Attempted(record, null, 200, Step.Sign.PAGE)))
        .hasMessage(
            "POST "
                + baseUrl
                + "/chat/completions answered a page: correct endpoint.baseUrl"
                + further);
  }

  @Test
  void requestsWithoutAnyAnswerAreToldOtherwiseThanUselessAnswers() {
    assertThat(jobStop.useless(16, record(Outcome.FAILED, null, "time used up")))
        .hasMessageContaining("left 16 requests in a row without an answer of use, the last: time")
        .hasMessageNotContaining("thinking");
    assertThat(jobStop.useless(16, record(Outcome.EMPTY, 200, "thought")))
        .hasMessageContaining("gave 16 answers in a row that are of no use, the last: thought");
  }
}
