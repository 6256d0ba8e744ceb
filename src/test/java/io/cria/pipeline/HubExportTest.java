package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.cli.Main;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.MachineTraces;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports for a hub, by the command that people call. */
class HubExportTest {
  @TempDir static Path folder;

  private static LineRun run;

  @BeforeAll
  static void makeARun() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      run = LineRun.of(folder.resolve("run"), "alpaca", server.baseUrl()).with("target", "10");
      run.go();
    }
  }

  private record Called(int code, String out, String err) {}

  private static Called export(Object... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words =
        Stream.concat(Stream.of("export", run.directory()), Arrays.stream(more))
            .map(String::valueOf)
            .toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Called(code, out.toString(), err.toString());
  }

  private static void good(Object... more) {
    Called called = export(more);
    assertThat(called.code()).as(called.err()).isZero();
  }

  private static void refused(String message, Object... more) {
    Called called = export(more);
    assertThat(called.err()).startsWith("cria: " + message).hasLineCount(1);
    assertThat(called.code()).isEqualTo(2);
  }

  @Test
  void licenceLanguagesAndFormatsForOthersGoIntoCardCroissantAndFiles() {
    good(
        "--license",
        "CC-BY-4.0",
        "--language",
        "en,pt-br",
        "--format",
        "chat,sharegpt,alpaca-eval");
    assertThat(run.text("dataset/README.md"))
        .contains("license: \"cc-by-4.0\"\nlanguage:\n- \"en\"\n- \"pt\"\n")
        .contains("language_bcp47:\n- \"pt-BR\"\n")
        .contains(
            """
            configs:
            - config_name: default
              data_files: "parquet/**/*.parquet"
            - config_name: chat
              data_files: "chat.jsonl"
            - config_name: sharegpt
              data_files: "sharegpt.jsonl"
            - config_name: alpaca-eval
              data_files: "alpaca-eval.json"
            ---
            """);
    JsonNode croissant = run.json("dataset/croissant.json");
    assertThat(croissant.path("inLanguage")).map(JsonNode::asText).containsExactly("en", "pt-BR");
    assertThat(croissant.path("license").asText()).isEqualTo("CC-BY-4.0");
    JsonNode first = run.json("dataset/alpaca-eval.json").path(0);
    assertThat(first.fieldNames())
        .toIterable()
        .containsExactly("dataset", "instruction", "output", "generator");
    assertThat(first.path("dataset").asText()).isEqualTo("alpaca");
    assertThat(run.text("dataset/sharegpt.jsonl").lines())
        .allMatch(line -> line.startsWith("{\"conversations\":[{\"from\":\"human\",\"value\":"))
        .hasSameSizeAs(run.text("dataset/chat.jsonl").lines().toList());

    good();
    assertThat(run.text("dataset/README.md"))
        .as("later exports keep licence and languages")
        .contains("license: \"cc-by-4.0\"", "- \"pt-BR\"")
        .doesNotContain("sharegpt");
    assertThat(run.directory().resolve("dataset/sharegpt.jsonl")).doesNotExist();
  }

  @Test
  void whatIsNoLicenceLanguageOrFormatIsRefusedBeforeAnythingIsDone() throws IOException {
    refused(
        "--license cc-by-40: no licence of that name is known: did you mean cc-by-4.0? Else give"
            + " LicenseRef-NAME, or say it in several words",
        "--license",
        "cc-by-40");
    refused("--language 'english' is no language's code: give", "--language", "en,english");
    refused("--format csv: known are parquet, alpaca, ", "--format", "csv");
    StringWriter err = new StringWriter();
    Path none = folder.resolve("none");
    assertThat(
            Main.run(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                "export",
                none.toString()))
        .isEqualTo(2);
    assertThat(err.toString())
        .startsWith("cria: " + none + ": there is no run here (no run.json): give the directory");
    assertThat(none).doesNotExist();
  }

  @Test
  void nothingOfADatasetTellsPathsUserOrHost() throws IOException {
    good("--format", "parquet,alpaca,self-instruct,prompt-completion,chat,sharegpt,alpaca-eval");
    MachineTraces.assertNone(folder, List.of(run.directory().resolve("dataset")));
  }
}
