package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.ModelsCheck.Finding;
import io.cria.llm.ModelsCheck.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found out about an endpoint before anything is paid. */
class ModelsCheckTest {
  private static final String KEY = "sk-abcdefghijklmnop";
  private static final String URL = "https://gate.example/v1/models";

  private final List<String> urls = new ArrayList<>();
  private final ManualSchedule schedule = new ManualSchedule();

  /** Answers the questions one after the other. */
  private Finding find(String model, List<CompletableFuture<HttpReply>> replies) {
    List<CompletableFuture<HttpReply>> left = new ArrayList<>(replies);
    Exchange exchange =
        new Exchange() {
          @Override
          public CompletableFuture<HttpReply> post(
              String url, Map<String, String> headers, byte[] body) {
            throw new AssertionError("nothing is sent");
          }

          @Override
          public CompletableFuture<HttpReply> get(String url, Map<String, String> headers) {
            assertThat(headers).containsEntry("Authorization", "Bearer " + KEY);
            urls.add(url);
            return left.remove(0);
          }
        };
    Endpoint endpoint =
        new Endpoint("https://gate.example/v1", Dialect.CHAT, Capabilities.openAi());
    Credentials credentials = Credentials.fromEnvironment("MY_KEY", Map.of("MY_KEY", KEY));
    return new ModelsCheck(exchange, schedule, endpoint, credentials).of(model);
  }

  private Finding find(String model, CompletableFuture<HttpReply> reply) {
    return find(model, List.of(reply));
  }

  private static CompletableFuture<HttpReply> answer(int status, String body) {
    return CompletableFuture.completedFuture(new HttpReply(status, Map.of(), body));
  }

  private static CompletableFuture<HttpReply> list(String... ids) {
    return answer(
        200,
        Stream.of(ids)
            .map(id -> "{\"id\": \"" + id + "\", \"object\": \"model\"}")
            .collect(Collectors.joining(", ", "{\"object\": \"list\", \"data\": [", "]}")));
  }

  private static CompletableFuture<HttpReply> failure(
      TransportException.Reached reached, String words) {
    return CompletableFuture.failedFuture(new TransportException(reached, words));
  }

  @Test
  void aListedModelIsAskedForOnce() {
    assertThat(find("gpt-small", list("other", "gpt-small")))
        .isEqualTo(new Finding(Verdict.GOOD, ""));
    assertThat(urls).containsExactly(URL);
  }

  @ParameterizedTest
  @CsvSource({
    "llama3, llama3:latest",
    "gemini-flash, models/gemini-flash",
    "maker/model:free, maker/model",
    "openai/gpt-small, openai/*"
  })
  void whatServersCallAModelBesideItsNameIsIt(String model, String listed) {
    assertThat(find(model, list(listed)).verdict()).isEqualTo(Verdict.GOOD);
  }

  @Test
  void aServerOfOneModelTakesAnyName() {
    String body = "{\"data\": [{\"id\": \"/models/m.gguf\", \"owned_by\": \"llamacpp\"}]}";
    assertThat(find("mine", answer(200, body)).verdict()).isEqualTo(Verdict.GOOD);
  }

  @Test
  void aModelThatIsNotListedIsAskedForByItself() {
    Finding found =
        find("maker/own 1", List.of(list("other"), answer(200, "{\"id\": \"maker/own 1\"}")));
    assertThat(found.verdict()).isEqualTo(Verdict.GOOD);
    assertThat(urls).containsExactly(URL, URL + "/maker%2Fown%201");
  }

