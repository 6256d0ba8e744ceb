package io.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.parse.CandidateParser;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.PoolIndex;
import io.cria.task.Completion;
import io.cria.task.SeededRandom;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path NO_TEXTS = Path.of("no-texts");

  @Test
  void anAnswerHangsOnTheBodyAloneAndTheBooksSayWhatWasDelivered() throws Exception {
    try (ModelServer server = started()) {
      JsonNode first = ask(server, list("Sort it."));
      JsonNode other = ask(server, list("Name it."));

      assertThat(ask(server, list("Sort it."))).isEqualTo(first).isNotEqualTo(other);

      JsonNode books = get(server, "/stats");
      assertThat(books.path("requests").asInt()).isEqualTo(3);
      assertThat(books.path("answers").asInt()).isEqualTo(3);
      assertThat(books.path("bodies").asInt()).isEqualTo(2);
      assertThat(books.path("bought_again").asInt()).isEqualTo(1);
      assertThat(books.path("completion_tokens").asInt())
          .isEqualTo(2 * tokens(first) + tokens(other));
      assertThat(books.path("stages").path("generate").path("answers").asInt()).isEqualTo(3);
    }
  }

  @Test
  void answersHaveTheFormsThatTheParsersRead() throws Exception {
    try (ModelServer server = started()) {
      String list = ask(server, list("Sort it.")).at("/choices/0/message/content").asText();
      assertThat(CandidateParser.named("numbered-list").parse(new Completion(list, "stop"), 8))
          .hasSize(8)
          .allMatch(draft -> draft.instruction().matches("[A-Z][a-z ]+\\."));

      String blocks =
          ask(server, body("###\\n4. Instruction:")).at("/choices/0/message/content").asText();
      assertThat(CandidateParser.named("alpaca-blocks").parse(new Completion(blocks, "stop"), 3))
          .hasSize(16)
          .noneMatch(draft -> "".equals(draft.output()));
    }
  }

  @Test
  void everyRequestIsAnsweredOrMeetsAFault() throws Exception {
    try (ModelServer server = started("--faults", "0.5")) {
      for (int i = 0; i < 40; i++) {
        try {
          post(server, list("Sort " + i));
        } catch (IOException e) {
          assertThat(e).isNotNull(); // a reset
        }
      }
      JsonNode books = get(server, "/stats");
      int faults = 0;
      for (JsonNode count : books.path("faults")) {
        faults += count.asInt();
      }
      assertThat(faults).isBetween(5, 35);
      assertThat(books.path("requests").asInt())
          .isEqualTo(books.path("answers").asInt() + faults + books.path("lost").asInt());
    }
  }

  @Test
  void whatIsOverTheLimitIsRefusedAtOnceAndBooked() throws Exception {
    try (ModelServer server =
        started("--rpm", "2", "--credit-s", "60", "--limit-headers", "anthropic")) {
      HttpResponse<String> first = post(server, list("Sort it."));
      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(header(first, "anthropic-ratelimit-requests-limit")).isEqualTo("2");
      assertThat(header(first, "anthropic-ratelimit-requests-remaining")).isEqualTo("1");
      assertThat(post(server, list("Name it.")).statusCode()).isEqualTo(200);

      HttpResponse<String> refused = post(server, list("Rank it."));
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(JSON.readTree(refused.body()).at("/error/code").asText())
          .isEqualTo("rate_limit_exceeded");
      assertThat(Integer.parseInt(header(refused, "retry-after"))).isBetween(1, 30);

      JsonNode books = get(server, "/stats");
      assertThat(books.path("requests").asInt()).isEqualTo(3);
      assertThat(books.path("accepted").asInt()).isEqualTo(2);
      assertThat(books.path("refused").asInt()).isEqualTo(1);
      assertThat(books.at("/faults/over_limit").asInt()).isEqualTo(1);
      assertThat(books.path("requests_allowed").isNumber()).isTrue();
      assertThat(books.path("tokens_allowed").isMissingNode()).isTrue();
      assertThat(books.at("/stages/generate/refused").asInt()).isEqualTo(1);
    }
  }

  @Test
  void tokensOfPromptAndAnswerAreTakenWhenTheRequestIsLetIn() throws Exception {
    try (ModelServer server =
        started("--tpm", "600", "--credit-s", "60", "--completion-tokens", "500:500")) {
      JsonNode first = ask(server, list("Sort it."));
      assertThat(tokens(first)).isEqualTo(500);

      assertThat(post(server, list("Name it.")).statusCode()).isEqualTo(429);

      int taken = 500 + first.at("/usage/prompt_tokens").asInt();
      assertThat(get(server, "/stats").path("tokens_accepted").asInt()).isEqualTo(taken);
    }
    try (ModelServer server = started("--tpm", "60000")) {
      JsonNode answer = ask(server, list("Sort it."));
      int taken = tokens(answer) + answer.at("/usage/prompt_tokens").asInt();
      assertThat(get(server, "/stats").path("tokens_accepted").asInt()).isEqualTo(taken);
    }
  }

  @Test
  void inTheOutageAllIsAnswered503AndBookedAsAttempts() throws Exception {
    try (ModelServer server = started("--outage", "0.000001:600")) {
      assertThat(post(server, list("Sort it.")).statusCode()).isIn(200, 503);
      assertThat(post(server, list("Name it.")).statusCode()).isEqualTo(503);
      assertThat(response(server, "/v1/models").statusCode()).isEqualTo(503);

      JsonNode books = get(server, "/stats");
      assertThat(books.at("/outage/attempts").asInt()).isEqualTo(1);
      assertThat(books.at("/outage/model_probes").asInt()).isEqualTo(1);
      assertThat(books.at("/outage/caught").asInt()).isLessThanOrEqualTo(1);
      assertThat(books.at("/faults/outage").asInt()).isPositive();
    }
  }

  @Test
  void optionsThatMakeNoSenseAreRefusedWithWhatIsWanted() {
    assertRefused("--rpm 60x: a number is wanted", "--rpm", "60x");
    assertRefused("--rpm and --tpm cannot be negative", "--rpm", "-1");
    assertRefused("--credit-s must be above 0, not 0.0", "--rpm", "60", "--credit-s", "0");
    assertRefused("is less than one request", "--rpm", "30");
    assertRefused("give --rpm or --tpm", "--limit-headers", "openai");
    assertRefused("none, openai, anthropic and retry-after", "--limit-headers", "azure");
    assertRefused("SECOND:FACTOR is wanted", "--rpm", "60", "--limit-steps", "60");
    assertRefused("must be positive and ascend", "--rpm", "60", "--limit-steps", "9:1,9:2");
    assertRefused("a factor must be above 0", "--rpm", "60", "--limit-steps", "9:0");
    assertRefused("FROM:SECONDS is wanted", "--outage", "15");
    assertRefused("both must be above 0", "--outage", "0:15");
    assertRefused("from the fewest", "--completion-tokens", "9:8");
    assertRefused("whole numbers are wanted", "--completion-tokens", "0:8");
    assertRefused("true or false is wanted", "--refused-count", "yes");
    assertRefused("unknown option --latency", "--latency", "1");
    assertRefused("--rpm wants a value", "--rpm");
  }

  private static void assertRefused(String message, String... options) {
    assertThatThrownBy(() -> ServerOptions.parse(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aQuarterOfTheInstructionsAndMoreAreSimilarToOthers() throws IOException {
    Phrases phrases = Phrases.from(NO_TEXTS);
    List<String> texts = new ArrayList<>();
    Bytes out = new Bytes();
    for (int i = 0; i < 40_000; i++) {
      out.clear();
      phrases.instruction(new SeededRandom(1_000_003L * i), out);
      texts.add(out.toString());
    }
    PoolIndex index = new PoolIndex(EngineOptions.of(Tokenizer.named("rouge-en"), 0.7));

    assertThat(index.decide(texts).survivors() / 40_000.0).isBetween(0.6, 0.78);
  }

  private static ModelServer started(String... options) throws IOException {
    ModelServer server = new ModelServer(ServerOptions.parse(options));
    Thread thread =
        new Thread(
            () -> {
              try {
                server.serve();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "model-server");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private static String list(String instruction) {
    return body("1. " + instruction + "\\n9.");
  }

  private static String body(String prompt) {
    return "{\"messages\":[{\"content\":\"" + prompt + "\",\"role\":\"user\"}],\"model\":\"m\"}";
  }

  private static int tokens(JsonNode answer) {
    return answer.at("/usage/completion_tokens").asInt();
  }

  private static JsonNode ask(ModelServer server, String body) throws Exception {
    HttpResponse<String> response = post(server, body);
    assertThat(response.statusCode()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpResponse<String> post(ModelServer server, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.baseUrl() + "/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static JsonNode get(ModelServer server, String path) throws Exception {
    return JSON.readTree(response(server, path).body());
  }

  private static HttpResponse<String> response(ModelServer server, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.baseUrl()).resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
