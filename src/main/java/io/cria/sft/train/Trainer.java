package io.cria.sft.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFingerprint;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.NativeErrors;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One fine-tuning run: set up or resumed, trained, evaluated, saved. Started again with the same
 * configuration it goes on from its last checkpoint and ends with the same bits as if it had never
 * stopped.
 */
public final class Trainer implements AutoCloseable {
  /** A file of this name in the output directory asks the run to stop. */
  public static final String STOP_FILE = "stop";

  private final SftConfig config;
  private final BatchSource train;
  private final @Nullable BatchSource evaluation;
  private final Environment environment;
  private final ProcessGroup group = ProcessGroup.ALONE;
  private final Path output;
  private final Checkpoints checkpoints;
  private final Plan plan;
  private final Map<String, String> identity;
  private final Device.Choice device;
  private final Precision precision;
  private final TrainedModel model;
  private final GradientWorkers workers;
  private final AdamW optimizer;
  private final LossGuard guard;
  private final MetricsLog metrics;
  private final TrainingProgress progress;
  private byte[] randomState;
  private int steps;
  private int savedAt = -1;
  private int firstStep;
  private long tokens;
  private long targets;
  private double firstEvaluationLoss = Double.NaN;
  private double lastEvaluationLoss = Double.NaN;
  private double lastLoss = Double.NaN;

  /**
   * What the run gets from outside.
   *
   * @param nanoTime a monotonic clock
   * @param stopRequested whether to stop soon, resumable
   * @param messages takes progress, a line at a time
   */
  public record Environment(
      LongSupplier nanoTime, BooleanSupplier stopRequested, Consumer<String> messages) {}

  /**
   * How a run ended.
   *
   * @param finished whether it ended by itself, all steps done or its time over; else it stopped on
   *     request and can be resumed
   * @param steps steps done
   * @param lastLoss of the last step, nats per target; NaN when none was made
   * @param firstEvaluationLoss before the first step; NaN without evaluation
   * @param lastEvaluationLoss after the last; NaN without evaluation
   * @param result directory of the tuned model or adapter, or of the last checkpoint when stopped
   */
  public record Outcome(
      boolean finished,
      int steps,
      double lastLoss,
      double firstEvaluationLoss,
      double lastEvaluationLoss,
      Path result) {}

  /** Steps that the configuration means for the data. */
  record Plan(int rows, int stepsPerEpoch, int totalSteps) {
    static Plan of(SftConfig config, int rows) {
      int perEpoch = (rows + config.batchRows() - 1) / config.batchRows();
      int byEpochs = (int) Math.max(1, Math.ceil(perEpoch * config.epochs() - 1e-9));
      Integer most = config.maxSteps();
      return new Plan(rows, perEpoch, most == null ? byEpochs : Math.min(byEpochs, most));
    }
  }

  /** Whether the directory of a run holds checkpoints to go on from. */
  public static boolean hasCheckpoints(Path output) {
    return new Checkpoints(output, 1).latest().isPresent();
  }

