package io.cria.judging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.evaluate.VerdictFile;
import io.cria.page.PageServer;
import io.cria.page.Visit;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of judging over HTTP, and what is on the disk after each step. */
class JudgingPageTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-31T12:00:00.123Z"), ZoneOffset.UTC);
  private static final int ITEMS = 5;

  @TempDir Path folder;
  private final List<PageServer> servers = new ArrayList<>();
  private Clock clock = CLOCK;
  private int uncounted;

  @AfterEach
  void end() {
    servers.forEach(PageServer::close);
  }

  private static List<Sheet.Item> items(int answers) {
    return IntStream.range(0, ITEMS)
        .mapToObj(
            n ->
                new Sheet.Item(
                    "secret-" + n,
                    "Do " + n,
                    n % 2 == 0 ? "" : "with " + n,
                    IntStream.range(0, answers).mapToObj(side -> "answer " + side).toList()))
        .toList();
  }

  private static Sheet pairs() {
    return Sheet.pairs("pairs of answers", items(2));
  }

  private Visit serve(Sheet sheet, Optional<String> rater) {
    RunDirectory directory = RunDirectory.at(folder.toString(), new Configuration());
    RaterFiles files =
        new RaterFiles(directory, "people", name -> "people/" + name + ".jsonl", () -> uncounted++);
    JudgingPage page =
        new JudgingPage(sheet, files, clock, rater, "cria review runs/x --name first");
    PageServer server = PageServer.start(page.routes(), 0);
    servers.add(server);
    return new Visit(server.url());
  }

  private Path file(String rater) {
    return folder.resolve("people/" + rater + ".jsonl");
  }

  private VerdictFile verdicts(String rater, Sheet sheet) throws IOException {
    return VerdictFile.read(
        rater, Files.readString(file(rater)), sheet.subjects(), sheet.verdicts());
  }

  private static Visit.Reply enter(Visit visit, String name, boolean goOn) {
    return visit.post("/api/enter", Map.of("name", name, "goOn", goOn));
  }

  private static JsonNode better(Visit visit, String rater, int n, String verdict, String comment) {
    return judge(
            visit,
            Map.of(
                "rater", rater, "n", n, "verdicts", Map.of("better", verdict), "comment", comment))
        .json();
  }

  /** As the page does that shows what the server has. */
  private static Visit.Reply judge(Visit visit, Map<String, Object> said) {
    String rater = String.valueOf(said.get("rater"));
    int n = Integer.parseInt(String.valueOf(said.get("n")));
    JsonNode shown = item(visit, rater, n);
    return visit.post("/api/verdict", with(marked(visit, said), "before", shown.path("verdicts")));
  }

  private static Visit.Reply undo(Visit visit, String rater) {
    return visit.post("/api/undo", marked(visit, Map.of("rater", rater)));
  }

  private static Map<String, Object> marked(Visit visit, Map<String, Object> said) {
    Map<String, Object> all = new HashMap<>(said);
    all.put("sheet", visit.get("/api/sheet").json().path("mark").asText());
    return all;
  }

  private static JsonNode item(Visit visit, String rater, int n) {
    return visit.get("/api/item?rater=" + Visit.coded(rater) + "&n=" + n).json();
  }

  @Test
  void aVerdictIsInTheRatersFileBeforeTheAnswerComes() throws IOException {
    Visit visit = serve(pairs(), Optional.empty());
    assertThat(enter(visit, " 안나 ", false).json())
        .hasToString("{\"rater\":\"안나\",\"done\":0,\"of\":5,\"next\":0,\"hasLast\":false}");
    assertThat(file("안나")).doesNotExist();

    JsonNode progress = better(visit, "안나", 0, "left", " is  clear\nand \"right\" ");

    assertThat(progress.path("done").asInt()).isEqualTo(1);
    assertThat(progress.path("next").asInt()).isEqualTo(1);
    assertThat(Files.readString(file("안나")))
        .isEqualTo(
            "{\"rater\":\"안나\",\"subject\":\"secret-0\",\"question\":\"better\","
                + "\"verdict\":\"left\",\"reason\":\"is  clear\\nand \\\"right\\\"\","
                + "\"at\":\"2026-01-31T12:00:00Z\"}\n");
    assertThat(verdicts("안나", pairs()).entries())
        .containsExactly(
            new VerdictFile.Entry("secret-0", "better", "left", "is  clear\nand \"right\""));
  }

  @Test
  void aKilledServerLosesNothingAndUndoTakesTheLastBack() throws IOException {
    Visit first = serve(pairs(), Optional.empty());
    assertThat(enter(first, "anna", false).status()).isEqualTo(200);
    better(first, "anna", 0, "left", "");
    better(first, "anna", 3, "right", "hm");
    servers.get(0).close();

    Visit again = serve(pairs(), Optional.empty());
    Visit.Reply taken = enter(again, "anna", false);
    assertThat(taken.status()).isEqualTo(409);
    assertThat(taken.json().path("error").asText()).isEqualTo("anna has judged 2 here already");
    assertThat(taken.json().path("rater").asText()).isEqualTo("anna");
    assertThat(enter(again, "anna", true).json().path("next").asInt()).isEqualTo(1);
    JsonNode judged = item(again, "anna", 3);
    assertThat(judged.path("verdicts").path("better").asText()).isEqualTo("right");
    assertThat(judged.path("comment").asText()).isEqualTo("hm");

    JsonNode undone = undo(again, "anna").json();

    assertThat(undone.path("n").asInt()).isEqualTo(3);
    assertThat(undone.path("comment").asText()).isEqualTo("hm");
    assertThat(undone.path("progress").path("done").asInt()).isEqualTo(1);
    assertThat(verdicts("anna", pairs()).entries())
        .extracting(VerdictFile.Entry::subject)
        .containsExactly("secret-0");
    assertThat(undo(again, "anna").status()).isEqualTo(200);
    assertThat(file("anna")).doesNotExist();
    assertThat(undo(again, "anna").status()).isEqualTo(400);
  }

  @Test
  void judgingAgainTakesTheEarlierVerdictsPlaceAndTheEndHasNoNext() throws IOException {
    Visit visit = serve(pairs(), Optional.empty());
    enter(visit, "anna", false);
    better(visit, "anna", 1, "left", "");
    better(visit, "anna", 1, "neither", "on second thought");
    assertThat(verdicts("anna", pairs()).entries())
        .containsExactly(
            new VerdictFile.Entry("secret-1", "better", "neither", "on second thought"));
    for (int n : new int[] {0, 2, 3}) {
      better(visit, "anna", n, "left", "");
    }
    JsonNode last = better(visit, "anna", 4, "left", "");
    assertThat(last.path("done").asInt()).isEqualTo(ITEMS);
    assertThat(last.has("next")).isFalse();
  }

  @Test
  void twoRatersHaveAFileEachAndNamesThatLookAlikeAreAskedAbout() throws IOException {
    Visit visit = serve(pairs(), Optional.empty());
    enter(visit, "anna", false);
    better(visit, "anna", 0, "left", "");
    assertThat(enter(visit, "ben", false).json().path("done").asInt()).isZero();
    better(visit, "ben", 0, "right", "");
    for (String other : List.of("Anna", "ANNA ", "an na", "ａｎｎａ")) {
      assertThat(enter(visit, other, false).json().path("error").asText())
          .as(other)
          .isEqualTo("anna has judged 1 here already");
    }
    assertThat(verdicts("anna", pairs()).entries().get(0).verdict()).isEqualTo("left");
    assertThat(verdicts("ben", pairs()).entries().get(0).verdict()).isEqualTo("right");
    for (String bad : List.of("", "model:x", "people", "majority", "a".repeat(61), "a\tb")) {
      assertThat(enter(visit, bad, true).status()).as(bad).isEqualTo(400);
    }
  }

  @Test
  void whatAnotherProcessWroteIsKept() throws IOException {
    Visit visit = serve(pairs(), Optional.empty());
    enter(visit, "anna", false);
    better(visit, "anna", 0, "left", "");
    Files.writeString(
        file("anna"),
        Files.readString(file("anna"))
            + "{\"rater\":\"anna\",\"subject\":\"secret-4\",\"question\":\"better\","
            + "\"verdict\":\"RIGHT\"}\n");
    assertThat(better(visit, "anna", 1, "left", "").path("done").asInt()).isEqualTo(3);
    assertThat(verdicts("anna", pairs()).entries())
        .extracting(VerdictFile.Entry::subject)
        .containsExactly("secret-0", "secret-4", "secret-1");
  }

  @Test
  void aPageThatShowsOtherTextsJudgesNothing() throws IOException {
    Visit old = serve(pairs(), Optional.empty());
    enter(old, "anna", false);
    better(old, "anna", 0, "left", "");
    String mark = item(old, "anna", 0).path("sheet").asText();
    assertThat(mark).isEqualTo(old.get("/api/sheet").json().path("mark").asText()).hasSize(64);
    assertThat(item(serve(pairs(), Optional.empty()), "anna", 1).path("sheet").asText())
        .as("the same texts, served again")
        .isEqualTo(mark);

    Visit other = serve(Sheet.pairs("pairs of answers", items(2).subList(0, 4)), Optional.empty());
    String before = Files.readString(file("anna"));
    Map<String, Object> said =
        Map.of("rater", "anna", "n", 1, "verdicts", Map.of("better", "left"));
    for (Map<String, Object> body : List.of(said, with(said, "sheet", mark))) {
      for (String path : List.of("/api/verdict", "/api/undo")) {
        Visit.Reply refused = other.post(path, body);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("error").asText()).contains("load the page again");
      }
    }
    assertThat(Files.readString(file("anna"))).isEqualTo(before);
    assertThat(judge(other, said).status()).isEqualTo(200);
  }

  private static Map<String, Object> with(Map<String, Object> body, String key, Object value) {
    Map<String, Object> more = new HashMap<>(body);
    more.put(key, value);
    return more;
  }

  @Test
  void aPageThatDidNotHearOfAVerdictDoesNotReplaceIt() throws IOException {
    Visit visit = serve(pairs(), Optional.empty());
    better(visit, "anna", 0, "left", "");
    Map<String, Object> stale =
        marked(
            visit,
            Map.of(
                "rater",
                "anna",
                "n",
                0,
                "before",
                Map.of(),
                "verdicts",
                Map.of("better", "right")));

    Visit.Reply refused = visit.post("/api/verdict", stale);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().path("error").asText())
        .isEqualTo("this one was judged by anna elsewhere meanwhile: load the page again");
    assertThat(verdicts("anna", pairs()).entries().get(0).verdict()).isEqualTo("left");
    assertThat(
            visit.post("/api/verdict", with(stale, "verdicts", Map.of("better", "left"))).status())
        .as("the answer to the first was lost, and the same is said again")
        .isEqualTo(200);
    assertThat(visit.post("/api/verdict", with(stale, "before", Map.of("better", "left"))).status())
        .isEqualTo(200);
    assertThat(verdicts("anna", pairs()).entries().get(0).verdict()).isEqualTo("right");
  }

  @Test
  void whatIsWrittenWhileAVerdictComesIsNotLost() throws IOException {
    Visit visit = serve(pairs(), Optional.empty());
    better(visit, "anna", 0, "left", "");
    assertThat(uncounted).as("before the file is touched, and after").isEqualTo(2);
    String more =
        Files.readString(file("anna"))
            + "{\"rater\":\"anna\",\"subject\":\"secret-4\",\"question\":\"better\","
            + "\"verdict\":\"right\"}\n";
    // the clock is looked at between the reading and the writing
    clock = new WritingClock(() -> Files.writeString(file("anna"), more));
    Visit interrupted = serve(pairs(), Optional.empty());

    Visit.Reply refused =
        judge(interrupted, Map.of("rater", "anna", "n", 1, "verdicts", Map.of("better", "left")));

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().path("error").asText())
        .contains("written by another program meanwhile: load the page again");
    assertThat(Files.readString(file("anna"))).isEqualTo(more);
    assertThat(better(visit, "anna", 1, "left", "").path("done").asInt()).isEqualTo(3);
  }

  /** A clock that does something whenever it is looked at. */
  private static final class WritingClock extends Clock {
    private interface Work {
      Object done() throws IOException;
    }

    private final Work work;

    WritingClock(Work work) {
      this.work = work;
    }

    @Override
    public ZoneId getZone() {
      return CLOCK.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return CLOCK.withZone(zone);
    }

    @Override
    public Instant instant() {
      try {
        work.done();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return CLOCK.instant();
    }
  }

  @Test
  void theThreeQuestionsAreAskedOfEachExampleAndAllAreNeeded() throws IOException {
    Sheet sheet = Sheet.review("review first", items(1));
    Visit visit = serve(sheet, Optional.of("anna"));
    JsonNode told = visit.get("/api/sheet").json();
    assertThat(told.path("rater").asText()).isEqualTo("anna");
    assertThat(told.path("afterwards").asText()).isEqualTo("cria review runs/x --name first");
    assertThat(told.path("questions"))
        .extracting(question -> question.path("name").asText())
        .containsExactly("valid_task", "fitting_input", "acceptable_output");
    Map<String, String> some = Map.of("valid_task", "yes", "fitting_input", "yes");
    assertThat(
            judge(visit, Map.of("rater", "anna", "n", 0, "verdicts", some))
                .json()
                .path("error")
                .asText())
        .isEqualTo("acceptable_output takes one of [yes, no]");
    Map<String, String> all =
        Map.of("valid_task", "yes", "fitting_input", "yes", "acceptable_output", "no");
    assertThat(
            judge(visit, Map.of("rater", "anna", "n", 0, "verdicts", all))
                .json()
                .path("done")
                .asInt())
        .isEqualTo(1);
    assertThat(verdicts("anna", sheet).entries())
        .extracting(entry -> entry.question() + " " + entry.verdict())
        .containsExactly("valid_task yes", "fitting_input yes", "acceptable_output no");
    assertThat(undo(visit, "ben").json().path("error").asText())
        .isEqualTo("here judges anna and nobody else");
  }

  @Test
  void levelsAreGivenByTheirLetters() throws IOException {
    Sheet sheet = Sheet.levels("single answers", items(1));
    Visit visit = serve(sheet, Optional.of("anna"));
    assertThat(visit.get("/api/sheet").json().path("questions").path(0).path("choices"))
        .extracting(choice -> choice.path("verdict").asText())
        .containsExactly("A", "B", "C", "D");
    judge(visit, Map.of("rater", "anna", "n", 2, "verdicts", Map.of("level", "C")));
    assertThat(verdicts("anna", sheet).entries())
        .containsExactly(new VerdictFile.Entry("secret-2", "level", "C", ""));
  }

  @Test
  void noIdIsShown() {
    Visit visit = serve(pairs(), Optional.empty());
    enter(visit, "anna", false);
    for (int n = 0; n < ITEMS; n++) {
      item(visit, "anna", n);
      better(visit, "anna", n, "left", "");
    }
    undo(visit, "anna");
    assertThat(visit.received()).noneMatch(text -> text.contains("secret"));
    assertThat(item(visit, "anna", ITEMS).path("error").asText())
        .isEqualTo("there are 5 here, no number 5");
  }
}