  @Test
  void theNearestOfTheListAreNamedForAModelThatIsNotThere() {
    Finding found =
        find(
            "gpt-4.1-mni",
            List.of(
                list("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "whisper", "embedding-large"),
                none("gpt-4.1-mni")));
    assertThat(found.verdict()).isEqualTo(Verdict.NO_MODEL);
    assertThat(found.words())
        .startsWith(URL + " has no model 'gpt-4.1-mni', among 5: give --model or model as it is")
        .contains("for example gpt-4.1, gpt-4.1-mini");
  }

  @Test
  void aListThatGoesOnElsewhereProvesNothing() {
    String body = "{\"data\": [{\"id\": \"a\"}], \"has_more\": true}";
    assertThat(find("z", List.of(answer(200, body), answer(500, ""))).verdict())
        .isEqualTo(Verdict.NOT_CHECKED);
    assertThat(find("z", List.of(answer(200, body), none("z"))).verdict())
        .isEqualTo(Verdict.NO_MODEL);
  }

  @ParameterizedTest
  @CsvSource({"404, Resource not found", "404, ''", "400, 'gpt-4.1-prod: bad request'"})
  void aNameThatIsNotListedMayBeADeployments(int status, String words) {
    Finding found =
        find(
            "gpt-4.1-prod",
            List.of(
                list("gpt-4.1", "other"),
                answer(status, "{\"error\": {\"message\": \"" + words + "\"}}")));
    assertThat(found)
        .isEqualTo(
            new Finding(
                Verdict.NOT_CHECKED,
                "key and model are not checked: "
                    + URL
                    + " does not list 'gpt-4.1-prod', among 2, for example gpt-4.1"));
  }

  private static CompletableFuture<HttpReply> none(String model) {
    return answer(404, "{\"error\": {\"message\": \"The model '" + model + "' does not exist\"}}");
  }

  @Test
  void aRefusedKeyIsToldByItsPlaceAndNeverShown() {
    Finding found =
        find("m", answer(401, "{\"error\": {\"message\": \"Incorrect API key: " + KEY + "\"}}"));
    assertThat(found.verdict()).isEqualTo(Verdict.KEY_REFUSED);
    assertThat(found.words())
        .isEqualTo(
            URL
                + " answered 401, Incorrect API key: [redacted]: give a key that it takes (now: environment"
                + " variable MY_KEY); --no-endpoint-check where only its list of models refuses it");
  }

  @ParameterizedTest
  @CsvSource({"Missing scopes: api.model.read", "Missing Authentication Token"})
  void whoMayNotListModelsMayAskThem(String words) {
    Finding found = find("m", answer(403, "{\"error\": {\"message\": \"" + words + "\"}}"));
    assertThat(found)
        .isEqualTo(
            new Finding(
                Verdict.NOT_CHECKED,
                "key and model are not checked: " + URL + " answered 403, " + words));
  }

  @ParameterizedTest
  @CsvSource({"404", "405", "302", "429", "500", "503"})
  void aGatewayWithoutAListIsNoFault(int status) {
    assertThat(find("m", answer(status, "")))
        .isEqualTo(
            new Finding(
                Verdict.NOT_CHECKED,
                "key and model are not checked: " + URL + " answered " + status));
  }

  @ParameterizedTest
  @CsvSource({"<html></html>", "{}", "[]", "{\"data\": []}"})
  void whatIsNoListProvesNothing(String body) {
    assertThat(find("m", answer(200, body)).verdict()).isEqualTo(Verdict.NOT_CHECKED);
  }

  @ParameterizedTest
  @CsvSource({
    "host name not known: gate.example, check the host in endpoint.baseUrl",
    "no connection: refused, start the server or correct endpoint.baseUrl",
    "no secure connection: bad certificate, this Java trusts the server's certificate"
  })
  void whereNothingAnswersTheRemedyIsTold(String words, String remedy) {
    Finding found = find("m", failure(TransportException.Reached.NOTHING, words));
    assertThat(found.verdict()).isEqualTo(Verdict.UNREACHABLE);
    assertThat(found.words()).startsWith(URL + " failed, " + words + ": ").endsWith(remedy);
  }

  @Test
  void aConnectionThatBreaksProvesNothing() {
    assertThat(find("m", failure(TransportException.Reached.SERVER, "reset")).verdict())
        .isEqualTo(Verdict.NOT_CHECKED);
  }

  @Test
  void aServerThatIsSlowIsNotWaitedFor() {
    CompletableFuture<HttpReply> never =
        new CompletableFuture<>() {
          @Override
          public HttpReply join() {
            schedule.pass(ModelsCheck.LIMIT);
            return super.join();
          }
        };
    assertThat(find("m", never).words()).endsWith("did not answer within 5 s");
  }
}
