package io.cria.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.page.PageServer;
import io.cria.page.Visit;
import io.cria.storage.RunDirectory;
import io.cria.testing.ExampleRun;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of a run is told over HTTP. */
class ViewPageTest {
  @TempDir Path folder;
  private final SparkSession spark = LocalSpark.session();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private Visit serve(RunDirectory run) {
    ViewedRun viewed = new ViewedRun(spark, run, Clock.systemUTC());
    PageServer server = PageServer.start(new ViewPage(viewed, "runs/x").routes(), 0);
    open.add(server);
    open.add(viewed);
    return new Visit(server.url());
  }

  private static List<String> column(JsonNode rows, String name) {
    List<String> values = new ArrayList<>();
    rows.path("rows").forEach(row -> values.add(row.path(name).asText()));
    return values;
  }

  @Test
  void everyTableIsShownFilteredAndSearched() {
    Visit visit = serve(HandMadeRun.write(spark, folder));
    JsonNode tables = visit.get("/api/tables").json();
    assertThat(tables.path("title").asText()).isEqualTo("runs/x");
    assertThat(tables.path("tables"))
        .extracting(JsonNode::asText)
        .containsExactly("examples", "candidates", "pool", "instances");
    JsonNode summary = visit.get("/api/table?table=candidates").json();
    assertThat(summary.path("rows").asInt()).isEqualTo(3);
    assertThat(summary.path("reasons"))
        .hasToString("[{\"value\":\"similar\",\"n\":1},{\"value\":\"too_short\",\"n\":1}]");
    assertThat(column(visit.get("/api/rows?table=candidates").json(), "text"))
        .containsExactly("Name a fish.", "Name.", "Name two birds, please.");
    assertThat(column(visit.get("/api/rows?table=candidates&reason=similar").json(), "score"))
        .containsExactly("0.75");
    assertThat(column(visit.get("/api/rows?table=candidates&kind=kept").json(), "key"))
        .containsExactly("0.0.0.0");
    assertThat(column(visit.get("/api/rows?table=candidates&q=BIRDS").json(), "key"))
        .containsExactly("0.1.0.0");
    assertThat(visit.get("/api/count?table=candidates&q=name").json().path("count").asInt())
        .isEqualTo(3);
    assertThat(column(visit.get("/api/rows?table=pool").json(), "text"))
        .containsExactly("Name a colour.", "Name two birds.", "Name a fish.");
    assertThat(column(visit.get("/api/rows?table=instances&kind=rejected").json(), "reason"))
        .containsExactly("same_as_input");
    assertThat(column(visit.get("/api/rows?table=instances&kind=kept").json(), "text"))
        .containsExactly("Name a fish.");
    assertThat(column(visit.get("/api/rows").json(), "output")).containsExactly("salmon\nor carp");
    assertThat(visit.get("/api/rows?table=none").status()).isEqualTo(404);
    assertThat(visit.get("/api/rows?from=1.2").status()).isEqualTo(400);
  }

  @Test
  void anExamplesStoryGoesBackToTheVeryPrompt() {
    Visit visit = serve(HandMadeRun.write(spark, folder));
    JsonNode story = visit.get("/api/story?table=examples&key=0.0.0.0").json();
    assertThat(story.path("row").path("instruction").asText()).isEqualTo("Name a fish.");
    JsonNode asked = story.path("asked").path(0);
    assertThat(asked.path("prompt").asText()).isEqualTo("Come up with tasks.");
    assertThat(asked.path("demonstrations"))
        .extracting(JsonNode::asText)
        .containsExactly("seed_1", "seed_0");
    assertThat(story.path("shown"))
        .extracting(one -> one.path("key").asText() + " " + one.path("instruction").asText())
        .containsExactly("-1.1.0.0 Name two birds.", "-1.0.0.0 Name a colour.");
    assertThat(story.path("parsed"))
        .extracting(one -> one.path("instruction").asText() + one.path("reason").asText())
        .containsExactly("Name a fish.", "Name.too_short");
    assertThat(story.path("instances"))
        .extracting(one -> one.path("reason").asText())
        .containsExactly("", "same_as_input");
    assertThat(story.path("examples").path(0).path("isThis").asBoolean()).isTrue();
    assertThat(story.has("near")).isFalse();
  }

  @Test
  void aRejectedTextStandsBesideItsNeighbour() {
    Visit visit = serve(HandMadeRun.write(spark, folder));
    JsonNode near = visit.get("/api/story?table=candidates&key=0.1.0.0").json().path("near");
    assertThat(near.path("id").asText()).isEqualTo("seed_1");
    assertThat(near.path("key").asText()).isEqualTo("-1.1.0.0");
    assertThat(near.path("score").asDouble()).isEqualTo(0.75);
    assertThat(near.path("words").path("common").asInt()).isEqualTo(3);
    assertThat(near.path("words").path("left"))
        .hasToString(
            "[{\"text\":\"Name\",\"common\":true},{\"text\":\" \",\"common\":false},"
                + "{\"text\":\"two\",\"common\":true},{\"text\":\" \",\"common\":false},"
                + "{\"text\":\"birds\",\"common\":true},{\"text\":\", please.\",\"common\":false}]");
    JsonNode seed = visit.get("/api/story?table=pool&key=-1.1.0.0").json();
    assertThat(seed.path("row").path("kind").asText()).isEqualTo("seed");
    assertThat(seed.path("asked")).isEmpty();
    assertThat(visit.get("/api/story?table=pool&key=5.0.0.0").status()).isEqualTo(404);
  }

  @Test
  void pagesFollowOneAnotherInBothWays() {
    Visit visit = serve(ExampleRun.write(spark, folder, 90, 3));
    List<String> all = new ArrayList<>();
    String where = "";
    for (boolean more = true; more; ) {
      JsonNode page = visit.get("/api/rows?most=40" + where).json();
      assertThat(page.path("isFirst").asBoolean()).isEqualTo(all.isEmpty());
      all.addAll(column(page, "key"));
      where = "&after=" + all.get(all.size() - 1);
      more = !page.path("isLast").asBoolean();
    }
    assertThat(all).hasSize(91).doesNotHaveDuplicates();
    JsonNode last = visit.get("/api/rows?most=40&last=1").json();
    assertThat(column(last, "key")).isEqualTo(all.subList(51, 91));
    JsonNode before = visit.get("/api/rows?most=40&before=" + all.get(51)).json();
    assertThat(column(before, "key")).isEqualTo(all.subList(11, 51));
    assertThat(before.path("isLast").asBoolean()).isFalse();
    JsonNode from = visit.get("/api/rows?most=40&from=" + all.get(51)).json();
    assertThat(column(from, "key")).isEqualTo(all.subList(51, 91));
    JsonNode some = visit.get("/api/rows?kind=classification&round=1&q=task+number+4").json();
    assertThat(column(some, "text"))
        .containsExactly("Do task number 42.", "Do task number 45.", "Do task number 48.");
  }

  @Test
  void whatTheRunHasCommittedSinceIsSeenWhenReadAnew() {
    RunDirectory run = ExampleRun.write(spark, folder, 10, 1);
    Visit visit = serve(run);
    assertThat(visit.get("/api/table").json().path("rows").asInt()).isEqualTo(11);
    ExampleRun.write(spark, folder, 20, 2);
    assertThat(visit.get("/api/table").json().path("rows").asInt()).isEqualTo(11);
    assertThat(visit.post("/api/anew", Map.of()).status()).isEqualTo(200);
    assertThat(visit.get("/api/table").json().path("rows").asInt()).isEqualTo(21);
  }
}
