package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.Prices;
import io.cria.run.Line;
import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.storage.AskedTotals;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several models in one directory take of its caps. */
class CapUseTest {
  private static final LocalDate DAY = LocalDate.parse("2026-01-01");
  private static final Prices PRICES =
      Prices.of(List.of(price("dear", 100), price("free", 0), price("judge", 1)));

  @TempDir Path folder;

  private static Prices.Entry price(String model, double usd) {
    return new Prices.Entry(model, LocalDate.parse("2025-01-01"), usd, usd, usd);
  }

  private RunDirectory run() {
    return RunDirectory.at(folder.resolve("run").toString(), new Configuration());
  }

  /** Plans a round of a stage that asks a model. */
  private void plan(String stage, int round, List<String> models, Manifest.Input... inputs) {
    String directory = Line.REQUESTS.round(stage, round);
    String file = Commits.partFile(directory, 0);
    ParquetRows.write(
        run(),
        file,
        Line.REQUESTS.fileColumns(),
        models.stream()
            .map(
                model ->
                    Rows.row(
                        Line.REQUESTS.fileColumns(),
                        Stream.of(Line.REQUESTS.fileColumns().fields())
                            .map(field -> value(field.name(), model))
                            .toArray()))
            .toList());
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            1,
            stage,
            1,
            "",
            "",
            List.of(inputs),
            List.of(new Manifest.File(file, models.size(), run().size(file), "")),
            Map.of(),
            null);
    new Commits(run()).publish(directory, Map.of(), manifest);
  }

  private static @Nullable Object value(String column, String model) {
    return switch (column) {
      case "model" -> model;
      case "request_key", "content_key", "decoding" -> "x";
      case "row", "sample", "open_number", "subject_item", "subject_row" -> 0;
      case "demonstrations" -> new String[0];
      default -> null;
    };
  }

  /** A million tokens were answered without a price, in ten requests. */
  private static Spend unpriced() {
    return new Spend(
        10,
        BigDecimal.ZERO,
        10,
        0,
        new AskedTotals.Unsure(0, BigDecimal.ZERO, 500_000, 500_000),
        500_000,
        500_000,
        10,
        Map.of("ok", 10L),
        List.of(),
        List.of());
  }

  private Amount used(String... stages) {
    Map<String, Spend> spent =
        Stream.of(stages).collect(Collectors.toMap(stage -> stage, stage -> unpriced()));
    return new CapUse(run(), new Configuration()).of(spent, PRICES, "judge", DAY);
  }

  private static Amount amount(long requests, long tokens, long usd) {
    return new Amount(requests, tokens, Amount.nanoUsd(BigDecimal.valueOf(usd)));
  }

  @Test
  void eachStageCountsAtThePriceOfTheModelThatItAsks() {
    plan("answers-a", 0, List.of("dear"));
    plan("answers-b", 1, List.of("free"));
    plan("judge_pairs", 0, List.of("judge"));
    // a round of which nothing had to be asked
    plan("judge_pairs", 1, List.of());
    assertThat(used("answers-a")).isEqualTo(amount(10, 1_000_000, 100));
    assertThat(used("answers-b")).isEqualTo(amount(10, 1_000_000, 0));
    assertThat(used("answers-a", "answers-b", "judge_pairs")).isEqualTo(amount(30, 3_000_000, 101));
  }

  @Test
  void whatThisMachineAnswersCountsAgainstNoCap() {
    plan("answers-file", 0, List.of("dear"), CapUse.THIS_MACHINE);
    assertThat(used("answers-file")).isEqualTo(Amount.ZERO);
  }

  @Test
  void aLedgerWithoutRequestsCountsAtThePriceOfWhoIsAskedNow() {
    assertThat(used("judge_pairs")).isEqualTo(amount(10, 1_000_000, 1));
  }
}
