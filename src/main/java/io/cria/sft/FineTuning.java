package io.cria.sft;

import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFingerprint;
import io.cria.sft.train.BatchSource;
import io.cria.sft.train.SftConfig;
import io.cria.sft.train.ShardBatchSource;
import io.cria.sft.train.Trainer;
import io.cria.shard.DatasetShards;
import io.cria.shard.ExampleEncoder;
import io.cria.shard.FileExamples;
import io.cria.shard.LocalDirectory;
import io.cria.shard.ShardPart;
import io.cria.shard.ShardSet;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.PromptTemplate;
import io.cria.tokenizer.TemplateSource;
import io.cria.weights.BasePlace;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From a dataset to a tuned model on one machine: the base as a model's directory, the dataset's
 * shards, the training, and beside the results where they come from. The output holds {@code base/}
 * (only where the base had to be written), {@code shards/} (a dataset's, or a copy), {@code
 * checkpoints/}, {@code metrics.jsonl}, and in the end {@code model/} and, for LoRA, {@code
 * adapter/}. Given again it goes on from the last checkpoint.
 */
public final class FineTuning {
  private FineTuning() {}

  /**
   * What a run is made from.
   *
   * @param file the run file
   * @param base the model, in place of the run file's; or null
   * @param output the run's directory
   * @param dataset a file to train on, or a dataset's directory; null when shards are given
   * @param shards a directory of shards with its {@code train/}; null when a dataset is given
   * @param mustResume whether it is an error that there is nothing to go on from
   */
  public record Job(
      SftRunFile file,
      @Nullable Path base,
      Path output,
      @Nullable FileExamples dataset,
      @Nullable Path shards,
      boolean mustResume) {
    public Job {
      if ((dataset == null) == (shards == null)) {
        throw CriaException.badInput(
            "what to train on is not clear: give either --dataset FILE or --shards DIR");
      }
    }
  }

