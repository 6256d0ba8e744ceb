package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.cli.Main;
import io.cria.config.ConfigReader;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.run.VerdictTable;
import io.cria.safety.Moderation;
import io.cria.safety.ModerationCategory;
import io.cria.safety.ModerationRules;
import io.cria.shipped.Shipped;
import io.cria.sql.RunViews;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moderation and what exports leave out, by the commands that people call. */
class SafeguardsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final String INSULT = "You are a worthless idiot and nobody likes you.";
  private static final String EMAIL = "Write to jo.kim@mailbox-berlin.net about it.";

  @TempDir static Path folder;

  /** Its recipe names the stage. */
  private static LineRun listed;

  /** Its recipe is the shipped one. */
  private static LineRun plain;

  private record Called(int code, String out, String err) {}

  /** Some outputs insult, some have an address in them. */
  private static final class Rude implements ScriptedServer.Script {
    private final ScriptedModel model = ScriptedModel.reliable();

    @Override
    public Reply reply(ScriptedServer.Call call) {
      Reply reply = model.reply(call);
      return new Reply(
          reply.status(),
          reply.headers(),
          reply
              .body()
              .replace("to a child.", "to a child. " + INSULT)
              .replace("oldest first.", "oldest first. " + EMAIL),
          reply.wire(),
          reply.fault(),
          reply.delay());
    }
  }

  @BeforeAll
  static void makeTheRuns() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(new Rude())) {
      plain = run(server, "plain");
      plain.go();
      listed = run(server, "listed").with("stages", "[generate, instances, moderate, dataset]");
      listed.go();
    }
  }

  private static LineRun run(ScriptedServer server, String name) {
    return LineRun.of(folder.resolve(name), "alpaca", server.baseUrl())
        .with("target", "60")
        .with("rounds.size", "8");
  }

  @Test
  void everyKeptInstanceIsModeratedAsTheRulesSay() throws IOException {
    Moderation moderation = new Moderation(rules());
    List<JsonNode> instances =
        listed.trees("instances").stream().filter(i -> i.path("kept").asBoolean()).toList();
    Map<String, String> instructions = instructions(listed);
    List<JsonNode> moderated = listed.trees("moderated");
    assertThat(moderated).hasSameSizeAs(instances).hasSizeGreaterThan(50);
    for (int i = 0; i < instances.size(); i++) {
      JsonNode instance = instances.get(i);
      JsonNode row = moderated.get(i);
      assertThat(row.path("instance_id")).isEqualTo(instance.path("instance_id"));
      Moderation.Result result =
          moderation.score(
              instructions.get(instance.path("candidate_id").asText())
                  + "\n"
                  + instance.path("input").asText()
                  + "\n"
                  + instance.path("output").asText());
      assertThat(row.path("flagged").asBoolean()).isEqualTo(result.flagged());
      for (ModerationCategory category : ModerationCategory.values()) {
        assertThat(row.path("scores").path(category.word().replace('-', '_')).asDouble())
            .isEqualTo(result.score(category));
      }
      assertThat(row.path("rater").asText()).isEqualTo("rule:moderation");
    }
    assertThat(flagged(listed)).isBetween(3, moderated.size() - 3);
    assertThat(moderated.stream().filter(row -> !row.path("pii").isEmpty()))
        .hasSizeGreaterThan(3)
        .allMatch(row -> row.path("pii").toString().equals("[\"email\"]"));
    Map<String, Long> counts = RunStatus.counts(listed.runner().directory()).get("moderated");
    assertThat(counts)
        .containsEntry("flagged", (long) flagged(listed))
        .containsEntry("unflagged", (long) moderated.size() - flagged(listed))
        .containsEntry("rows", (long) moderated.size());
  }

  @Test
  void theColumnsOfScoresAreTheCategoriesInTheirOrder() {
    assertThat(Schemas.SCORES.fieldNames())
        .containsExactly(
            Arrays.stream(ModerationCategory.values())
                .map(category -> category.word().replace('-', '_'))
                .toArray(String[]::new));
  }

  @Test
  void aRecipeThatModeratesFlagsAndItsSecondRunHasNothingToDo() {
    LineRun run = copy(listed, "flags");
    Called exported = call("export", run.directory());
    assertThat(exported.err()).isEmpty();
    assertThat(exported.out())
        .contains("Nothing to do")
        .contains("moderated   " + run.trees("moderated").size() + ", flagged " + flagged(run));
    List<Row> rows =
        SPARK
            .read()
            .parquet(run.directory().resolve("dataset/parquet").toString())
            .selectExpr("instance_id", "moderation_flagged", "moderation_harassment")
            .collectAsList();
    assertThat(rows).hasSameSizeAs(run.trees("examples"));
    assertThat(rows.stream().filter(row -> row.getBoolean(1)))
        .hasSize(flagged(run))
        .allMatch(row -> row.getDouble(2) >= 0.5);
    assertThat(run.text("dataset/README.md"))
        .contains("The examples were moderated (policy flag): " + flagged(run) + " that are here");
    assertThat(run.text("dataset/alpaca.jsonl")).contains(INSULT);
  }

  @Test
  void flaggedExamplesAreDroppedCountedAndToldAndTablesStay() {
    LineRun run = copy(listed, "drops");
    SortedMap<String, String> examples = LineRun.hashes(run.directory().resolve("examples"));
    Called exported = call("export", run.directory(), "--moderation", "drop");
    int flagged = flagged(run);
    assertThat(exported.out()).as(exported.err()).contains("left out    flagged " + flagged);
    assertThat(run.text("dataset/alpaca.jsonl")).doesNotContain(INSULT).contains(EMAIL);
    assertThat(run.lines("dataset/chat.jsonl")).hasSize(run.trees("examples").size() - flagged);
    assertThat(run.text("dataset/README.md"))
        .contains("| `flagged` | " + flagged + " |")
        .contains("(policy drop): 0 that are here are flagged");
    assertThat(run.json("_manifests/dataset.json").path("counts"))
        .hasToString("{\"left_out_flagged\":" + flagged + "}");
    assertThat(LineRun.hashes(run.directory().resolve("examples"))).isEqualTo(examples);
    assertThat(call("export", run.directory(), "--moderation", "drop").out())
        .contains("Nothing to do");
    assertThat(call("export", run.directory(), "--moderation", "keep").out()).startsWith("Done");
    assertThat(run.text("dataset/alpaca.jsonl")).contains(INSULT);
    assertThat(run.text("dataset/README.md")).doesNotContain("Judged and left out");
  }

  @Test
  void aRunWithoutTheStageIsModeratedWhenItIsCalledFor() {
    LineRun run = copy(plain, "beside");
    SortedMap<String, String> dataset = run.dataset();
    String identity = run.json("run.json").path("identity_hash").asText();
    refused(
        "not all of its instances are moderated: call cria stage moderate --run first",
        "export",
        run.directory(),
        "--moderation",
        "drop");
    Called moderated = call("stage", "moderate", "--run", run.directory());
    assertThat(moderated.code()).as(moderated.err()).isZero();
    assertThat(moderated.out()).startsWith("Done").contains("moderated   ");
    assertThat(call("stage", "moderate", "--run", run.directory()).out())
        .startsWith("Nothing to do");
    assertThat(run.json("run.json").path("identity_hash").asText()).isEqualTo(identity);
    assertThat(run.rows("moderated", "round")).isEqualTo(listed.rows("moderated", "round"));
    assertThat(call("export", run.directory()).out()).startsWith("Nothing to do");
    assertThat(run.dataset()).as("what is not asked for changes nothing").isEqualTo(dataset);
    assertThat(call("export", run.directory(), "--moderation", "drop").code()).isZero();
    assertThat(run.text("dataset/alpaca.jsonl")).doesNotContain(INSULT);
    assertThat(call("export", run.directory()).code()).isZero();
    assertThat(run.dataset()).as("an export is that of its own command").isEqualTo(dataset);
  }

  @Test
  void otherLanguagesModerateAnew() {
    LineRun run = copy(plain, "korean");
    Called called =
        call("stage", "moderate", "--run", run.directory(), "--set", "moderation.languages=[ko]");
    assertThat(called.out()).as(called.err()).contains("flagged 0");
    Called both = call("stage", "moderate", "--run", run.directory(), "--set", "moderation={}");
    assertThat(both.out()).startsWith("Done").contains("flagged " + flagged(listed));
    refused(
        "no rules for the language 'fr'",
        "stage",
        "moderate",
        "--run",
        run.directory(),
        "--set",
        "moderation.languages=[fr]");
  }

  @Test
  void moderationIsAmongTheVerdicts() {
    RunViews.register(SPARK, listed.runner().directory());
    assertThat(
            SPARK
                .sql(
                    "select question, verdict, count(*), count(distinct subject_id) from verdicts"
                        + " where kind = 'moderation' and rater like 'rule:%' group by all")
                .collectAsList())
        .hasSize(4);
    assertThat(
            SPARK
                .sql(
                    "select count(*) from verdicts v join examples e on v.subject_id = e.example_id"
                        + " where question = 'flagged' and verdict = 'yes' and score >= 0.5"
                        + " and reason like '%harassment%'")
                .head()
                .getLong(0))
        .isEqualTo(flagged(listed));
  }

  @Test
  void aKeyWithoutItsStageIsRefusedBeforeAnythingIsPaid() {
    LineRun run =
        LineRun.of(folder.resolve("refused"), "alpaca", "http://127.0.0.1:1/v1")
            .with("moderation.policy", "drop");
    assertThat(org.assertj.core.api.Assertions.catchThrowable(run::inputs))
        .hasMessageContaining("the key 'moderation' needs the stage moderate");
    LineRun seeds =
        LineRun.of(folder.resolve("refused"), "alpaca", "http://127.0.0.1:1/v1")
            .with("includeSeeds", "true")
            .with("select.decontaminated", "true");
    assertThat(org.assertj.core.api.Assertions.catchThrowable(seeds::inputs))
        .hasMessageContaining("'includeSeeds' and 'select' go not together");
  }

  @Test
  void onlyWhatMostRatersFindValidIsExported() {
    LineRun run = copy(plain, "valid");
    List<String> ids = ids(run);
    review(
        run,
        "first",
        List.of(
            all(ids.get(0), "anna", "yes", "yes", "yes"),
            all(ids.get(1), "anna", "yes", "yes", "no"),
            all(ids.get(2), "anna", "yes", "no", "yes"),
            all(ids.get(2), "ben", "yes", "yes", "yes"),
            all(ids.get(3), "anna", "no", "no", "no"),
            all(ids.get(3), "ben", "yes", "yes", "yes"),
            all(ids.get(3), "model:m", "yes", "yes", "yes"),
            List.of(verdict(ids.get(4), "anna", "valid_task", "yes"))));
    Called exported = call("export", run.directory(), "--only", "valid");
    assertThat(exported.out())
        .as(exported.err())
        .contains("left out    not_reviewed " + (ids.size() - 5) + ", not_valid 3");
    assertThat(exportedIds(run)).containsExactlyInAnyOrder(ids.get(0), ids.get(3));
    assertThat(run.text("dataset/README.md"))
        .contains("2 of the run's " + ids.size() + " examples are here.")
        .contains("Only reviewed examples are here (review first)")
        .contains("| `not_valid` | 3 |");
    assertThat(call("export", run.directory(), "--only", "valid").out()).startsWith("Nothing");
    review(run, "first", List.of(all(ids.get(7), "anna", "yes", "yes", "yes")));
    assertThat(call("export", run.directory(), "--only", "valid").out()).startsWith("Done");
    assertThat(exportedIds(run)).containsExactly(ids.get(7));
    review(run, "second", List.of(all(ids.get(8), "anna", "no", "yes", "yes")));
    refused(
        "it has several reviews (first, second): say --only valid:NAME",
        "export",
        run.directory(),
        "--only",
        "valid");
    refused(
        "it has no review 'third': there are first, second",
        "export",
        run.directory(),
        "--only",
        "valid:third");
    refused(
        "nothing is left of its examples (not_reviewed " + (ids.size() - 1) + ", not_valid 1)",
        "export",
        run.directory(),
        "--only",
        "valid:second");
    assertThat(exportedIds(run)).as("the dataset before it stays").containsExactly(ids.get(7));
    assertThat(call("export", run.directory(), "--only", "valid:first").out()).startsWith("Noth");
    assertThat(call("export", run.directory()).out()).startsWith("Done");
    assertThat(run.dataset()).isEqualTo(plain.dataset());
  }

  @Test
  void whatIsNearAnEvaluationSetIsLeftOut() throws IOException {
    LineRun run = copy(plain, "clean");
    List<JsonNode> examples = run.trees("examples");
    refused(
        "its examples were held against no evaluation set: do so by cria decontaminate first",
        "export",
        run.directory(),
        "--decontaminated");
    Path set = set("test.jsonl", examples.get(5));
    assertThat(call("decontaminate", run.directory(), "--against", set).out()).startsWith("1 of ");
    Called exported = call("export", run.directory(), "--decontaminated");
    assertThat(exported.out()).as(exported.err()).contains("left out    near_evaluation 1");
    List<String> left = new ArrayList<>(ids(run));
    left.remove(5);
    assertThat(exportedIds(run)).containsExactlyElementsOf(left);
    assertThat(run.text("dataset/README.md"))
        .contains("Examples near an evaluation set are left out (decontamination evaluation).");
    Path other = set("other.jsonl", examples.get(9));
    assertThat(call("decontaminate", run.directory(), "--against", other, "--name", "other").code())
        .isZero();
    assertThat(call("export", run.directory(), "--decontaminated").out())
        .as("another set's verdicts make another dataset")
        .contains("left out    near_evaluation " + near(run));
    assertThat(call("stage", "moderate", "--run", run.directory()).code()).isZero();
    List<String> ids = ids(run);
    review(
        run,
        "all",
        ids.stream()
            .map(id -> all(id, "anna", "yes", "yes", id.equals(ids.get(9)) ? "no" : "yes"))
            .toList());
    Called each =
        call(
            "export",
            run.directory(),
            "--only",
            "valid",
            "--decontaminated",
            "--moderation",
            "drop");
    assertThat(each.out())
        .as("each is left out for the first reason")
        .contains("left out    flagged ")
        .contains("not_valid 1");
  }

  @Test
  void aDecontaminationOfOtherExamplesIsRefused() throws IOException {
    LineRun run = copy(plain, "stale");
    Path set = set("stale.jsonl", run.trees("examples").get(0));
    assertThat(call("decontaminate", run.directory(), "--against", set).code()).isZero();
    RunDirectory directory = run.runner().directory();
    Manifest made = VerdictTable.published(directory).get(0).manifest();
    Manifest unused =
        VerdictTable.publish(
            directory,
            SPARK.sparkContext().hadoopConfiguration(),
            "decontamination",
            "evaluation",
            made.inputs().subList(1, made.inputs().size()),
            List.<Row>of().iterator());
    refused(
        "it has examples that the decontamination evaluation has not seen: call cria decontaminate"
            + " again",
        "export",
        run.directory(),
        "--decontaminated");
  }

  @Test
  void whatCannotBeSelectedIsRefused() {
    refused(
        "no review was made of this run",
        "export",
        copy(plain, "unreviewed").directory(),
        "--only",
        "valid");
    refused("--only good: give valid, or valid:NAME", "export", "r", "--only", "good");
    refused("--moderation hide: known are drop, flag, keep", "export", "r", "--moderation", "hide");
    refused(
        "--include-seeds goes with neither", "export", "r", "--include-seeds", "--decontaminated");
  }

  private static LineRun copy(LineRun run, String name) {
    try {
      return LineRun.of(
          HandMadeRun.copy(run.directory(), folder.resolve("copy-" + name)),
          "alpaca",
          "http://127.0.0.1:1/v1");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Called call(Object... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err),
            Stream.of(words).map(String::valueOf).toArray(String[]::new));
    return new Called(code, out.toString(), err.toString());
  }

  private static void refused(String message, Object... words) {
    Called called = call(words);
    assertThat(called.err()).contains(message);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines().filter(line -> line.startsWith("cria: "))).hasSize(1);
  }

  private static int flagged(LineRun run) {
    return (int)
        run.trees("moderated").stream().filter(row -> row.path("flagged").asBoolean()).count();
  }

  private static List<ModerationRules> rules() throws IOException {
    List<ModerationRules> rules = new ArrayList<>();
    for (String language : List.of("en", "ko")) {
      String name = "conf/moderation/" + language + ".yaml";
      rules.add(
          ConfigReader.parse(Shipped.FILES.text(name), name, ModerationRules.class, Map.of()));
    }
    return rules;
  }

  private static Map<String, String> instructions(LineRun run) {
    return run.trees("candidates").stream()
        .collect(
            java.util.stream.Collectors.toMap(
                row -> row.path("candidate_id").asText(), row -> row.path("instruction").asText()));
  }

  private static List<String> ids(LineRun run) {
    return run.trees("examples").stream().map(row -> row.path("example_id").asText()).toList();
  }

  private static List<String> exportedIds(LineRun run) {
    return SPARK
        .read()
        .parquet(run.directory().resolve("dataset/parquet").toString())
        .orderBy("round", "row", "item", "n")
        .select("example_id")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  /** Examples that some decontamination found. */
  private static long near(LineRun run) {
    return VerdictTable.read(SPARK, run.runner().directory())
        .select("subject_id")
        .distinct()
        .count();
  }

  private static Path set(String name, JsonNode example) throws IOException {
    return Files.writeString(
        folder.resolve(name), "{\"instruction\": " + example.path("instruction") + "}\n");
  }

  private static List<Row> all(String id, String rater, String task, String input, String output) {
    return List.of(
        verdict(id, rater, "valid_task", task),
        verdict(id, rater, "fitting_input", input),
        verdict(id, rater, "acceptable_output", output));
  }

  private static Row verdict(String id, String rater, String question, String verdict) {
    return Rows.row(Schemas.VERDICTS, id, "", "", rater, question, verdict, null, "", null, null);
  }

  private static void review(LineRun run, String name, List<List<Row>> verdicts) {
    Manifest unused =
        VerdictTable.publish(
            run.runner().directory(),
            SPARK.sparkContext().hadoopConfiguration(),
            "review",
            name,
            List.of(),
            verdicts.stream().flatMap(List::stream).iterator());
  }
}
