package io.cria.pipeline;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.cria.config.DecodingConfig;
import io.cria.config.Identity.Instances;
import io.cria.config.RunConfig;
import io.cria.llm.Prices;
import io.cria.prompt.BuiltPrompt;
import io.cria.prompt.ClassificationPrompt;
import io.cria.prompt.InstancePrompt;
import io.cria.prompt.RoundPrompt;
import io.cria.run.Estimate;
import io.cria.stage.GeneratePrompts;
import io.cria.task.Amount;
import io.cria.task.Message;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run would ask and cost, before anything is sent. Prompts are really built and their tokens
 * counted (o200k_base); how many requests the target needs, and how long answers are, is assumed:
 * the assumptions are printed.
 */
public final class DryRun {
  private static final int SAMPLE = 20;
  private static final double ANSWER_SHARE = 0.5;

  /** What a server may wrap a message in, in tokens, at most. */
  private static final int TOKENS_A_MESSAGE = 16;

  private final RunInputs inputs;
  private final LocalDate today;
  private final Prices prices;

  public DryRun(RunInputs inputs, LocalDate today) {
    this.inputs = inputs;
    this.today = today;
    this.prices = PriceCheck.prices(inputs);
  }

  /**
   * One stage's share.
   *
   * @param stage its name
   * @param requests that it would send, as assumed
   * @param promptTokens of one request, mean of a sample
   * @param maxTokens that one answer may have
   * @param one what one request takes: expected, with an answer half as long as it may be; at
   *     worst, as it is set aside before it is sent, with a token for every byte of the longest
   *     prompt of the sample
   */
  record Line(String stage, long requests, long promptTokens, int maxTokens, Estimate one) {
    Amount expected() {
      return one.expected().times((double) requests);
    }

    Amount worst() {
      return one.worst().times((double) requests);
    }
  }

  /** The paid stages of the recipe. */
  List<Line> lines() {
    RunConfig config = inputs.config();
    List<Line> lines = new ArrayList<>();
    long generate = (long) Math.ceil(config.target() / keptPerRequest());
    lines.add(line("generate", generate, generatePrompts(), config.generate().decoding()));
    if (config.stages().contains("classify") && config.classify() != null) {
      ClassificationPrompt prompt = ClassificationPrompt.of(inputs.prompts());
      List<BuiltPrompt> built = sample().map(s -> prompt.build(s.instruction())).toList();
      lines.add(line("classify", config.target(), built, config.classify().decoding()));
    }
    Instances instances = config.instances();
    if (config.stages().contains("instances") && instances != null) {
      InstancePrompt prompt = InstancePrompt.named(instances.prompt(), inputs.prompts());
      List<BuiltPrompt> built =
          sample().map(s -> prompt.build(s.instruction(), s.isClassification())).toList();
      lines.add(line("instances", config.target(), built, longer(instances)));
    }
    return lines;
  }

  /** What one request of each paid stage is thought to take, by the stage's name. */
  Map<String, Estimate> estimates() {
    return lines().stream().collect(Collectors.toMap(Line::stage, Line::one));
  }

  /** Whether the model's price is known. */
  boolean isPriced() {
    return prices.entry(inputs.config().model(), today).isPresent();
  }

  /**
   * Kept instructions a request: what an answer of each kind gives, from the published programs'
   * own experience, rounded down.
   */
  double keptPerRequest() {
    return switch (inputs.config().generate().parser()) {
      case "numbered-list" -> 3.0;
      case "alpaca-blocks" -> 10.0;
      default -> 0.5;
    };
  }

  /**
   * The estimate as a table for people.
   *
   * @throws io.cria.task.CriaException where it has a cap in dollars and the model no price
   */
  public String text() {
    PriceCheck.require(inputs, today);
    return new DryRunText(inputs.config(), lines(), keptPerRequest(), isPriced()).text();
  }

  private static DecodingConfig longer(Instances instances) {
    boolean outputFirst = instances.outputFirst().maxTokens() > instances.inputFirst().maxTokens();
    return outputFirst ? instances.outputFirst() : instances.inputFirst();
  }

  private Stream<SeedTask> sample() {
    return inputs.seeds().stream().limit(SAMPLE);
  }

  private List<BuiltPrompt> generatePrompts() {
    RunConfig config = inputs.config();
    RoundPrompt prompt =
        GeneratePrompts.builder(config.generate(), inputs.prompts(), inputs.seeds());
    List<BuiltPrompt> built = new ArrayList<>();
    for (int row = 0; row < SAMPLE; row++) {
      built.add(
          prompt.build(
              List.of(),
              SeededRandom.of(config.rounds().seed(), io.cria.run.Line.GENERATE.name(), 0, row)));
    }
    return built;
  }

  private Line line(
      String stage, long requests, List<BuiltPrompt> prompts, DecodingConfig decoding) {
    Encoding encoding = Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
    List<List<String>> texts = prompts.stream().map(this::texts).toList();
    long tokens =
        Math.round(
            texts.stream()
                .mapToInt(each -> each.stream().mapToInt(encoding::countTokensOrdinary).sum())
                .average()
                .orElse(0));
    long atMost =
        texts.stream()
            .mapToLong(each -> each.stream().mapToLong(DryRun::tokensAtMost).sum())
            .max()
            .orElse(0);
    int most = decoding.maxTokens();
    return new Line(
        stage,
        requests,
        tokens,
        most,
        new Estimate(amount(tokens, (long) (most * ANSWER_SHARE)), amount(atMost, most)));
  }

  /** What is sent, message by message; in the completions dialect it is one. */
  private List<String> texts(BuiltPrompt prompt) {
    return inputs.config().endpoint().dialect().equals("chat")
        ? prompt.messages(inputs.prompts().systemMessage()).stream().map(Message::content).toList()
        : List.of(prompt.text());
  }

  private static long tokensAtMost(String text) {
    return (long) text.getBytes(StandardCharsets.UTF_8).length + TOKENS_A_MESSAGE;
  }

  private Amount amount(long promptTokens, long completionTokens) {
    long nanoUsd =
        prices
            .entry(inputs.config().model(), today)
            .map(price -> Amount.nanoUsd(price.usd(promptTokens, completionTokens)))
            .orElse(0L);
    return new Amount(1, promptTokens + completionTokens, nanoUsd);
  }
}
