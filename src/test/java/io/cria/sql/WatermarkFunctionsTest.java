package io.cria.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.pipeline.Faults;
import io.cria.safety.WatermarkDetector;
import io.cria.safety.WatermarkProfile;
import io.cria.sft.TinyCheckpoint;
import io.cria.testing.LocalSpark;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TokenPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatermarkFunctionsTest {
  private static final String TEXT = "the quick brown thing went on and on over hills and rivers";

  @TempDir static Path folder;

  private static SparkSession spark = LocalSpark.session();
  private static Path profile = Path.of("");

  @BeforeAll
  static void aProfile() throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    profile =
        Files.writeString(
            folder.resolve("mark.yaml"),
            "{keyFile: key, vocabularySize: 512, tokenizer: " + model + ", scheme: left-hash}");
    Files.writeString(folder.resolve("key"), "12345\n");
    spark = LocalSpark.session().newSession();
    CriaExtensions.register(spark);
  }

  private static WatermarkDetector detector() {
    WatermarkProfile.Opened opened = WatermarkProfile.open(profile);
    return new WatermarkDetector(opened.watermark(), opened.vocabularySize(), true);
  }

  private static int[] tokens() {
    try (ModelTokenizer plain = ModelTokenizer.open(folder.resolve("model"));
        ModelTokenizer tokenizer = TokenPlan.complete(plain).tokenizer()) {
      return tokenizer.encode(TEXT, false);
    }
  }

  private static Row first(String query) {
    return spark.sql(query).head();
  }

  @Test
  void theScoreIsTheDetectors() {
    Row row =
        first(
            "select watermark_z(t, p), watermark_z_window(t, 8, p), watermark_z(null, p) from values"
                + " ('"
                + TEXT
                + "', '"
                + profile
                + "') as v(t, p)");
    assertThat(row.getDouble(0)).isEqualTo(detector().score(tokens()).z()).isNotZero();
    assertThat(row.getDouble(1)).isEqualTo(detector().strongest(tokens(), 8, 2).score().z());
    assertThat(row.isNullAt(2)).isTrue();
  }

  @Test
  void theProfileMayBeTheSessions() {
    spark.conf().set(WatermarkFunctions.PROFILE, profile.toString());
    try {
      assertThat(
              first("select watermark_z(t) from values ('" + TEXT + "'), ('short') as v(t)")
                  .getDouble(0))
          .isEqualTo(detector().score(tokens()).z());
    } finally {
      spark.conf().unset(WatermarkFunctions.PROFILE);
    }
  }

  @Test
  void withoutAProfileTheRemedyIsNamed() {
    assertThatThrownBy(() -> first("select watermark_z(t) from values ('a') as v(t)"))
        .hasMessageContaining("watermark_z: no profile is named")
        .hasMessageContaining(WatermarkFunctions.PROFILE);
  }

  private static String told(String text, Path where) {
    try {
      Row unused =
          first(
              "select watermark_z(t, p) from values ('" + text + "', '" + where + "') as v(t, p)");
      return "";
    } catch (Exception e) {
      return String.valueOf(Faults.told(e).getMessage());
    }
  }

  @Test
  void aMissingProfileOrKeyIsToldWithTheHostsPath() throws IOException {
    Path absent = folder.resolve("absent.yaml");
    assertThat(told("a b", absent))
        .startsWith("watermark_z, on host ")
        .contains(absent + ": no such file");
    Path keyless =
        Files.writeString(
            folder.resolve("keyless.yaml"), "{keyFile: none, vocabularySize: 512, tokenizer: x}");
    assertThat(told("a b", keyless))
        .startsWith("watermark_z, on host ")
        .contains(folder.resolve("none") + ": no such file: give the watermark's key there");
  }
}
