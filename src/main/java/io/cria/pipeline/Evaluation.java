package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.EvaluationConfig;
import io.cria.config.EvaluationConfig.Answerer;
import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.evaluate.SetItem;
import io.cria.evaluate.TaskPrompt;
import io.cria.run.RunTables;
import io.cria.stage.AnswerJudging;
import io.cria.stage.AnswersGiven;
import io.cria.stage.BesideStage;
import io.cria.stage.Blinding;
import io.cria.stage.EndpointAnswers;
import io.cria.stage.EvaluationReporting;
import io.cria.stage.PeopleVerdicts;
import io.cria.storage.Location;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation as a list of stages: each answerer answers the set once; answers are blinded;
 * people and a judge compare them; a report says what was found. Another judge, mode or file of
 * verdicts finds the answers made.
 */
public final class Evaluation {
  private final EvaluationInputs inputs;
  private final List<Location> verdicts;
  private final List<String> without;

  /**
   * @param verdicts files of people's verdicts
   * @param without raters whose verdicts are withdrawn
   */
  public Evaluation(EvaluationInputs inputs, List<Location> verdicts, List<String> without) {
    this.inputs = inputs;
    this.verdicts = List.copyOf(verdicts);
    this.without = List.copyOf(without);
  }

  /** What {@link BesideRunner} is told. */
  public BesideRunner.Work work() {
    EvaluationConfig config = inputs.config();
    JudgeInputs judge = inputs.judge();
    AskConfig asking =
        judge != null
            ? asking(judge)
            : new AskConfig(
                "none", "strip", GgufAnswers.endpoint(), config.limits(), config.caps(), null, 0);
    return new BesideRunner.Work(
        "evaluation",
        inputs.identity(),
        asking,
        inputs.prices(),
        config.prices(),
        inputs.kept(),
        "another --run directory");
  }

  /** Its stages, in order. */
  public List<BesideStage> stages() {
    List<BesideStage> stages = stagesBeforePeople();
    EvaluationConfig config = inputs.config();
    List<String> names = List.copyOf(config.answerers().keySet());
    PeopleVerdicts people =
        new PeopleVerdicts(inputs.set(), names, config.seed(), config.mode(), verdicts, without);
    stages.add(people);
    AnswerJudging judging = judging(names);
    if (judging != null) {
      stages.add(judging);
    }
    stages.add(
        new EvaluationReporting(
            inputs.set(), names, config.seed(), config.mode(), judging, people));
    return stages;
  }

  /** Those that people's judging waits for: the answers, and what is shown of them. */
  public List<BesideStage> stagesBeforePeople() {
    EvaluationConfig config = inputs.config();
    List<String> names = List.copyOf(config.answerers().keySet());
    List<TaskPrompt> prompts = inputs.set().prompts();
    Manifest.Input set = new Manifest.Input("inputs/set", inputs.setSha256());
    // what this machine computes goes first: where it fails, nothing is paid for yet
    List<BesideStage> stages = new ArrayList<>();
    List<BesideStage> paid = new ArrayList<>();
    for (int round = 0; round < names.size(); round++) {
      String name = names.get(round);
      boolean isPaid = Objects.requireNonNull(config.answerers().get(name)).endpoint() != null;
      (isPaid ? paid : stages).add(answers(new AnswersGiven.Asked(name, round, prompts, set)));
      likelihoods(name).ifPresent(stages::add);
    }
    stages.addAll(paid);
    stages.add(new Blinding(inputs.set(), names, config.seed(), config.mode()));
    return stages;
  }

  /** The same evaluation as far as people need it: no judge is asked. */
  public Evaluation beforeJudge() {
    return new Evaluation(inputs.withoutJudge(), verdicts, without);
  }

  /** Whether no answer is left to ask for that may want money. */
  public boolean isAnswered(RunDirectory directory) {
    return parties().stream()
        .filter(party -> !party.asks.endpoint().isOnThisMachine())
        .noneMatch(party -> party.isOpen(directory));
  }

  /** Who has something left to be asked over HTTP. */
  public List<AskConfig> asked(RunDirectory directory, boolean retryRejected) {
    return parties().stream()
        .filter(party -> party.requests(directory, retryRejected) > 0)
        .map(party -> party.asks)
        .toList();
  }

  /** Of all who are asked over HTTP. */
  public List<Endpoint> endpoints() {
    return parties().stream().map(party -> party.asks.endpoint()).toList();
  }

  /** Whether anybody is asked who may want money for it. */
  public boolean mayCost() {
    return parties().stream().anyMatch(party -> !party.asks.endpoint().isOnThisMachine());
  }

