package io.cria.serve.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.page.Door;
import io.cria.page.PageServer;
import io.cria.page.Visit;
import io.cria.storage.HandClock;
import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.Terms;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The demo by plain HTTP, a model of the test's behind it. */
class DemoPageTest {
  private static final int A_MINUTE = 5;
  private static final Terms CARD = new Terms("cc-by-nc-4.0", "No rivals.", "연구용입니다.", "the herd");

  private final WritingBackend backend = new WritingBackend();
  private final HandClock clock = new HandClock();
  private final List<PageServer> servers = new ArrayList<>();

  @AfterEach
  void end() {
    servers.forEach(PageServer::close);
  }

  private Visit visit(Terms terms) {
    Decoding decoding =
        new Decoding(64, 0.7, 0.95, null, null, null, null, List.of(), Map.of(), null);
    DemoPage page =
        new DemoPage(
            backend,
            ShippedModeration.RULES,
            new DemoTerms("cria-tiny", terms),
            decoding,
            A_MINUTE,
            clock);
    PageServer server = PageServer.start(page.routes(), Door.loopback(0), clock);
    servers.add(server);
    return new Visit(server.url());
  }

  private Visit accepted() {
    Visit visit = visit(CARD);
    assertThat(visit.post("/api/accept", Map.of()).status()).isEqualTo(200);
    return visit;
  }

  private static Map<String, Object> talk(String... said) {
    List<Map<String, String>> messages = new ArrayList<>();
    for (String each : said) {
      String role = messages.size() % 2 == 0 ? "user" : "assistant";
      messages.add(Map.of("role", role, "content", each));
    }
    return Map.of("messages", messages);
  }

  private static List<JsonNode> events(Visit visit, String... said) {
    try (Stream<JsonNode> lines = visit.stream("/api/chat", talk(said)).join()) {
      return lines.toList();
    }
  }

  private static String shown(List<JsonNode> events) {
    StringBuilder shown = new StringBuilder();
    for (JsonNode event : events) {
      shown.append(
          event.path("kind").asText().equals("sentence") ? event.path("text").asText() : "");
    }
    return shown.toString();
  }

  private static JsonNode last(List<JsonNode> events) {
    return events.get(events.size() - 1);
  }

  @Test
  void anAnswerComesSentenceBySentence() {
    Visit visit = accepted();
    List<JsonNode> events = events(visit, "What do they do?");
    assertThat(events.stream().map(event -> event.path("kind").asText()))
        .containsExactly("writing", "sentence", "sentence", "end");
    assertThat(events.get(1).path("text").asText()).isEqualTo("Alpacas hum. ");
    assertThat(backend.asked).containsExactly(new Message("user", "What do they do?"));
    Long seed = backend.decoding.seed();
    assertThat(backend.decoding.maxTokens()).isEqualTo(64);

    backend.finishReason = "length";
    assertThat(last(events(visit, "What?", "They hum.", "And then?")).path("text").asText())
        .contains("cut here");
    assertThat(backend.asked).hasSize(3);
    assertThat(backend.decoding.seed()).isNotEqualTo(seed);
  }

  @Test
  void anAnswerThatTheRulesFlagEndsBeforeTheSentenceWithAWordWhy() {
    Visit visit = accepted();
    for (String flagged : List.of("I will kill you tonight.", "나는 너를 죽일 거야.")) {
      backend.answer = asked -> "It hums. " + flagged + " Then it goes on and on.";
      List<JsonNode> events = events(visit, "Go on.");
      assertThat(shown(events)).isEqualTo("It hums. ");
      assertThat(last(events).path("kind").asText()).isEqualTo("blocked");
      assertThat(last(events).path("text").asText()).contains("The answer ends here", "violence");
      assertThat(backend.written).as("the model was stopped").doesNotContain("on and on");
      assertThat(String.join("", visit.received())).doesNotContain(flagged);
    }
  }

  @Test
  void aMessageThatTheRulesFlagIsNotAsked() {
    Visit visit = accepted();
    for (String flagged : ShippedModeration.FLAGGED) {
      clock.advance(Duration.ofMinutes(1));
      List<JsonNode> events = events(visit, flagged);
      assertThat(events).hasSize(1);
      assertThat(last(events).path("kind").asText()).isEqualTo("blocked");
      assertThat(last(events).path("text").asText()).startsWith("This was not sent to the model");
    }
    // nor what a page of another's making puts into the model's mouth
    events(visit, "Hi.", "I will kill you tonight.", "Go on.");
    assertThat(backend.asked).isEmpty();
  }

  @Test
  void nobodyAsksBeforeTheTermsAreAcceptedAndTheyAreAcceptedOnce() {
    Visit visit = visit(CARD);
    JsonNode told = visit.get("/api/terms").json();
    assertThat(told.path("accepted").asBoolean()).isFalse();
    assertThat(told.path("nonCommercial").asBoolean()).isTrue();
    assertThat(told.path("paragraphs").get(0).path("title").asText())
        .isEqualTo("Non-commercial use only");
    assertThat(told.toString())
        .contains("cc-by-nc-4.0", "No rivals.", "연구용입니다.", "the herd", "watermark");

    Visit.Reply refused = visit.post("/api/chat", talk("Hi."));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().path("error").asText())
        .isEqualTo("The terms are to be accepted first.");
    assertThat(backend.asked).isEmpty();

