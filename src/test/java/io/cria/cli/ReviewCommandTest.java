package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.testing.ExampleRun;
import io.cria.testing.LocalSpark;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** cria review: samples, people, a judge that follows a rule, and what they come to. */
class ReviewCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NUMBER = Pattern.compile("Do task number (\\d+)\\.");
  private static final int EXAMPLES = 90;
  private static final int SAMPLE = 30;

  @TempDir Path folder;
  private Path run;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @BeforeEach
  void makeTheRun() {
    run = folder.resolve("run");
    ExampleRun.write(LocalSpark.session(), run, EXAMPLES, 3);
  }

  /** What is right of an example: of the three questions by its number. */
  private static List<Boolean> truth(int number) {
    return List.of(number % 5 != 0, number % 4 != 0, number % 3 != 0);
  }

  private static int number(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("about no example: " + text);
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static String word(boolean yes) {
    return yes ? "yes" : "no";
  }

  private static Reply onForm(Call call) {
    if (call.method().equals("GET")) {
      return Reply.of(404, "");
    }
    List<Boolean> truth = truth(number(call.promptText()));
    return Reply.text(
        call,
        "As the rule has it.\nValid task: "
            + word(truth.get(0))
            + "\nFitting input: "
            + word(truth.get(1))
            + "\nAcceptable output: "
            + word(truth.get(2)));
  }

  private Called review(Object... more) {
    List<Object> args = new ArrayList<>(List.of("review", run, "--name", "r", "--sample", SAMPLE));
    args.addAll(List.of(more));
    return Called.with(args.toArray());
  }

  private Called judged(ScriptedServer server, Object... more) {
    List<Object> args = new ArrayList<>(List.of("--judge", conf(), "--base-url", server.baseUrl()));
    args.addAll(List.of("--set", "endpoint.keyEnv=none"));
    args.addAll(List.of(more));
    return review(args.toArray());
  }

  private static Path conf() {
    return Path.of(System.getProperty("cria.home", "."), "conf/judge.yaml").toAbsolutePath();
  }

  private Path directory() {
    return run.resolve("review/r");
  }

  private List<JsonNode> sample() throws IOException {
    List<JsonNode> sample = new ArrayList<>();
    for (String line : Files.readAllLines(directory().resolve("sample.jsonl"))) {
      sample.add(JSON.readTree(line));
    }
    return sample;
  }

  private List<Integer> numbers() throws IOException {
    return sample().stream().map(example -> number(example.path("instruction").asText())).toList();
  }

  private JsonNode report() throws IOException {
    return JSON.readTree(Files.readString(directory().resolve("report.json")));
  }

  private JsonNode share(String question, String rater) throws IOException {
    for (JsonNode share : report().path("statistics").path("shares")) {
      if (share.path("question").asText().equals(question)
          && share.path("rater").asText("").equals(rater)) {
        return share;
      }
    }
    throw new IllegalArgumentException(question + " of " + rater + " in " + report());
  }

  private Path verdicts(String rater, Map<String, String> more) throws IOException {
    List<String> lines = new ArrayList<>();
    List<String> questions = List.of("valid_task", "fitting_input", "acceptable_output");
    for (JsonNode example : sample()) {
      List<Boolean> truth = truth(number(example.path("instruction").asText()));
      for (int i = 0; i < questions.size(); i++) {
        String verdict = more.getOrDefault(questions.get(i), word(truth.get(i)));
        lines.add(
            String.format(
                "{\"rater\": \"%s\", \"subject\": \"%s\", \"question\": \"%s\", \"verdict\":"
                    + " \"%s\"}",
                rater, example.path("subject").asText(), questions.get(i), verdict));
      }
    }
    Path file = folder.resolve(rater + "-" + more.size() + ".jsonl");
    Files.write(file, lines);
    return file;
  }

  @Test
  void theSampleFollowsFromExamplesAndSeedAlone() throws IOException {
    Called drawn = review();
    assertThat(drawn.code()).as(drawn.err()).isZero();
    assertThat(drawn.out())
        .contains("review r: 30 of 90 examples")
        .contains("no verdicts yet")
        .contains("--verdicts FILE");
    List<JsonNode> sample = sample();
    assertThat(sample).hasSize(SAMPLE);
    assertThat(new HashSet<>(numbers())).hasSize(SAMPLE).doesNotContain(-1);
    // a third are classification tasks, and thirds are thirds
    assertThat(sample.stream().filter(e -> e.path("is_classification").asBoolean())).hasSize(10);
    for (String length : List.of("short", "medium", "long")) {
      assertThat(sample.stream().filter(e -> e.path("length").asText().equals(length)))
          .as(length)
          .hasSizeBetween(8, 12);
    }

    String first = Files.readString(directory().resolve("sample.jsonl"));
    run = folder.resolve("other");
    ExampleRun.write(LocalSpark.session(), run, EXAMPLES, 1);
    assertThat(review().code()).isZero();
    assertThat(Files.readString(directory().resolve("sample.jsonl"))).isEqualTo(first);
    Called other = review("--seed", 43);
    assertThat(other.code()).isEqualTo(6);
    assertThat(other.err()).contains("seed is 43 in this command, 42").contains("another --name");
    assertThat(Called.with("review", run, "--name", "r", "--sample", 7).err())
        .contains("sample is 7 in this command, " + SAMPLE);
    Called unsaid = Called.with("review", run, "--name", "r");
    assertThat(unsaid.code()).as(unsaid.err()).isZero();
    assertThat(Files.readString(directory().resolve("sample.jsonl"))).isEqualTo(first);
  }

  @Test
  void aJudgeThatFollowsARuleGivesTheStatisticsOfTheRule() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ReviewCommandTest::onForm)) {
      Called called = judged(server);
      assertThat(called.code()).as(called.err()).isZero();
      assertThat(server.calls()).hasSize(SAMPLE);
      int[] yes = new int[4];
      for (int number : numbers()) {
        List<Boolean> truth = truth(number);
        IntStream.range(0, 3).forEach(i -> yes[i] += truth.get(i) ? 1 : 0);
        yes[3] += truth.contains(false) ? 0 : 1;
      }
      List<String> questions =
          List.of("valid_task", "fitting_input", "acceptable_output", "all_three");
      for (int i = 0; i < questions.size(); i++) {
        JsonNode share = share(questions.get(i), "model:gpt-4.1-mini");
        assertThat(share.path("yes").asInt()).isEqualTo(yes[i]);
        assertThat(share.path("n").asInt()).isEqualTo(SAMPLE);
        assertThat(share.path("interval").path("low").asDouble())
            .isLessThan((double) yes[i] / SAMPLE);
      }
      assertThat(called.out()).contains("all_three").contains("model:gpt-4.1-mini");

      assertThat(judged(server).code()).isZero();
      assertThat(server.calls()).as("nothing is asked twice").hasSize(SAMPLE);
    }
    Called sql =
        Called.with(
            "sql",
            run,
            "--format",
            "csv",
            "-e",
            "SELECT kind, name, rater, count(*), count(answer_id), count(DISTINCT subject_id) FROM"
                + " verdicts v JOIN examples e ON v.subject_id = e.example_id GROUP BY ALL");
    assertThat(sql.out()).contains("review,r,model:gpt-4.1-mini,90,90,30");
  }

  @Test
  void peopleAndJudgeAreCountedApartAndTheirAgreementIsTold() throws IOException {
    assertThat(review().code()).isZero();
    Path anna = verdicts("anna", Map.of());
    Path ben = verdicts("ben", Map.of("valid_task", "yes"));
    try (ScriptedServer server = ScriptedServer.start(ReviewCommandTest::onForm)) {
      assertThat(review("--verdicts", anna, "--verdicts", ben).code()).isZero();
      assertThat(server.calls()).as("people cost nothing").isEmpty();
      Called called = judged(server);
      assertThat(called.code()).as(called.err()).isZero();
    }
    JsonNode statistics = report().path("statistics");
    for (JsonNode agreement : statistics.path("agreements")) {
      JsonNode raters = agreement.path("raters");
      boolean withBen =
          raters.path("second").asText().equals("ben")
              || raters.path("first").asText().equals("ben");
      boolean valid = agreement.path("question").asText().equals("valid_task");
      if (withBen && valid) {
        assertThat(raters.path("kappa").asDouble()).isEqualTo(0);
      } else if (!agreement.path("question").asText().equals("all_three")) {
        assertThat(raters.path("kappa").asDouble()).as(agreement.toString()).isEqualTo(1);
      }
    }
    assertThat(statistics.path("agreements")).hasSize(4 * 3);
    assertThat(statistics.path("alphas")).hasSize(4);
    long invalid = numbers().stream().filter(number -> number % 5 == 0).count();
    assertThat(share("valid_task", "").path("yes").asInt())
        .as("two of three say so")
        .isEqualTo(SAMPLE - (int) invalid);
    assertThat(share("valid_task", "ben").path("yes").asInt()).isEqualTo(SAMPLE);

    Called both = review("--verdicts", ben, "--without", "ben");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("'ben' are given and withdrawn at once");
    Called withdrawn = review("--without", "ben", "--without", "nobody");
    assertThat(withdrawn.code()).as(withdrawn.err()).isZero();
    assertThat(withdrawn.err())
        .contains("the verdicts of ben are withdrawn")
        .contains("there are no verdicts of 'nobody' to withdraw");
    assertThat(report().path("statistics").path("agreements")).hasSize(4);
    assertThat(report().path("raters").has("ben")).isFalse();
    assertThat(withdrawn.out() + withdrawn.err()).doesNotContain("file:/");
  }

  @Test
  void twoPeopleUnderOneNameAndVerdictsOnOtherThingsAreRefused() throws IOException {
    assertThat(review().code()).isZero();
    Path anna = verdicts("anna", Map.of());
    Path other = verdicts("anna", Map.of("valid_task", "yes"));
    Called two = review("--verdicts", anna, "--verdicts", other);
    assertThat(two.code()).isEqualTo(2);
    assertThat(two.err()).contains(anna + ", " + other + ": two files of different content");

    Path foreign = folder.resolve("foreign.jsonl");
    Files.writeString(
        foreign,
        "\n{\"rater\": \"anna\", \"subject\": \"seed_0/0:plain\", \"question\": \"valid_task\","
            + " \"verdict\": \"yes\"}\n");
    Called unknown = review("--verdicts", foreign);
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains(foreign + ":2: unknown subject 'seed_0/0:plain'");
    assertThat(run.resolve("verdicts")).doesNotExist();
  }

  @Test
  void aFileThatLacksWhatIsKeptOfItsRaterIsRefused() throws IOException {
    assertThat(review().code()).isZero();
    Path anna = verdicts("anna", Map.of());
    assertThat(review("--verdicts", anna).code()).isZero();
    Path fewer = folder.resolve("fewer.jsonl");
    List<String> lines = Files.readAllLines(anna);
    Files.write(fewer, lines.subList(2, lines.size()));
    Path ben = verdicts("ben", Map.of());

    Called refused = review("--verdicts", ben, "--verdicts", fewer);

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains(fewer + ": of anna 2 verdicts that this file lacks would be lost (valid_task of ")
        .contains("--without anna");
    assertThat(directory().resolve("people").toFile().list()).as("nothing was changed").hasSize(1);

    Path thoughtOver = verdicts("anna", Map.of("valid_task", "yes"));
    Called taken = review("--verdicts", thoughtOver);
    assertThat(taken.code()).as(taken.err()).isZero();
    assertThat(taken.err()).contains("in place of the verdicts of anna given before");
    assertThat(review("--without", "anna").code()).isZero();
    assertThat(review("--verdicts", fewer).code()).isZero();
  }

  @Test
  void aCapEndsItAndTheSameCommandWithAHigherOneGoesOn() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ReviewCommandTest::onForm)) {
      Called capped = judged(server, "--set", "caps.requests=12");
      assertThat(capped.code()).as(capped.err()).isEqualTo(4);
      assertThat(server.calls()).hasSize(12);
      Called status = Called.with("status", directory());
      assertThat(status.code()).as(status.err()).isZero();
      assertThat(status.out())
          .contains("kind         review, beside a run")
          .contains("capped, stage review, exit code 4")
          .contains("12 of 30 requests answered")
          .contains("12 of 12 requests")
          .contains("reason       " + directory() + ": ")
          .doesNotContain("candidates");

      Called whole = judged(server, "--set", "caps.requests=40");
      assertThat(whole.code()).as(whole.err()).isZero();
      assertThat(server.calls()).as("no answer is bought twice").hasSize(SAMPLE);
      assertThat(share("all_three", "model:gpt-4.1-mini").path("n").asInt()).isEqualTo(SAMPLE);
    }
    Called sql =
        Called.with("sql", directory(), "--format", "csv", "-e", "SELECT count(*) FROM review");
    assertThat(sql.out()).contains(String.valueOf(3 * SAMPLE));
    Called stop = Called.with("stop", directory());
    assertThat(stop.code()).isEqualTo(2);
    assertThat(stop.err()).contains("nothing is running there (done, exit code 0)");
    Called stage = Called.with("stage", "generate", "--run", directory());
    assertThat(stage.code()).isEqualTo(2);
    assertThat(stage.err()).contains("this is the directory of review beside a run");
  }

  @Test
  void anAnswerOffTheFormIsAskedForOnceMoreAndThenCounted() throws IOException {
    // those of the twenties never get a form, those of the thirties at the second time
    ScriptedServer.Script script =
        call -> {
          int number = number(call.promptText());
          boolean again = call.promptText().contains("An earlier answer");
          return number / 10 == 2 || (number / 10 == 3 && !again)
              ? Reply.text(call, "Yes, yes and yes!")
              : onForm(call);
        };
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Called called = judged(server);
      assertThat(called.code()).as(called.err()).isZero();
      int never = (int) numbers().stream().filter(number -> number / 10 == 2).count();
      int later = (int) numbers().stream().filter(number -> number / 10 == 3).count();
      assertThat(never).isPositive();
      assertThat(server.calls()).hasSize(SAMPLE + never + later);
      assertThat(report().path("no_verdict").path("missing_field").asInt())
          .as(report().toString())
          .isEqualTo(never);
      assertThat(share("valid_task", "model:gpt-4.1-mini").path("n").asInt())
          .isEqualTo(SAMPLE - never);
      assertThat(called.out())
          .contains("no verdict of model:gpt-4.1-mini on " + never + " examples: missing_field");
    }
  }

  @Test
  void aJudgeOfNoUseAndOneThatIsDownEndWithCodeFiveAndNoVerdicts() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> Reply.text(call, "I cannot say."))) {
      Called useless = judged(server);
      assertThat(useless.code()).isEqualTo(5);
      assertThat(useless.err())
          .contains(
              "the judge gave no verdict on 30 of 30 (missing_field 30): read some of its answers in"
                  + " the table review, then take another model, prompts or more tokens, and"
                  + " another --name")
          .doesNotContain("file:/");
    }
    try (ScriptedServer server =
        ScriptedServer.start(call -> Reply.error(503, "server_error", "unavailable", "Loading"))) {
      Called down =
          Called.with(
              "review",
              run,
              "--name",
              "down",
              "--judge",
              conf(),
              "--base-url",
              server.baseUrl(),
              "--set",
              "endpoint.keyEnv=none",
              "--set",
              "limits.outageSeconds=1");
      assertThat(down.code()).as(down.err()).isEqualTo(5);
      assertThat(down.err()).contains("is down since");
    }
    assertThat(run.resolve("verdicts")).doesNotExist();
  }

  @Test
  void anotherJudgeUnderTheSameNameIsRefused() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ReviewCommandTest::onForm)) {
      assertThat(judged(server).code()).isZero();
      Called other = judged(server, "--model", "other");
      assertThat(other.code()).isEqualTo(6);
      assertThat(other.err())
          .contains("another judge has this review (model is other here, gpt-4.1-mini there)")
          .contains("take another --name");
      assertThat(server.calls()).hasSize(SAMPLE);
    }
  }

  @Test
  void whatItCostsIsShownBeforeAnythingIsSentToAnotherMachine() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ReviewCommandTest::onForm)) {
      Called dry = judged(server, "--dry-run");
      assertThat(dry.code()).as(dry.err()).isZero();
      assertThat(dry.out())
          .contains("Estimate: review of 30 examples, model gpt-4.1-mini. Nothing is sent.")
          .contains("An answer off the form is asked for once more.");
      assertThat(directory()).doesNotExist();
      assertThat(server.calls()).isEmpty();
      Called looked = judged(server, "--dry-run", "--check-endpoint");
      assertThat(looked.code()).as(looked.err()).isZero();
      assertThat(looked.err()).contains(server.baseUrl());
      assertThat(server.calls()).isNotEmpty();
      assertThat(sent(server)).isZero();
      Called alone = judged(server, "--check-endpoint");
      assertThat(alone.code()).isEqualTo(2);
      assertThat(alone.err()).contains("--check-endpoint is for --dry-run");

      String url = server.baseUrl().replace("127.0.0.1", "0.0.0.0");
      Called refused = answering("n\n", "--base-url", url);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err())
          .contains("Spend this at " + url)
          .contains("review: not confirmed, nothing was sent");
      assertThat(sent(server)).isZero();
      assertThat(answering("y\n", "--base-url", url).code()).isZero();
      assertThat(sent(server)).isEqualTo(SAMPLE);
      Called finished = answering("", "--base-url", url);
      assertThat(finished.code()).as(finished.err()).isZero();
      assertThat(finished.err()).doesNotContain("Spend this").contains("nothing to do");
    }
  }

  @Test
  void aJudgeThatWasCutIsPaidTheRestOnlyWhenAskedWhateverWasDoneMeanwhile() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ReviewCommandTest::onForm)) {
      assertThat(judged(server, "--set", "caps.requests=12").code()).isEqualTo(4);
      Called people = review("--verdicts", verdicts("anna", Map.of()));
      assertThat(people.code()).as(people.err()).isZero();

      String url = server.baseUrl().replace("127.0.0.1", "0.0.0.0");
      Called rest = answering("", "--base-url", url, "--set", "caps.requests=50");
      assertThat(rest.code()).isEqualTo(2);
      assertThat(rest.err()).contains("Spend this at " + url);
      assertThat(sent(server)).isEqualTo(12);
    }
  }

  /** How often texts were sent; the question for the server's models has none. */
  private static long sent(ScriptedServer server) {
    return server.calls().stream().filter(call -> call.method().equals("POST")).count();
  }

  private Called answering(String input, Object... more) {
    List<Object> args =
        new ArrayList<>(List.of("--judge", conf(), "--set", "endpoint.keyEnv=none"));
    args.addAll(List.of(more));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return review(args.toArray());
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void badInputIsToldInOneLine() {
    refused("give 1 to 100000", "review", run, "--name", "r", "--sample", 0);
    refused("not a name", "review", run, "--name", "../r");
    refused("there is no run here", "review", folder, "--name", "r");
    refused("without --judge nothing is paid", "review", run, "--name", "r", "--dry-run");
    refused("none is named: give --judge too", "review", run, "--name", "r", "--model", "m");
    refused("unknown key", "review", run, "--name", "r", "--judge", conf(), "--set", "modle=m");
    Path empty = folder.resolve("empty");
    ExampleRun.write(LocalSpark.session(), empty, 0, 1);
    refused("no example to review", "review", empty, "--name", "r");
  }

  private static void refused(String words, Object... args) {
    Called called = Called.with(args);
    assertThat(called.code()).as(called.err()).isEqualTo(2);
    assertThat(called.err()).contains(words);
    assertThat(called.err().lines().filter(line -> line.startsWith("cria: "))).hasSize(1);
  }
}
