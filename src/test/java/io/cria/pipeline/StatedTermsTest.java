package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Terms go with the dataset in all that is handed on, and are no part of what a run is. */
class StatedTermsTest {
  private static final String PARQUET = "dataset/parquet/part-00000.parquet";

  @TempDir Path folder;

  @Test
  void theyStandInCardManifestCroissantAndParquetAndTheRunStaysTheSame() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "alpaca", server.baseUrl()).with("target", "10");
      run.go();
      assertThat(run.text("dataset/README.md"))
          .contains("license: \"unknown\"", "| intended use | not stated |");
      assertThat(metadata(run)).containsEntry("cria.license", "not stated");
      assertThat(run.json("dataset/_manifest.json").has("terms")).isFalse();
      assertThat(run.json("dataset/croissant.json").has("license")).isFalse();
      String unit = run.text("_manifests/candidates/round=0/part-00000.json");

      run.with("terms.license", "cc-by-4.0").with("terms.teacherTerms", "\"No competing models.\"");
      assertThat(run.go()).as("the dataset is made anew").isTrue();

      assertThat(run.text("_manifests/candidates/round=0/part-00000.json")).isEqualTo(unit);
      assertThat(run.text("dataset/README.md"))
          .contains("license: \"cc-by-4.0\"", "| No competing models. |", "| not stated |");
      assertThat(metadata(run))
          .containsEntry("cria.license", "cc-by-4.0")
          .containsEntry("cria.teacher_terms", "No competing models.")
          .containsEntry("cria.identity", run.json("run.json").path("identity_hash").asText());
      JsonNode terms = run.json("dataset/_manifest.json").path("terms");
      assertThat(terms.path("license").asText()).isEqualTo("cc-by-4.0");
      assertThat(terms.has("intended_use")).isFalse();
      JsonNode croissant = run.json("dataset/croissant.json");
      assertThat(croissant.path("license").asText()).isEqualTo("cc-by-4.0");
      croissantTellsTheFiles(run, croissant);
      assertThat(run.go()).isFalse();
    }
  }

  private static void croissantTellsTheFiles(LineRun run, JsonNode croissant) {
    Map<String, String> hashes = run.dataset();
    assertThat(croissant.path("distribution")).hasSize(6);
    for (JsonNode file : croissant.path("distribution")) {
      assertThat(file.path("sha256").asText())
          .isEqualTo(hashes.get(file.path("contentUrl").asText()));
    }
    assertThat(croissant.path("recordSet")).hasSize(6);
    assertThat(run.text("dataset/_manifest.json")).contains("dataset/croissant.json");
  }

  private static Map<String, String> metadata(LineRun run) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(
                new org.apache.hadoop.fs.Path(run.directory().resolve(PARQUET).toString()),
                new Configuration()))) {
      return reader.getFileMetaData().getKeyValueMetaData();
    }
  }
}
