package io.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;

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
    try (ModelServer server = started(0)) {
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
    try (ModelServer server = started(0)) {
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
    try (ModelServer server = started(0.5)) {
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

  private static ModelServer started(double faults) throws IOException {
    ModelServer server = new ModelServer(new ServerOptions(0, 0, 0, faults, 0, false, NO_TEXTS));
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

  private static JsonNode get(ModelServer server, String path) throws Exception {
    return JSON.readTree(
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(server.baseUrl()).resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }
}
