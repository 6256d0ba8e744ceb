package io.cria.cli;

import io.cria.ask.Spend;
import io.cria.config.Operation.Caps;
import io.cria.run.Line;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a run has spent over all its invocations, for a person. What is known, what has no price and
 * what may have been billed stand apart.
 */
final class SpendText {
  private static final int DIGITS = 4;
  private static final int MORE_DIGITS = 8;

  /**
   * Of the table of the stages.
   *
   * @param uncertain whether most runs have none of it
   */
  private record Column(String head, boolean uncertain, Function<Spend, Object> value) {
    String cell(Spend spend) {
      return String.valueOf(value.apply(spend));
    }
  }

  private static final List<Column> COLUMNS =
      List.of(
          new Column("requests", false, Spend::records),
          new Column("answers", false, Spend::usable),
          new Column("tokens sent", false, Spend::promptTokens),
          new Column("generated", false, Spend::completionTokens),
          new Column("usd", false, spend -> usd(spend.usd())),
          new Column("unpriced", true, Spend::unpriced),
          new Column("may be billed", true, Spend::suspectedPaid));

  private final Map<String, Spend> stages;
  private final Spend total;
  private final Amount lost;

  /**
   * @param stages what each stage has spent
   */
  SpendText(Map<String, Spend> stages) {
    this(stages, Amount.ZERO);
  }

  private SpendText(Map<String, Spend> stages, Amount lost) {
    this.stages = stages;
    this.lost = lost;
    this.total = Spend.total(stages);
  }

  /** The sum of the known prices. */
  String spent() {
    return usd(total.usd());
  }

  /** The same with what jobs that were killed held of the caps, and may have spent. */
  SpendText withLost(Amount amount) {
    return new SpendText(stages, amount);
  }

  /** What the sum lacks: a line each. */
  List<String> apart() {
    List<String> lines = new ArrayList<>();
    if (!lost.equals(Amount.ZERO)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "and what killed jobs may have spent: at worst %d requests, %d tokens, %s",
              lost.requests(),
              lost.tokens(),
              usd(lost.usd())));
    }
    if (total.unpriced() > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "and %d answers without a known price: %d tokens sent, %d generated",
              total.unpriced(),
              total.unsure().promptTokens(),
              total.unsure().completionTokens()));
    }
    if (total.suspectedPaid() > 0) {
      lines.add("and " + total.suspectedPaid() + " lost attempts that may have been billed");
    }
    if (total.unsure().tokens() > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "and what is not known of these, or of answers without usage: at worst %d tokens, %s",
              total.unsure().tokens(),
              usd(total.unsure().usd())));
    }
    return lines;
  }

  /**
   * How far the caps are used up: a line each.
   *
   * @param used of the caps, without what killed jobs may have spent
   * @param kept accepted instructions
   */
  List<String> against(Caps caps, Amount used, long kept) {
    Amount taken = used.plus(lost);
    List<String> lines = new ArrayList<>();
    if (caps.requests() != null) {
      lines.add(taken.requests() + " of " + caps.requests() + " requests");
    }
    String worst = apart().isEmpty() ? "" : ", the uncertain at worst";
    if (caps.tokens() != null) {
      lines.add(taken.tokens() + " of " + caps.tokens() + " tokens" + worst);
    }
    BigDecimal usd = caps.usd();
    if (usd != null) {
      lines.add(usd(taken.usd()) + " of " + usd(usd) + worst);
    }
    BigDecimal each = caps.usdPerInstruction();
    if (each != null && kept > 0) {
      Spend generate = stages.getOrDefault(Line.GENERATE.name(), Spend.total(Map.of()));
      lines.add(
          usd(generate.usd().divide(BigDecimal.valueOf(kept), MORE_DIGITS, RoundingMode.HALF_UP))
              + " an accepted instruction on average, of at most "
              + usd(each)
              + " in a round");
    }
    return lines;
  }

  /** A table of the stages; what is uncertain has a column where there is any. */
  String byStage() {
    List<Column> columns =
        COLUMNS.stream()
            .filter(
                column ->
                    !column.uncertain()
                        || stages.values().stream().anyMatch(s -> !column.cell(s).equals("0")))
            .toList();
    List<String> head = new ArrayList<>(List.of("stage"));
    columns.forEach(column -> head.add(column.head()));
    TextTable table = new TextTable(head, TextTable.MAX_CELL);
    stages.forEach(
        (stage, spend) -> {
          List<@Nullable String> cells = new ArrayList<>();
          cells.add(stage);
          columns.forEach(column -> cells.add(column.cell(spend)));
          table.add(cells);
        });
    return table.render();
  }

  private static String usd(BigDecimal dollars) {
    return "$" + dollars.setScale(DIGITS, RoundingMode.HALF_UP).toPlainString();
  }
}
