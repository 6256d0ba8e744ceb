package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What real servers and gateways answer, each by the name of its case, over real sockets. */
class WireToleranceTest {
  private static final String TEXT = "4. Instruction: Name a river.";
  private static final String GOOD =
      "{\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
          + "\"content\":\""
          + TEXT
          + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,"
          + "\"completion_tokens\":6}}";

  private static LlmRequest chat(int row) {
    return LlmRequest.ofMessages(
        "generate",
        0,
        row,
        0,
        "m",
        List.of(new Message("user", "go on " + row)),
        ClientFixture.DECODING);
  }

  /** The bad replies in their order, then good ones. */
  private static ScriptedServer.Script first(Reply... replies) {
    return call ->
        call.number() <= replies.length ? replies[call.number() - 1] : Reply.of(200, GOOD);
  }

  private static Reply message(String message, String rest) {
    return Reply.of(200, "{\"choices\":[{\"message\":" + message + "}]" + rest + "}");
  }

  /** Asks once in chat of a server with that script. */
  private static void asked(ScriptedServer.Script script, Consumer<ClientFixture> check)
      throws IOException {
    try (ClientFixture f = new ClientFixture(script)) {
      check.accept(f);
    }
  }

  private static LedgerRecord ask(ClientFixture f) {
    return f.client.ask(List.of(chat(0)).iterator()).next();
  }

  private static void isAskedAgain(Reply... replies) throws IOException {
    asked(
        first(replies),
        f -> {
          LedgerRecord answer = ask(f);
          assertThat(answer.outcome()).isEqualTo(Outcome.OK);
          assertThat(answer.text()).isEqualTo(TEXT);
          assertThat(f.outcomes()).hasSize(replies.length + 1);
          assertThat(f.outcomes().subList(0, replies.length)).containsOnly(Outcome.RETRY_TRANSIENT);
          assertThat(f.store.records().get(0).text()).isNull();
          assertThat(f.store.records().get(0).body()).isEqualTo(replies[0].body());
        });
  }

  private static void isBoughtOnce(
      Reply reply, Outcome outcome, @Nullable String text, @Nullable String error)
      throws IOException {
    asked(
        call -> reply,
        f -> {
          LedgerRecord answer = ask(f);
          assertThat(answer.outcome()).isEqualTo(outcome);
          assertThat(answer.text()).isEqualTo(text);
          assertThat(answer.error()).isEqualTo(error);
          assertThat(f.server.calls()).hasSize(1);
        });
  }

