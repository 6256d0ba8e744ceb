package io.cria.pipeline;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.cria.config.DecodingConfig;
import io.cria.config.Identity.Instances;
import io.cria.config.RunConfig;
import io.cria.llm.Prices;
import io.cria.llm.Usage;
import io.cria.prompt.BuiltPrompt;
import io.cria.prompt.ClassificationPrompt;
import io.cria.prompt.InstancePrompt;
import io.cria.prompt.RoundPrompt;
import io.cria.stage.GeneratePrompts;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a run would ask and cost, before anything is sent. Prompts are really built and their tokens
 * counted (o200k_base); how many requests the target needs, and how long answers are, is assumed:
 * the assumptions are printed.
 */
public final class DryRun {
  private static final int SAMPLE = 20;
  private static final double SECONDS_PER_ANSWER = 15;
  private static final double ANSWER_SHARE = 0.5;

  private final RunInputs inputs;
  private final LocalDate today;

  public DryRun(RunInputs inputs, LocalDate today) {
    this.inputs = inputs;
    this.today = today;
  }

  /**
   * One stage's share.
   *
   * @param stage its name
   * @param requests that it would send, as assumed
   * @param promptTokens of one request, mean of a sample
   * @param maxTokens that one answer may have
   * @param usd expected price of all; null when no price is known
   * @param usdAtMost were every answer as long as it may be; null likewise
   */
  public record Line(
      String stage,
      long requests,
      long promptTokens,
      int maxTokens,
      @Nullable Double usd,
      @Nullable Double usdAtMost) {}

  /** The paid stages of the recipe. */
  public List<Line> lines() {
    RunConfig config = inputs.config();
    List<Line> lines = new ArrayList<>();
    double yield = keptPerRequest(config.generate().parser());
    long generate = (long) Math.ceil(config.target() / yield);
    lines.add(line("generate", generate, generatePrompts(), config.generate().decoding()));
    if (config.stages().contains("classify") && config.classify() != null) {
      ClassificationPrompt prompt = ClassificationPrompt.of(inputs.prompts());
      List<String> texts = sample().map(s -> prompt.build(s.instruction()).text()).toList();
      lines.add(line("classify", config.target(), texts, config.classify().decoding()));
    }
    Instances instances = config.instances();
    if (config.stages().contains("instances") && instances != null) {
      InstancePrompt prompt = InstancePrompt.named(instances.prompt(), inputs.prompts());
      List<String> texts =
          sample().map(s -> prompt.build(s.instruction(), s.isClassification()).text()).toList();
      lines.add(line("instances", config.target(), texts, instances.inputFirst()));
    }
    return lines;
  }

  private java.util.stream.Stream<SeedTask> sample() {
    return inputs.seeds().stream().limit(SAMPLE);
  }

  private List<String> generatePrompts() {
    RunConfig config = inputs.config();
    RoundPrompt prompt =
        GeneratePrompts.builder(config.generate(), inputs.prompts(), inputs.seeds());
    List<String> texts = new ArrayList<>();
    for (int row = 0; row < SAMPLE; row++) {
      BuiltPrompt built =
          prompt.build(
              List.of(),
              SeededRandom.of(config.rounds().seed(), io.cria.run.Line.GENERATE.name(), 0, row));
      texts.add(built.text());
    }
    return texts;
  }

  /**
   * What an answer of each kind gives, from the published programs' own experience, rounded down.
   */
  private static double keptPerRequest(String parser) {
    return switch (parser) {
      case "numbered-list" -> 3.0;
      case "alpaca-blocks" -> 10.0;
      default -> 0.5;
    };
  }

  private Line line(String stage, long requests, List<String> prompts, DecodingConfig decoding) {
    Encoding encoding = Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
    long tokens =
        Math.round(prompts.stream().mapToInt(encoding::countTokensOrdinary).average().orElse(0));
    int most = decoding.maxTokens();
    return new Line(
        stage,
        requests,
        tokens,
        most,
        usd(requests, tokens, (long) (most * ANSWER_SHARE)),
        usd(requests, tokens, most));
  }

  private @Nullable Double usd(long requests, long promptTokens, long completionTokens) {
    String model = inputs.config().model();
    Prices prices =
        inputs.prices().isEmpty() ? Prices.none() : Prices.parse(inputs.prices(), "the price list");
    Double one =
        prices.usd(
            model,
            model,
            new Usage(Math.toIntExact(promptTokens), 0, Math.toIntExact(completionTokens), true),
            today);
    return one == null ? null : one * requests;
  }

  /** The estimate as a table for people. */
  public String text() {
    RunConfig config = inputs.config();
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "Estimate: recipe %s, model %s, target %,d instructions. Nothing is sent.%n%n",
            config.recipe(),
            config.model(),
            config.target()));
    out.append(
        String.format(
            Locale.ROOT,
            "%-10s %10s %14s %12s %12s %12s%n",
            "stage",
            "requests",
            "prompt tokens",
            "max tokens",
            "USD",
            "USD at most"));
    long requests = 0;
    double usd = 0;
    double most = 0;
    boolean priced = true;
    for (Line line : lines()) {
      out.append(
          String.format(
              Locale.ROOT,
              "%-10s %,10d %,14d %,12d %12s %12s%n",
              line.stage(),
              line.requests(),
              line.promptTokens(),
              line.maxTokens(),
              money(line.usd()),
              money(line.usdAtMost())));
      requests += line.requests();
      Double expected = line.usd();
      Double atMost = line.usdAtMost();
      priced &= expected != null && atMost != null;
      usd += expected == null ? 0 : expected;
      most += atMost == null ? 0 : atMost;
    }
    out.append(
        String.format(
            Locale.ROOT,
            "%-10s %,10d %14s %12s %12s %12s%n%n",
            "all",
            requests,
            "",
            "",
            money(priced ? Double.valueOf(usd) : null),
            money(priced ? Double.valueOf(most) : null)));
    double seconds = requests * SECONDS_PER_ANSWER / config.limits().inFlight();
    out.append(
        String.format(
            Locale.ROOT,
            "Assumed: %.1f kept instructions a request, answers half as long as they may be, %.0f s an"
                + " answer; so about %s with %d requests in flight on one executor.%n",
            keptPerRequest(config.generate().parser()),
            SECONDS_PER_ANSWER,
            duration(seconds),
            config.limits().inFlight()));
    if (!priced) {
      out.append("No price is known for this model: add it to the price list (key prices).\n");
    }
    Long cap = config.caps().requests();
    out.append(
        cap == null
            ? "No cap on requests is set (caps.requests).\n"
            : String.format(Locale.ROOT, "Cap: %,d requests (caps.requests).%n", cap));
    return out.toString();
  }

  private static String money(@Nullable Double usd) {
    return usd == null ? "unknown" : String.format(Locale.ROOT, "%.2f", usd);
  }

  private static String duration(double seconds) {
    if (seconds < 90) {
      return Math.round(seconds) + " s";
    }
    return seconds < 5400
        ? Math.round(seconds / 60) + " min"
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
