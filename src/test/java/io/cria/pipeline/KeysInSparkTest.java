package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.Operation.Endpoint;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys among Spark's properties are found by value, and by the name of their variable. */
class KeysInSparkTest {
  private static final String KEY = "canary+41c0b2d9f6e8/x";

  private static Endpoint endpoint(
      @Nullable String keyEnv, @Nullable String keyFile, Map<String, String> headers) {
    return new Endpoint(
        "https://h/v1", "chat", keyEnv, keyFile, null, null, null, null, null, headers);
  }

  private static void refused(Endpoint endpoint, String property, String value) {
    SparkConf conf = new SparkConf(false).set("spark.master", "local").set(property, value);
    assertThatThrownBy(() -> KeysInSpark.refuse(conf, endpoint, Map.of("MY_KEY", KEY)))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith(property + ": this Spark property holds a key")
        .hasMessageNotContaining(value);
  }

  @Test
  void aKeyThatThisHostKnowsIsFoundWhateverThePropertyIsCalled(@TempDir Path folder)
      throws IOException {
    String ofFile = "canary-in-a-file-7701";
    Path file = Files.writeString(folder.resolve("key"), ofFile + "\n");
    refused(endpoint("MY_KEY", null, Map.of()), "spark.executorEnv.ANY", KEY);
    refused(
        endpoint("MY_KEY", null, Map.of()),
        "spark.executor.extraJavaOptions",
        "-Da=canary%2B41c0b2d9f6e8%2Fx -Db");
    refused(endpoint(null, file.toString(), Map.of()), "spark.x", "a " + ofFile);
    refused(endpoint("none", null, Map.of("X-Gate", "file:" + file)), "spark.x", ofFile);
    refused(endpoint("none", null, Map.of("X-Gate", "env:MY_KEY")), "spark.x", KEY);
  }

  @Test
  void aVariableOfTheKeysNameIsFoundWhereThisHostDoesNotHaveIt() {
    Endpoint other = endpoint("OTHER", null, Map.of("X-Gate", "env:GATE"));
    refused(other, "spark.executorEnv.OTHER", "what-only-executors-know");
    refused(other, "spark.yarn.appMasterEnv.GATE", "what-only-executors-know");
  }

  @Test
  void aServicesKeyIsFoundBeforeThereIsASession() {
    RunInputs inputs =
        LineRun.of(Path.of("never"), "alpaca", "http://127.0.0.1:9/v1")
            .with("stages", "[generate, instances, moderate, dataset]")
            .with("moderation.service.endpoint.keyEnv", "CRIA_TEST_SERVICE")
            .inputs();
    System.setProperty("spark.executorEnv.CRIA_TEST_SERVICE", KEY);
    try {
      assertThatThrownBy(() -> Sessions.open("never", inputs.config()))
          .hasMessageContaining("spark.executorEnv.CRIA_TEST_SERVICE: this Spark property holds");
    } finally {
      System.clearProperty("spark.executorEnv.CRIA_TEST_SERVICE");
    }
  }

  @Test
  void whatIsNoKeyMayStandThere() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.executorEnv.OTHER", "none")
            .set("spark.executorEnv.LANG", "C.UTF-8")
            .set("spark.kubernetes.executor.secretKeyRef.OTHER", "model-api:key");
    assertThatCode(
            () ->
                KeysInSpark.refuse(
                    conf, endpoint("OTHER", null, Map.of()), Map.of("OTHER", "dummy-key")))
        .doesNotThrowAnyException();
    assertThatCode(() -> KeysInSpark.refuse(conf, endpoint("none", null, Map.of()), Map.of()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.executorEnv.OPENAI_API_KEY",
        "spark.llm.apiKey",
        "spark.llm.api-key",
        "spark.executorEnv.MY_KEY",
        "spark.executorEnv.KEY_OF_TEAM_KEY_2",
        "spark.executorEnv.CF_TOKEN",
        "spark.executorEnv.GROQ_CREDENTIALS",
        "spark.x.password",
        "fs.s3a.secret.key",
        "fs.s3a.access.key"
      })
  void namesOfKeysAreBlackedOutInEventLogAndUi(String name) {
    assertThat(Pattern.compile(KeysInSpark.NAMES).matcher(name).find()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.master",
        "spark.sql.shuffle.partitions",
        "spark.executor.memory",
        "local[2]"
      })
  void othersAreShown(String text) {
    assertThat(Pattern.compile(KeysInSpark.NAMES).matcher(text).find()).isFalse();
  }
}
