package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.AskConfig;
import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whether whoever will be asked is there, over all that a command names. */
class EndpointCheckTest {
  private static final Map<String, String> KEYS = Map.of("MY_KEY", "sk-abcdefghijklmnop");

  private final List<String> notes = new ArrayList<>();

  private static AskConfig asked(String url, String model) {
    Endpoint endpoint =
        new Endpoint(url, "chat", "MY_KEY", null, null, null, null, null, null, Map.of());
    return new AskConfig(model, "strip", endpoint, Limits.DEFAULT, Caps.DEFAULT, null, 0);
  }

  private EndpointCheck check(boolean local, Map<String, String> environment) {
    return new EndpointCheck(local, false, environment, notes::add);
  }

  private static ScriptedServer server() {
    return ScriptedServer.start(
        call ->
            call.path().equals("/v1/models")
                ? Reply.of(200, "{\"data\": [{\"id\": \"a\"}, {\"id\": \"b\"}]}")
                : Reply.of(404, "{\"error\": {\"message\": \"no model " + call.path() + "\"}}"));
  }

  /** An address of this machine that could be any other's. */
  private static String elsewhere(ScriptedServer server) {
    return server.baseUrl().replace("127.0.0.1", "0.0.0.0");
  }

  @Test
  void eachIsAskedOnceAndNothingIsSent() throws IOException {
    try (ScriptedServer server = server()) {
      String url = elsewhere(server);
      List<String> good =
          check(true, KEYS).require(List.of(asked(url, "a"), asked(url, "b"), asked(url, "a")));
      assertThat(good)
          .containsExactly(
              url + " answers, takes the key and has the model a",
              url + " answers, takes the key and has the model b");
      assertThat(notes).isEmpty();
      assertThat(server.calls())
          .hasSize(2)
          .allMatch(call -> call.method().equals("GET") && call.text().isEmpty())
          .allMatch(
              call -> "Bearer sk-abcdefghijklmnop".equals(call.headers().get("authorization")));
    }
  }

  @Test
  void theFirstThatIsNotAsItShouldBeIsTold() throws IOException {
    try (ScriptedServer server = server()) {
      String url = elsewhere(server);
      assertThatThrownBy(
              () -> check(true, KEYS).require(List.of(asked(url, "a"), asked(url, "bb"))))
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
          .hasMessage(
              url
                  + "/models has no model 'bb', among 2: give --model or model as it is called"
                  + " there, for example b, a; nothing was sent");
    }
  }

  @Test
  void aMissingKeyIsToldHereAndIsTheExecutorsElsewhere() {
    List<AskConfig> asked = List.of(asked("http://0.0.0.0:9/v1", "a"));
    assertThatThrownBy(() -> check(true, Map.of()).require(asked))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
        .hasMessageStartingWith(
            "http://0.0.0.0:9/v1: no key, environment variable MY_KEY is not set on this machine:"
                + " export it");
    assertThat(check(false, Map.of()).require(asked)).isEmpty();
    assertThat(notes)
        .containsExactly(
            "key and model at http://0.0.0.0:9/v1 are not checked: the key is the executors'");
  }

  @Test
  void whereNothingAnswersIsNoHindranceWhereOthersAsk() {
    List<AskConfig> asked = List.of(asked("http://127.0.0.1:9/v1", "a"));
    assertThatThrownBy(() -> check(true, KEYS).require(asked))
        .hasMessageStartingWith("http://127.0.0.1:9/v1/models failed, no connection: ")
        .hasMessageEndingWith(": start the server or correct endpoint.baseUrl; nothing was sent");
    assertThat(check(false, KEYS).require(asked)).isEmpty();
    assertThat(notes)
        .singleElement()
        .asString()
        .startsWith("from here http://127.0.0.1:9/v1/models failed")
        .endsWith("; the executors may reach it");
  }

  @Test
  void whoHasAnswersAlreadyWaitsForAServerThatIsDown() {
    List<AskConfig> asked = List.of(asked("http://127.0.0.1:9/v1", "a"));
    assertThat(new EndpointCheck(true, true, KEYS, notes::add).require(asked)).isEmpty();
    assertThat(notes)
        .singleElement()
        .asString()
        .startsWith("http://127.0.0.1:9/v1/models failed")
        .endsWith("; it is waited for (limits.outageSeconds)");
  }
}
