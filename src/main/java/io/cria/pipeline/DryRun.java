package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.DecodingConfig;
import io.cria.config.Identity.Instances;
import io.cria.config.ModerationConfig;
import io.cria.config.RunConfig;
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
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a run would ask and cost, before anything is sent. Prompts are really built and their tokens
 * counted ({@link CountedRequests}); how many requests the target needs, and how long answers are,
 * is assumed: the assumptions are printed.
 */
public final class DryRun {
  private static final int SAMPLE = 20;
  private static final String MODERATE = io.cria.run.Line.MODERATE.name();

  /** Tokens of an answer that holds figures in place of a text. */
  private static final int NO_ANSWER = 0;

  private final RunInputs inputs;
  private final LocalDate today;
  private final CountedRequests counted;

  public DryRun(RunInputs inputs, LocalDate today) {
    this.inputs = inputs;
    this.today = today;
    this.counted = new CountedRequests(inputs.config().model(), inputs.prices(), today);
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
      ClassificationPrompt prompt = ClassificationPrompt.of(inputs.prompts(), config.words());
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
    moderation().ifPresent(lines::add);
    return lines;
  }

  /** The share of a service that moderates: many texts a request, one of each instruction. */
  private Optional<Line> moderation() {
    RunConfig config = inputs.config();
    ModerationConfig.Service service =
        config.moderation() == null ? null : config.moderation().service();
    if (service == null || !config.stages().contains(MODERATE)) {
      return Optional.empty();
    }
    List<String> texts = sample().map(DryRun::text).toList();
    List<String> one =
        IntStream.range(0, service.batch()).mapToObj(i -> texts.get(i % texts.size())).toList();
    long requests = (long) Math.ceil((double) config.target() / service.batch());
    return Optional.of(
        new CountedRequests(service.model(), inputs.prices(), today)
            .line(MODERATE, requests, List.of(one), NO_ANSWER));
  }

  private static String text(SeedTask seed) {
    return Stream.concat(
            Stream.of(seed.instruction()),
            seed.instances().stream().limit(1).flatMap(i -> Stream.of(i.input(), i.output())))
        .collect(Collectors.joining("\n"));
  }

  /** Who is asked in the recipe's stages. */
  private List<AskConfig> asked() {
    RunConfig config = inputs.config();
    return config.stages().contains(MODERATE) ? config.mayBeAsked() : List.of(config.asking());
  }

  /** What one request of each paid stage is thought to take, by the stage's name. */
  Map<String, Estimate> estimates() {
    return lines().stream().collect(Collectors.toMap(Line::stage, Line::one));
  }

  /** The models whose price is not known. */
  List<String> unpriced() {
    return asked().stream()
        .map(AskConfig::model)
        .filter(model -> !new CountedRequests(model, inputs.prices(), today).isPriced())
        .toList();
  }

  /**
   * Kept instructions a request: what an answer of each kind gives, from the published programs'
   * own experience, rounded down.
   */
  double keptPerRequest() {
    return switch (inputs.config().generate().parser()) {
      case "numbered-list", "lenient-list" -> 3.0;
      case "alpaca-blocks", "lenient-blocks" -> 10.0;
      default -> 0.5;
    };
  }

  /**
   * The estimate as a table for people.
   *
   * @throws io.cria.task.CriaException where it has a cap in dollars and the model no price
   */
  public String text() {
    asked().forEach(asking -> PriceCheck.of(asking, inputs).require(today));
    return new DryRunText(inputs.config(), lines(), keptPerRequest(), unpriced()).text();
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
        GeneratePrompts.builder(
            config.generate(), inputs.prompts(), inputs.seeds(), config.words());
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
    return counted.line(
        stage, requests, prompts.stream().map(this::texts).toList(), decoding.maxTokens());
  }

  /** What is sent, message by message; in the completions dialect it is one. */
  private List<String> texts(BuiltPrompt prompt) {
    return inputs.config().endpoint().dialect().equals("chat")
        ? prompt.messages(inputs.prompts().systemMessage()).stream().map(Message::content).toList()
        : List.of(prompt.text());
  }
}
