package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.LedgerLines;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.run.Line;
import io.cria.storage.AskedTotals;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run has spent: from manifests where there are some, from the ledger for the rest. */
class SpendTest {
  private static final String LEDGER = "ledger/stage=generate/round=0000/";

  @TempDir Path folder;

  private RunDirectory run = RunDirectory.at("unset", new Configuration());

  /** A part that is committed, whose segment cannot be read any more, and an open one. */
  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
    String unreadable = "summed before: not to be read\n";
    run.replace(LEDGER + "segment-p00000-w1-0001.jsonl", unreadable);
    commit(unreadable.length());
    run.replace(
        LEDGER + "segment-p00001-w1-0001.jsonl",
        line("b", "generate", Outcome.OK, 0.25, null)
            + line("c", "generate", Outcome.RETRY_TRANSIENT, null, new Amount(1, 700, 9_000_000)));
    run.replace(
        "ledger/stage=classify/round=0000/segment-p00000-w1-0001.jsonl",
        line("d", "classify", Outcome.OK, null, null));
  }

  private void commit(long bytes) {
    AskedTotals asked =
        new AskedTotals(
            4096,
            4000,
            0,
            4200,
            3,
            100_000,
            0,
            20_000,
            new BigDecimal("1.5"),
            0,
            new AskedTotals.Unsure(1000, new BigDecimal("0.01"), 0, 0),
            Map.of("ok", 4200L),
            AskedTotals.Won.NONE,
            List.of(new AskedTotals.Segment(LEDGER + "segment-p00000-w1-0001.jsonl", bytes, 4200)),
            List.of(),
            List.of());
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT, 1, "generate", 1, "", "", List.of(), List.of(), Map.of(), asked);
    String unit = Commits.part(Line.GENERATE.answers(0), 0);
    new Commits(run).publish(unit, Map.of(), manifest);
  }

  private static String line(
      String key, String stage, Outcome outcome, @Nullable Double usd, @Nullable Amount reserved) {
    boolean answered = outcome == Outcome.OK;
    return LedgerLines.line(
            new LedgerRecord(
                key.repeat(64),
                1,
                stage,
                0,
                0,
                outcome,
                answered ? 200 : null,
                answered ? "stop" : null,
                "{}",
                answered ? "1. Name a fish." : null,
                answered ? new Usage(40, 0, 12, false) : null,
                "small",
                usd,
                null,
                Instant.parse("2026-01-01T00:00:00Z"),
                120,
                null,
                !answered,
                answered ? null : "timed out",
                reserved))
        + "\n";
  }

  @Test
  void eachStageHasItsOwnSums() {
    Map<String, Spend> stages = Spend.byStage(run);
    assertThat(stages.keySet()).containsExactly("generate", "classify");
    Spend generate = Objects.requireNonNull(stages.get("generate"));
    assertThat(generate.records()).isEqualTo(4202);
    assertThat(generate.usable()).isEqualTo(4001);
    assertThat(generate.usd()).isEqualByComparingTo("1.75");
    assertThat(generate.suspectedPaid()).isEqualTo(4);
    assertThat(generate.unsure().tokens()).isEqualTo(1700);
    assertThat(generate.unsure().usd()).isEqualByComparingTo("0.019");
    assertThat(generate.damage()).isEmpty();
    Spend classify = Objects.requireNonNull(stages.get("classify"));
    assertThat(classify.records()).isOne();
    assertThat(classify.unpriced()).isOne();
    assertThat(classify.unsure().promptTokens()).isEqualTo(40);
  }

  @Test
  void theStagesTogetherAreTheRun() {
    Spend total = Spend.of(run);
    assertThat(total).isEqualTo(Spend.total(Spend.byStage(run)));
    assertThat(total.records()).isEqualTo(4203);
    assertThat(total.promptTokens()).isEqualTo(100_080);
    assertThat(total.outcomes()).isEqualTo(Map.of("ok", 4202L, "retry-transient", 1L));
  }

  @Test
  void whatIsAnsweredOfARoundIsReadForOpenPartsAlone() {
    assertThat(Spend.answered(run, Line.GENERATE, 0)).isEqualTo(4097);
    assertThat(Spend.answered(run, Line.CLASSIFY, 0)).isOne();
    assertThat(Spend.answered(run, Line.INSTANCES, 0)).isZero();
  }
}
