package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.Outcome;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server rejected is asked again on demand, and nothing else is. */
class RetryRejectedTest {
  @TempDir Path folder;

  /** A model that finds some requests too long, until it is mended. */
  private static final class RejectingModel implements ScriptedServer.Script {
    private final ScriptedModel model = ScriptedModel.reliable();
    private final Predicate<Call> tooLong;
    private final AtomicInteger rejected = new AtomicInteger();
    private volatile boolean mended;

    RejectingModel(Predicate<Call> tooLong) {
      this.tooLong = tooLong;
    }

    @Override
    public Reply reply(Call call) {
      if (mended || !tooLong.test(call)) {
        return model.reply(call);
      }
      rejected.incrementAndGet();
      return Reply.error(
          400, "invalid_request_error", "context_length_exceeded", "this prompt is too long");
    }
  }

  private static Predicate<Call> everyThird(String end) {
    AtomicInteger seen = new AtomicInteger();
    return call -> call.promptText().endsWith(end) && seen.getAndIncrement() % 3 == 0;
  }

  private LineRun line(String recipe, ScriptedServer server) {
    return LineRun.of(folder.resolve("run"), recipe, server.baseUrl())
        .with("rounds.policy", "fixed")
        .with("rounds.size", "4")
        .with("limits.inFlight", "1");
  }

  private static Set<String> rejectedKeys(LineRun run) {
    return run.ledger().stream()
        .filter(record -> record.outcome() == Outcome.REJECT_ROW)
        .map(record -> record.requestKey())
        .collect(Collectors.toSet());
  }

  private static long count(LineRun run, String table, String reason) {
    return run.status().counts().getOrDefault(table, Map.of()).getOrDefault(reason, 0L);
  }

  @Test
  void rejectedClassificationsAreAskedAgainAndWhatFollowsIsMadeAnew() throws IOException {
    RejectingModel model = new RejectingModel(everyThird("Is this a classification task?"));
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line("self-instruct", server).with("target", "12");
      assertThat(run.go()).isTrue();
      int rejected = model.rejected.get();
      long kept = count(run, "candidates", "kept");
      assertThat(rejected).isGreaterThan(2);
      assertThat(count(run, "instances", "unclassified")).isEqualTo(rejected);
      assertThat(run.go()).as("a rejection is an end").isFalse();
      int calls = server.calls().size();

      model.mended = true;
      assertThat(run.runner().retryingRejected().runAll(run.inputs())).isTrue();

      List<Call> more = server.calls().subList(calls, server.calls().size());
      assertThat(more)
          .as("the questions that were rejected, then the instances of their subjects")
          .hasSize(2 * rejected);
      assertThat(more.stream().filter(call -> call.timesSeen() > 1)).hasSize(rejected);
      assertThat(count(run, "classified", "rows")).isEqualTo(kept);
      assertThat(count(run, "instances", "unclassified")).isZero();
      assertThat(run.runner().retryingRejected().runAll(run.inputs())).isFalse();
    }
  }

  @Test
  void ofGenerationOnlyTheLastRoundIsAskedAgain() throws IOException {
    AtomicInteger seen = new AtomicInteger();
    RejectingModel model = new RejectingModel(call -> seen.getAndIncrement() % 4 == 1);
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line("alpaca", server).with("target", "25");
      assertThat(run.go()).isTrue();
      List<JsonNode> first = run.trees("candidates");
      int last = first.get(first.size() - 1).path("round").asInt();
      assertThat(last).as("rounds").isPositive();
      int calls = server.calls().size();

      model.mended = true;
      assertThat(run.runner().retryingRejected().runAll(run.inputs())).isTrue();

      assertThat(server.calls()).as("one of the last round's four").hasSize(calls + 1);
      assertThat(run.notes())
          .anyMatch(note -> note.startsWith("generate round " + last + ": 1 rejected"))
          .anyMatch(note -> note.contains("rejected requests of earlier rounds"));
      assertThat(run.trees("candidates").stream().filter(c -> c.path("round").asInt() < last))
          .containsExactlyElementsOf(
              first.stream().filter(c -> c.path("round").asInt() < last).toList());
    }
  }

  @Test
  void aRoundThatWasBegunIsTheLastEvenIfItIsNotWhole() throws IOException {
    AtomicInteger seen = new AtomicInteger();
    RejectingModel model = new RejectingModel(call -> seen.get() % 4 == 1);
    Set<String> paid = ConcurrentHashMap.newKeySet();
    Set<String> paidTwice = ConcurrentHashMap.newKeySet();
    // the second round's later requests are put off, so that it takes more than was to be expected
    ScriptedServer.Script busy =
        call -> {
          boolean putOff = seen.get() > 5 && !model.mended;
          Reply reply =
              putOff
                  ? Reply.error(429, "rate_limit", "rate_limit_exceeded", "slow down")
                      .withHeader("retry-after-ms", "20")
                  : model.reply(call);
          seen.incrementAndGet();
          if (reply.status() == 200 && !paid.add(call.keyDigest())) {
            paidTwice.add(call.keyDigest());
          }
          return reply;
        };
    try (ScriptedServer server = ScriptedServer.start(busy)) {
      LineRun run =
          line("self-instruct", server)
              .with("stages", "[generate]")
              .with("target", "100")
              .with("caps.requests", "8");
      assertThatThrownBy(run::go).hasMessageContaining("the cap of 8 requests is reached");
      List<String> committed = run.rows("candidates");
      List<String> planned = run.rows("requests");
      assertThat(rejectedKeys(run)).as("of the whole round and of the open one").hasSize(2);

      model.mended = true;
      run.with("caps.requests", "11");
      assertThatThrownBy(() -> run.runner().retryingRejected().runAll(run.inputs()))
          .hasMessageContaining("caps.requests");

      assertThat(run.rows("candidates")).containsAll(committed);
      assertThat(run.rows("requests")).containsAll(planned);
      assertThat(server.calls()).hasSize(11);
      assertThat(paid).as("the open round's rejected request too").hasSize(7);
      assertThat(paidTwice).isEmpty();
    }
  }

  @Test
  void aRunClosedWithNothingInItIsNeverDone() throws IOException {
    RejectingModel model = new RejectingModel(call -> true);
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line("alpaca", server).with("target", "25");
      assertThatThrownBy(run::go).hasMessageContaining("this prompt is too long");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> run.runner().closingRound().runAll(run.inputs()))
            .isInstanceOfSatisfying(
                CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
            .hasMessageContaining("not one example was made");
        assertThat(run.status().state()).isEqualTo("failed");
        assertThat(run.directory().resolve("dataset")).doesNotExist();
      }
    }
  }
}
