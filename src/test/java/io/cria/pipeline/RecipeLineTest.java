package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every recipe's whole line on local Spark, against a scripted model behind HTTP. */
class RecipeLineTest {
  private static final Map<String, List<String>> COLUMNS =
      Map.of(
          "requests",
          List.of("request_key", "stage", "round", "row", "sample", "demonstrations", "decoding"),
          "candidates",
          List.of(
              "candidate_id",
              "request_key",
              "answer_id",
              "round",
              "row",
              "item",
              "raw",
              "instruction",
              "input",
              "output",
              "kept",
              "reason",
              "neighbour_id",
              "neighbour_score"),
          "classified",
          List.of("candidate_id", "answer_id", "is_classification", "raw"),
          "instances",
          List.of(
              "instance_id", "candidate_id", "answer_id", "n", "input", "output", "kept", "reason"),
          "examples",
          List.of(
              "example_id",
              "instance_id",
              "instruction",
              "input",
              "output",
              "is_classification",
              "source",
              "model",
              "recipe",
              "prompt",
              "completion",
              "messages"));

  private static final Map<String, Set<String>> CANDIDATE_REASONS =
      Map.of(
          "self-instruct",
          Set.of(
              "cut_by_length",
              "too_short",
              "too_long",
              "keyword",
              "write_a_program",
              "punctuation_start",
              "non_ascii_start",
              "similar",
              "reject-row"),
          "alpaca",
          Set.of(
              "cut_by_length",
              "malformed",
              "too_short",
              "keyword",
              "write_a_program",
              "punctuation_start",
              "non_ascii_start",
              "similar"),
          "quickstart",
          Set.of("cut_by_length", "keyword", "punctuation_start", "similar", "no_end_punctuation"));

