package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.sft.TinyCheckpoint;
import io.cria.storage.Manifest;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code cria evaluate} as it is called, with models in the engine and what is told of bad input.
 */
class EvaluateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @BeforeEach
  void startSpark() throws IOException {
    SparkSession unused = LocalSpark.session();
    StringBuilder tasks = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      tasks.append("{\"instruction\": \"the thing\", \"reference\": \"the thing\"}\n");
    }
    Files.writeString(folder.resolve("own.jsonl"), tasks);
  }

  private Path conf(String text) throws IOException {
    return Files.writeString(folder.resolve("evaluate.yaml"), text);
  }

  private Called evaluate(Path conf, Object... more) {
    Object[] words = new Object[4 + more.length];
    System.arraycopy(
        new Object[] {"evaluate", conf, "--run", folder.resolve("run")}, 0, words, 0, 4);
    System.arraycopy(more, 0, words, 4, more.length);
    return Called.with(words);
  }

  private Path run(String file) {
    return folder.resolve("run").resolve(file);
  }

  @Test
  void checkpointsAnswerInTheEngineAndWhatIsCommittedIsNotGeneratedAgain() throws IOException {
    Path one = TinyCheckpoint.create(folder.resolve("one"));
    Path other = TinyCheckpoint.create(folder.resolve("other"));
    Files.writeString(other.resolve("generation_config.json"), "{\"note\": \"of another make\"}");
    Path conf =
        conf(
            """
            set: own.jsonl
            answerers: {one: {checkpoint: %s}, other: {checkpoint: %s}}
            generation: {maxTokens: 4, batch: 5}
            """
                .formatted(one.getFileName(), other.getFileName()));

    Called called = evaluate(conf);

    assertThat(called.err()).doesNotContain("Exception");
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out()).contains("likeness to references").contains("evaluated: ");
    JsonNode report = JSON.readTree(Files.readString(run("report.json")));
    assertThat(report.path("answered"))
        .extracting(count -> count.path("answerer").asText() + count.path("answered").asInt())
        .containsExactly("one40", "other40");
    // the same weights: the answers are the same, and no judge was asked
    JsonNode difference = report.path("scores").path("references").path("differences").path(0);
    assertThat(difference.path("score").path("mean").asDouble(-1)).isEqualTo(0.0);
    assertThat(report.path("pairs").isNull()).isTrue();
    List<Row> rows =
        LocalSpark.session().read().parquet(run("answers_given").toString()).collectAsList();
    assertThat(rows)
        .hasSize(80)
        .allSatisfy(row -> assertThat(row.<Long>getAs("completion_tokens")).isBetween(1L, 4L))
        .allSatisfy(row -> assertThat(row.<String>getAs("answer_id")).hasSize(66).endsWith(".1"));

    assertThat(Called.with("sql", run(""), "-e", "select 1 from given").err())
        .contains("The tables are seeds, requests, ")
        .contains(", answers_given");

    // as if it had been stopped after the first part: 35 answers, whole batches
    Path last = run("_manifests/answers_given/round=1/part-00001.json");
    Manifest cut = io.cria.storage.Json.read(Files.readString(last), Manifest.class);
    assertThat(cut.rows()).isEqualTo(5);
    byte[] before = Files.readAllBytes(run("answers_given/round=1/part-00001.parquet"));
    Path first = run("answers_given/round=1/part-00000.parquet");
    var written = Files.getLastModifiedTime(first);
    Files.delete(last);
    Files.delete(run("answers_given/round=1/part-00001.parquet"));

    assertThat(evaluate(conf).code()).isZero();

    assertThat(Files.getLastModifiedTime(first)).isEqualTo(written);
    assertThat(Files.readAllBytes(run("answers_given/round=1/part-00001.parquet")))
        .isEqualTo(before);
    assertThat(JSON.readTree(Files.readString(run("report.json")))).isEqualTo(report);
    assertThat(evaluate(conf).out()).contains("nothing to do: ");
  }

  @Test
  void anEngineThatFailsEndsTheEvaluationInItsWords() throws IOException {
    Path broken = TinyCheckpoint.create(folder.resolve("broken"));
    Files.writeString(broken.resolve("model.safetensors"), "no weights");
    Path whole = TinyCheckpoint.create(folder.resolve("whole"));
    Path conf =
        conf(
            """
            set: own.jsonl
            answerers: {broken: {checkpoint: %s}, whole: {checkpoint: %s}}
            generation: {maxTokens: 4}
            """
                .formatted(broken, whole));

    Called called = evaluate(conf);

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err())
        .contains("cria: broken: the engine ended before it had answered (exit code 2): ")
        .contains("model.safetensors");
    assertThat(run("report.json")).doesNotExist();
  }

  @Test
  void promptsThatDoNotFitAModelAreNoAnswers() throws IOException {
    Path one = TinyCheckpoint.create(folder.resolve("one"));
    Path conf =
        conf(
            """
            set: own.jsonl
            answerers: {one: {checkpoint: %s}, http: {endpoint: {baseUrl: "http://127.0.0.1:9/v1"}, model: m}}
            generation: {maxTokens: 100000}
            """
                .formatted(one));

    Called called = evaluate(conf);

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err())
        .contains("answerers.one: not one of 40 prompts was answered (the prompt has ")
        .contains("lower max_tokens");
  }

  @Test
  void aCheckpointTellsHowLikelyItHoldsEachRequestOfAPair() throws IOException {
    Path one = TinyCheckpoint.create(folder.resolve("one"));
    Path set = Files.createDirectories(folder.resolve("set"));
    Files.writeString(
        set.resolve("equal.jsonl"),
        """
        {"instruction": "Praise {who}.", "a": "the man", "b": "the thing and things"}
        {"instruction": "Tell {who} no.", "a": "it", "b": "it"}
        """);
    try (ScriptedServer server = ScriptedServer.start(call -> Reply.text(call, "no"))) {
      Path conf =
          conf(
              """
              set: set
              answerers:
                one: {checkpoint: %s}
                http: {endpoint: {baseUrl: "%s", keyEnv: none}, model: m}
              generation: {maxTokens: 2}
              """
                  .formatted(one, server.baseUrl()));

      Called called = evaluate(conf);

      assertThat(called.code()).as(called.err()).isZero();
      assertThat(called.out()).contains("ln likelihood").contains("of checkpoints alone");
      JsonNode measured = JSON.readTree(Files.readString(run("likelihood/one.json"))).path("pairs");
      assertThat(measured.path(0).path("id").asText()).isEqualTo("equal_000");
      assertThat(measured.path(0).path("a").asDouble()).isNegative();
      assertThat(measured.path(0).path("b").asDouble())
          .isLessThan(measured.path(0).path("a").asDouble());
      assertThat(measured.path(1).path("a")).isEqualTo(measured.path(1).path("b"));
      JsonNode equal = JSON.readTree(Files.readString(run("report.json"))).at("/scores/equal");
      assertThat(equal.path(0).path("likelihood").path("mean").asDouble()).isPositive();
      assertThat(equal.path(1).path("likelihood").isNull()).isTrue();
      assertThat(run("likelihood/http.json")).doesNotExist();

      assertThat(evaluate(conf).out()).contains("nothing to do: ");
      assertThat(server.calls()).hasSize(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{a: {checkpoint: gone}, b: {checkpoint: gone}} | answerers.a.checkpoint: nothing is at ",
        "{a: {model: m}, b: {gguf: g}} | answerers.a is an answerer of no known kind: give one of"
            + " checkpoint, gguf",
        "{a: {chekpoint: x}} | unknown key 'answerers.a.chekpoint': did you mean 'checkpoint'?",
        "{a: {checkpoint: x, gguf: y}} | an answerer of several kinds: give one of",
        "{a: {endpoint: {}, model: m}} | names one: an evaluation compares at least two",
        "{a: {endpoint: {}}} | the key 'model' is missing: what the endpoint calls the model",
        "{a: {endpoint: {}, model: m}, b: {endpoint: {}, model: m}} | answerers.b: this is a under"
            + " another name",
        "{a b: {endpoint: {}, model: m}, b: {endpoint: {}, model: n}} | answerers has a name that"
            + " cannot be used, 'a b'",
      })
  void badAnswerersAreNamed(String answerers, String told) throws IOException {
    Called called = evaluate(conf("set: own.jsonl\nanswerers: " + answerers + "\n"));

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).contains(told).hasLineCount(1);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | a set without instructions: nothing of ",
        "{\"input\": \"x\"} | own.jsonl:1: no instruction, question, prompt or messages: the record has input",
        "{\"id\": 1, \"instruction\": \"x\"} {} | own.jsonl:1: not valid JSON",
        "[1] | own.jsonl[0]: not a JSON object",
      })
  void aBadSetIsNamed(String set, String told) throws IOException {
    Files.writeString(folder.resolve("own.jsonl"), set + "\n");

    Called called =
        evaluate(
            conf(
                """
                set: own.jsonl
                answerers: {a: {endpoint: {}, model: m}, b: {endpoint: {}, model: n}}
                """));

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).contains(told).hasLineCount(1);
  }

  private Path overHttp(String one, String other) throws IOException {
    StringBuilder tasks = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      tasks.append("{\"instruction\": \"Say ").append(i).append("!\", \"reference\": \"x\"}\n");
    }
    Files.writeString(folder.resolve("own.jsonl"), tasks);
    return conf(
        """
        set: own.jsonl
        answerers:
          one: {endpoint: {baseUrl: "%s", keyEnv: none}, model: m}
          other: {endpoint: {baseUrl: "%s", keyEnv: none}, model: n}
        generation: {maxTokens: 32}
        """
            .formatted(one, other));
  }

  @Test
  void aKeyAmongSparksPropertiesIsFoundBeforeThereIsASession() throws IOException {
    Path conf = overHttp("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1");
    System.setProperty("spark.executorEnv.CRIA_TEST_JUDGE", "canary+41c0b2d9f6e8/x");
    try {
      Called called =
          evaluate(
              conf,
              "--set",
              "judge={model: k, endpoint: {baseUrl: \"http://127.0.0.1:9/v1\", keyEnv:"
                  + " CRIA_TEST_JUDGE}}");
      assertThat(called.code()).as(called.err()).isEqualTo(2);
      assertThat(called.err()).contains("spark.executorEnv.CRIA_TEST_JUDGE: this Spark property");
      assertThat(folder.resolve("run")).doesNotExist();
    } finally {
      System.clearProperty("spark.executorEnv.CRIA_TEST_JUDGE");
    }
  }

  @Test
  void whatACapCutCanBeClosedAndWhatWasRejectedAskedAgain() throws IOException {
    Path key = Files.writeString(folder.resolve("key"), "canary-of-one");
    AtomicBoolean rejects = new AtomicBoolean(true);
    try (ScriptedServer one = ScriptedServer.start(call -> Reply.text(call, "yes"));
        ScriptedServer other =
            ScriptedServer.start(
                call ->
                    rejects.get() && call.promptText().contains("Say 3!")
                        ? Reply.error(400, "x", "content_filter", "filtered")
                        : Reply.text(call, "no"))) {
      Path conf = overHttp(one.baseUrl(), other.baseUrl());
      Path fromHere = Path.of("").toAbsolutePath().relativize(key.toAbsolutePath());
      List<String> keyed =
          List.of(
              "--set",
              "answerers.one.endpoint={baseUrl: \""
                  + one.baseUrl()
                  + "\", keyFile: \""
                  + fromHere
                  + "\"}");
      Called capped =
          evaluate(
              conf,
              "--set",
              "caps.requests=60",
              "--set",
              "limits.inFlight=1",
              keyed.get(0),
              keyed.get(1));
      assertThat(capped.code()).as(capped.err()).isEqualTo(4);
      assertThat(capped.err()).contains("--close-round").contains("go on with what is answered");
      assertThat(one.calls())
          .allMatch(call -> "Bearer canary-of-one".equals(call.headers().get("authorization")));

      Called closed = evaluate(conf, "--close-round");
      assertThat(closed.code()).as(closed.err()).isZero();
      assertThat(one.calls()).hasSize(40);
      assertThat(other.calls()).hasSize(20);

      assertThat(evaluate(conf, "--dry-run").out()).contains("Nothing is asked");
      assertThat(evaluate(conf, "--dry-run", "--retry-rejected").out())
          .contains("answers of other")
          .doesNotContain("answers of one");

      rejects.set(false);
      Called again = evaluate(conf, "--retry-rejected");
      assertThat(again.code()).as(again.err()).isZero();
      assertThat(other.calls().size()).isGreaterThan(20);
      assertThat(one.calls()).hasSize(40);
    }
  }

  @Test
  void aSetThatIsTooLargeForOneProcessIsRefusedBeforeAnythingIsAsked() throws IOException {
    Files.writeString(
        folder.resolve("own.jsonl"), "{\"instruction\": \"the thing\"}\n".repeat(50_001));

    Called called =
        evaluate(
            conf(
                """
                set: own.jsonl
                answerers: {a: {endpoint: {}, model: m}, b: {endpoint: {}, model: n}}
                """));

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err())
        .contains("50001 prompts to 2 answerers make more than 100000 answers", "give limit")
        .hasLineCount(1);
  }

  @Test
  void theShippedRunFileReadsAndADryRunSendsNothing() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> Reply.text(call, "never asked"))) {
      Called called =
          evaluate(
              Path.of("conf/evaluate.yaml"),
              "--dry-run",
              "--tasks",
              "3",
              "--set",
              "answerers.small.endpoint.baseUrl=" + server.baseUrl());

      assertThat(called.code()).as(called.err()).isZero();
      assertThat(called.out())
          .contains("Estimate: answers of small, model small. Nothing is sent.")
          .contains("Estimate: answers of large, model gpt-4.1-mini. Nothing is sent.")
          .contains(
              "Estimate: verdicts on pairs, answers as long as they may be, model gpt-4.1-mini");
      assertThat(server.calls()).isEmpty();
    }
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