  /** Where it would be spent. */
  public String addresses() {
    return parties().stream()
        .map(party -> party.asks.endpoint())
        .filter(endpoint -> !endpoint.isOnThisMachine())
        .map(endpoint -> String.valueOf(endpoint.baseUrl()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Whether all of this was done, ended well, and left nothing to ask. */
  public boolean isFinished(RunDirectory directory) {
    AnswerJudging judging = judging(List.copyOf(inputs.config().answerers().keySet()));
    return (judging == null || judging.isWhole(directory))
        && RunStatus.read(directory).filter(status -> status.state().equals("done")).isPresent()
        && inputs.kept().entrySet().stream()
            .allMatch(
                kept -> directory.text(kept.getKey()).filter(kept.getValue()::equals).isPresent());
  }

  /**
   * What it would ask and cost, a table for each who is asked and has not answered yet.
   *
   * @param directory where answers may have been committed
   * @param retryRejected whether what brought no answer is asked again, too
   */
  public String estimate(RunDirectory directory, LocalDate today, boolean retryRejected) {
    StringBuilder text = new StringBuilder();
    for (Party party : parties()) {
      long requests = party.requests(directory, retryRejected);
      if (requests > 0) {
        text.append(text.isEmpty() ? "" : "\n")
            .append(
                BesideEstimate.text(
                    party.what,
                    party.asks,
                    inputs.prices(),
                    today,
                    List.of(party.asked(requests))));
      }
    }
    return text.isEmpty() ? "Nothing is asked over HTTP: it costs nothing.\n" : text.toString();
  }

  /**
   * Somebody who is asked.
   *
   * @param round of its answers; -1 of the judge
   */
  private record Party(String what, AskConfig asks, BesideEstimate.Asked asked, int round) {
    boolean isOpen(RunDirectory directory) {
      return round < 0
          || RunTables.committed(directory, AnswersGiven.TABLE.round(round)).stream()
                  .mapToLong(Manifest::rows)
                  .sum()
              < asked.requests();
    }

    /** How many requests are to be sent, at most; all where some were not sent yet. */
    long requests(RunDirectory directory, boolean retryRejected) {
      if (isOpen(directory)) {
        return asked.requests();
      }
      return retryRejected ? AnswersGiven.unanswered(directory, round) : 0;
    }

    BesideEstimate.Asked asked(long requests) {
      return new BesideEstimate.Asked(asked.stage(), requests, asked.built(), asked.maxTokens());
    }
  }

  private List<Party> parties() {
    EvaluationConfig config = inputs.config();
    List<Party> parties = new ArrayList<>();
    List<List<String>> prompts =
        inputs.set().prompts().stream().map(prompt -> List.of(prompt.message())).toList();
    int round = 0;
    for (Map.Entry<String, Answerer> each : config.answerers().entrySet()) {
      Endpoint endpoint = each.getValue().endpoint();
      if (endpoint != null) {
        parties.add(
            new Party(
                "answers of " + each.getKey(),
                config.asking(
                    each.getValue(), endpoint, Objects.requireNonNull(each.getValue().model())),
                new BesideEstimate.Asked(
                    "answers", prompts.size(), prompts, config.generation().maxTokens()),
                round));
      }
      round++;
    }
    JudgeInputs judge = inputs.judge();
    AnswerJudging judging = judging(List.copyOf(config.answerers().keySet()));
    if (judge != null && judging != null) {
      parties.add(
          new Party(
              "verdicts on " + config.mode() + ", answers as long as they may be",
              asking(judge),
              new BesideEstimate.Asked(
                  "judge",
                  judging.requests(),
                  judging.built(config.generation().maxTokens()),
                  judge.config().decoding().maxTokens()),
              -1));
    }
    return parties;
  }

  private CheckpointAnswers.Model model(String name, String checkpoint, @Nullable String adapter) {
    return new CheckpointAnswers.Model(
        Path.of(checkpoint), adapter == null ? null : Path.of(adapter), inputs.fingerprint(name));
  }

  /** Of a checkpoint, where the set has pairs of requests. */
  private Optional<BesideStage> likelihoods(String name) {
    Answerer answerer = Objects.requireNonNull(inputs.config().answerers().get(name));
    String checkpoint = answerer.checkpoint();
    List<SetItem.Equal> pairs = inputs.set().of(SetItem.Equal.class);
    return checkpoint == null || pairs.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new CheckpointLikelihoods(name, model(name, checkpoint, answerer.adapter()), pairs));
  }

  private BesideStage answers(AnswersGiven.Asked asked) {
    EvaluationConfig config = inputs.config();
    Answerer answerer = Objects.requireNonNull(config.answerers().get(asked.name()));
    String checkpoint = answerer.checkpoint();
    String gguf = answerer.gguf();
    if (checkpoint != null) {
      String adapter = answerer.adapter();
      return new CheckpointAnswers(
          asked, model(asked.name(), checkpoint, adapter), config.generation());
    }
    if (gguf != null) {
      // what this machine computes costs nothing
      AskConfig asks =
          new AskConfig(
              asked.name(),
              answerer.reasoning(),
              GgufAnswers.endpoint(),
              config.limits(),
              Caps.DEFAULT,
              config.parallelism(),
              config.generation().seed());
      return new GgufAnswers(asked, asks, gguf, config.generation().decoding(Map.of()));
    }
    Endpoint endpoint = Objects.requireNonNull(answerer.endpoint());
    return new EndpointAnswers(
        asked,
        config.asking(answerer, endpoint, Objects.requireNonNull(answerer.model())),
        config.generation().decoding(answerer.extra()));
  }

  private @Nullable AnswerJudging judging(List<String> names) {
    JudgeInputs judge = inputs.judge();
    return judge == null
        ? null
        : new AnswerJudging(
            inputs.set(),
            names,
            inputs.config().seed(),
            inputs.config().mode(),
            new AnswerJudging.Judge(
                asking(judge),
                judge.prompts(),
                judge.config().decoding(),
                EvaluationInputs.sha256(judge)));
  }

  /** The judge's, under the caps of the whole. */
  private AskConfig asking(JudgeInputs judge) {
    AskConfig own = judge.asking();
    return new AskConfig(
        own.model(),
        own.reasoning(),
        own.endpoint(),
        own.limits(),
        inputs.config().caps(),
        own.parallelism(),
        own.seed());
  }
}
