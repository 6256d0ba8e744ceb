package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.cli.Main;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.Fixtures;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What real servers answer, through the whole command at the recipe's shipped sizes: no answer of
 * theirs may end as a data set that is silently empty, short or cut.
 */
class HttpCasesTest {
  private static final String CASES = "cases/http/cases.json";
  private static final int TARGET = 20;

  @TempDir Path folder;

  private final Map<String, Check> checks = new HashMap<>();

  /** What must be true of a run. */
  private interface Check {
    void of(Ran ran) throws IOException;
  }

  /**
   * A run that has ended.
   *
   * @param run its directory
   * @param server that it asked
   * @param script what that answers
   * @param code its exit code
   * @param said all that it said
   */
  private record Ran(LineRun run, ScriptedServer server, ServerCase script, int code, String said) {
    List<JsonNode> kept() {
      return run.trees("candidates").stream().filter(c -> c.path("kept").asBoolean()).toList();
    }

    long count(Outcome outcome) {
      return run.ledger().stream().filter(record -> record.outcome() == outcome).count();
    }

    String last() {
      List<String> lines = said.lines().filter(line -> line.startsWith("cria: ")).toList();
      return lines.get(lines.size() - 1);
    }
  }

  @BeforeEach
  void saysWhatIsExpected() {
    checks.put("error-in-200", ran -> waitedAndKept(ran, Outcome.RETRY_RATE, 4));
    checks.put(
        "finish-error-cut",
        ran -> {
          waitedAndKept(ran, Outcome.RETRY_TRANSIENT, 1);
          assertThat(ran.run().ledger())
              .anyMatch(r -> r.body() != null && r.body().contains("upstream closed"));
        });
    checks.put(
        "finish-max-tokens",
        ran -> {
          kept(ran);
          long cut = reasons(ran).getOrDefault("cut_by_length", 0L);
          assertThat(cut).isEqualTo(ran.run().rows("requests").size());
          assertThat(ran.kept()).hasSize(2 * (int) cut);
        });
    checks.put("content-parts", HttpCasesTest::keptAndBoughtOnce);
    checks.put(
        "refusal-part",
        ran -> {
          stopped(ran, "refused");
          assertThat(ran.count(Outcome.REFUSED)).isEqualTo(ran.server().calls().size());
          assertThat(cria("show", ran.run().directory(), "--rejected").said()).contains("no");
        });
    checks.put("gzip-unasked", HttpCasesTest::keptAndBoughtOnce);
    checks.put(
        "html-200",
        ran -> stopped(ran, "answered a page, not an answer of an API: correct endpoint.baseUrl"));
    checks.put("sse-unasked", HttpCasesTest::keptAndBoughtOnce);
    checks.put("flex-498", ran -> waitedAndKept(ran, Outcome.RETRY_TRANSIENT, 1));
    checks.put("generation-424", ran -> waitedAndKept(ran, Outcome.RETRY_TRANSIENT, 1));
    checks.put(
        "bad-key-400",
        ran -> {
          stopped(ran, "API key not valid");
          goesOnWhenMended(ran);
        });
    checks.put(
        "flagged-403",
        ran -> {
          kept(ran);
          assertThat(ran.count(Outcome.REJECT_ROW)).isEqualTo(1);
          assertThat(reasons(ran)).containsEntry("reject-row", 1L);
          assertThat(cria("show", ran.run().directory(), "--rejected").said())
              .contains("Your input was flagged");
          assertThat(cria("status", ran.run().directory()).said())
              .contains("Your input was flagged");
          assertThat(ran.said())
              .as("the last lines tell it too")
              .contains("Your input was flagged");
        });
    checks.put("null-content-then-good", ran -> waitedAndKept(ran, Outcome.RETRY_TRANSIENT, 3));
    checks.put(
        "lone-surrogate",
        ran -> {
          kept(ran);
          for (String file : List.of("alpaca.jsonl", "chat.jsonl", "prompt-completion.jsonl")) {
            assertThat(ran.run().text("dataset/" + file)).as(file).contains("Tell \ufffd which");
          }
          assertThat(ran.kept()).anyMatch(c -> c.path("instruction").asText().contains("\ufffd"));
          assertThat(ran.run().ledger())
              .allMatch(r -> String.valueOf(r.body()).contains("\\ud83d"));
        });
    checks.put(
        "think-block",
        ran -> {
          keptAndBoughtOnce(ran);
          assertThat(ran.run().ledger())
              .allMatch(r -> String.valueOf(r.text()).contains("<think>"));
        });
    checks.put(
        "reasoning-only",
        ran -> {
          stopped(ran, "max tokens");
          assertThat(ran.last()).contains("thinking");
          assertThat(ran.count(Outcome.EMPTY)).isEqualTo(ran.server().calls().size());
        });
    checks.put(
        "loading-503-12s",
        ran -> {
          kept(ran);
          assertThat(ran.count(Outcome.FAILED)).isZero();
          assertThat(ran.said()).contains("endpoint down since");
        });
    checks.put("bom-before-json", HttpCasesTest::keptAndBoughtOnce);
    checks.put(
        "error-object-200",
        ran -> {
          stopped(ran, "inputs must have less than 1024 tokens");
          assertThat(ran.count(Outcome.REJECT_ROW)).isEqualTo(ran.server().calls().size());
        });
    checks.put(
        "usage-nulls",
        ran -> {
          keptAndBoughtOnce(ran);
          assertThat(ran.run().ledger()).allMatch(r -> r.usage() != null && r.usage().estimated());
        });
    checks.put("redirect-307", ran -> stopped(ran, "/api/v1"));
  }

