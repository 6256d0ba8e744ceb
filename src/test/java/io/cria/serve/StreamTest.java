package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.decoding.ScoredToken;
import io.cria.decoding.ScoredToken.Alternative;
import io.cria.serve.Api.Reply;
import io.cria.task.TokenText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers while they are written, and how likely their tokens are. */
class StreamTest {
  private static final String HI = "'messages':[{'role':'user','content':'hi'}]";

  private final ScriptedBackend backend = new ScriptedBackend();
  private final OpenAiServer server =
      OpenAiServer.start(
          backend,
          "127.0.0.1",
          0,
          Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC));
  private final Api api = new Api(server.baseUrl());

  @AfterEach
  void close() {
    server.close();
  }

  private static Choice twoWords(int choice, ChoiceListener listener) {
    listener.hear(choice, "soft", List.of());
    listener.hear(choice, "", List.of());
    listener.hear(choice, " wool", List.of());
    return new Choice("soft wool", "length", 3, 2, List.of());
  }

  @Test
  void aChatComesInChunksOfTheApi() {
    backend.script = StreamTest::twoWords;

    List<String> events = api.events("/v1/chat/completions", "{" + HI + ",'stream':true}");

    assertThat(events).hasSize(5).last().isEqualTo("[DONE]");
    JsonNode first = Api.event(events.get(0));
    assertThat(first.path("object").asText()).isEqualTo("chat.completion.chunk");
    assertThat(first.path("id").asText()).startsWith("chatcmpl-");
    assertThat(first.path("created").asLong()).isEqualTo(1_700_000_000);
    assertThat(first.path("model").asText()).isEqualTo("scripted");
    assertThat(first.has("usage")).isFalse();
    assertThat(events.subList(0, 4))
        .extracting(event -> Api.event(event).path("choices").path(0).toString())
        .containsExactly(
            "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,"
                + "\"finish_reason\":null}",
            "{\"index\":0,\"delta\":{\"content\":\"soft\"},\"logprobs\":null,"
                + "\"finish_reason\":null}",
            "{\"index\":0,\"delta\":{\"content\":\" wool\"},\"logprobs\":null,"
                + "\"finish_reason\":null}",
            "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"length\"}");
    assertThat(events.subList(0, 4))
        .extracting(event -> Api.event(event).path("id").asText())
        .containsOnly(first.path("id").asText());
  }

  @Test
  void aCompletionComesInChunksOfTheApiWithTheTokensUsedOnRequest() {
    backend.script = StreamTest::twoWords;

    List<String> events =
        api.events(
            "/v1/completions",
            "{'prompt':'a','n':2,'stream':true,'stream_options':{'include_usage':true}}");

    assertThat(events).last().isEqualTo("[DONE]");
    assertThat(events.subList(0, 4))
        .extracting(event -> Api.event(event).path("choices").path(0).path("text").asText())
        .containsExactly("soft", " wool", "soft", " wool");
    assertThat(events.subList(0, 6))
        .allSatisfy(
            event -> {
              assertThat(Api.event(event).path("object").asText()).isEqualTo("text_completion");
              assertThat(Api.event(event).path("usage").isNull()).isTrue();
            });
    assertThat(events.subList(4, 6))
        .extracting(event -> Api.event(event).path("choices").path(0).toString())
        .containsExactly(
            "{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"length\"}",
            "{\"index\":1,\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"length\"}");
    JsonNode last = Api.event(events.get(6));
    assertThat(last.path("choices")).isEmpty();
    assertThat(last.path("usage"))
        .hasToString("{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}");
  }

  @Test
  void whatFailsBeforeTheFirstPieceHasItsStatusAndWhatFailsLaterIsAnEvent() {
    backend.script =
        (choice, listener) -> {
          throw new Backend.UnavailableException("nobody is there", 7);
        };
    Reply refused = api.chat("{" + HI + ",'stream':true}");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.retryAfter()).isEqualTo("7");

    backend.script =
        (choice, listener) -> {
          listener.hear(choice, "soft", List.of());
          throw new IllegalStateException("broken");
        };
    List<String> events = api.events("/v1/chat/completions", "{" + HI + ",'stream':true}");
    assertThat(events).hasSize(3);
    assertThat(Api.event(events.get(2)).path("error"))
        .hasToString(
            "{\"message\":\"the model failed (java.lang.IllegalStateException: broken): ask again, and look"
                + " at the server's output if that helps not\","
                + "\"type\":\"server_error\",\"param\":null,\"code\":null}");
  }

  @Test
  void aStreamThatTakesTooMuchMemoryEndsWithAnErrorToo() {
    backend.script =
        (choice, listener) -> {
          throw new StackOverflowError();
        };
    Reply refused = api.chat("{" + HI + "}");
    assertThat(refused.status()).isEqualTo(500);
    assertThat(refused.error("message")).startsWith("the memory does not do for the request");
    assertThat(api.chat("{" + HI + ",'stream':true}").status()).isEqualTo(500);

    backend.script =
        (choice, listener) -> {
          listener.hear(choice, "soft", List.of());
          throw new OutOfMemoryError("scripted");
        };
    List<String> events = api.events("/v1/chat/completions", "{" + HI + ",'stream':true}");
    assertThat(Api.event(events.get(2)).path("error").path("message").asText())
        .contains("scripted");
  }

  @Test
  void aClientThatLeavesMidwayEndsItsAnswer() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "skipped: connections are not listed here");
    CompletableFuture<String> end = new CompletableFuture<>();
    CountDownLatch endless = new CountDownLatch(1);
    backend.script =
        (choice, listener) -> {
          listener.hear(choice, "soft", List.of());
          try {
            end.complete("waited: " + endless.await(20, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            end.complete("interrupted");
            throw e;
          }
          return ScriptedBackend.wool();
        };
    try (Socket client = leavable()) {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
      String line = lines.readLine();
      while (line != null && !line.contains("soft")) {
        line = lines.readLine();
      }
      assertThat(line).isNotNull();
    }

    assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted");
  }

  @Test
  void aListenerHearsThatItsClientHasGone() throws Exception {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    backend.script =
        (choice, listener) -> {
          String much = "wool ".repeat(10_000);
          try {
            while (listener.hear(choice, much, List.of())) {
              Thread.onSpinWait();
            }
            over.complete(true);
          } catch (RuntimeException e) {
            over.completeExceptionally(e);
          }
          return ScriptedBackend.wool();
        };
    try (Socket client = leavable()) {
      backend.asked.await();
      assertThat(client.isConnected()).isTrue();
    }

    assertThat(over.get(20, TimeUnit.SECONDS)).isTrue();
  }

  private Socket leavable() throws IOException {
    return Api.leavable(server.port(), "/v1/chat/completions", "{" + HI + ",'stream':true}");
  }

  private static ScoredToken token(String text, double likely, String other, double otherLikely) {
    return new ScoredToken(
        TokenText.of(text),
        TokenText.of(text).characters(),
        likely,
        List.of(
            new Alternative(TokenText.of(other), otherLikely),
            new Alternative(TokenText.of(text), likely)));
  }

  private static Choice scored(int choice, ChoiceListener listener) {
    List<ScoredToken> tokens =
        List.of(
            new ScoredToken(TokenText.of("<s>"), 0, null, List.of()),
            new ScoredToken(TokenText.of("한"), 1, -1.0, List.of()),
            token(" a", -0.5, " b", -0.25),
            new ScoredToken(
                TokenText.of(new byte[] {(byte) 0xE2, (byte) 0x80}), 1, -2.0, List.of()));
    listener.hear(choice, "한 a", tokens.subList(0, 3));
    listener.hear(choice, "", tokens.subList(3, 4));
    return new Choice("한 a", "stop", 1, 2, tokens);
  }

  @Test
  void aCompletionsScoresHaveTheShapeOfTheApi() {
    backend.script = StreamTest::scored;
    String expected =
        "{\"tokens\":[\"<s>\",\"한\",\" a\",\"bytes:\\\\xe2\\\\x80\"],"
            + "\"token_logprobs\":[null,-1.0,-0.5,-2.0],"
            + "\"top_logprobs\":[null,{\"한\":-1.0},{\" a\":-0.5,\" b\":-0.25},{\"bytes:\\\\xe2\\\\x80\":-2.0}],"
            + "\"text_offset\":[0,0,1,3]}";

    Reply whole = api.complete("{'prompt':'a','logprobs':2,'echo':true}");
    assertThat(whole.choice().path("logprobs")).hasToString(expected);

    List<String> events =
        api.events("/v1/completions", "{'prompt':'a','logprobs':2,'echo':true,'stream':true}");
    assertThat(Api.event(events.get(0)).path("choices").path(0).path("logprobs").path("tokens"))
        .hasSize(3);
    assertThat(Api.event(events.get(1)).path("choices").path(0))
        .hasToString(
            "{\"index\":0,\"text\":\"\",\"logprobs\":{\"tokens\":[\"bytes:\\\\xe2\\\\x80\"],"
                + "\"token_logprobs\":[-2.0],\"top_logprobs\":[{\"bytes:\\\\xe2\\\\x80\":-2.0}],"
                + "\"text_offset\":[3]},\"finish_reason\":null}");
  }

  @Test
  void aChatsScoresHaveTheShapeOfTheApi() {
    backend.script = StreamTest::scored;

    Reply whole = api.chat("{" + HI + ",'logprobs':true,'top_logprobs':2}");

    assertThat(backend.question.scored()).isEqualTo(2);
    assertThat(whole.choice().path("logprobs").path("content").path(2))
        .hasToString(
            "{\"token\":\" a\",\"logprob\":-0.5,\"bytes\":[32,97],\"top_logprobs\":["
                + "{\"token\":\" b\",\"logprob\":-0.25,\"bytes\":[32,98]},"
                + "{\"token\":\" a\",\"logprob\":-0.5,\"bytes\":[32,97]}]}");
    assertThat(whole.choice().path("logprobs").path("content").path(3).path("bytes"))
        .hasToString("[226,128]");
  }

  private static final String TOOLS =
      ",'tools':[{'type':'function','function':{'name':'sea','parameters':{'type':'object'}}}]";

  @Test
  void ofSeveralCallsTheFirstIsKeptWhereOneIsAskedFor() {
    String call = "<tool_call>{\"name\": \"sea\", \"arguments\": {\"a\": 1}}</tool_call>";
    backend.script =
        (choice, listener) -> new Choice(call + call.replace('1', '2'), "stop", 3, 2, List.of());

    JsonNode all = api.chat("{" + HI + TOOLS + "}").choice().path("message").path("tool_calls");
    assertThat(all).hasSize(2);
    JsonNode first =
        api.chat("{" + HI + TOOLS + ",'parallel_tool_calls':false}")
            .choice()
            .path("message")
            .path("tool_calls");
    assertThat(first).hasSize(1);
    assertThat(first.path(0).path("function")).isEqualTo(all.path(0).path("function"));
  }

  private static Choice calling(int choice, ChoiceListener listener) {
    String text = "Wait. <tool_call>\n{\"name\": \"sea\", \"arguments\": {\"a\": 1}}\n</tool_call>";
    listener.hear(choice, text.substring(0, 9), List.of());
    listener.hear(choice, text.substring(9), List.of());
    return new Choice(text, "stop", 3, 2, List.of());
  }

  @Test
  void aCallOfAToolIsToldAsOne() {
    backend.script = StreamTest::calling;

    JsonNode whole = api.chat("{" + HI + TOOLS + "}").choice();

    assertThat(whole.path("finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(whole.path("message").path("content").asText()).isEqualTo("Wait.");
    JsonNode call = whole.path("message").path("tool_calls").path(0);
    assertThat(call.path("id").asText()).startsWith("call_");
    assertThat(call.path("type").asText()).isEqualTo("function");
    assertThat(call.path("function"))
        .hasToString("{\"name\":\"sea\",\"arguments\":\"{\\\"a\\\":1}\"}");

    List<String> events = api.events("/v1/chat/completions", "{" + HI + TOOLS + ",'stream':true}");
    assertThat(events).hasSize(5);
    JsonNode text = Api.event(events.get(1)).path("choices").path(0).path("delta");
    assertThat(text).hasToString("{\"content\":\"Wait.\"}");
    JsonNode called = Api.event(events.get(2)).path("choices").path(0).path("delta");
    assertThat(called.path("tool_calls").path(0).path("index").asInt(-1)).isZero();
    assertThat(called.path("tool_calls").path(0).path("function")).isEqualTo(call.path("function"));
    assertThat(Api.event(events.get(3)).path("choices").path(0).path("finish_reason").asText())
        .isEqualTo("tool_calls");
    assertThat(api.chat("{" + HI + "}").choice().path("message").path("content").asText())
        .as("without tools it is text")
        .contains("<tool_call>");
  }

  private static ScoredToken amongTwenty() {
    Alternative other = new Alternative(TokenText.of(" wool"), -0.123456789);
    return new ScoredToken(TokenText.of(" soft"), 5, -1.5, Collections.nCopies(20, other));
  }

  /** Bytes that this thread has taken from the heap so far. */
  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  @Test
  void theScoresOfAnAnswerAreNotHeldAsATree() {
    int many = 10_000;
    List<Choice> choices =
        List.of(new Choice("", "length", 1, many, Collections.nCopies(many, amongTwenty())));
    Question question =
        new Question(
            List.of(new Prompt.Text("a")), 1, backend.decoding(), false, false, false, 20, null);
    Envelope envelope = new Envelope("x", 1, "scripted", question, false);
    for (AnswerForm form :
        List.of(new ChatForm(envelope, 0, UUID::randomUUID), new CompletionForm(envelope))) {
      form.whole(choices); // classes are loaded
      long before = allocated();
      form.whole(choices);
      form.piece(0, "", choices.get(0).tokens());
      assertThat(allocated() - before).as("%s", form).isLessThan(1 << 20);
    }
  }

  @Test
  void anAnswerWithScoresIsWrittenPieceByPiece() throws IOException {
    backend.script = (choice, listener) -> new Choice("", "stop", 1, 1, List.of(amongTwenty()));

    assertThat(head("{'prompt':'a','logprobs':20}")).contains("transfer-encoding: chunked");
    assertThat(head("{'prompt':'a'}")).contains("content-length: ");
  }

  private String head(String json) throws IOException {
    try (Socket client = Api.leavable(server.port(), "/v1/completions", json);
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder head = new StringBuilder();
      for (String line = reader.readLine();
          line != null && !line.isEmpty();
          line = reader.readLine()) {
        head.append(line).append('\n');
      }
      return head.toString().toLowerCase(Locale.ROOT);
    }
  }

  @Test
  void whatMeansNothingIsToldInAHeader() {
    Reply reply = api.complete("{'prompt':'a','top_k':5,'b\\r\\nad':1}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.warnings())
        .containsExactly(
            "299 cria \"the parameter top_k is not known here: it has no effect\"",
            "299 cria \"the parameter b??ad is not known here: it has no effect\"");

    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      many.append(",'x" + i + "':1");
    }
    assertThat(api.complete("{'prompt':'a'" + many + "}").warnings()).hasSize(16);
  }
}
