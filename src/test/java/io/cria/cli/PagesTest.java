package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.page.Visit;
import io.cria.testing.ExampleRun;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that serve pages, from their start to what is made of the verdicts. */
class PagesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TASKS = 12;

  @TempDir Path folder;
  private SparkSession spark;

  @BeforeEach
  void startSpark() {
    spark = LocalSpark.session();
  }

  @Test
  void aRunIsViewedUntilTheCommandIsEnded() throws Exception {
    HandMadeRun.write(spark, folder);
    try (PageCall call = PageCall.with("view", folder)) {
      assertThat(call.visit().get("/").text()).contains("cria view");
      assertThat(call.visit().get("/api/table").json().path("rows").asInt()).isEqualTo(1);
      assertThat(call.end()).isEqualTo(3);
    }
    Called none = Called.with("view", folder.resolve("none"));
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("there is no run here");
  }

  @Test
  void whatIsJudgedOnTheReviewsPageIsInTheReport() throws Exception {
    Path run = folder.resolve("run");
    ExampleRun.write(spark, run, 30, 1);
    Object[] review = {"review", run, "--name", "r", "--sample", 6};
    try (PageCall call = PageCall.with("review", run, "--name", "r", "--sample", 6, "--page")) {
      Visit visit = call.visit();
      visit.post("/api/enter", Map.of("name", "anna", "goOn", false));
      for (int n = 0; n < 6; n++) {
        JsonNode told = judge(visit, "anna", n, n < 4 ? "yes" : "no");
        assertThat(told.path("done").asInt()).isEqualTo(n + 1);
      }
      assertThat(visit.get("/api/sheet").json().path("afterwards").asText())
          .isEqualTo("cria review " + run + " --name r");
    }
    assertThat(Called.with("status", run).out())
        .contains("verdicts of review r: cria review RUN --name r counts them");
    Called called = Called.with(review);
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(Called.with("status", run).out()).contains("spent").doesNotContain("uncounted");
    assertThat(called.out()).containsPattern("acceptable_output +anna +4 +6 +66.7 %");
    // a rater who comes back goes on in the same file
    try (PageCall call =
        PageCall.with("review", run, "--name", "r", "--sample", 6, "--page", "--as", "anna")) {
      Visit visit = call.visit();
      assertThat(visit.get("/api/item?rater=anna&n=5").json().path("progress").path("done").asInt())
          .isEqualTo(6);
      judge(visit, "anna", 5, "yes");
    }
    assertThat(Called.with(review).out()).containsPattern("acceptable_output +anna +5 +6 +83.3 %");
    try (Stream<Path> files = Files.list(run.resolve("review/r/people"))) {
      assertThat(files).hasSize(1);
    }
  }

  private static JsonNode judge(Visit visit, String rater, int n, String word) {
    Map<String, String> verdicts =
        Map.of("valid_task", "yes", "fitting_input", "yes", "acceptable_output", word);
    JsonNode before = visit.get("/api/item?rater=" + rater + "&n=" + n).json().path("verdicts");
    return visit
        .post(
            "/api/verdict",
            Map.of(
                "rater",
                rater,
                "n",
                n,
                "verdicts",
                verdicts,
                "before",
                before,
                "sheet",
                mark(visit)))
        .json();
  }

  /** What tells the server which texts the page shows. */
  private static String mark(Visit visit) {
    return visit.get("/api/sheet").json().path("mark").asText();
  }

  @Test
  void thePageAndItsRequestsDoNotTellWhoAnswered() throws Exception {
    try (ScriptedServer strong = ScriptedServer.start(call -> Reply.text(call, "a fine answer"));
        ScriptedServer weak = ScriptedServer.start(call -> Reply.text(call, "hm"))) {
      Path conf = evaluation(strong, weak);
      Path run = folder.resolve("compared");
      Object[] command = {"evaluate", conf, "--run", run};
      List<String> telling =
          List.of(
              "edmund",
              "gloucester",
              "cordelia",
              "oswald",
              strong.baseUrl(),
              weak.baseUrl(),
              "pairs-key",
              "key.jsonl",
              "evaluate.yaml",
              folder.toString(),
              "pair-0",
              "task_");
      Visit visit;
      try (PageCall call =
          PageCall.with("evaluate", conf, "--run", run, "--page", "--as", "anna")) {
        visit = call.visit();
        for (String path :
            List.of(
                "/", "/api/sheet", "/assets/judge.js", "/assets/page.js", "/assets/judge.css")) {
          assertThat(visit.get(path).status()).isEqualTo(200);
        }
        visit.post("/api/enter", Map.of("name", "anna"));
        for (int n = 0; n < TASKS; n++) {
          JsonNode item = visit.get("/api/item?rater=anna&n=" + n).json();
          boolean left = item.path("answers").path(0).asText().equals("a fine answer");
          better(visit, n, left ? "left" : "right");
        }
        visit.post("/api/undo", Map.of("rater", "anna", "sheet", mark(visit)));
        better(visit, TASKS - 1, "neither");
        better(visit, 99, "left");
        visit.get("/api/item?rater=ben&n=0");
        assertThat(visit.received()).hasSizeGreaterThan(3 * TASKS);
      }
      for (String word : telling) {
        assertThat(visit.received()).as(word).noneMatch(text -> text.contains(word));
      }
      // the sides are those of the blinded file
      List<String> shown = Files.readAllLines(run.resolve("pairs/pairs.jsonl"));
      List<String> pages =
          visit.received().stream().filter(text -> text.contains("\"answers\":[")).toList();
      JsonNode first = JSON.readTree(shown.get(0));
      assertThat(pages.get(0))
          .contains("\"answers\":[" + first.path("left") + "," + first.path("right") + "]");
      assertThat(Called.with("status", run).out())
          .contains("verdicts that its report does not count yet");
      // and no judge was asked, nor a report made, before people had their say
      assertThat(run.resolve("report.json")).doesNotExist();

      Called called = Called.with(command);
      assertThat(called.code()).as(called.err()).isZero();
      JsonNode result =
          JSON.readTree(Files.readString(run.resolve("report.json")))
              .path("pairs")
              .path("results")
              .path(0);
      assertThat(result.toString()).contains("anna");
      assertThat(result.toString()).contains(":" + (TASKS - 1)).contains(":1");
      reportShows(run, result);
    }
  }

  /** The report of a run beside which this evaluation is named. */
  private void reportShows(Path evaluation, JsonNode result) throws IOException {
    Path made = folder.resolve("made");
    HandMadeRun.write(spark, made);
    Called called = Called.with("report", made, "--evaluation", evaluation);
    assertThat(called.code()).as(called.err()).isZero();
    String html = Files.readString(made.resolve("report.html"));
    String begin = "id=\"figures\">";
    int from = html.indexOf(begin) + begin.length();
    JsonNode figures = JSON.readTree(html.substring(from, html.indexOf("</script>", from)));
    JsonNode shown = figures.path("evaluations").path(0).path("compared").path(0);
    for (String number : List.of("rater", "first", "wins", "ties", "losses", "p", "sentence")) {
      assertThat(shown.path(number)).as(number).isEqualTo(result.path(number));
    }
    assertThat(shown.path("winRate")).isEqualTo(result.path("win_rate"));
    assertThat(figures.path("evaluations").path(0).path("text").asText())
        .isEqualTo(Files.readString(evaluation.resolve("report.txt")));
  }

  private static void better(Visit visit, int n, String verdict) {
    visit.post(
        "/api/verdict",
        Map.of(
            "rater", "anna", "n", n, "verdicts", Map.of("better", verdict), "sheet", mark(visit)));
  }

  private Path evaluation(ScriptedServer strong, ScriptedServer weak) throws IOException {
    StringBuilder tasks = new StringBuilder();
    for (int i = 0; i < TASKS; i++) {
      tasks.append("{\"instruction\": \"Say ").append(i).append("\", \"reference\": \"a\"}\n");
    }
    Files.writeString(folder.resolve("own.jsonl"), tasks);
    return Files.writeString(
        folder.resolve("evaluate.yaml"),
        """
        set: own.jsonl
        answerers:
          edmund: {endpoint: {baseUrl: "%s", keyEnv: none}, model: cordelia-7b}
          gloucester: {endpoint: {baseUrl: "%s", keyEnv: none}, model: oswald-1b}
        generation: {maxTokens: 32}
        """
            .formatted(strong.baseUrl(), weak.baseUrl()));
  }

  @Test
  void whatMakesNoSenseWithAPageIsRefused() throws IOException {
    Path run = folder.resolve("run");
    ExampleRun.write(spark, run, 10, 1);
    assertThat(Called.with("review", run, "--name", "r", "--as", "anna").err())
        .contains("--as is for the page: give --page too");
    assertThat(Called.with("review", run, "--name", "r", "--page", "--as", "model:x").err())
        .contains("'model:x' is no rater's name");
    Path judge =
        Files.writeString(
            folder.resolve("judge.yaml"),
            "model: kent\nendpoint: {baseUrl: \"http://127.0.0.1:1/v1\", keyEnv: none}\n");
    assertThat(Called.with("review", run, "--name", "r", "--page", "--judge", judge).err())
        .contains("--page and --judge: give one after the other");
  }
}