  private static final Map<String, Set<String>> INSTANCE_REASONS =
      Map.of(
          "self-instruct",
          Set.of(
              "malformed",
              "same_as_input",
              "empty_output",
              "ends_with_colon",
              "conflicting_outputs",
              "duplicate",
              "over_limit"),
          "alpaca",
          Set.of(),
          "quickstart",
          Set.of("same_as_input", "empty_output"));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "self-instruct, chat, 80, 16",
    "self-instruct, completions, 4, 2",
    "alpaca, completions, 40, 12",
    "alpaca, chat, 4, 2",
    "quickstart, completions, 40, 60"
  })
  void theWholeLine(String recipe, String dialect, int target, int roundSize) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.faulty())) {
      LineRun run =
          LineRun.of(folder.resolve("run"), recipe, server.baseUrl())
              .with("endpoint.dialect", dialect)
              .with("target", String.valueOf(target))
              .with("rounds.size", String.valueOf(roundSize));

      assertThat(run.go()).as("there was work to do").isTrue();

      tablesHaveTheirColumns(run, recipe);
      Map<String, List<JsonNode>> tables = tables(run);
      everyRequestIsAnsweredInTheLedger(run, tables);
      idsJoinAlongTheLine(run, tables);
      rejectsAreCountedByReason(run, tables, recipe, target);
      exportsReadBack(run, tables);
      runAndStatusTell(run, recipe);
      askedAsTheDialectSays(server, dialect);
      int calls = server.calls().size();
      Map<String, String> dataset = run.dataset();
      assertThat(run.go()).as("the second time there is nothing to do").isFalse();
      assertThat(server.calls()).hasSize(calls);
      assertThat(run.dataset()).isEqualTo(dataset);
    }
  }

  /** All tables, read once. */
  private static Map<String, List<JsonNode>> tables(LineRun run) {
    return LineRun.TABLES.stream().collect(Collectors.toMap(t -> t, run::trees));
  }

  private static void tablesHaveTheirColumns(LineRun run, String recipe) {
    for (String table : LineRun.TABLES) {
      if (recipe.equals("self-instruct") || !table.equals("classified")) {
        assertThat(run.columns(table)).as(table).containsAll(COLUMNS.get(table));
      }
    }
  }

  private static void everyRequestIsAnsweredInTheLedger(
      LineRun run, Map<String, List<JsonNode>> tables) {
    Set<String> planned = new HashSet<>();
    for (JsonNode request : rows(tables, "requests")) {
      assertThat(request.has("prompt")).isNotEqualTo(request.has("messages"));
      assertThat(planned.add(request.path("request_key").textValue())).isTrue();
    }
    Map<String, Long> terminal =
        run.ledger().stream()
            .filter(record -> record.outcome().isTerminal())
            .collect(Collectors.groupingBy(LedgerRecord::requestKey, Collectors.counting()));
    assertThat(terminal.keySet()).isEqualTo(planned);
    assertThat(terminal.values()).containsOnly(1L);
    for (LedgerRecord record : run.ledger()) {
      boolean answered = record.outcome() == Outcome.OK;
      assertThat(record.usage() != null).isEqualTo(answered || isPaid(record));
      assertThat(record.body()).isNotEmpty();
      assertThat(record.httpStatus()).isNotNull();
    }
  }

  private static boolean isPaid(LedgerRecord record) {
    return record.outcome() == Outcome.TERMINAL_PAID;
  }

  private static void idsJoinAlongTheLine(LineRun run, Map<String, List<JsonNode>> tables) {
    Set<String> requests = ids(tables, "requests", "request_key");
    Set<String> answers =
        run.ledger().stream().map(LedgerRecord::answerId).collect(Collectors.toSet());
    Map<String, JsonNode> candidates = new HashMap<>();
    for (JsonNode c : rows(tables, "candidates")) {
      String id = c.path("candidate_id").textValue();
      assertThat(candidates.put(id, c)).as(id).isNull();
      assertThat(requests).contains(c.path("request_key").textValue());
      assertThat(answers).contains(c.path("answer_id").textValue());
      assertThat(id).isEqualTo(c.path("request_key").textValue() + "#" + c.path("item").intValue());
      assertThat(c.path("kept").booleanValue()).isEqualTo(!c.has("reason"));
      assertThat(c.has("neighbour_id")).isEqualTo("similar".equals(c.path("reason").textValue()));
    }
    for (JsonNode c : rows(tables, "classified")) {
      assertThat(there(candidates, c.path("candidate_id").textValue()).path("kept").booleanValue())
          .isTrue();
      assertThat(answers).contains(c.path("answer_id").textValue());
    }
    Map<String, JsonNode> instances = new HashMap<>();
    for (JsonNode i : rows(tables, "instances")) {
      String owner = i.path("candidate_id").textValue();
      assertThat(there(candidates, owner).path("kept").booleanValue()).isTrue();
      assertThat(answers).contains(i.path("answer_id").textValue());
      String id = owner + "/" + i.path("n").intValue();
      assertThat(i.path("instance_id").textValue()).isEqualTo(id);
      assertThat(instances.put(id, i)).as(id).isNull();
    }
    Set<String> kept =
        candidates.values().stream()
            .filter(c -> c.path("kept").booleanValue())
            .map(c -> c.path("candidate_id").textValue())
            .collect(Collectors.toSet());
    assertThat(ids(tables, "instances", "candidate_id")).as("each has a record").isEqualTo(kept);
    Set<String> exampled = new HashSet<>();
    for (JsonNode e : rows(tables, "examples")) {
      JsonNode instance = there(instances, e.path("instance_id").textValue());
      assertThat(instance.path("kept").booleanValue()).isTrue();
      assertThat(e.path("input")).isEqualTo(instance.path("input"));
      assertThat(e.path("output")).isEqualTo(instance.path("output"));
      assertThat(e.path("instruction"))
          .isEqualTo(
              there(candidates, instance.path("candidate_id").textValue()).path("instruction"));
      assertThat(e.path("source").textValue()).isEqualTo("machine");
      exampled.add(e.path("instance_id").textValue());
    }
    assertThat(exampled)
        .isEqualTo(
            instances.values().stream()
                .filter(i -> i.path("kept").booleanValue())
                .map(i -> i.path("instance_id").textValue())
                .collect(Collectors.toSet()));
  }

  private static List<JsonNode> rows(Map<String, List<JsonNode>> tables, String table) {
    return tables.getOrDefault(table, List.of());
  }

  private static Set<String> ids(Map<String, List<JsonNode>> tables, String table, String column) {
    return rows(tables, table).stream()
        .map(row -> row.path(column).textValue())
        .collect(Collectors.toSet());
  }

  private static <T> T there(Map<String, T> byId, String id) {
    return Objects.requireNonNull(byId.get(id), id);
  }

  private static void rejectsAreCountedByReason(
      LineRun run, Map<String, List<JsonNode>> tables, String recipe, int target) {
    Map<String, Map<String, Long>> counts = run.status().counts();
    for (String table : List.of("candidates", "instances")) {
      Map<String, Long> counted =
          rows(tables, table).stream()
              .collect(
                  Collectors.groupingBy(
                      row -> row.path("reason").asText("kept"), Collectors.counting()));
      Map<String, Long> told = new HashMap<>(there(counts, table));
      assertThat(told.remove("rows"))
          .isEqualTo(counted.values().stream().mapToLong(Long::longValue).sum());
      assertThat(told).as(table).isEqualTo(counted);
    }
    assertThat(there(counts, "candidates").get("kept")).isGreaterThanOrEqualTo(target);
    if (target >= 40) {
      assertThat(there(counts, "candidates").keySet()).containsAll(CANDIDATE_REASONS.get(recipe));
      assertThat(there(counts, "instances").keySet()).containsAll(INSTANCE_REASONS.get(recipe));
    }
  }

  private static void exportsReadBack(LineRun run, Map<String, List<JsonNode>> tables) {
    List<JsonNode> examples = rows(tables, "examples");
    assertThat(new TreeSet<>(run.dataset().keySet()))
        .contains(
            "README.md",
            "alpaca.json",
            "alpaca.jsonl",
            "chat.jsonl",
            "parquet/part-00000.parquet",
            "prompt-completion.jsonl",
            "self-instruct.jsonl");
    List<String> triples = examples.stream().map(RecipeLineTest::triple).toList();
    JsonNode array = run.json("dataset/alpaca.json");
    assertThat(array.isArray()).isTrue();
    assertThat(triplesOf(array)).isEqualTo(triples);
    assertThat(run.lines("dataset/alpaca.jsonl").stream().map(RecipeLineTest::triple).toList())
        .isEqualTo(triples);
    assertThat(run.lines("dataset/chat.jsonl").stream().map(l -> l.path("messages")).toList())
        .isEqualTo(examples.stream().map(e -> e.path("messages")).toList());
    List<String> nested = new ArrayList<>();
    for (JsonNode line : run.lines("dataset/self-instruct.jsonl")) {
      assertThat(line.path("is_classification").isBoolean()).isTrue();
      for (JsonNode instance : line.path("instances")) {
        nested.add(
            line.path("instruction")
                + "|"
                + instance.path("input")
                + "|"
                + instance.path("output"));
      }
    }
    assertThat(nested).isEqualTo(triples);
    assertThat(
            run.lines("dataset/prompt-completion.jsonl").stream()
                .map(l -> l.path("prompt") + "|" + l.path("completion"))
                .toList())
        .isEqualTo(
            examples.stream()
                .map(e -> e.path("prompt") + "|" + e.path("completion"))
                .distinct()
                .toList());
    assertThat(run.text("dataset/README.md")).startsWith("---\n");
    for (String file : List.of("alpaca.json", "chat.jsonl", "self-instruct.jsonl")) {
      assertThat(run.text("dataset/" + file)).endsWith("\n").doesNotContain("\r", "\\u00");
    }
  }

  private static List<String> triplesOf(JsonNode array) {
    List<String> triples = new ArrayList<>();
    array.forEach(element -> triples.add(triple(element)));
    return triples;
  }

  private static String triple(JsonNode example) {
    return example.path("instruction") + "|" + example.path("input") + "|" + example.path("output");
  }

  private static void runAndStatusTell(LineRun run, String recipe) {
    JsonNode made = run.json("run.json");
    assertThat(made.path("identity").path("recipe").textValue()).isEqualTo(recipe);
    assertThat(made.path("identity_hash").textValue()).matches("[0-9a-f]{64}");
    assertThat(made.path("versions").path("spark").textValue()).startsWith("4.");
    RunStatus status = run.status();
    assertThat(status.state()).isEqualTo("done");
    assertThat(status.exitCode()).isZero();
    assertThat(status.reason()).isEmpty();
    assertThat(status.spend().records()).isEqualTo(run.ledger().size());
    assertThat(status.spend().damage()).isEmpty();
    assertThat(run.lockHolder()).isEmpty();
  }

  private static void askedAsTheDialectSays(ScriptedServer server, String dialect) {
    String path = dialect.equals("chat") ? "/v1/chat/completions" : "/v1/completions";
    // a request that fails while it is alone has the server asked whether it is up
    assertThat(server.calls())
        .filteredOn(call -> !call.method().equals("GET"))
        .isNotEmpty()
        .allMatch(call -> call.path().equals(path));
  }
}
