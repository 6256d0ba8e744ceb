package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.Prices;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import io.cria.testing.FaultCase;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random caps over runs that die in the middle: what the server bills never exceeds a cap, and what
 * dataset there is holds nothing but examples of the run without caps. A run dies by going on from
 * a copy of its directory as it lay there at some call, as after a kill, what was on its way then
 * stands nowhere. {@code -Dcria.caps=200} makes as many rounds.
 */
class CapsUnderKillsTest {
  private static final String MODEL = "gpt-4.1-mini";
  private static final int MOST_KILLS = 2;

  private final int rounds = Integer.getInteger("cria.caps", 4);

  @TempDir Path folder;

  /** What the server bills: every answer that it has made, whoever received it. */
  private static final class Billing implements ScriptedServer.Script {
    private final ScriptedModel model = ScriptedModel.faulty();
    private final Prices.Entry price;
    private final SeededRandom random;
    private long requests;
    private long tokens;
    private BigDecimal usd = BigDecimal.ZERO;
    private int callsLeft;
    private Runnable kill = () -> {};
    private boolean doomed;

    Billing(Prices.Entry price, SeededRandom random) {
      this.price = price;
      this.random = random;
    }

    /** Kills at the n-th call from now on. */
    synchronized void killAt(int calls, Runnable how) {
      doomed = false;
      callsLeft = calls;
      kill = how;
    }

    @Override
    public synchronized Reply reply(Call call) {
      if (doomed) {
        return Reply.error(401, "dead", "invalid_api_key", "this run is dead");
      }
      Reply reply = model.reply(call);
      requests++;
      if (reply.status() == 200) {
        JsonNode usage = LineRun.tree(reply.body()).path("usage");
        long prompt = usage.path("prompt_tokens").longValue();
        long completion = usage.path("completion_tokens").longValue();
        tokens += prompt + completion;
        usd = usd.add(price.usd(prompt, completion));
      }
      if (callsLeft > 0 && --callsLeft == 0) {
        doomed = true;
        kill.run();
      }
      return reply.status() == 200 && random.nextInt(40) == 0
          ? reply.withFault(Reply.Fault.RESET_IN_BODY)
          : reply.withDelay(Duration.ofMillis(2));
    }
  }

  private LineRun line(Path directory, ScriptedServer server) {
    return LineRun.of(directory, "self-instruct", server.baseUrl())
        .with("target", "40")
        .with("rounds.policy", "fixed")
        .with("rounds.size", "6")
        .with("model", MODEL)
        .with("limits.inFlight", "6");
  }

  @FaultCase(27)
  @Test
  void noCapIsEverExceededAndTheDatasetIsSound() throws IOException {
    Prices prices = Prices.read(LineRun.home().resolve("conf/prices.yaml"));
    Prices.Entry price = prices.entry(MODEL, LocalDate.parse("2026-11-01")).orElseThrow();
    Billing whole = new Billing(price, SeededRandom.of(1, "whole", 0, 0));
    Set<String> examples;
    try (ScriptedServer server = ScriptedServer.start(whole)) {
      LineRun run = line(folder.resolve("reference"), server);
      assertThat(run.go()).isTrue();
      examples = new HashSet<>(run.text("dataset/alpaca.jsonl").lines().toList());
    }
    int reached = 0;
    for (int round = 0; round < rounds; round++) {
      reached += capped(round, price, whole, examples) ? 1 : 0;
    }
    assertThat(reached).as("runs that ended at their cap").isPositive();
  }

  private boolean capped(int round, Prices.Entry price, Billing whole, Set<String> examples)
      throws IOException {
    SeededRandom random = SeededRandom.of(3, "caps", round, 0);
    double share = 0.05 + 1.2 * random.nextDouble();
    Billing billing = new Billing(price, random);
    int currency = random.nextInt(3);
    long requests = currency == 0 ? (long) (share * whole.requests) : Long.MAX_VALUE;
    long tokens = currency == 1 ? (long) (share * whole.tokens) : Long.MAX_VALUE;
    BigDecimal usd =
        currency == 2 ? whole.usd.multiply(BigDecimal.valueOf(share)) : BigDecimal.valueOf(1e9);
    try (ScriptedServer server = ScriptedServer.start(billing)) {
      Path directory = folder.resolve("run-" + round);
      @Nullable CriaException end = null;
      int kills = random.nextInt(MOST_KILLS + 1);
      for (int life = 0; life <= kills; life++) {
        Path next = folder.resolve("run-" + round + "-" + life);
        Path now = directory;
        int calls = life < kills ? 1 + random.nextInt(60) : 0;
        billing.killAt(calls, () -> image(now, next));
        LineRun run =
            line(now, server)
                .with("caps.requests", requests == Long.MAX_VALUE ? "null" : "" + requests)
                .with("caps.tokens", tokens == Long.MAX_VALUE ? "null" : "" + tokens)
                .with("caps.usd", currency == 2 ? usd.toPlainString() : "null");
        end = null;
        try {
          boolean unused = run.go();
        } catch (CriaException e) {
          end = e;
        }
        assertThat(billing.requests).as("requests, round %d", round).isLessThanOrEqualTo(requests);
        assertThat(billing.tokens).as("tokens, round %d", round).isLessThanOrEqualTo(tokens);
        assertThat(billing.usd).as("USD, round %d", round).isLessThanOrEqualTo(usd);
        if (Files.isDirectory(next)) {
          directory = next;
        } else {
          break;
        }
      }
      if (end != null) {
        assertThat(end.exitCode()).as("%s", end).isEqualTo(ExitCode.CAP_REACHED);
      }
      Path dataset = directory.resolve("dataset/alpaca.jsonl");
      if (Files.exists(dataset)) {
        List<String> lines = Files.readAllLines(dataset);
        assertThat(lines).isNotEmpty().doesNotHaveDuplicates();
        assertThat(examples).containsAll(lines);
      }
      return end != null;
    }
  }

  /**
   * The run as it lies there now. While it is copied commits may go on: what they need is older
   * than they are, so they are copied first, and data that came meanwhile by a second pass; then
   * the ledger, last what was granted.
   */
  private static void image(Path from, Path to) {
    for (int pass = 0; pass < 2; pass++) {
      copy(from, to, top -> !Set.of("ledger", "_budget", "_lock", "_tmp").contains(top));
    }
    copy(from, to, "ledger"::equals);
    copy(from, to, "_budget"::equals);
  }

  private static void copy(Path from, Path to, Predicate<String> tops) {
    for (Path file : files(from)) {
      Path path = from.relativize(file);
      Path copy = to.resolve(path.toString());
      if (tops.test(path.getName(0).toString()) && !Files.exists(copy)) {
        try {
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        } catch (NoSuchFileException e) {
          // it was a temporary one, and is gone
          assertThat(file).doesNotExist();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** A folder may go while it is walked: then it is walked again. */
  private static List<Path> files(Path from) {
    while (true) {
      try {
        return LineRun.files(from);
      } catch (UncheckedIOException e) {
        assertThat(e).hasCauseInstanceOf(NoSuchFileException.class);
      }
    }
  }
}