  private static void kept(Ran ran) {
    assertThat(ran.code()).as(ran.said()).isZero();
    assertThat(ran.kept()).hasSizeGreaterThanOrEqualTo(TARGET);
    assertThat(ran.run().lines("dataset/alpaca.jsonl")).hasSize(ran.kept().size());
    assertThat(ran.run().status().state()).isEqualTo("done");
  }

  private static void keptAndBoughtOnce(Ran ran) {
    kept(ran);
    assertThat(ran.kept()).hasSize(3 * ran.run().rows("requests").size());
    assertThat(ran.server().callsByBody().values()).containsOnly(1);
  }

  private static void waitedAndKept(Ran ran, Outcome outcome, int times) {
    kept(ran);
    assertThat(ran.kept()).as("all of every block").hasSize(3 * ran.run().rows("requests").size());
    assertThat(ran.count(outcome)).isEqualTo(times);
    assertThat(ran.count(Outcome.FAILED)).isZero();
  }

  private static void stopped(Ran ran, String words) {
    assertThat(ran.code()).as(ran.said()).isEqualTo(5);
    assertThat(ran.last()).contains(words);
    assertThat(ran.run().status().exitCode()).isEqualTo(5);
    assertThat(ran.run().rows("candidates")).as("nothing is committed").isEmpty();
    assertThat(ran.server().calls()).hasSizeLessThan(50);
    assertThat(cria("status", ran.run().directory()).said()).contains("exit code 5");
  }

  /** The same command completes once the server does. */
  private static void goesOnWhenMended(Ran ran) {
    ran.script().mend();
    Said again = command(ran.run().directory(), ran.server());
    assertThat(again.code()).as(again.said()).isZero();
    assertThat(ran.kept()).hasSizeGreaterThanOrEqualTo(TARGET);
  }

  private static Map<String, Long> reasons(Ran ran) {
    return ran.run().status().counts().getOrDefault("candidates", Map.of());
  }

  private record Said(int code, String said) {}

  private static Said cria(Object... args) {
    LocalSpark.session();
    StringWriter out = new StringWriter();
    PrintWriter both = new PrintWriter(out);
    String[] words = Stream.of(args).map(String::valueOf).toArray(String[]::new);
    int code = Main.run(both, both, words);
    return new Said(code, out.toString());
  }

  /** The shipped recipe, its sizes and limits as they are. */
  private static Said command(Path directory, ScriptedServer server) {
    return cria(
        "run",
        LineRun.home().resolve("conf/alpaca.yaml"),
        "--run",
        directory,
        "--base-url",
        server.baseUrl(),
        "--target",
        TARGET,
        "--no-report",
        "--yes");
  }

  @TestFactory
  List<DynamicTest> everyCase() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(Fixtures.file(CASES).toFile());
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode one : cases) {
      String name = one.path("name").asText();
      tests.add(DynamicTest.dynamicTest(name, () -> test(name, one)));
    }
    return tests;
  }

  private void test(String name, JsonNode one) throws IOException {
    Check check = checks.get(name);
    if (check == null) {
      throw new AssertionError("what is expected of " + name + " is not stated here");
    }
    ServerCase script = new ServerCase(one);
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Path directory = folder.resolve(name);
      Said said = command(directory, server);
      LineRun run = LineRun.of(directory, "alpaca", server.baseUrl());
      List<LedgerRecord> ledger = run.ledger();
      assertThat(ledger).as("every answer is kept").hasSizeGreaterThanOrEqualTo(1);
      check.of(new Ran(run, server, script, said.code(), said.said()));
    }
  }
}
