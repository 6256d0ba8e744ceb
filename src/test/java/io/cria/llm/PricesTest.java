package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.task.CriaException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PricesTest {
  private static final LocalDate DAY = LocalDate.parse("2026-01-02");
  private static final Prices PRICES =
      Prices.parse(
          """
          prices:
            - {model: "gpt*", from: 2020-01-01, input: 100, output: 100}
            - {model: "gpt-4o*", from: 2024-01-01, input: 5, cached: 2.5, output: 15}
            - {model: "gpt-4o*", from: 2025-01-01, input: 2, cached: 1, output: 10}
            - {model: "gpt-4o*", from: 2030-01-01, input: 9, output: 9}
            - {model: "a.b", from: 2020-01-01, input: 1, output: 1}
          """,
          "p.yaml");

  @Test
  void theMostLiteralThenTheLatestEntryCounts() {
    Usage usage = new Usage(1_000_000, 400_000, 100_000, false);
    Double usd = PRICES.usd("gpt-4o-2024-08-06", "gpt-4o", usage, DAY);
    assertThat(Objects.requireNonNull(usd)).isCloseTo(0.6 * 2 + 0.4 * 1 + 0.1 * 10, within(1e-12));
    assertThat(PRICES.entry("gpt-4o", LocalDate.parse("2024-06-01")).orElseThrow().input())
        .isEqualTo(5);
    assertThat(PRICES.entry("gpt-3", DAY).orElseThrow().input()).isEqualTo(100);
  }

  @Test
  void anUnknownModelHasNoPriceAndADotIsADot() {
    Usage usage = new Usage(1, 0, 1, false);
    assertThat(PRICES.usd("llama", "llama", usage, DAY)).isNull();
    assertThat(PRICES.usd("axb", "axb", usage, DAY)).isNull();
    assertThat(PRICES.usd("gpt-4o", "gpt-4o", null, DAY)).isNull();
    assertThat(PRICES.usd("served-name", "a.b", usage, DAY)).isEqualTo(2e-6);
  }

  @Test
  void theShippedFileReadsAndTheEmbeddedModelIsFree() {
    Prices shipped = Prices.read(Path.of("conf/prices.yaml"));
    Usage usage = new Usage(1000, 0, 1000, false);
    assertThat(shipped.usd("SmolLM2-135M-Instruct", "", usage, DAY)).isEqualTo(0.0);
    assertThat(shipped.usd("gpt-4o-mini-2024-07-18", "", usage, DAY)).isEqualTo(0.00075);
  }

  @Test
  void aBrokenFileIsToldByPlace() {
    assertThatThrownBy(() -> Prices.parse("a: [", "p.yaml"))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("not YAML, p.yaml:1");
    assertThatThrownBy(() -> Prices.parse("a: 1", "p.yaml"))
        .hasMessage("no list \"prices\", p.yaml: give one");
    assertThatThrownBy(() -> Prices.parse("prices: [{model: m, input: 1, output: 1}]", "p.yaml"))
        .hasMessage("price without a date, p.yaml: prices[0]: give from: YYYY-MM-DD");
    assertThatThrownBy(
            () ->
                Prices.parse(
                    "prices: [{model: m, from: 2024-01-01, input: -1, output: 1}]", "p.yaml"))
        .hasMessageStartingWith("input is no price, p.yaml: prices[0]");
    assertThatThrownBy(() -> Prices.read(Path.of("no/such.yaml")))
        .hasMessageContaining("no/such.yaml");
  }
}
