package io.cria.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cria.task.CriaException;
import io.cria.task.Key;
import io.cria.task.UserText;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What tokens cost, by model and date. Among the entries whose pattern fits a model and whose date
 * has come, the one with the most literal characters counts, and of those the latest.
 */
public final class Prices {
  private static final double TOKENS_PER_PRICE = 1e6;
  private static final int PRICE_DIGITS = 6;

  private final List<Entry> entries;

  private Prices(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** A price list's file, for its description. */
  public record Listing(
      @Key(value = "Prices by model and date", needed = "[]") List<Entry> prices) {
    public Listing {
      prices = List.copyOf(prices);
    }
  }

  /** One price. */
  public record Entry(
      @Key(value = "A model's name, * for any run of characters", needed = "gpt-4.1*") String model,
      @Key(value = "First day it holds", needed = "2025-04-14") LocalDate from,
      @Key(value = "US dollars per million prompt tokens", needed = "2.0", min = 0) double input,
      @Key(
              value = "US dollars per million prompt tokens found in the provider's cache",
              otherwise = "as input",
              min = 0)
          double cached,
      @Key(value = "US dollars per million generated tokens", needed = "8.0", min = 0)
          double output) {
    boolean fits(String name) {
      String expression = "\\Q" + model.replace("*", "\\E.*\\Q") + "\\E";
      return Pattern.compile(expression, Pattern.DOTALL).matcher(name).matches();
    }

    /** US dollars of so many tokens, none of them cached. */
    public BigDecimal usd(long promptTokens, long completionTokens) {
      return Prices.usd(input, output, promptTokens, completionTokens);
    }

    private int literals() {
      return model.replace("*", "").length();
    }
  }

  /** No price is known. */
  public static Prices none() {
    return new Prices(List.of());
  }

  /**
   * The prices of a list's text; none of an empty one.
   *
   * @throws CriaException (bad input) naming the entry
   */
  public static Prices listed(String text) {
    return text.isEmpty() ? none() : parse(text, "the price list");
  }

  /** US dollars of so many tokens at prices a million. */
  static BigDecimal usd(double input, double output, long promptTokens, long completionTokens) {
    return BigDecimal.valueOf(input)
        .multiply(BigDecimal.valueOf(promptTokens))
        .add(BigDecimal.valueOf(output).multiply(BigDecimal.valueOf(completionTokens)))
        .movePointLeft(PRICE_DIGITS);
  }

  /** These prices. */
  public static Prices of(List<Entry> entries) {
    return new Prices(entries);
  }

  /**
   * Reads YAML: a list {@code prices} of {@code {model, from, input, cached, output}}; {@code
   * cached} may be left out and is then the price of input.
   *
   * @throws CriaException (bad input) naming file and entry
   */
  public static Prices read(Path file) {
    try {
      return parse(UserText.read(file), file.toString());
    } catch (IOException e) {
      throw new CriaException(
          io.cria.task.ExitCode.BAD_INPUT,
          "cannot read the prices, " + file + ": name a readable file",
          e);
    }
  }

  /** As {@link #read}, from text; {@code name} stands in messages. */
  public static Prices parse(String yaml, String name) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(yaml);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw CriaException.badInput(
          "not YAML, "
              + name
              + ":"
              + line
              + ": correct it ("
              + firstLine(e.getOriginalMessage())
              + ")");
    }
    List<Entry> entries = new ArrayList<>();
    JsonNode list = root.path("prices");
    if (!list.isArray()) {
      throw CriaException.badInput("no list \"prices\", " + name + ": give one");
    }
    for (JsonNode node : list) {
      entries.add(entry(node, name + ": prices[" + entries.size() + "]"));
    }
    return new Prices(entries);
  }

  private static Entry entry(JsonNode node, String where) {
    String model = node.path("model").asText("");
    if (model.isEmpty()) {
      throw CriaException.badInput("price without model, " + where + ": name the model");
    }
    LocalDate from;
    try {
      from = LocalDate.parse(node.path("from").asText(""));
    } catch (DateTimeException e) {
      throw CriaException.badInput("price without a date, " + where + ": give from: YYYY-MM-DD");
    }
    double input = usd(node.path("input"), "input", where);
    double output = usd(node.path("output"), "output", where);
    double cached = node.has("cached") ? usd(node.path("cached"), "cached", where) : input;
    return new Entry(model, from, input, cached, output);
  }

  private static double usd(JsonNode node, String field, String where) {
    if (!node.isNumber() || node.doubleValue() < 0) {
      throw CriaException.badInput(
          field + " is no price, " + where + ": give USD per million tokens, at least 0");
    }
    return node.doubleValue();
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** The price that holds for a model on a day. */
  public Optional<Entry> entry(String model, LocalDate day) {
    return entries.stream()
        .filter(entry -> !entry.from().isAfter(day) && entry.fits(model))
        .max(Comparator.comparingInt(Entry::literals).thenComparing(Entry::from));
  }

  /**
   * USD for an answer, priced by the name the answer bears or else by the name asked for; null
   * where no price is known or no usage.
   */
  public @Nullable Double usd(String answered, String asked, @Nullable Usage usage, LocalDate day) {
    if (usage == null) {
      return null;
    }
    return entry(answered, day)
        .or(() -> entry(asked, day))
        .map(
            price ->
                ((usage.prompt() - usage.cached()) * price.input()
                        + usage.cached() * price.cached()
                        + usage.completion() * price.output())
                    / TOKENS_PER_PRICE)
        .orElse(null);
  }
}
