package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server's answer to the question for its models shows. */
class ModelsProbeTest {
  private final List<String> urls = new ArrayList<>();
  private final List<Map<String, String>> heads = new ArrayList<>();

  private boolean isUp(CompletableFuture<HttpReply> reply) {
    Exchange exchange =
        new Exchange() {
          @Override
          public CompletableFuture<HttpReply> post(
              String url, Map<String, String> headers, byte[] body) {
            throw new AssertionError("a question for the models has no body");
          }

          @Override
          public CompletableFuture<HttpReply> get(String url, Map<String, String> headers) {
            urls.add(url);
            heads.add(headers);
            return reply;
          }
        };
    Endpoint endpoint =
        new Endpoint(
            "https://gate.example/v1",
            Dialect.CHAT,
            Capabilities.openAi(),
            KeyHeader.API_KEY,
            "2024-10-21");
    Credentials credentials =
        Credentials.fromEnvironment("K", Map.of("K", "the-key"))
            .withHeaders(Map.of("X-Team", "alpacas"));
    return new ModelsProbe(exchange, new ManualSchedule(), endpoint, credentials).get().join();
  }

  private static CompletableFuture<HttpReply> answer(int status) {
    return CompletableFuture.completedFuture(new HttpReply(status, Map.of(), ""));
  }

  @ParameterizedTest
  @CsvSource({
    "200, true",
    "204, true",
    "404, true",
    "405, true",
    "302, false",
    "401, false",
    "403, false",
    "429, false",
    "500, false",
    "503, false"
  })
  void aListOrNoneShowsAServerAndARefusalOnlyWhatStandsBeforeIt(int status, boolean up) {
    assertThat(isUp(answer(status))).isEqualTo(up);
  }

  @Test
  void itIsAskedWithWhatLetsRequestsIn() {
    isUp(answer(200));
    assertThat(urls).containsExactly("https://gate.example/v1/models?api-version=2024-10-21");
    assertThat(heads)
        .containsExactly(
            Map.of("api-key", "the-key", "X-Team", "alpacas", "Accept", "application/json"));
  }

  @Test
  void noAnswerShowsNone() {
    assertThat(isUp(CompletableFuture.failedFuture(new IllegalStateException("gone")))).isFalse();
  }
}
