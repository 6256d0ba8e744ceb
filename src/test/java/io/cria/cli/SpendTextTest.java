package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.ask.Spend;
import io.cria.config.ConfigReader;
import io.cria.config.RunConfig;
import io.cria.storage.AskedTotals;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpendTextTest {
  private static Spend spend(
      long records, String usd, long unpriced, long suspected, AskedTotals.Unsure unsure) {
    return new Spend(
        records,
        new BigDecimal(usd),
        unpriced,
        suspected,
        unsure,
        1000 * records,
        100 * records,
        records - suspected,
        Map.of("ok", records),
        List.of(),
        List.of());
  }

  private static SpendText text() {
    Map<String, Spend> stages = new LinkedHashMap<>();
    stages.put("generate", spend(20, "1.5", 0, 2, unsure(5000, "0.25", 0, 0)));
    stages.put("instances", spend(10, "0.125", 3, 0, unsure(0, "0", 3_000_000, 200_000)));
    return new SpendText(stages);
  }

  private static AskedTotals.Unsure unsure(long tokens, String usd, long prompt, long completion) {
    return new AskedTotals.Unsure(tokens, new BigDecimal(usd), prompt, completion);
  }

  private static RunConfig config(Map<String, String> caps) {
    Map<String, String> all = new LinkedHashMap<>(caps);
    all.put("model", "m1");
    Path conf = Path.of(System.getProperty("cria.home", "."), "conf", "alpaca.yaml");
    return ConfigReader.read(conf, RunConfig.class, all);
  }

  @Test
  void whatIsNotKnownForSureStandsApart() {
    assertThat(text().spent()).isEqualTo("$1.6250");
    assertThat(text().apart())
        .containsExactly(
            "and 3 answers without a known price: 3000000 tokens sent, 200000 generated",
            "and 2 lost attempts that may have been billed",
            "and what is not known of these, or of answers without usage: at worst 5000 tokens,"
                + " $0.2500");
    assertThat(new SpendText(Map.of()).spent()).isEqualTo("$0.0000");
    assertThat(new SpendText(Map.of()).apart()).isEmpty();
  }

  @Test
  void everyStageHasItsLine() {
    assertThat(text().byStage())
        .isEqualTo(
            """
            stage      requests  answers  tokens sent  generated  usd      unpriced  may be billed
            ---------  --------  -------  -----------  ---------  -------  --------  -------------
            generate   20        18       20000        2000       $1.5000  0         2
            instances  10        10       10000        1000       $0.1250  3         0
            """);
  }

  @Test
  void capsAreToldWithTheUncertainAtWorst() {
    RunConfig config =
        config(
            Map.of(
                "caps.requests",
                "40",
                "caps.tokens",
                "50000",
                "caps.usd",
                "12.50",
                "caps.usdPerInstruction",
                "0.01"));
    // 1.625 known, 0.25 perhaps billed, 3 M tokens at $2 and 0.2 M at $10
    Amount used = new Amount(30, 38_000, 9_875_000_000L);
    assertThat(text().against(config.caps(), used, 300))
        .containsExactly(
            "30 of 40 requests",
            "38000 of 50000 tokens, the uncertain at worst",
            "$9.8750 of $12.5000, the uncertain at worst",
            "$0.0050 an accepted instruction on average, of at most $0.0100 in a round");
    assertThat(text().against(config(Map.of()).caps(), used, 300)).isEmpty();
  }
}
