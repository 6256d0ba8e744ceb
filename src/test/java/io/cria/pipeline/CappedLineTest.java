package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.fake.ScriptedServer;
import io.cria.run.Shortfall;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a cap leaves of a line: the later stages do what can be done, the dataset has what is
 * through every stage, the exit code is 4, and a higher cap goes on as if there had been none.
 */
class CappedLineTest {
  private static final List<String> PAID = List.of("generate", "classify", "instances");

  private static final int TARGET = 16;
  private static final Map<String, List<String>> NEVER_CAPPED_TABLES = new HashMap<>();
  private static SortedMap<String, String> neverCappedDataset = new TreeMap<>();

  @TempDir static Path neverCapped;

  @TempDir Path folder;

  private final ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable());

  @BeforeAll
  static void goThroughWithoutACap() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line(neverCapped.resolve("run"), server, TARGET);
      assertThat(run.go()).isTrue();
      LineRun.TABLES.forEach(table -> NEVER_CAPPED_TABLES.put(table, run.rows(table)));
      neverCappedDataset = run.dataset();
    }
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private LineRun line(int target) {
    return line(folder.resolve("run"), server, target);
  }

  /** Rounds of one request each. */
  private static LineRun line(Path directory, ScriptedServer server, int target) {
    return LineRun.of(directory, "self-instruct", server.baseUrl())
        .with("target", String.valueOf(target))
        .with("rounds.policy", "fixed")
        .with("rounds.size", "1");
  }

  private static CriaException capped(LineRun run) {
    return capped(run::go);
  }

  private static CriaException capped(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    CriaException told = catchThrowableOfType(CriaException.class, call);
    assertThat(told).isNotNull();
    assertThat(told.exitCode()).as(told.getMessage()).isEqualTo(ExitCode.CAP_REACHED);
    assertThat(told.getMessage()).hasLineCount(1);
    return told;
  }

  private LineRun withRoom(LineRun run, int more) {
    return run.with("caps.requests", String.valueOf(server.calls().size() + more));
  }

  private static Set<Integer> rounds(LineRun run, String table) {
    return run.trees(table).stream()
        .map(row -> row.path("round").asInt())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static long kept(LineRun run) {
    return run.trees("candidates").stream().filter(c -> c.path("kept").asBoolean()).count();
  }

  private static boolean stage(LineRun run, String name) {
    return run.runner().runStage(run.inputs(), name);
  }

  /** A run without a cap, from the first request to the last, has the same tables and bytes. */
  private static void isAsIfNeverCapped(LineRun run) {
    assertThat(run.with("caps.requests", "100000").go()).isTrue();
    assertThat(run.status().state()).isEqualTo("done");
    assertThat(run.status().shortfall()).isEmpty();
    for (String table : LineRun.TABLES) {
      assertThat(run.rows(table)).as(table).isEqualTo(NEVER_CAPPED_TABLES.get(table));
    }
    assertThat(run.dataset()).isEqualTo(neverCappedDataset);
    assertThat(run.go()).as("nothing is left to do").isFalse();
  }

  @Test
  void aCapWithinTheFirstRoundLeavesNoDataset() {
    LineRun run = line(8).with("rounds.size", "4").with("caps.requests", "2");
    assertThat(capped(run))
        .hasMessageContaining("the cap of 2 requests is reached (caps.requests)")
        .hasMessageEndingWith("nothing is through every stage yet, and no dataset was made");
    assertThat(server.calls()).hasSize(2);
    assertThat(run.directory().resolve("dataset")).doesNotExist();
    RunStatus status = run.status();
    assertThat(status.state()).isEqualTo("capped");
    assertThat(status.exitCode()).isEqualTo(4);
    assertThat(status.stage()).isEqualTo("dataset");
    assertThat(status.shortfall())
        .extracting(Shortfall.Cause::stage, Shortfall.Cause::cut)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("generate", true));

    assertThat(capped(() -> stage(run, "dataset"))).hasMessageContaining("no dataset was made");
    assertThat(stage(run, "classify")).as("there is no whole round to ask about").isFalse();
    assertThat(run.with("caps.requests", "1000").go()).isTrue();
    assertThat(run.status().shortfall()).isEmpty();
  }

  @Test
  void aCapAmongTheClassesLeavesTheDatasetOfEarlierRounds() {
    LineRun run = line(5);
    assertThat(run.go()).isTrue();
    List<String> first = run.rows("examples");
    long through = kept(run);
    run.with("target", String.valueOf(TARGET));
    assertThat(stage(run, "generate")).isTrue();
    withRoom(run, 2);
    int before = server.calls().size();

    assertThat(capped(run))
        .hasMessageContaining("(caps.requests)")
        .hasMessageEndingWith(
            "; the dataset has "
                + first.size()
                + " examples of "
                + through
                + " instructions that are through every stage");

    assertThat(server.calls()).hasSize(before + 2);
    assertThat(run.rows("examples")).isEqualTo(first);
    isAsIfNeverCapped(run);
  }

  @Test
  void aCapAmongTheInstancesLeavesTheDatasetOfWholeRounds() {
    LineRun run = line(TARGET);
    assertThat(stage(run, "generate")).isTrue();
    assertThat(stage(run, "classify")).isTrue();
    withRoom(run, 9);

    CriaException told = capped(run);

    Set<Integer> through = rounds(run, "instances");
    assertThat(through).isNotEmpty();
    assertThat(rounds(run, "candidates")).hasSizeGreaterThan(through.size());
    assertThat(rounds(run, "examples")).isEqualTo(through);
    assertThat(told)
        .hasMessageContaining(
            "the dataset has " + run.lines("dataset/alpaca.jsonl").size() + " examples of ");
    assertThat(run.text("dataset/README.md")).contains("self-instruct");
    List<String> partial = run.rows("examples");
    assertThat(capped(run)).as("the same command again").hasMessage(told.getMessage());
    assertThat(capped(() -> stage(run, "dataset"))).hasMessage(told.getMessage());
    assertThat(run.rows("examples")).isEqualTo(partial);
    isAsIfNeverCapped(run);
  }

  @Test
  void stagesGivenOneByOneWorkOnBehindACapAndTheLastTellsIt() {
    LineRun run = line(TARGET);
    assertThat(stage(run, "generate")).isTrue();
    assertThat(stage(run, "classify")).isTrue();
    withRoom(run, 9);
    CriaException cut = capped(() -> stage(run, "instances"));
    assertThat(run.status().stage()).isEqualTo("instances");
    assertThat(capped(() -> stage(run, "dataset")))
        .hasMessageStartingWith(cut.getMessage())
        .hasMessageContaining("instructions that are through every stage");
    run.with("caps.requests", "100000");
    assertThat(stage(run, "instances")).isTrue();
    assertThat(run.status().shortfall()).as("what cut it is overcome").isEmpty();
    assertThat(stage(run, "dataset")).isTrue();
    assertThat(run.status().exitCode()).isZero();
    isDone(run);
  }

  private static void isDone(LineRun run) {
    assertThat(run.go()).isFalse();
    assertThat(run.status().state()).isEqualTo("done");
  }

  @Test
  void withoutACapAStageBeforeItsTurnIsRefused() {
    LineRun run = line(5);
    assertThat(stage(run, "generate")).isTrue();
    for (String early : List.of("instances", "dataset")) {
      CriaException told = catchThrowableOfType(CriaException.class, () -> stage(run, early));
      assertThat(told.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(told).hasMessageContaining("run the stages before this one first");
    }
  }

  @Test
  void generationEndsWhileWhatItKeptCanBePaid() {
    LineRun run = line(TARGET).with("caps.requests", "28");

    assertThat(capped(run))
        .hasMessageContaining("generation ends at ")
        .hasMessageContaining(" of 16 instructions: another round is expected to take 1 request ")
        .hasMessageContaining("of the 28 requests of caps.requests ")
        .hasMessageContaining("raise the cap and give the same command to go on");

    assertThat(server.calls()).hasSizeBetween(15, 28);
    assertThat(run.trees("instances").stream().map(i -> i.path("candidate_id")).distinct())
        .as("every kept instruction is through")
        .hasSize((int) kept(run));
    assertThat(run.status().state()).isEqualTo("capped");
    assertThat(run.notes()).anyMatch(note -> note.startsWith("generation ends at "));
    isAsIfNeverCapped(run);
  }

  @Test
  void anEarlyEndIsToldByTheLastStageAlone() {
    LineRun run = line(TARGET).with("caps.requests", "28");
    for (String stage : PAID) {
      assertThat(stage(run, stage)).as(stage).isTrue();
      assertThat(run.status().exitCode()).isZero();
      assertThat(run.status().shortfall()).hasSize(1);
    }
    assertThat(run.notes()).filteredOn(note -> note.startsWith("generation ends at ")).hasSize(1);
    CriaException told = capped(() -> stage(run, "dataset"));
    assertThat(told).hasMessageContaining("generation ends at ");
    assertThat(run.status().exitCode()).isEqualTo(4);
    assertThat(run.status().reason()).isEqualTo(told.getMessage());
    assertThat(run.lines("dataset/alpaca.jsonl")).isNotEmpty();

    assertThat(stage(run, "generate")).as("under the same cap it ends at once").isFalse();
    isAsIfNeverCapped(run);
  }

  @Test
  void behindAnEarlyEndTheOrderOfStagesHolds() {
    LineRun run = line(TARGET).with("caps.requests", "28");
    assertThat(stage(run, "generate")).isTrue();
    CriaException told = catchThrowableOfType(CriaException.class, () -> stage(run, "dataset"));
    assertThat(told.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void aPlannedRoundIsGoneOnWithWhateverItTakes() throws IOException {
    LineRun run = line(10);
    assertThat(stage(run, "generate")).isTrue();
    List<String> candidates = run.rows("candidates");
    int last = rounds(run, "candidates").size() - 1;
    assertThat(last).isPositive();
    for (String table : List.of("candidates", "answers/stage=generate")) {
      for (Path file : LineRun.files(run.directory().resolve("_manifests/" + table))) {
        if (file.toString().contains("round=" + last)) {
          Files.delete(file);
        }
      }
    }
    withRoom(run, 0);
    assertThat(stage(run, "generate")).as("its answers are there").isTrue();
    assertThat(run.rows("candidates")).isEqualTo(candidates);
    assertThat(run.status().shortfall()).isEmpty();
  }

  @Test
  void noSecondRoundIsPlannedWhereTheFirstTookTheMost() {
    LineRun run = line(36).with("rounds.size", "4").with("caps.requests", "6");
    assertThat(stage(run, "generate")).isTrue();
    assertThat(rounds(run, "candidates")).containsExactly(0);
    assertThat(run.status().shortfall()).hasSize(1);
    assertThat(server.calls()).hasSize(4);
  }

  @Test
  void instructionsThatBecomeTooDearEndGeneration() {
    LineRun run = line(TARGET).with("caps.usdPerInstruction", "0.0000001");
    assertThat(capped(run))
        .hasMessageContaining("generation ends at ")
        .hasMessageContaining(
            "caps.usdPerInstruction allows 0.0000001 USD, and an instruction cost")
        .hasMessageContaining("in the last round")
        .hasMessageContaining("instructions that are through every stage");
    assertThat(rounds(run, "candidates")).containsExactly(0);
    assertThat(rounds(run, "examples")).containsExactly(0);
    isAsIfNeverCapped(run.with("caps.usdPerInstruction", "10"));
  }

  @Test
  void anUnreachableEndpointIsToldAlsoUnderACap() throws IOException {
    LineRun run =
        line(TARGET)
            .with("caps.requests", "28")
            .with("limits.outageSeconds", "1")
            .with("limits.attempts", "2");
    assertThat(stage(run, "generate")).isTrue();
    server.close();
    CriaException told = catchThrowableOfType(CriaException.class, () -> stage(run, "classify"));
    assertThat(told.exitCode()).as(told.getMessage()).isEqualTo(ExitCode.ENDPOINT);
    assertThat(run.status().shortfall()).as("the next invocation knows it still").isNotEmpty();
  }

  @Test
  void statusOfAnEarlierVersionHasNoShortfall() {
    LineRun run = line(5);
    assertThat(run.go()).isTrue();
    JsonNode status = run.json("status.json");
    assertThat(status.has("shortfall")).isTrue();
    assertThat(
            io.cria.storage.Json.read(
                    run.text("status.json").replace("\"shortfall\"", "\"other\""), RunStatus.class)
                .shortfall())
        .isEmpty();
  }
}