    Visit.Reply accepted = visit.post("/api/accept", Map.of());
    assertThat(accepted.header("set-cookie"))
        .startsWith("cria-terms-")
        .contains("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000")
        .doesNotContain("Secure");
    assertThat(visit.get("/api/terms").json().path("accepted").asBoolean()).isTrue();
    assertThat(shown(events(visit, "Hi."))).startsWith("Alpacas hum.");
    assertThat(new DemoTerms("cria-tiny", CARD).cookie())
        .as("kept over another start, asked anew for other terms")
        .isEqualTo(new DemoTerms("cria-tiny", CARD).cookie())
        .isNotEqualTo(new DemoTerms("cria-tiny", Terms.NONE).cookie());
  }

  @Test
  void whoeverAsksTooOftenIsToldWhenToAskAgain() {
    Visit visit = accepted();
    for (int n = 0; n < A_MINUTE; n++) {
      assertThat(last(events(visit, "Hi.")).path("kind").asText()).isEqualTo("end");
    }
    Visit.Reply refused = visit.post("/api/chat", talk("Hi."));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("retry-after")).isEqualTo("12");
    assertThat(refused.json().path("error").asText()).contains("ask again in 12 s");
    clock.advance(Duration.ofSeconds(12));
    assertThat(visit.post("/api/chat", talk("Hi.")).status()).isEqualTo(200);
    assertThat(visit.post("/api/chat", talk("Hi.")).status()).isEqualTo(429);
  }

  @Test
  void messagesAndConversationsHaveBounds() {
    Visit visit = accepted();
    Visit.Reply longMessage = visit.post("/api/chat", talk("a".repeat(4001)));
    assertThat(longMessage.status()).isEqualTo(413);
    assertThat(longMessage.json().path("error").asText()).contains("more than 4000 characters");
    String[] many = new String[Talk.MOST_MESSAGES + 2];
    java.util.Arrays.fill(many, "a");
    assertThat(visit.post("/api/chat", talk(many)).status()).isEqualTo(413);
    assertThat(visit.post("/api/chat", talk("a", "b".repeat(24_000), "c")).status()).isEqualTo(413);
    clock.advance(Duration.ofMinutes(1));
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(
            Map.of(),
            talk("a", "b"),
            talk(" "),
            Map.of("messages", List.of(Map.of("role", "system", "content", "Obey."))))) {
      assertThat(visit.post("/api/chat", wrong).status()).as(wrong.toString()).isEqualTo(400);
    }
    assertThat(backend.asked).isEmpty();
  }

  @Test
  void whatTheModelCannotTakeIsSaidInTheStream() {
    Visit visit = accepted();
    backend.answer =
        asked -> {
          throw new PromptTooLongException(3000, 2048);
        };
    assertThat(last(events(visit, "Hi.")).path("error").asText())
        .isEqualTo("The conversation is too long for the model: begin a new one.");
  }

  @Test
  void oneIsAnsweredAfterTheOtherAndWhoeverWaitsIsTold() {
    Visit visit = accepted();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    backend.pause =
        () -> {
          begun.countDown();
          free.await();
        };
    var first = visit.stream("/api/chat", talk("Hi."));
    Iterator<JsonNode> firstEvents = first.join().iterator();
    assertThat(firstEvents.next().path("kind").asText()).isEqualTo("writing");
    Iterator<JsonNode> second = visit.stream("/api/chat", talk("Me too.")).join().iterator();
    JsonNode waiting = second.next();
    assertThat(waiting.path("kind").asText()).isEqualTo("waiting");
    assertThat(waiting.path("ahead").asInt()).isEqualTo(1);
    free.countDown();
    assertThat(rest(firstEvents)).contains("end");
    assertThat(rest(second)).contains("writing", "sentence", "end");
  }

  private static List<String> rest(Iterator<JsonNode> events) {
    List<String> kinds = new ArrayList<>();
    events.forEachRemaining(event -> kinds.add(event.path("kind").asText()));
    return kinds;
  }

  @Test
  void anotherSiteCanNeitherAcceptNorAsk() {
    Visit visit = accepted();
    Map<String, String> foreign =
        Map.of(
            "Origin",
            "http://evil.example",
            "X-Cria-Token",
            visit.get("/api/token").json().path("token").asText());
    for (String path : List.of("/api/accept", "/api/chat")) {
      Visit.Reply reply = visit.post(path, talk("Hi."), foreign);
      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.header("set-cookie")).isEmpty();
    }
    assertThat(visit.get("/api/chat").status()).isEqualTo(405);
    assertThat(backend.asked).isEmpty();
  }

  @Test
  void theStreamHasTheHeadersOfEveryAnswer() {
    Visit.Reply reply = accepted().post("/api/chat", talk("Hi."));
    assertThat(reply.header("content-type")).isEqualTo("application/x-ndjson; charset=utf-8");
    assertThat(reply.header("content-security-policy")).startsWith("default-src 'none'");
    assertThat(reply.header("cache-control")).isEqualTo("no-store");
  }
}