  /**
   * Writes a dataset's shards for the run file's model and layout.
   *
   * @param messages told what a person should know of the layout
   * @return what became of the examples
   * @throws CriaException when the dataset, the model or the layout does not fit
   */
  public static ShardPart.Written writeShards(
      SftRunFile file,
      Path base,
      DatasetShards.Examples dataset,
      Path directory,
      Consumer<String> messages) {
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(base)) {
      file.templateSource().notice(tokenizer).ifPresent(messages);
      PromptTemplate template = file.templateSource().template(tokenizer);
      return DatasetShards.write(
          directory, dataset, new ExampleEncoder(tokenizer, template), file.shards().plan());
    }
  }

  /**
   * Does the whole job.
   *
   * @throws CriaException when the input does not fit, another process trains into the output,
   *     training fails, or the disk is full; what was saved before stays
   */
  public static Trainer.Outcome run(Job job, Trainer.Environment environment) {
    Path output = job.output().toAbsolutePath().normalize();
    Path source = BaseModel.find(job.file(), job.base());
    if (job.mustResume() && !Trainer.hasCheckpoints(output)) {
      throw CriaException.badInput(
          "nothing to resume in " + output + ": leave --resume out, or name the run's --output");
    }
    try (OutputLock lock = OutputLock.take(output)) {
      return run(job, source, lock.output(), environment);
    }
  }

  /**
   * The part of one of several ranks, or of one alone, in a job whose base and shards lie on this
   * machine to be read in place. Rank 0 writes the results.
   *
   * @param prepared directory to which the ranks of this machine write the base once for all, where
   *     it must be written; null for one below the output
   * @throws CriaException when the input does not fit, training fails, or the disk is full
   */
  public static Trainer.Outcome runRank(
      Job job, @Nullable Path prepared, Trainer.Environment environment) {
    Path output = job.output().toAbsolutePath().normalize();
    Path source = BaseModel.find(job.file(), job.base());
    Path shards = Objects.requireNonNull(job.shards()).toAbsolutePath().normalize();
    Path model =
        prepared == null
            ? BaseModel.prepare(source, output.resolve("base"), Trainer.hasCheckpoints(output))
            : BaseModel.prepareShared(source, prepared.toAbsolutePath().normalize());
    Rows rows = open(job, model, shards, environment.messages());
    return train(job, source, model, rows, shards, output, environment);
  }

  private static Trainer.Outcome run(
      Job job, Path source, Path output, Trainer.Environment environment) {
    WeightsDirectory.doubt(source).ifPresent(environment.messages());
    Path model = BaseModel.prepare(source, output.resolve("base"), Trainer.hasCheckpoints(output));
    Path shards = shards(job, source, output, environment.messages());
    Rows rows = open(job, model, shards, environment.messages());
    Path local = output.resolve("shards");
    if (job.shards() != null) {
      if (isInUse(output)) {
        requireSame(shards, local);
      }
      rows = rows.copied(shards, local);
    }
    return train(job, source, model, rows, local, output, environment);
  }

  /** The shards' rows, and the tokenizer they were made with. */
  @SuppressWarnings("ArrayRecordComponent") // made here, written here, never compared
  private record Rows(ShardSet training, @Nullable ShardSet heldOut, byte[] tokenizerJson) {
    /** A mapped file must not change or go away: the run trains on a copy of its own. */
    Rows copied(Path shards, Path local) {
      ShardSet copy =
          ShardSet.openLocalCopy(
              shards.resolve(ShardPart.TRAINING), local.resolve(ShardPart.TRAINING));
      ShardSet heldOutCopy =
          heldOut == null
              ? null
              : ShardSet.openLocalCopy(
                  shards.resolve(ShardPart.EVALUATION), local.resolve(ShardPart.EVALUATION));
      // the same bytes as beside the shards, where they have one: they are of this tokenizer
      DatasetShards.writeTokenizer(local, tokenizerJson);
      return new Rows(copy, heldOutCopy, tokenizerJson);
    }
  }

  private static Rows open(Job job, Path model, Path shards, Consumer<String> messages) {
    TemplateSource template = job.file().templateSource();
    ModelConfig modelConfig = ModelConfigJson.read(model);
    try (ModelTokenizer tokenizer = ModelTokenizer.open(model)) {
      if (job.shards() != null) {
        template.notice(tokenizer).ifPresent(messages);
      }
      ShardSet training =
          open(shards.resolve(ShardPart.TRAINING), tokenizer, template, modelConfig);
      ShardSet heldOut =
          DatasetShards.hasEvaluation(shards)
              ? open(shards.resolve(ShardPart.EVALUATION), tokenizer, template, modelConfig)
              : null;
      return new Rows(training, heldOut, tokenizer.json());
    }
  }

  private static Trainer.Outcome train(
      Job job,
      Path source,
      Path model,
      Rows rows,
      Path shards,
      Path output,
      Trainer.Environment environment) {
    ShardSet heldOut = rows.heldOut();
    SftConfig config =
        job.file()
            .training()
            .at(
                model.toString(),
                shards.resolve(ShardPart.TRAINING).toString(),
                heldOut == null ? null : shards.resolve(ShardPart.EVALUATION).toString(),
                output.toString());
    BatchSource evaluation = heldOut == null ? null : ShardBatchSource.inOrder(heldOut);
    BatchSource training = ShardBatchSource.shuffled(rows.training(), config.seed());
    String called = Objects.requireNonNullElse(environment.baseName(), source.toString());
    String base = BaseName.of(job.file().card().base(), called);
    ResultCards cards = new ResultCards(job.file(), base, source, training.fingerprint());
    Trainer.Environment named = environment.of(base, cards);
    try (Trainer trainer = new Trainer(config, training, evaluation, named)) {
      // not before the trainer has found that what lies there was begun from this base
      if (environment.group().isFirst()) {
        BasePlace.write(output, model, called);
      }
      Trainer.Outcome outcome = trainer.run();
      if (outcome.finished() && environment.group().isFirst()) {
        cards.results(output, outcome);
      }
      return outcome;
    }
  }

  private static Path shards(Job job, Path source, Path output, Consumer<String> messages) {
    FileExamples dataset = job.dataset();
    if (dataset == null) {
      Path given = Objects.requireNonNull(job.shards()).toAbsolutePath().normalize();
      if (!Files.isDirectory(given.resolve(ShardPart.TRAINING))) {
        throw CriaException.badInput(
            given
                + " holds no shards (no "
                + ShardPart.TRAINING
                + "/): give a directory that cria shards or cria stage shards wrote");
      }
      return given;
    }
    Path directory = output.resolve("shards");
    if (!isInUse(output)) {
      ShardPart.Written written = writeShards(job.file(), source, dataset, directory, messages);
      messages.accept(written.describe(job.file().shards().contextLength()));
      return directory;
    }
    Path fresh = output.resolve("shards.new");
    try {
      ShardPart.Written written = writeShards(job.file(), source, dataset, fresh, messages);
      messages.accept(written.describe(job.file().shards().contextLength()));
      requireSame(fresh, directory);
    } finally {
      delete(fresh);
    }
    return directory;
  }

  /** Whether checkpoints go on from shards that lie there. */
  private static boolean isInUse(Path output) {
    return Trainer.hasCheckpoints(output)
        && Files.isDirectory(output.resolve("shards").resolve(ShardPart.TRAINING));
  }

  /** Refuses other data than the checkpoints were made with, before theirs are written over. */
  private static void requireSame(Path given, Path own) {
    for (String side : List.of(ShardPart.TRAINING, ShardPart.EVALUATION)) {
      if (!rows(given.resolve(side)).equals(rows(own.resolve(side)))) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            own
                + " holds what the checkpoints were trained on, which is other data than is given"
                + " now: give these data again, or another --output");
      }
    }
  }

  /** The files of rows by name, as hashes of what they hold. */
  private static Map<String, String> rows(Path side) {
    if (!Files.isDirectory(side)) {
      return Map.of();
    }
    try (Stream<Path> files = Files.list(side)) {
      return files
          .filter(file -> file.toString().endsWith(".bin"))
          .collect(Collectors.toMap(file -> file.getFileName().toString(), ModelFingerprint::of));
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, "cannot read " + side + " (" + e.getMessage() + "): check the disk", e);
    }
  }

  private static void delete(Path directory) {
    try {
      LocalDirectory.delete(directory);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot remove " + directory + " (" + e.getMessage() + "): check its rights",
          e);
    }
  }

  private static ShardSet open(
      Path directory, ModelTokenizer tokenizer, TemplateSource template, ModelConfig model) {
    ShardSet shards = ShardSet.open(directory);
    shards.requireMadeFor(tokenizer.hash(), model.contextLength());
    if (!shards.templateHash().equals(template.template(tokenizer).hash())) {
      throw CriaException.badInput(
          directory
              + " holds shards of another layout than "
              + template.name()
              + ": write the shards again, or set template to theirs");
    }
    return shards;
  }

  /** The exit code that tells how it ended. */
  public static ExitCode exitCode(Trainer.Outcome outcome) {
    return outcome.finished() ? ExitCode.DONE : ExitCode.STOPPED;
  }
}