  /**
   * Loads the model and, where the output holds checkpoints, the latest of them.
   *
   * @param evaluation held-out rows, or null
   * @throws CriaException when the data are empty or without labels, or the checkpoint is of
   *     another configuration
   */
  public Trainer(
      SftConfig config,
      BatchSource train,
      @Nullable BatchSource evaluation,
      Environment environment) {
    Natives.load();
    this.config = config;
    this.train = train;
    this.evaluation = evaluation;
    this.environment = environment;
    this.output = Path.of(config.output());
    this.checkpoints = new Checkpoints(output, config.keepCheckpoints());
    requireRows();
    createOutput();
    plan = Plan.of(config, train.rows());
    identity = new TreeMap<>(config.identity());
    identity.put("base model", ModelFingerprint.of(Path.of(config.model())));
    Optional<Checkpoints.Found> found = checkpoints.latestReadable(environment.messages());
    Optional<Path> resumed = found.map(Checkpoints.Found::path);
    TrainerState state = found.map(Checkpoints.Found::state).orElse(null);
    if (state != null) {
      Checkpoints.requireSame(resumed.orElseThrow(), state, config, identity, train.fingerprint());
    }
    device = Device.choose(config.device());
    precision =
        state == null
            ? Precision.of(config.precision(), config.weights(), device.device())
            : new Precision(
                state.precision().equals(SftConfig.BFLOAT16)
                    ? ScalarType.BFloat16
                    : ScalarType.Float,
                "as the checkpoint");
    int workerCount = state == null ? workerCount() : state.workers();
    MemoryEstimate memory =
        MemoryEstimate.of(
            config, modelConfig(), device.device().isCuda(), precision.type(), workerCount, 1);
    Optional<String> tight = memory.check(device.device());
    model = TrainedModel.load(config, resumed.orElse(null), precision.type(), device.device());
    workers = new GradientWorkers(model.replicas(workerCount), config.checkpointActivations());
    optimizer = new AdamW(model.parameters(), config.optimizer());
    guard = new LossGuard(config.guards());
    if (state == null) {
      torch.manual_seed(config.seed());
      randomState = Checkpoints.randomState();
    } else {
      randomState = Checkpoints.restore(resumed.orElseThrow(), state, optimizer);
      Checkpoints.setRandomState(randomState);
      resume(state);
    }
    metrics = new MetricsLog(output, steps);
    progress = new TrainingProgress(environment, plan, steps, state == null ? 0 : state.seconds());
    introduce(resumed, memory);
    tight.ifPresent(environment.messages());
  }

  private void resume(TrainerState state) {
    steps = state.steps();
    firstStep = steps;
    savedAt = steps;
    tokens = state.tokens();
    targets = state.targets();
    firstEvaluationLoss = state.firstEvaluationLoss();
    guard.resume(state.losses(), state.skippedInRow());
  }

  private void requireRows() {
    if (train.rows() == 0) {
      throw CriaException.badInput(
          "the training data are empty (train: " + config.train() + "): give at least one example");
    }
  }

  private void createOutput() {
    try {
      Files.createDirectories(output);
      Files.deleteIfExists(output.resolve(STOP_FILE));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot create output " + output + " (" + e.getMessage() + "): give another directory");
    }
  }

  private ModelConfig modelConfig() {
    return ModelConfigJson.read(Path.of(config.model()));
  }

  private int workerCount() {
    SftConfig.Lora lora = config.lora();
    if (device.device().isCuda()) {
      config.requireOneWorker();
      return 1;
    }
    if (config.workers() != null) {
      return config.workers();
    }
    return lora != null && lora.dropout() > 0
        ? 1
        : Math.min(4, Runtime.getRuntime().availableProcessors());
  }

  private void introduce(Optional<Path> resumed, MemoryEstimate memory) {
    environment
        .messages()
        .accept(
            "training "
                + model.sizes().get("trained")
                + " of "
                + model.sizes().get("all")
                + " parameters"
                + place()
                + " in "
                + precision.word()
                + " ("
                + precision.reason()
                + "), "
                + workers.count()
                + " worker"
                + (workers.count() == 1 ? "" : "s")
                + ", "
                + plan.totalSteps()
                + " steps over "
                + plan.rows()
                + " rows, about "
                + memory.total()
                + " of memory"
                + resumed.map(path -> ", resumed from " + path.getFileName()).orElse(""));
  }

  /** The device where it is not the processor without a choice, and what was found of it. */
  private String place() {
    boolean auto = config.device().equals(SftConfig.AUTO);
    if (!auto && !device.device().isCuda()) {
      return "";
    }
    return " on "
        + device.device()
        + (auto ? " (" + device.reason() + ")" : "")
        + (device.device().isCuda() ? " with " + model.attention() : "");
  }

  /**
   * Trains to the end of the steps or of the time, or until asked to stop; either way the last step
   * is in a checkpoint.
   *
   * @throws CriaException when memory or disk do not suffice, or too many steps in a row had to be
   *     skipped
   */
  public Outcome run() {
    try {
      evaluateAtStart();
      while (steps < plan.totalSteps() && !isTimeOver()) {
        if (mustStop() || !step()) {
          return stop();
        }
        if (steps % config.evaluateEverySteps() == 0 && steps < plan.totalSteps()) {
          evaluate();
        }
        if (steps % config.checkpointEverySteps() == 0) {
          checkpoint();
        }
      }
      if (steps < plan.totalSteps()) {
        environment
            .messages()
            .accept("the time is over after step " + steps + " of " + plan.totalSteps());
      }
      evaluate();
      checkpoint();
      return new Outcome(
          true, steps, lastLoss, firstEvaluationLoss, lastEvaluationLoss, saveResult());
    } catch (CriaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw NativeErrors.explain(e, MemoryEstimate.LOWER);
    } catch (OutOfMemoryError e) {
      throw NativeErrors.explain(e, MemoryEstimate.LOWER);
    }
  }

