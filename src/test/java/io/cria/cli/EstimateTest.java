package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.FaultCase;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told before anything is spent, and that dollars are not counted without a price. */
class EstimateTest {
  @TempDir Path folder;

  private static Path conf(String recipe) {
    return Path.of(System.getProperty("cria.home", "."), "conf", recipe + ".yaml").toAbsolutePath();
  }

  /** The paragraphs that begin so, each as one line. */
  private static List<String> lines(Called called, String start) {
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out().lines()).allMatch(line -> line.length() <= 80, "within 80 columns");
    String unfolded = called.out().replace("\n  ", " ");
    return unfolded.lines().filter(line -> line.startsWith(start)).toList();
  }

  private static Called dryRun(String... settings) {
    List<Object> args = new ArrayList<>(List.of("dry-run", conf("self-instruct")));
    args.addAll(List.of("--target", "1000"));
    for (String setting : settings) {
      args.addAll(List.of("--set", setting));
    }
    return Called.with(args.toArray());
  }

  @Test
  void everyStageHasItsRequestsTokensAndDollars() {
    Called called = dryRun();
    assertThat(lines(called, "stage"))
        .containsExactly(
            "stage       requests prompt tokens max tokens       tokens      USD USD at worst");
    assertThat(lines(called, "generate")).singleElement().asString().contains(" 334 ", " 1,024 ");
    assertThat(lines(called, "classify")).singleElement().asString().contains(" 1,000 ", " 3 ");
    List<Double> all = sums(lines(called, "all").get(0));
    assertThat(all.get(0)).isEqualTo(2334);
    assertThat(all.get(1)).as("tokens").isGreaterThan(1_000_000);
    assertThat(all.get(3)).as("at worst").isGreaterThan(2 * all.get(2));
    assertThat(called.out())
        .contains(
            "No cap is set on what it may take in all (caps.requests, caps.tokens, caps.usd).");
  }

  @Test
  void aServiceThatModeratesIsCountedAndItsPriceWanted() {
    String stages = "stages=[generate, classify, instances, moderate, dataset]";
    Called called = dryRun(stages, "moderation.service.batch=20");
    assertThat(lines(called, "moderate")).singleElement().asString().contains(" 50 ");
    assertThat(sums(lines(called, "all").get(0)).get(0)).isEqualTo(2384);

    Called unknown = dryRun(stages, "moderation.service.model=guard", "caps.usd=1");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("caps.usd: no price is known for the model 'guard'");
  }

  private static List<Double> sums(String line) {
    return java.util.Arrays.stream(line.replace(",", "").split(" +"))
        .skip(1)
        .map(Double::valueOf)
        .toList();
  }

  @Test
  void theTimeIsThatOfTheLimitThatDecides() {
    // 2,334 requests of 15 s, 64 at once
    assertThat(lines(dryRun(), "Time"))
        .containsExactly(
            "Time: about 9 min; what decides is 64 requests in flight on one executor"
                + " (limits.inFlight) at 15 s an answer.");
    assertThat(lines(dryRun("limits.requestsPerMinute=100"), "Time"))
        .containsExactly("Time: about 23 min; what decides is limits.requestsPerMinute (100).");
    assertThat(
            lines(dryRun("limits.requestsPerMinute=100", "limits.tokensPerMinute=10000"), "Time"))
        .singleElement()
        .asString()
        .startsWith("Time: about 4.")
        .endsWith(" h; what decides is limits.tokensPerMinute (10,000).");
    assertThat(lines(dryRun("limits.requestsPerMinute=100000"), "Time"))
        .singleElement()
        .asString()
        .contains("limits.inFlight");
  }

  @Test
  void everyCapTellsWhatItWouldDo() {
    assertThat(
            lines(
                dryRun(
                    "caps.requests=1300",
                    "caps.tokens=100000",
                    "caps.usd=100",
                    "caps.usdPerInstruction=0.00001"),
                "Cap"))
        .containsExactly(
            "Cap: requests 1,300 is reached during stage classify: generation would end early, and"
                + " the run with exit code 4.",
            "Cap: tokens 100,000 is reached during stage generate: generation would end early, and"
                + " the run with exit code 4.",
            "Cap: usd 100 is not expected to be reached.",
            "Cap: usdPerInstruction 0.00001 is reached during stage generate: generation would end"
                + " early, and the run with exit code 4.");
    assertThat(lines(dryRun("caps.requests=2334"), "Cap"))
        .containsExactly("Cap: requests 2,334 is not expected to be reached.");
  }

  private static String lacking(String cap) {
    return "cria: "
        + cap
        + ": no price is known for the model 'my-\"own\"', so dollars cannot be counted: add the"
        + " line `- {model: \"my-\\\"own\\\"\", from: "
        + LocalDate.now(ZoneOffset.UTC)
        + ", input: …, output: …}` to conf/prices.yaml, input and output being USD per million"
        + " tokens of prompts and of answers, and give the run file again, or do without this cap";
  }

  @FaultCase(28)
  @Test
  void aCapInDollarsWithoutAPriceRefusesToStart() throws IOException {
    LocalSpark.session();
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      for (String cap : List.of("caps.usd", "caps.usdPerInstruction")) {
        Path run = folder.resolve(cap);
        List<Object> options =
            List.of("--model", "my-\"own\"", "--base-url", server.baseUrl(), "--set", cap + "=1");
        List<List<Object>> commands =
            List.of(
                List.of("dry-run", conf("quickstart")),
                List.of("run", conf("quickstart"), "--run", run, "--yes"),
                List.of("stage", "generate", "--run", run, "--conf", conf("quickstart")),
                List.of("stage", "instances", "--run", run, "--conf", conf("quickstart")));
        for (List<Object> command : commands) {
          List<Object> args = new ArrayList<>(command);
          args.addAll(options);
          Called called = Called.with(args.toArray());
          assertThat(called.code()).as("%s: %s", command, called.err()).isEqualTo(2);
          assertThat(called.err().strip()).endsWith(lacking(cap));
          assertThat(called.out()).isEmpty();
        }
        assertThat(run).doesNotExist();
      }
      assertThat(server.calls()).isEmpty();
    }
  }

  @Test
  void theLineThatIsToldIsWhatThePriceListLacks() throws IOException {
    Path prices = folder.resolve("prices.yaml");
    String line = "- {model: \"my-model\", from: " + LocalDate.now(ZoneOffset.UTC) + ", ";
    Called without =
        Called.with("dry-run", conf("quickstart"), "--model", "my-model", "--set", "caps.usd=1");
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err()).contains("`" + line + "input: …, output: …}`");
    Files.writeString(prices, "prices:\n  " + line + "input: 1, output: 2}\n");
    Called with =
        Called.with(
            "dry-run",
            conf("quickstart"),
            "--model",
            "my-model",
            "--set",
            "caps.usd=1",
            "--set",
            "prices=" + prices);
    assertThat(with.code()).as(with.err()).isZero();
  }

  @Test
  void aStageThatNeverPaysNeedsNoPrice() {
    LocalSpark.session();
    List<Object> args =
        List.of(
            "--model", "my-model", "--base-url", "http://127.0.0.1:1/v1", "--set", "caps.usd=1");
    for (String stage : List.of("dataset", "instances")) {
      List<Object> all =
          new ArrayList<>(
              List.of("stage", stage, "--run", folder.resolve(stage), "--conf", conf("alpaca")));
      all.addAll(args);
      Called called = Called.with(all.toArray());
      assertThat(called.err()).contains("run the stages before this one first");
    }
  }

  @Test
  void theEmbeddedModelCostsNothing() {
    Called called = Called.with("dry-run", conf("quickstart"), "--set", "caps.usd=0");
    assertThat(lines(called, "Cap")).containsExactly("Cap: usd 0 is not expected to be reached.");
  }
}
