package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
      // an address of this machine that could be any other's
      String url = server.baseUrl().replace("127.0.0.1", "0.0.0.0");
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

  private Called run(String url, String input, String... more) {
    List<Object> args = new ArrayList<>(List.of("run", conf(), "--run", folder.resolve("run")));
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