  private Outcome stop() {
    workers.clearGradients();
    checkpoint();
    environment
        .messages()
        .accept(
            "stopped after step " + steps + " of " + plan.totalSteps() + "; start again to resume");
    return new Outcome(
        false,
        steps,
        lastLoss,
        firstEvaluationLoss,
        lastEvaluationLoss,
        checkpoints.latest().orElse(output));
  }

  /**
   * One optimizer step over the next global batch; false when it was given up because of a request
   * to stop.
   */
  private boolean step() {
    List<TrainingRow> rows = nextRows();
    List<PackedBatch> batches =
        PackedBatch.split(rows, config.microBatchTokens() / workers.count());
    long stepTargets = rows.stream().mapToLong(TrainingRow::targets).sum();
    long stepTokens = rows.stream().mapToLong(TrainingRow::length).sum();
    double globalTargets = group.sum((double) stepTargets)[0];
    double rate = LearningRate.of(config, plan.totalSteps()).at(steps);
    if (globalTargets == 0) {
      throw CriaException.badInput(
          "step "
              + (steps + 1)
              + " has no labelled token (train: "
              + config.train()
              + "): give examples with an answer");
    }
    double lossSum = workers.run(batches, 1 / globalTargets, this::isStopRequested);
    if (Double.isNaN(lossSum) && isStopRequested()) {
      return false;
    }
    Scoped.run(() -> group.sum(gradients()));
    double loss = group.sum(lossSum)[0] / globalTargets;
    double norm = GradientNorm.of(model.parameters().values());
    Optional<String> skipped = guard.judge(loss, norm);
    if (skipped.isEmpty()) {
      optimizer.step(rate, GradientNorm.clipFactor(norm, config.clipNorm()));
      lastLoss = loss;
    }
    optimizer.clearGradients();
    randomState = Checkpoints.randomState();
    steps++;
    tokens += stepTokens;
    targets += stepTargets;
    progress.step(steps, stepTokens, loss, rate, skipped);
    log(loss, norm, rate, stepTokens, stepTargets, skipped);
    requireGoodSteps(skipped);
    return true;
  }

  /** Views that hold the gradients' memory: the caller's scope ends them. */
  private List<Tensor> gradients() {
    List<Tensor> gradients = new ArrayList<>();
    model
        .parameters()
        .values()
        .forEach(tensor -> gradients.add(Backpropagation.gradientOf(tensor)));
    return gradients;
  }

  private void requireGoodSteps(Optional<String> skipped) {
    if (guard.gaveUp()) {
      throw new CriaException(
          ExitCode.FAULT,
          guard.skippedInRow()
              + " steps in a row were skipped ("
              + skipped.orElse("")
              + ", step "
              + steps
              + "): lower optimizer.learningRate or look at the data; "
              + checkpoints
                  .latest()
                  .map(path -> "the last good checkpoint is " + path)
                  .orElse("there is no checkpoint"));
    }
  }

