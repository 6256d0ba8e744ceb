package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerClassifierTest {
  private final AnswerClassifier chat = new AnswerClassifier(Dialect.CHAT);
  private final AnswerClassifier completions = new AnswerClassifier(Dialect.COMPLETIONS);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          429 | {"error":{"type":"requests","code":"rate_limit_exceeded"}}              | retry-rate
          429 | {"error":{"type":"requests","code":"slow_down"}}                        | retry-rate
          429 | slow down                                                              | retry-rate
          429 | {"error":{"type":"insufficient_quota","code":"credit_balance_exhausted"}} | stop-job
          429 | {"error":{"type":"x","code":"project_spend_limit_exceeded"}}            | stop-job
          429 | {"error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}} | stop-job
          402 | {"error":{"message":"pay"}}                                            | stop-job
          401 | {"error":{"code":"invalid_api_key"}}                                   | stop-job
          403 |                                                                        | stop-job
          404 | {"error":{"code":"model_not_found"}}                                   | stop-job
          404 | <html>not here</html>                                                  | stop-job
          400 | {"error":{"code":"model_not_found"}}                                   | stop-job
          400 | {"error":{"code":"unsupported_parameter"}}                             | stop-job
          301 |                                                                        | stop-job
          407 |                                                                        | stop-job
          400 | {"error":{"code":"context_length_exceeded"}}                           | reject-row
          400 | {"object":"error","message":"This model's maximum context length is 9","type":"BadRequestError","code":400} | reject-row
          400 | {"error":{"message":"This model's maximum context length is 9","type":"BadRequestError","code":400}} | reject-row
          400 | {"error":{"type":"exceed_context_size_error","code":400}}              | reject-row
          500 | {"error":{"type":"exceed_context_size_error","code":500}}              | reject-row
          500 | {"error":{"message":"the request exceeds the available context size"}} | reject-row
          400 | {"error":{"code":"content_filter"}}                                    | reject-row
          413 |                                                                        | reject-row
          422 | {"error":{"message":"no"}}                                             | reject-row
          408 |                                                                        | retry-transient
          409 |                                                                        | retry-transient
          500 | {"error":{"message":"oops"}}                                           | retry-transient
          502 | <html>context size</html>                                              | retry-transient
          503 | {"error":{"code":"server_is_overloaded"}}                              | retry-transient
          529 | {"error":{"type":"overloaded_error"}}                                  | retry-transient
          200 | {"choices":                                                            | bad-paid
          200 | []                                                                     | bad-paid
          200 | {"choices":[]}                                                         | bad-paid
          200 | {"error":{"message":"upstream gone"}}                                  | bad-paid
          200 | {"choices":[{"message":{"content":null},"finish_reason":"stop"}]}      | bad-paid
          200 | {"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}     | terminal-paid
          200 | {"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]} | terminal-paid
          200 | {"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]} | terminal-paid
          200 | {"choices":[{"message":{"content":""},"finish_reason":"stop"}]}        | ok
          200 | {"choices":[{"message":{"content":"a"}}]}                              | ok
          """)
  void statusAndBodyTogetherTellTheOutcome(int status, String body, String outcome) {
    AnswerClassifier.Answer answer = chat.classify(status, body == null ? "" : body, 0);
    assertThat(answer.outcome().word()).isEqualTo(outcome);
    assertThat(answer.error() == null).isEqualTo(outcome.equals("ok"));
  }

  @Test
  void textUsageModelAndIdAreRead() {
    AnswerClassifier.Answer answer =
        completions.classify(
            200,
            """
            {"id":"i","model":"m-2","choices":[{"text":" t ","finish_reason":"stop"}],
             "usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":3}}}
            """,
            99);
    assertThat(answer)
        .isEqualTo(
            new AnswerClassifier.Answer(
                Outcome.OK, " t ", "stop", new Usage(5, 3, 7, false), "m-2", "i", null));
  }

  @Test
  void missingUsageIsEstimatedAndMarked() {
    AnswerClassifier.Answer answer =
        completions.classify(200, "{\"choices\":[{\"text\":\"12345\"}]}", 9);
    assertThat(answer.usage()).isEqualTo(new Usage(3, 0, 2, true));
  }

  @Test
  void theProvidersOwnWordsAreTold() {
    assertThat(chat.classify(401, "{\"error\":{\"message\":\"bad key\"}}", 0).error())
        .isEqualTo("401: bad key");
    assertThat(chat.classify(404, "{\"error\":\"no such model\"}", 0).error())
        .isEqualTo("404: no such model");
    assertThat(chat.classify(403, "", 0).error()).isEqualTo("403: no message");
  }
}
