package io.cria.sft.train;

import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFingerprint;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Natives;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What a run works with, loaded and, where there is a checkpoint, as it was when that was made.
 *
 * @param tight what to say where memory may not suffice
 * @param identity the settings and the base that decide the result
 * @param resumed the checkpoint gone on from; empty on the ranks that do not read it
 * @param state of that checkpoint, or null
 */
record TrainingSetup(
    SftConfig config,
    ProcessGroup group,
    Path output,
    TrainingPlan plan,
    Device.Choice device,
    Precision precision,
    MemoryEstimate memory,
    Optional<String> tight,
    TrainedModel model,
    ParameterGroups parameters,
    Shares shares,
    GradientWorkers workers,
    AdamW optimizer,
    OptimizerFiles optimizerFiles,
    Checkpoints checkpoints,
    Map<String, String> identity,
    Optional<Path> resumed,
    @Nullable TrainerState state)
    implements AutoCloseable {
  /**
   * Loads all of it; the ranks agree on how.
   *
   * @throws CriaException when the data are empty, the output cannot be written, or the checkpoint
   *     is of another configuration
   */
  static TrainingSetup prepare(
      SftConfig config, BatchSource train, Trainer.Environment environment) {
    Natives.load();
    ProcessGroup group = environment.group();
    Path output = Path.of(config.output());
    Device.Choice device = Device.choose(config.device());
    requireRows(config, train);
    createOutput(output);
    Checkpoints checkpoints = new Checkpoints(output, config.keepCheckpoints());
    Map<String, String> identity = new TreeMap<>(config.identity());
    identity.put("base model", ModelFingerprint.of(Path.of(config.model())));
    Map<String, String> common = new TreeMap<>(identity);
    common.put(TrainingStart.DATA, train.fingerprint());

    Optional<Checkpoints.Found> found =
        group.isFirst()
            ? checkpoints.latestReadable(environment.messages())
            : Optional.<Checkpoints.Found>empty();
    Optional<Path> resumed = found.map(Checkpoints.Found::path);
    Optional<TrainingStart> own =
        group.isFirst()
            ? Optional.of(
                start(
                    config,
                    device.device(),
                    found.orElse(null),
                    identity,
                    common,
                    train.fingerprint()))
            : Optional.empty();
    TrainingStart start = TrainingStart.ofFirst(group, own);
    start.requireSame(common, group.rank());

    Precision precision = new Precision(type(start.precision()), start.reason());
    MemoryEstimate memory =
        MemoryEstimate.of(
            config,
            ModelConfigJson.read(Path.of(config.model())),
            new MemoryEstimate.Plan(
                device.device().isCuda(),
                precision.type() == ScalarType.BFloat16,
                start.workers(),
                config.shardOptimizer() ? group.size() : 1,
                train.longestRow()));
    Optional<String> tight =
        memory.check(
            device.device().isCuda(), device.device().freeBytes(), device.device().totalBytes());
    TrainedModel model =
        TrainedModel.load(config, resumed.orElse(null), precision.type(), device.device());
    ParameterGroups parameters = ParameterGroups.of(model.parameters(), model.config().layers());
    Shares shares =
        Shares.of(model.parameters(), group.rank(), group.size(), config.shardOptimizer());
    AdamW optimizer = new AdamW(shares.updated(model.parameters()), config.optimizer());
    TrainingSetup setup =
        new TrainingSetup(
            config,
            group,
            output,
            TrainingPlan.of(config, train.rows()),
            device,
            precision,
            memory,
            tight,
            model,
            parameters,
            shares,
            new GradientWorkers(
                model.replicas(start.workers()), parameters, config.checkpointActivations()),
            optimizer,
            new OptimizerFiles(group, parameters, shares, optimizer),
            checkpoints,
            identity,
            resumed,
            start.state());
    setup.restore();
    return setup;
  }

  private static void requireRows(SftConfig config, BatchSource train) {
    if (train.rows() == 0) {
      throw CriaException.badInput(
          "the training data are empty (train: " + config.train() + "): give at least one example");
    }
  }

  private static void createOutput(Path output) {
    try {
      Files.createDirectories(output);
      Files.deleteIfExists(output.resolve(Trainer.STOP_FILE));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot create output " + output + " (" + e.getMessage() + "): give another directory");
    }
  }

  /** What rank 0 makes of its configuration and its checkpoint. */
  private static TrainingStart start(
      SftConfig config,
      Device device,
      Checkpoints.@Nullable Found found,
      Map<String, String> identity,
      Map<String, String> common,
      String data) {
    if (found == null) {
      Precision precision = Precision.of(config.precision(), config.weights(), device);
      return new TrainingStart(
          null, precision.word(), precision.reason(), workerCount(config, device), common);
    }
    TrainerState state = found.state();
    Checkpoints.requireSame(found.path(), state, config, identity, data);
    return new TrainingStart(
        state, state.precision(), "as the checkpoint", state.workers(), common);
  }

  private static ScalarType type(String precision) {
    return precision.equals(SftConfig.BFLOAT16) ? ScalarType.BFloat16 : ScalarType.Float;
  }

  private static int workerCount(SftConfig config, Device device) {
    if (device.isCuda()) {
      config.requireOneWorker();
    }
    return MemoryEstimate.workers(
        config, device.isCuda(), Runtime.getRuntime().availableProcessors());
  }

  /** All ranks go on from the values that rank 0 has read. */
  private void restore() {
    new GradientReduction(group, parameters, shares).spreadFirst();
    if (state == null) {
      return;
    }
    optimizer.resumeAt(state.updates());
    if (resumed.isPresent()) {
      optimizerFiles.read(resumed.get(), state.optimizerFiles());
    } else {
      optimizerFiles.take();
    }
  }

  /** The run's first line. */
  String describe() {
    return "training "
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
        + (group.size() > 1 ? group.size() + " ranks of " : "")
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
        + (group.size() > 1 ? " a rank" : "")
        + resumed.map(path -> ", resumed from " + path.getFileName()).orElse("");
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

  @Override
  public void close() {
    workers.close();
    optimizer.close();
    model.close();
  }
}