  /** This rank's rows of the next global batch; the last batch of an epoch may be smaller. */
  private List<TrainingRow> nextRows() {
    int epoch = steps / plan.stepsPerEpoch();
    int first = steps % plan.stepsPerEpoch() * config.batchRows();
    int end = Math.min(plan.rows(), first + config.batchRows());
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = first + group.rank(); i < end; i += group.size()) {
      TrainingRow row = train.row(epoch, i);
      requireKnownTokens(row, epoch, i);
      rows.add(row);
    }
    return rows;
  }

  private void requireKnownTokens(TrainingRow row, int epoch, int index) {
    for (int token : row.tokens()) {
      if (token < 0 || token >= model.config().vocabularySize()) {
        throw CriaException.badInput(
            "row "
                + index
                + " of epoch "
                + epoch
                + " has token "
                + token
                + ", the model knows "
                + model.config().vocabularySize()
                + " (train: "
                + config.train()
                + "): write the shards with the model's own tokenizer");
      }
    }
  }

  private void evaluateAtStart() {
    if (evaluation != null && steps == 0) {
      firstEvaluationLoss = evaluate();
    }
  }

  /** Mean loss per target over the held-out rows; NaN without any. */
  private double evaluate() {
    if (evaluation == null) {
      return Double.NaN;
    }
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = group.rank(); i < evaluation.rows(); i += group.size()) {
      TrainingRow row = evaluation.row(0, i);
      requireKnownTokens(row, 0, i);
      rows.add(row);
    }
    double count = rows.stream().mapToLong(TrainingRow::targets).sum();
    double sum = workers.loss(PackedBatch.split(rows, config.microBatchTokens() / workers.count()));
    // Whatever looking on draws, the next step draws as if nobody had looked.
    Checkpoints.setRandomState(randomState);
    double[] all = group.sum(sum, count);
    if (all[1] == 0) {
      throw CriaException.badInput(
          "the held-out data have no labelled token (evaluation: "
              + config.evaluation()
              + "): give examples with an answer");
    }
    lastEvaluationLoss = all[0] / all[1];
    metrics.write(MetricsLog.line(steps).put("eval_loss", lastEvaluationLoss));
    environment
        .messages()
        .accept(
            String.format(
                java.util.Locale.ROOT, "step %d evaluation loss %.4f", steps, lastEvaluationLoss));
    return lastEvaluationLoss;
  }

  private void log(
      double loss,
      double norm,
      double rate,
      long stepTokens,
      long stepTargets,
      Optional<String> skipped) {
    ObjectNode line = MetricsLog.line(steps);
    line.put("epoch", (double) steps / plan.stepsPerEpoch());
    line.put("loss", Double.isFinite(loss) ? (Double) loss : null);
    line.put("grad_norm", Double.isFinite(norm) ? (Double) norm : null);
    line.put("lr", rate);
    line.put("tokens", stepTokens);
    line.put("targets", stepTargets);
    line.put("tokens_per_second", progress.tokensPerSecond());
    line.put("seconds", progress.seconds());
    skipped.ifPresent(reason -> line.put("skipped", reason));
    metrics.write(line);
  }

  private boolean isStopRequested() {
    return environment.stopRequested().getAsBoolean();
  }

  private boolean mustStop() {
    return isStopRequested() || Files.exists(output.resolve(STOP_FILE));
  }

  /** Whether this start has trained for as long as it may; each start makes at least one step. */
  private boolean isTimeOver() {
    Double minutes = config.maxMinutes();
    return minutes != null && steps > firstStep && progress.secondsOfThisStart() > minutes * 60;
  }

  private void checkpoint() {
    if (savedAt == steps) {
      return;
    }
    checkpoints.save(
        new TrainerState(
            TrainerState.FORMAT,
            steps,
            optimizer.steps(),
            tokens,
            targets,
            progress.seconds(),
            guard.losses(),
            guard.skippedInRow(),
            firstEvaluationLoss,
            precision.word(),
            workers.count(),
            train.fingerprint(),
            identity,
            Natives.torchVersion(),
            Runtime.version().toString()),
        model,
        optimizer,
        randomState);
    savedAt = steps;
  }

  /**
   * The tuned model in {@code model}, or the adapter in {@code adapter} and the merged model in
   * {@code model}.
   */
  private Path saveResult() {
    Path whole = output.resolve("model");
    if (!model.isAdapter()) {
      model.save(whole);
      return whole;
    }
    Path adapter = output.resolve("adapter");
    try {
      Files.createDirectories(adapter);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot create " + adapter + " (" + e.getMessage() + "): check the disk",
          e);
    }
    model.save(adapter);
    SftConfig.Lora lora = config.lora();
    if (lora != null && lora.merge()) {
      model.saveMerged(whole);
    }
    return adapter;
  }

  @Override
  public void close() {
    metrics.close();
    workers.close();
    optimizer.close();
    model.close();
  }
}
