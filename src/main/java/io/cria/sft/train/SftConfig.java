package io.cria.sft.train;

import static io.cria.sft.train.Settings.or;
import static io.cria.sft.train.Settings.require;

import io.cria.task.CriaException;
import io.cria.task.Decides;
import io.cria.task.Key;
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
 */
public record SftConfig(
    String model,
    String train,
    @Nullable String evaluation,
    String output,
    @Decides
        @Key("A low-rank adapter is trained beside the frozen base; without it all weights are")
        @Nullable Lora lora,
    @Decides @Key(value = "Times each row is seen; fractions end inside an epoch", above = 0)
        Double epochs,
    @Decides @Key(value = "Optimizer steps at most; without it what the epochs give", min = 1)
        @Nullable Integer maxSteps,
    @Key(
            value =
                "After this time the training ends with what it has learnt, and may be gone"
                    + " on with later; without it no limit",
            above = 0)
        @Nullable Double maxMinutes,
    @Decides @Key(value = "Rows of one optimizer step, over all ranks and micro-batches", min = 1)
        Integer batchRows,
    @Decides
        @Key(value = "Tokens computed at once, over all workers: the main lever on memory", min = 1)
        Integer microBatchTokens,
    @Decides @Key("AdamW's settings") Optimizer optimizer,
    @Decides @Key("The learning rate's course") Schedule schedule,
    @Decides
        @Key(value = "Gradients are scaled to at most this L2 norm; 0 for no clipping", min = 0)
        Double clipNorm,
    @Key("Whether layers are computed again on the way back: less memory, a third more work")
        Boolean checkpointActivations,
    @Key(value = "In what the linear layers compute; auto is the faster one", oneOf = "PRECISIONS")
        String precision,
    @Decides
        @Key(
            value =
                "In what trained matrices and their gradients are kept; bfloat16 takes half"
                    + " the memory and rounds new weights by chance, so that small steps are not"
                    + " lost",
            oneOf = "WEIGHTS")
        String weights,
    @Key(
            value = "cpu, cuda, cuda:N (a GPU by its number), or auto: a GPU where there is one",
            form = "auto|cpu|cuda(:[0-9]{1,3})?")
        String device,
    @Key(
            value =
                "Micro-batches computed side by side, each on its own core; without it as"
                    + " many as cores, at most 4, on a GPU 1",
            min = 1)
        @Nullable Integer workers,
    @Decides @Key("Seed of the rows' order and the adapter's first values") Long seed,
    @Key(value = "Steps between checkpoints", min = 1) Integer checkpointEverySteps,
    @Key(value = "How many of the latest checkpoints stay", min = 1) Integer keepCheckpoints,
    @Key(
            value = "Steps between evaluations; one is made at the start and one at the end anyway",
            min = 1)
        Integer evaluateEverySteps,
    @Decides @Key("When a step is skipped") Guards guards,
    @Key(
            "Whether several ranks share the optimizer's state among them, or each keeps all"
                + " of it; the result is the same")
        Boolean shardOptimizer) {
  public static final String AUTO = "auto";
  public static final String FLOAT32 = "float32";
  public static final String BFLOAT16 = "bfloat16";
  public static final String CPU = "cpu";

  /** How the names of all checkpoints begin. */
  public static final String CHECKPOINT = "step-";

  public static final List<String> PRECISIONS = List.of(AUTO, FLOAT32, BFLOAT16);
  public static final List<String> WEIGHTS = List.of(FLOAT32, BFLOAT16);

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

  /** A low-rank adapter. */
  public record Lora(
      @Key(value = "Rank of the added matrices", min = 1) Integer rank,
      @Key(value = "The addition is scaled by alpha / rank", above = 0) Double alpha,
      @Key(
              value = "Share of the adapter's inputs set to zero; above 0 it needs workers: 1",
              min = 0,
              below = 1)
          Double dropout,
      @Key(
              "Names of the model's linear layers, such as q_proj (Phi-3: qkv_proj), or the"
                  + " one word all-linear")
          List<String> targets,
      @Key("Whether the result is also written as a whole model, adapter added in") Boolean merge) {
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

  /** AdamW's settings. */
  public record Optimizer(
      @Key(value = "The schedule's peak", above = 0) Double learningRate,
      @Key(value = "Decay of matrices; norms and biases have none", min = 0) Double weightDecay,
      @Key(value = "Decay of the gradients' running mean", min = 0, below = 1) Double beta1,
      @Key(value = "Decay of the squared gradients' running mean", min = 0, below = 1) Double beta2,
      @Key(value = "What is added to the divisor of a step", above = 0) Double epsilon) {
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

  /** The learning rate's course. */
  public record Schedule(
      @Key(value = "What the rate does after the warm-up", oneOf = "KINDS") String kind,
      @Key(value = "Share of all steps in which the rate rises from 0", min = 0, max = 1)
          Double warmupRatio,
      @Key(value = "The same in steps; wins over the ratio", min = 0)
          @Nullable Integer warmupSteps) {
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

  /** A step whose loss or gradient is not finite, or whose loss is a spike, changes nothing. */
  public record Guards(
      @Key(
              value =
                  "A loss above so many times the median of the last spikeWindow ones is a"
                      + " spike, and its step is skipped; above 1, or 0 for no such guard",
              min = 0)
          Double spikeFactor,
      @Key(
              value =
                  "How many losses are looked back on; no spike is seen before there are as many",
              min = 1)
          Integer spikeWindow,
      @Key(value = "Steps skipped in a row before the training ends with an error", min = 0)
          Integer maxSkipped) {
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
        PRECISIONS.contains(precision),
        "precision must be auto, float32 or bfloat16, not '" + precision + "'");
    require(
        WEIGHTS.contains(weights), "weights must be float32 or bfloat16, not '" + weights + "'");
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