  private static void stops(Reply reply, String... told) throws IOException {
    asked(
        call -> reply,
        f -> {
          assertThatThrownBy(() -> ask(f))
              .isInstanceOfSatisfying(
                  CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
              .hasMessageContainingAll(told);
          assertThat(f.server.calls()).hasSize(1);
          assertThat(f.outcomes()).containsExactly(Outcome.STOP_JOB);
        });
  }

  @Test
  void errorIn200() throws IOException {
    Reply limited =
        Reply.of(
            200,
            "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-min\",\"code\":429}}");
    try (ClientFixture f =
        new ClientFixture(
            first(limited, limited, limited, limited),
            stack -> stack.rules(RetryRules.standard().withAttempts(1)))) {
      assertThat(ask(f).text()).isEqualTo(TEXT);
      assertThat(f.outcomes().subList(0, 4)).containsOnly(Outcome.RETRY_RATE);
      assertThat(f.schedule.waits()).hasSize(4).isSorted();
    }
  }

  @Test
  void finishErrorCut() throws IOException {
    isAskedAgain(
        Reply.of(
            200,
            "{\"choices\":[{\"message\":{\"content\":\"4. Instr\"},\"finish_reason\":\"error\","
                + "\"error\":{\"code\":502,\"message\":\"upstream closed\"}}]}"));
    isAskedAgain(
        Reply.of(
            200,
            "{\"choices\":[{\"message\":{\"content\":\"4. Instr\"},\"finish_reason\":\"stop\","
                + "\"error\":{\"code\":502,\"message\":\"upstream closed\"}}]}"));
  }

  @Test
  void finishMaxTokens() throws IOException {
    for (String word : List.of("max_tokens", "MAX_TOKENS", "model_length")) {
      isBoughtOnce(
          Reply.of(
              200,
              "{\"choices\":[{\"message\":{\"content\":\"4. Instr\"},\"finish_reason\":\""
                  + word
                  + "\"}]}"),
          Outcome.TERMINAL_PAID,
          "4. Instr",
          "cut by length");
    }
    isBoughtOnce(
        Reply.of(
            200,
            "{\"choices\":[{\"message\":{\"content\":\"4. Instr\"},\"finish_reason\":\"odd\"}]}"),
        Outcome.TERMINAL_PAID,
        "4. Instr",
        "finish_reason \"odd\" is not known, taken as cut");
  }

  @Test
  void contentParts() throws IOException {
    isBoughtOnce(
        message(
            "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},"
                + "{\"type\":\"text\",\"text\":\"4. \"},{\"type\":\"text\",\"text\":\"x\"}]}",
            ""),
        Outcome.OK,
        "4. x",
        null);
  }

  @Test
  void refusalPart() throws IOException {
    isBoughtOnce(
        message("{\"content\":[{\"type\":\"refusal\",\"refusal\":\"I will not.\"}]}", ""),
        Outcome.REFUSED,
        "",
        "refused by the model: I will not.");
    isBoughtOnce(
        message("{\"content\":null,\"refusal\":\"I will not.\"}", ""),
        Outcome.REFUSED,
        "",
        "refused by the model: I will not.");
  }

  @Test
  void gzipUnasked() throws IOException {
    asked(
        call -> Reply.of(200, GOOD).withGzip(),
        f -> {
          LedgerRecord answer = ask(f);
          assertThat(answer.text()).isEqualTo(TEXT);
          assertThat(answer.body()).isEqualTo(GOOD);
        });
    isBoughtOnce(Reply.of(200, GOOD).withGzip().withGzip(), Outcome.OK, TEXT, null);
  }

  @Test
  void aBombAndAnUnknownEncodingEndAsFailedAnswers() throws IOException {
    byte[] bomb = Reply.gzip(Reply.gzip(new byte[BodyDecoder.LIMIT_BYTES + 1]));
    asked(
        call -> Reply.ofBytes(200, bomb).withHeader("Content-Encoding", "gzip, gzip"),
        f -> {
          assertThat(ask(f).error())
              .isEqualTo(
                  "attempts used up; last: the answer is longer than 64 MiB once it is decoded");
          assertThat(f.outcomes())
              .containsExactly(Outcome.BAD_PAID, Outcome.BAD_PAID, Outcome.FAILED);
        });
    asked(
        call -> Reply.of(200, "x").withHeader("Content-Encoding", "br"),
        f -> {
          assertThat(ask(f).error())
              .endsWith("the answer has an encoding that was not asked for and is not known: br");
        });
  }

  @Test
  void aBodyOverTheBoundIsBrokenOffAndCountsAsPaid() throws IOException {
    byte[] over = new byte[BodyDecoder.LIMIT_BYTES + 1];
    asked(
        call -> call.number() == 1 ? Reply.ofBytes(200, over) : Reply.of(200, GOOD),
        f -> {
          assertThat(ask(f).text()).isEqualTo(TEXT);
          assertThat(f.store.records().get(0))
              .satisfies(
                  record -> {
                    assertThat(record.outcome()).isEqualTo(Outcome.BAD_PAID);
                    assertThat(record.httpStatus()).isEqualTo(200);
                    assertThat(record.error()).isEqualTo("the answer is longer than 64 MiB");
                  });
        });
  }

  @Test
  void html200() throws IOException {
    stops(
        Reply.of(200, "<!doctype html><title>One gateway</title>")
            .withHeader("Content-Type", "text/html"),
        "a page, not an answer of an API");
  }

  @Test
  void sseUnasked() throws IOException {
    String stream =
        """
        data: {"id":"i","model":"m-2","choices":[{"delta":{"content":"4. "}}]}

        data: {"choices":[{"delta":{"content":"x"},"finish_reason":"length"}]}

        data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}

        data: [DONE]

        """
            .replace("\n", "\r\n");
    asked(
        call -> Reply.of(200, stream).withHeader("content-type", "text/event-stream"),
        f -> {
          LedgerRecord answer = ask(f);
          assertThat(answer.outcome()).isEqualTo(Outcome.TERMINAL_PAID);
          assertThat(answer.text()).isEqualTo("4. x");
          assertThat(answer.finishReason()).isEqualTo("length");
          assertThat(answer.usage()).isEqualTo(new Usage(5, 0, 2, false));
          assertThat(answer.model()).isEqualTo("m-2");
          assertThat(answer.body()).isEqualTo(stream);
        });
    isAskedAgain(Reply.of(200, stream.substring(0, stream.indexOf("\r\n"))));
  }

  @Test
  void flex498() throws IOException {
    isAskedAgain(Reply.error(498, "flex_tier_capacity_exceeded", "", "flex tier is at capacity"));
  }

  @Test
  void generation424() throws IOException {
    isAskedAgain(
        Reply.of(
            424, "{\"error\":\"Request failed during generation\",\"error_type\":\"generation\"}"));
  }

  @Test
  void badKey400() throws IOException {
    stops(
        Reply.of(
            400,
            "[{\"error\":{\"code\":400,\"message\":\"API key not valid.\","
                + "\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}]"),
        "400: API key not valid.");
  }

  @Test
  void flagged403() throws IOException {
    isBoughtOnce(
        Reply.of(
            403,
            "{\"error\":{\"code\":403,\"message\":\"Your input was flagged\","
                + "\"metadata\":{\"reasons\":[\"self-harm\"]}}}"),
        Outcome.REJECT_ROW,
        null,
        "403: Your input was flagged");
    stops(Reply.of(403, "{\"error\":{\"code\":403,\"message\":\"no\"}}"), "403: no");
  }

  @Test
  @FaultCase(13)
  void nullContentThenGood() throws IOException {
    Reply nothing =
        Reply.of(
            200,
            "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}");
    isAskedAgain(nothing, nothing, nothing);
  }

  @Test
  void loneSurrogate() throws IOException {
    asked(
        call -> Reply.of(200, "{\"choices\":[{\"message\":{\"content\":\"a \\ud83d b\\u0000\"}}]}"),
        f -> {
          LedgerRecord answer = ask(f);
          assertThat(answer.text()).isEqualTo("a \uFFFD b\u0000");
          assertThat(answer.body()).contains("\\ud83d");
        });
  }

  @Test
  void thinkBlock() throws IOException {
    isBoughtOnce(
        message("{\"content\":\"<think>\\nhm\\n</think>\\n\\n4. x\"}", ""),
        Outcome.OK,
        "<think>\nhm\n</think>\n\n4. x",
        null);
  }

  @Test
  void reasoningOnly() throws IOException {
    isBoughtOnce(
        message("{\"content\":\"\",\"reasoning_content\":\"4. x\"}", ""),
        Outcome.EMPTY,
        "",
        "the model thought and said nothing");
  }

  @Test
  void loading503() throws IOException {
    isAskedAgain(Reply.of(503, "{\"error\":{\"code\":503,\"message\":\"Loading model\"}}"));
  }

  @Test
  void bomBeforeJson() throws IOException {
    isBoughtOnce(Reply.of(200, "\uFEFF" + GOOD), Outcome.OK, TEXT, null);
  }

  @Test
  void errorObject200() throws IOException {
    isBoughtOnce(
        Reply.of(
            200,
            "{\"object\":\"error\",\"message\":\"inputs must have less than 1024 tokens\","
                + "\"error_type\":\"validation\"}"),
        Outcome.REJECT_ROW,
        null,
        "200 with error: inputs must have less than 1024 tokens");
  }

  @Test
  void usageNulls() throws IOException {
    asked(
        call ->
            message(
                "{\"content\":\"12345678\"}",
                ",\"usage\":{\"prompt_tokens\":null,\"completion_tokens\":null}"),
        f -> {
          LedgerRecord answer = ask(f);
          assertThat(answer.outcome()).isEqualTo(Outcome.OK);
          assertThat(answer.usage()).isEqualTo(new Usage(2, 0, 2, true));
        });
  }

  @Test
  void redirect307() throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.of(307, "").withHeader("Location", "/api/v1/chat/completions"))) {
      String there = f.server.baseUrl().replace("/v1", "/api/v1");
      assertThatThrownBy(() -> ask(f))
          .hasMessageContaining("give endpoint.baseUrl as " + there)
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.ENDPOINT);
      assertThat(f.server.calls()).hasSize(1);
    }
  }

  @Test
  void anOddContentTypeDoesNotHideAnAnswer() throws IOException {
    for (String type : List.of("text/html", "text/plain; charset=utf8mb4", "text/event-stream")) {
      isBoughtOnce(Reply.of(200, GOOD).withHeader("Content-Type", type), Outcome.OK, TEXT, null);
    }
  }
}
