package io.cria.pipeline;

import static io.cria.pipeline.EstimateText.add;

import io.cria.config.RunConfig;
import java.math.BigDecimal;
import java.util.List;

/** A dry run's figures as people read them. */
final class DryRunText {
  private final RunConfig config;
  private final List<DryRun.Line> lines;
  private final double keptPerRequest;
  private final EstimateText estimate;

  DryRunText(
      RunConfig config, List<DryRun.Line> lines, double keptPerRequest, List<String> unpriced) {
    this.config = config;
    this.lines = lines;
    this.keptPerRequest = keptPerRequest;
    this.estimate =
        new EstimateText(
            config.asking(),
            lines,
            unpriced,
            "generation would end early, and the run with exit code 4");
  }

  String text() {
    StringBuilder out = new StringBuilder();
    add(
        out,
        "Estimate: recipe %s, model %s, target %,d instructions. Nothing is sent.%n",
        config.recipe(),
        config.model(),
        config.target());
    estimate.table(out);
    assumptions(out);
    estimate.time(out);
    estimate.caps(out);
    capOfInstruction(out);
    return out.toString();
  }

  private void assumptions(StringBuilder out) {
    add(
        out,
        "Prompt tokens and max tokens are those of one request. Tokens and USD are expected of all:"
            + " %.1f kept instructions a request of generate, answers half as long as they may be,"
            + " none asked twice. USD at worst: what is set aside before sending, a token for"
            + " every byte of a prompt and answers as long as they may be.",
        keptPerRequest);
  }

  private void capOfInstruction(StringBuilder out) {
    BigDecimal each = config.caps().usdPerInstruction();
    if (each != null) {
      BigDecimal generation = lines.get(0).expected().usd();
      boolean reached =
          generation.compareTo(each.multiply(BigDecimal.valueOf(config.target()))) > 0;
      add(
          out,
          "Cap: usdPerInstruction %s %s",
          EstimateText.shown(each),
          reached ? estimate.during("generate") : EstimateText.UNDER);
    }
  }
}
