package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When cria run asks before it spends. */
class RunQuestionTest {
  @TempDir Path folder;

  @Test
  void aFinishedRunIsAskedAboutOnlyWhereItMaySendAgain() throws IOException {
    LocalSpark.session();
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      String url = elsewhere(server);
      Called unasked = run(url, "");
      assertThat(unasked.code()).isEqualTo(2);
      assertThat(unasked.err())
          .contains("Spend this at " + url + "? [y/N]")
          .contains("not confirmed, nothing was sent: answer y, or give --yes");

      assertThat(run(url, "y\n").code()).isZero();
      Called finished = run(url, "");
      assertThat(finished.code()).as(finished.err()).isZero();
      assertThat(finished.err()).doesNotContain("Spend this");

      Called again = run(url, "", "--retry-rejected");
      assertThat(again.code()).isEqualTo(2);
      assertThat(again.err()).contains("Spend this at " + url).contains("not confirmed");
      assertThat(run(url, "", "--retry-rejected", "--yes").code()).isZero();
    }
  }

  @Test
  void aServiceElsewhereIsAskedAboutThoughTheModelIsHere() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      String service = elsewhere(server);
      Called asked =
          run(
              "http://127.0.0.1:9/v1",
              "",
              "--set",
              "stages=[generate, instances, moderate, dataset]",
              "--set",
              "moderation.service.endpoint.keyEnv=none",
              "--set",
              "moderation.service.endpoint.baseUrl=" + service);
      assertThat(asked.code()).isEqualTo(2);
      assertThat(asked.err())
          .contains("key and model are not checked: " + service + "/models answered 404")
          .contains("Spend this at " + service + "?")
          .contains("moderate");
    }
  }

  @Test
  void anEndpointThatLacksTheModelIsToldBeforeTheQuestion() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(
            call ->
                call.path().equals("/v1/models")
                    ? Reply.of(200, "{\"data\": [{\"id\": \"alpha-1\"}, {\"id\": \"beta\"}]}")
                    : Reply.of(404, "{\"error\": {\"message\": \"no alpha here\"}}"))) {
      String url = elsewhere(server);
      Called asked = run(url, "", "--model", "alpha");
      assertThat(asked)
          .isEqualTo(
              new Called(
                  5,
                  "",
                  "cria: "
                      + url
                      + "/models has no model 'alpha', among 2: give --model or model as it is"
                      + " called there, for example alpha-1; nothing was sent"
                      + System.lineSeparator()));
      assertThat(server.calls()).allMatch(call -> call.text().isEmpty());

      Called unchecked = run(url, "", "--model", "alpha", "--no-endpoint-check");
      assertThat(unchecked.err()).contains("Spend this at " + url);
      assertThat(server.calls()).hasSize(2);
    }
  }

  @Test
  void aDryRunAsksTheEndpointOnlyWhenToldTo() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(call -> Reply.of(200, "{\"data\": [{\"id\": \"alpha\"}]}"))) {
      List<Object> args = new ArrayList<>(List.of("dry-run", conf(), "--model", "alpha"));
      args.addAll(List.of("--base-url", server.baseUrl(), "--set", "endpoint.keyEnv=none"));
      assertThat(Called.with(args.toArray()).code()).isZero();
      assertThat(server.calls()).isEmpty();
      args.add("--check-endpoint");
      Called checked = Called.with(args.toArray());
      assertThat(checked.code()).as(checked.err()).isZero();
      assertThat(checked.err())
          .contains(server.baseUrl() + " answers, takes the key and has the model alpha");
      assertThat(server.calls()).hasSize(1);
    }
  }

  /** An address of this machine that could be any other's. */
  private static String elsewhere(ScriptedServer server) {
    return server.baseUrl().replace("127.0.0.1", "0.0.0.0");
  }

  private Called run(String url, String input, String... more) {
    List<Object> args = new ArrayList<>(List.of("run", conf(), "--run", folder.resolve("run")));
    args.add("--no-report");
    args.addAll(List.of("--base-url", url, "--dialect", "completions", "--target", "2"));
    args.addAll(List.of("--set", "rounds.size=4", "--set", "endpoint.keyEnv=none"));
    args.addAll(List.of(more));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return Called.with(args.toArray());
    } finally {
      System.setIn(before);
    }
  }

  private static Path conf() {
    return Path.of(System.getProperty("cria.home", "."), "conf/quickstart.yaml").toAbsolutePath();
  }
}
