package io.cria.sft.train;

import static io.cria.sft.train.Settings.or;
import static io.cria.sft.train.Settings.require;

import io.cria.task.CriaException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning run: the section {@code training} of its run file, and the places that the program
 * puts in ({@link #at}). An absent key has the default that stands in the constructor.
 *
 * @param model directory of the base model (config.json, safetensors, tokenizer.json); not in a run
 *     file
 * @param train directory with the shards to train on; not in a run file
 * @param evaluation directory with held-out shards; null for no evaluation; not in a run file
 * @param output directory of the run: checkpoints, metrics, result; not in a run file
 * @param lora what is trained besides the frozen base; null trains all weights
 * @param epochs times each row is seen; fractions end inside an epoch
 * @param maxSteps optimizer steps at most; null for what the epochs give
 * @param maxMinutes after this time the run ends with what it has learnt, and may be gone on with
 *     later; null for no limit
 * @param batchRows rows of one optimizer step, over all ranks and micro-batches
 * @param microBatchTokens tokens computed at once, over all workers: the main lever on memory
 * @param optimizer AdamW's settings
 * @param schedule the learning rate's course
 * @param clipNorm gradients are scaled to at most this L2 norm; 0 for no clipping
 * @param checkpointActivations whether layers are computed again on the way back: less memory, a
 *     third more work
 * @param precision in which the linear layers compute: {@code float32}, {@code bfloat16}, or {@code
 *     auto}, the faster one
 * @param weights in which matrices that are trained are kept, with their gradients: {@code
 *     float32}, or {@code bfloat16}, which takes half the memory; the optimizer's moments are
 *     float32 in any case, and it computes in float32 and rounds each new weight up or down by
 *     chance, in proportion to how near either is, so that small steps are not lost; norms, biases
 *     and adapters stay float32
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N} (a GPU by its number), or {@code auto}:
 *     a GPU where there is one
 * @param workers micro-batches computed side by side, each on its own core; null for as many as
 *     cores, at most 4; on a GPU 1
 * @param seed of the rows' order and the adapter's first values
 * @param checkpointEverySteps steps between checkpoints
 * @param keepCheckpoints how many of the latest stay
 * @param evaluateEverySteps steps between evaluations; one is made at the start and one at the end
 *     anyway
 * @param guards when a step is skipped
 * @param shardOptimizer whether several ranks share the optimizer's state among them, or each keeps
 *     all of it; the result is the same
 */
public record SftConfig(
    String model,
    String train,
    @Nullable String evaluation,
    String output,
    @Nullable Lora lora,
    Double epochs,
    @Nullable Integer maxSteps,
    @Nullable Double maxMinutes,
    Integer batchRows,
    Integer microBatchTokens,
    Optimizer optimizer,
    Schedule schedule,
    Double clipNorm,
    Boolean checkpointActivations,
    String precision,
    String weights,
    String device,
    @Nullable Integer workers,
    Long seed,
    Integer checkpointEverySteps,
    Integer keepCheckpoints,
    Integer evaluateEverySteps,
    Guards guards,
    Boolean shardOptimizer) {
  public static final String AUTO = "auto";
  public static final String FLOAT32 = "float32";
  public static final String BFLOAT16 = "bfloat16";
  public static final String CPU = "cpu";

  /** How the names of all checkpoints begin. */
  public static final String CHECKPOINT = "step-";

  private static final String ONE_WORKER =
      "a GPU computes one micro-batch after the other: set workers: 1, or device: cpu";
  private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda(:[0-9]{1,3})?");

  /** All defaults, no places. */
  public static final SftConfig DEFAULT =
      new SftConfig(
          "",
          "",
          null,
          "",
          null,
          3.0,
          null,
          null,
          128,
          2048,
          Optimizer.DEFAULT,
          Schedule.DEFAULT,
          1.0,
          false,
          AUTO,
          FLOAT32,
          CPU,
          null,
          42L,
          100,
          2,
          100,
          Guards.DEFAULT,
          true);

  /** The name of the checkpoint after so many steps; the names sort as the steps do. */
  public static String checkpointName(int steps) {
    return String.format(Locale.ROOT, CHECKPOINT + "%08d", steps);
  }

  /**
   * @param rank r
   * @param alpha the addition is scaled by alpha / rank
   * @param dropout share of an adapter's inputs set to zero
   * @param targets names of linear layers of the model, such as q_proj (Phi-3: qkv_proj), or the
   *     one word {@code all-linear}
   * @param merge whether the result is also written as a whole model, adapter added in
   */
  public record Lora(
      Integer rank, Double alpha, Double dropout, List<String> targets, Boolean merge) {
    public static final String ALL_LINEAR = "all-linear";

    public Lora {
      rank = or(rank, 16);
      alpha = or(alpha, 32.0);
      dropout = or(dropout, 0.0);
      targets = List.copyOf(or(targets, List.of(ALL_LINEAR)));
      merge = or(merge, true);
      require(rank >= 1, "lora.rank must be at least 1, not " + rank);
      require(alpha > 0, "lora.alpha must be above 0, not " + alpha);
      require(dropout >= 0 && dropout < 1, "lora.dropout must lie in [0, 1), not " + dropout);
      require(!targets.isEmpty(), "lora.targets must name at least one layer, or " + ALL_LINEAR);
    }
  }

  /**
   * @param learningRate the schedule's peak
   * @param weightDecay of matrices; norms and biases have none
   */
  public record Optimizer(
      Double learningRate, Double weightDecay, Double beta1, Double beta2, Double epsilon) {
    public static final Optimizer DEFAULT = new Optimizer(2e-5, 0.0, 0.9, 0.999, 1e-8);

    public Optimizer {
      learningRate = or(learningRate, 2e-5);
      weightDecay = or(weightDecay, 0.0);
      beta1 = or(beta1, 0.9);
      beta2 = or(beta2, 0.999);
      epsilon = or(epsilon, 1e-8);
      require(learningRate > 0, "optimizer.learningRate must be above 0, not " + learningRate);
      require(weightDecay >= 0, "optimizer.weightDecay must be at least 0, not " + weightDecay);
      require(beta1 >= 0 && beta1 < 1, "optimizer.beta1 must lie in [0, 1), not " + beta1);
      require(beta2 >= 0 && beta2 < 1, "optimizer.beta2 must lie in [0, 1), not " + beta2);
      require(epsilon > 0, "optimizer.epsilon must be above 0, not " + epsilon);
    }
  }

  /**
   * @param kind {@code cosine}, {@code linear} or {@code constant}, after the warm-up
   * @param warmupRatio share of all steps in which the rate rises from 0
   * @param warmupSteps the same in steps; wins over the ratio
   */
  public record Schedule(String kind, Double warmupRatio, @Nullable Integer warmupSteps) {
    public static final List<String> KINDS = List.of("cosine", "linear", "constant");
    public static final Schedule DEFAULT = new Schedule("cosine", 0.03, null);

    public Schedule {
      kind = or(kind, "cosine");
      warmupRatio = or(warmupRatio, 0.03);
      require(
          KINDS.contains(kind), "schedule.kind must be one of " + KINDS + ", not '" + kind + "'");
      require(
          warmupRatio >= 0 && warmupRatio <= 1,
          "schedule.warmupRatio must lie in [0, 1], not " + warmupRatio);
      require(
          warmupSteps == null || warmupSteps >= 0,
          "schedule.warmupSteps must be at least 0, not " + warmupSteps);
    }
  }

  /**
   * A step whose loss or gradient is not finite, or whose loss is a spike, changes nothing.
   *
   * @param spikeFactor a loss above this times the median of the last {@code spikeWindow} is a
   *     spike; 0 for no such guard
   * @param spikeWindow how many losses are looked back on; no spike is seen before there are as
   *     many
   * @param maxSkipped steps skipped in a row before the run ends with an error
   */
  public record Guards(Double spikeFactor, Integer spikeWindow, Integer maxSkipped) {
    public static final Guards DEFAULT = new Guards(4.0, 20, 5);

    public Guards {
      spikeFactor = or(spikeFactor, 4.0);
      spikeWindow = or(spikeWindow, 20);
      maxSkipped = or(maxSkipped, 5);
      require(
          spikeFactor == 0 || spikeFactor > 1,
          "guards.spikeFactor must be 0 or above 1, not " + spikeFactor);
      require(spikeWindow >= 1, "guards.spikeWindow must be at least 1, not " + spikeWindow);
      require(maxSkipped >= 0, "guards.maxSkipped must be at least 0, not " + maxSkipped);
    }
  }

  public SftConfig {
    model = or(model, "");
    train = or(train, "");
    output = or(output, "");
    epochs = or(epochs, 3.0);
    batchRows = or(batchRows, 128);
    microBatchTokens = or(microBatchTokens, 2048);
    optimizer = or(optimizer, Optimizer.DEFAULT);
    schedule = or(schedule, Schedule.DEFAULT);
    clipNorm = or(clipNorm, 1.0);
    checkpointActivations = or(checkpointActivations, false);
    precision = or(precision, AUTO);
    weights = or(weights, FLOAT32);
    device = or(device, CPU);
    seed = or(seed, 42L);
    checkpointEverySteps = or(checkpointEverySteps, 100);
    keepCheckpoints = or(keepCheckpoints, 2);
    evaluateEverySteps = or(evaluateEverySteps, 100);
    guards = or(guards, Guards.DEFAULT);
    shardOptimizer = or(shardOptimizer, true);
    require(epochs > 0, "epochs must be above 0, not " + epochs);
    require(maxSteps == null || maxSteps >= 1, "maxSteps must be at least 1, not " + maxSteps);
    require(maxMinutes == null || maxMinutes > 0, "maxMinutes must be above 0, not " + maxMinutes);
    require(batchRows >= 1, "batchRows must be at least 1, not " + batchRows);
    require(microBatchTokens >= 1, "microBatchTokens must be at least 1, not " + microBatchTokens);
    require(clipNorm >= 0, "clipNorm must be at least 0, not " + clipNorm);
    require(
        List.of(AUTO, FLOAT32, BFLOAT16).contains(precision),
        "precision must be auto, float32 or bfloat16, not '" + precision + "'");
    require(
        List.of(FLOAT32, BFLOAT16).contains(weights),
        "weights must be float32 or bfloat16, not '" + weights + "'");
    require(
        weights.equals(FLOAT32) || !precision.equals(FLOAT32),
        "weights: bfloat16 needs precision: bfloat16 or auto, not float32");
    require(
        DEVICE.matcher(device).matches(),
        "device must be cpu, cuda, cuda:N or auto, not '" + device + "'");
    require(workers == null || workers >= 1, "workers must be at least 1, not " + workers);
    require(!device.startsWith("cuda") || oneWorker(workers), ONE_WORKER);
    require(
        lora == null || lora.dropout() == 0 || workers == null || workers == 1,
        "lora.dropout needs workers: 1, because its random draws must have one order");
    require(
        checkpointEverySteps >= 1,
        "checkpointEverySteps must be at least 1, not " + checkpointEverySteps);
    require(keepCheckpoints >= 1, "keepCheckpoints must be at least 1, not " + keepCheckpoints);
    require(
        evaluateEverySteps >= 1,
        "evaluateEverySteps must be at least 1, not " + evaluateEverySteps);
  }

  /** The same settings at these places. */
  public SftConfig at(
      String atModel, String atTrain, @Nullable String atEvaluation, String atOutput) {
    return new SftConfig(
        atModel,
        atTrain,
        atEvaluation,
        atOutput,
        lora,
        epochs,
        maxSteps,
        maxMinutes,
        batchRows,
        microBatchTokens,
        optimizer,
        schedule,
        clipNorm,
        checkpointActivations,
        precision,
        weights,
        device,
        workers,
        seed,
        checkpointEverySteps,
        keepCheckpoints,
        evaluateEverySteps,
        guards,
        shardOptimizer);
  }

  /**
   * For a device that was chosen by itself.
   *
   * @throws CriaException when more workers than one are asked for
   */
  void requireOneWorker() {
    if (!oneWorker(workers)) {
      throw CriaException.badInput(ONE_WORKER);
    }
  }

  private static boolean oneWorker(@Nullable Integer workers) {
    return workers == null || workers == 1;
  }

  /** Whether a place is among the settings. */
  public boolean hasPlaces() {
    return !model.isEmpty() || !train.isEmpty() || evaluation != null || !output.isEmpty();
  }

  /**
   * The settings that decide the result, by key: a checkpoint goes on only under equal ones. Model
   * and data are told apart by what they hold, not by their places.
   */
  public Map<String, String> identity() {
    Map<String, String> identity = new TreeMap<>();
    identity.put("lora", String.valueOf(lora));
    identity.put("epochs", String.valueOf(epochs));
    identity.put("maxSteps", String.valueOf(maxSteps));
    identity.put("batchRows", String.valueOf(batchRows));
    identity.put("microBatchTokens", String.valueOf(microBatchTokens));
    identity.put("optimizer", String.valueOf(optimizer));
    identity.put("schedule", String.valueOf(schedule));
    identity.put("clipNorm", String.valueOf(clipNorm));
    identity.put("seed", String.valueOf(seed));
    identity.put("guards", String.valueOf(guards));
    if (weights.equals(BFLOAT16)) { // the other is what runs did that knew of no choice
      identity.put("weights", weights);
    }
    return identity;
  }
}
