package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import io.cria.task.SeededRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round whose instances are cut behind its first part: the dataset has that part. */
class CappedPartTest {
  private static final int ITEMS = 1500;
  private static final int REQUESTS = 3;
  private static final String LETTERS = "abcdefghijklmnopqrst";

  @TempDir Path folder;

  /** Long lists of instructions that are never near each other, and one output for each. */
  private static Reply reply(ScriptedServer.Call call) {
    String prompt = call.promptText();
    if (!prompt.startsWith("Below is a numbered list of tasks")) {
      return Reply.text(call, "\nExample 1\nOutput: as it is", "stop");
    }
    SeededRandom random = SeededRandom.of(1, call.text(), 0, 0);
    StringBuilder text = new StringBuilder();
    for (int item = 0; item < ITEMS; item++) {
      text.append(item == 0 ? "" : "\n" + (9 + item) + ".");
      for (int word = 0; word < 5; word++) {
        text.append(' ');
        for (int letter = 0; letter < 5; letter++) {
          text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
      }
      text.append('.');
    }
    return Reply.text(call, text.toString(), "stop");
  }

  private LineRun line(String name, ScriptedServer server) {
    return LineRun.of(folder.resolve(name), "self-instruct", server.baseUrl())
        .with("stages", "[generate, instances, dataset]")
        .with("target", "4200")
        .with("rounds.size", String.valueOf(REQUESTS))
        .with("limits.inFlight", "64");
  }

  @Test
  void theDatasetHasTheCommittedPartAndLaterTheRest() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(CappedPartTest::reply)) {
      LineRun run = line("run", server);
      assertThat(run.runner().runStage(run.inputs(), "generate")).isTrue();
      long kept =
          run.status().counts().getOrDefault("candidates", Map.of()).getOrDefault("kept", 0L);
      assertThat(kept).isBetween(Part.ROWS + 100L, REQUESTS * (long) ITEMS);
      run.with("caps.requests", String.valueOf(REQUESTS + Part.ROWS + 70));

      CriaException told = catchThrowableOfType(CriaException.class, run::go);

      assertThat(told.exitCode()).isEqualTo(ExitCode.CAP_REACHED);
      assertThat(told)
          .hasMessageEndingWith(
              "; the dataset has 4,096 examples of 4,096 instructions that are through every"
                  + " stage");
      assertThat(run.lines("dataset/alpaca.jsonl")).hasSize(Part.ROWS);
      SortedMap<String, String> partial = run.dataset();
      assertThat(catchThrowableOfType(CriaException.class, run::go)).hasMessage(told.getMessage());
      assertThat(run.dataset()).as("nothing more is through").isEqualTo(partial);

      assertThat(run.with("caps.requests", "100000").go()).isTrue();

      assertThat(run.lines("dataset/alpaca.jsonl")).hasSize((int) kept);
      assertThat(server.calls()).hasSize((int) (REQUESTS + kept));
      LineRun never = line("never-capped", server);
      assertThat(never.go()).isTrue();
      for (String table : List.of("candidates", "instances", "examples")) {
        assertThat(run.rows(table)).as(table).isEqualTo(never.rows(table));
      }
      assertThat(run.dataset()).isEqualTo(never.dataset());
    }
  }
}
