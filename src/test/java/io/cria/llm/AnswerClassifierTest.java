package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerClassifierTest {
  private final AnswerClassifier chat = new AnswerClassifier(Dialect.CHAT);

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
          200 | {"error":{"message":"upstream gone"}}                                  | retry-transient
          200 | {"choices":[{"message":{"content":null},"finish_reason":"stop"}]}      | bad-paid
          200 | {"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}     | terminal-paid
          200 | {"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]} | terminal-paid
          200 | {"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]} | refused
          200 | {"choices":[{"message":{"content":""},"finish_reason":"stop"}]}        | ok
          200 | {"choices":[{"message":{"content":"a"}}]}                              | ok
          401 | {"error":{"message":"flagged by moderation"}}                          | stop-job
          400 | {"error":{"message":"API key not valid. Please pass a valid API key.","code":400,"status":"INVALID_ARGUMENT"}} | stop-job
          400 | [{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT","details":[{"@type":"t","reason":"API_KEY_INVALID"}]}}] | stop-job
          400 | {"error":{"message":"API key expired. Please renew the API key."}}     | stop-job
          400 | {"error":{"message":"Incorrect API key provided"}}                     | stop-job
          400 | {"error":{"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}} | stop-job
          400 | {"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}} | stop-job
          400 | {"error":{"message":"The model `x` does not exist","type":"invalid_request_error"}} | stop-job
          400 | {"error":{"message":"x is not a valid model ID","code":400}}           | stop-job
          400 | {"error":{"code":"model_decommissioned"}}                              | stop-job
          403 | {"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED"}} | stop-job
          403 | {"error":{"message":"Your account was flagged for abuse"}}             | stop-job
          403 | <html><title>Just a moment...</title></html>                           | stop-job
          405 | {"detail":"Method Not Allowed"}                                        | stop-job
          406 |                                                                        | stop-job
          404 | {"detail":"Not Found"}                                                 | stop-job
          501 | {"error":{"code":501,"message":"not built in","type":"not_supported_error"}} | stop-job
          429 | {"error":{"message":"Your account is suspended","type":"exceeded_current_quota_error"}} | stop-job
          429 | {"error":{"message":"Insufficient Balance"}}                           | stop-job
          403 | {"error":{"message":"Forbidden","metadata":{"reasons":["violence"],"flagged_input":"x"}}} | reject-row
          403 | {"error":{"message":"Content violates usage guidelines."}}             | reject-row
          403 | {"error":{"message":"Request was blocked by our content policy"}}      | reject-row
          400 | {"error":{"code":"DataInspectionFailed","message":"inappropriate content"}} | reject-row
          400 | {"error":{"code":400,"message":"Invalid value at 'top_p'","status":"INVALID_ARGUMENT"}} | reject-row
          400 | {"error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}} | reject-row
          422 | {"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096","error_type":"validation"} | reject-row
          422 | {"detail":[{"loc":["body","top_p"],"msg":"ensure this value is greater","type":"value_error"}]} | reject-row
          200 | Ollama is running                                                      | bad-paid
          200 | Rate limit exceeded, slow down                                         | retry-rate
          403 | {"error":{"code":"content_policy","message":"Request blocked"}}        | reject-row
          400 | {"detail":"Authentication credentials were not provided."}             | stop-job
          451 |                                                                        | reject-row
          422 | {"object":"error","message":{"detail":[{"loc":["body"],"msg":"no","type":"missing"}]}} | reject-row
          400 | {"error":{"message":"litellm.ContextWindowExceededError: too long"}}   | reject-row
          400 | {"error":{"message":"litellm.BadRequestError: ContentPolicyViolationError"}} | reject-row
          400 | {"error":{"code":"organization_restricted","message":"Organization x has been restricted."}} | stop-job
          413 | {"error":{"message":"Request too large for model on tokens per minute (TPM)","type":"tokens","code":"rate_limit_exceeded"}} | reject-row
          429 | {"error":{"message":"Request too large for m on tokens per min (TPM): Limit 10, Requested 20.","code":"rate_limit_exceeded"}} | reject-row
          429 | [{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED"}}] | retry-rate
          429 | <html><title>1015</title></html>                                       | retry-rate
          400 | {"__type":"com.x#ThrottlingException","message":"Too many requests, please wait"} | retry-rate
          403 | {"message":"API rate limit exceeded"}                                  | retry-rate
          503 | {"error":{"code":"slow_down"}}                                         | retry-rate
          424 | {"error":"Request failed during generation","error_type":"generation"} | retry-transient
          498 | {"error":{"message":"flex tier is at capacity","type":"flex_tier_capacity_exceeded"}} | retry-transient
          499 |                                                                        | retry-transient
          400 | {"error":{"type":"overloaded_error","message":"Overloaded"}}           | retry-transient
          503 | {"error":{"code":503,"message":"Loading model","type":"unavailable_error"}} | retry-transient
          503 | {"error":"Model x is currently loading","estimated_time":20.0}         | retry-transient
          500 | Internal Server Error                                                  | retry-transient
          509 |                                                                        | retry-transient
          520 |                                                                        | retry-transient
          522 |                                                                        | retry-transient
          524 | error code: 524                                                        | retry-transient
          530 | error code: 1033                                                       | retry-transient
          """)
  void statusAndBodyTogetherTellTheOutcome(int status, String body, String outcome) {
    AnswerClassifier.Answer answer = chat.classify(status, body == null ? "" : body, 0);
    assertThat(answer.outcome().word()).isEqualTo(outcome);
    assertThat(answer.error() == null).isEqualTo(outcome.equals("ok"));
  }

  @ParameterizedTest
  @CsvSource({
    "200, <html>x</html>, true", "403, <html>x</html>, true", "404, <!doctype html>, true",
    "405, <html>x</html>, true", "401, <html>x</html>, false", "503, <html>x</html>, false",
    "404, no such model, false"
  })
  void aPageInPlaceOfAnAnswerIsKnownAsOne(int status, String body, boolean page) {
    assertThat(chat.classify(status, body, 0).page()).isEqualTo(page);
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void theStatusIsTheOneThatTheAnswerNames(int status, String body, int named) {
    assertThat(chat.classify(status, body.replace('\'', '"'), 0).status()).isEqualTo(named);
  }

  static List<Arguments> statuses() {
    return List.of(
        Arguments.of(200, "{'error':{'code':503,'message':'busy'}}", 503),
        Arguments.of(200, "{'error':{'message':'it broke'}}", ErrorRules.NONE),
        Arguments.of(200, "{'error':{'code':401,'message':'bad key'}}", 401),
        Arguments.of(
            200,
            "{'choices':[{'message':{'content':'a'},'finish_reason':'error'}]}",
            ErrorRules.NONE),
        Arguments.of(200, "{'choices':[{'message':{},'error':{'code':502,'message':'x'}}]}", 502),
        Arguments.of(200, "data: {'choices':[{'delta':{'content':'a'}}]}\n\n", ErrorRules.NONE),
        Arguments.of(200, "{'choices':[{'message':{'content':'a'}}]}", 200),
        Arguments.of(200, "{'choices':[],'usage':{'completion_tokens':0}}", 200),
        Arguments.of(500, "{'error':{'code':401,'message':'upstream'}}", 500),
        Arguments.of(302, "x", 302));
  }

  @Test
  void theProvidersOwnWordsAreTold() {
    assertThat(chat.classify(401, "{\"error\":{\"message\":\"bad key\"}}", 0).error())
        .isEqualTo("401: bad key");
    assertThat(chat.classify(404, "{\"error\":\"no such model\"}", 0).error())
        .isEqualTo("404: no such model");
    assertThat(chat.classify(403, "", 0).error()).isEqualTo("403: no message");
    assertThat(
            chat.classify(
                    429,
                    "{\"error\":{\"message\":\"Provider returned error\",\"code\":429,"
                        + "\"metadata\":{\"raw\":\"m is busy upstream\"}}}",
                    0)
                .error())
        .isEqualTo("429: Provider returned error: m is busy upstream");
    assertThat(chat.classify(403, "<html><head><title>\n Attention!\n</title>…", 0).error())
        .isEqualTo("403: Attention!");
    assertThat(
            chat.classify(422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}", 0)
                .error())
        .isEqualTo("422: field required");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"error":{"message":"Rate limit exceeded","code":429}}                       | retry-rate | 200 with error 429: Rate limit exceeded
          {"error":{"message":"Rate limit exceeded","code":"429"}}                     | retry-rate | 200 with error 429: Rate limit exceeded
          {"error":{"message":"slow","type":"rate_limit_error"}}                       | retry-rate | 200 with error: slow
          {"error":"429 Too Many Requests"}                                            | retry-rate | 200 with error 429: 429 Too Many Requests
          {"error":{"message":"x","status":"RESOURCE_EXHAUSTED"}}                      | retry-rate | 200 with error: x
          {"error":{"message":"litellm.RateLimitError: later","code":null}}            | retry-rate | 200 with error: litellm.RateLimitError: later
          {"detail":"Too many requests"}                                               | retry-rate | 200 with error: Too many requests
          {"base_resp":{"status_code":1002,"status_msg":"rate limit"}}                 | retry-rate | 200 with error: rate limit
          {"choices":null,"error":{"message":"no room","code":429}}                    | retry-rate | 200 with error 429: no room
          {"error":{"message":"Error code: 429 - {'a': 1}"}}                           | retry-rate | 200 with error 429: Error code: 429 - {'a': 1}
          {"object":"error","message":"inputs must have less than 1024 tokens","error_type":"validation"} | reject-row | 200 with error: inputs must have less than 1024 tokens
          {"error":{"message":"bad field","type":"invalid_request_error"}}             | reject-row | 200 with error: bad field
          {"error":{"message":"no such thing","code":400}}                             | reject-row | 200 with error 400: no such thing
          {"detail":[{"loc":["body","n"],"msg":"value is not valid","type":"value_error"}]} | reject-row | 200 with error: value is not valid
          {"error":{"message":"flagged","code":403,"metadata":{"reasons":["x"]}}}      | reject-row | 200 with error 403: flagged
          {"error":{"message":"No auth credentials found","code":401}}                 | stop-job | 200 with error 401: No auth credentials found
          {"error":{"code":"insufficient_quota","message":"pay"}}                      | stop-job | 200 with error: pay
          {"error":{"message":"no such model","code":404}}                             | stop-job | 200 with error 404: no such model
          {"error":{"message":"upstream gone","code":502}}                             | retry-transient | 200 with error 502: upstream gone
          {"error":"something broke"}                                                  | retry-transient | 200 with error: something broke
          {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}  | retry-transient | 200 with error: Overloaded
          [{"error":{"code":503,"message":"later","status":"UNAVAILABLE"}}]            | retry-transient | 200 with error 503: later
          {"message":"Endpoint request timed out"}                                     | retry-transient | 200 with error: Endpoint request timed out
          {"success":false,"errors":[{"code":3040,"message":"Capacity exceeded"}]}     | retry-transient | 200 with error: Capacity exceeded
          {"choices":[{"message":{"content":"half"}}],"error":{"message":"gone"}}      | retry-transient | 200 with error: gone
          """)
  void anErrorUnderA200CountsAsIfItHadComeWithTheStatusItNames(
      String body, String outcome, String error) {
    AnswerClassifier.Answer answer = chat.classify(200, body, 0);
    assertThat(answer.outcome().word()).isEqualTo(outcome);
    assertThat(answer.error()).isEqualTo(error);
    assertThat(answer.text()).isNull();
    assertThat(answer.usage()).isNull();
  }

  @Test
  void wordsThatAreNoAnswerAreTold() {
    assertThat(chat.classify(200, "Ollama is running", 0).error())
        .isEqualTo("the answer is not a JSON object: Ollama is running");
    assertThat(chat.classify(200, "{\"choices\":[{\"message\"", 0).error())
        .isEqualTo("the answer is not a JSON object");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!doctype html><title>x</title>",
        "\n<HTML>",
        "<!-- x --><html>",
        "<?xml version=\"1.0\"?><Error/>",
        "<head>"
      })
  void aPageIsNoAnswer(String body) {
    AnswerClassifier.Answer answer = chat.classify(200, body, 0);
    assertThat(answer.outcome()).isEqualTo(Outcome.STOP_JOB);
    assertThat(answer.page()).isTrue();
    assertThat(answer.error()).isEqualTo("a page, not an answer of an API");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          301 | https://h/v1/chat/completions      | 301: the address sends elsewhere: give endpoint.baseUrl as https://h/v1
          307 | /api/v1/chat/completions           | 307: the address sends elsewhere: give endpoint.baseUrl as http://here:1/api/v1
          308 | /api/v1/chat/completions?x=secret  | 308: the address sends elsewhere: give endpoint.baseUrl as http://here:1/api/v1
          302 | https://sso.h/login?token=secret   | 302: the address sends elsewhere, to https://sso.h/login
          307 | /v1/chat/completions/              | 307: the address sends elsewhere, to http://here:1/v1/chat/completions/
          302 | https://u:p@h/v1                   | 302: the address sends elsewhere, to what is no plain address
          302 | http://[                           | 302: the address sends elsewhere, to what is no address
          302 |                                    | 302: the address sends elsewhere but does not say where to
          """)
  void aRedirectNamesTheAddressToGive(int status, String location, String told) {
    Map<String, List<String>> headers =
        location == null ? Map.of() : Map.of("Location", List.of(location));
    AnswerClassifier.Answer answer =
        chat.classify(new HttpReply(status, headers, ""), "http://here:1/v1/chat/completions", 0);
    assertThat(answer.outcome()).isEqualTo(Outcome.STOP_JOB);
    assertThat(answer.error()).isEqualTo(told);
  }
}
