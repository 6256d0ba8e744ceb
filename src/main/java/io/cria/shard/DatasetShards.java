package io.cria.shard;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.task.TrainingExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole dataset's shards in one directory, written by this process: {@code train/} and, where
 * examples are held out, {@code evaluation/}, and beside them {@value #TOKENIZER}, by which the ids
 * can be read. The bytes are those that many machines write of the same examples and plan.
 */
public final class DatasetShards {
  /** The tokenizer whose ids the shards hold. */
  public static final String TOKENIZER = "tokenizer.json";

  private static final String PARTIAL = ".partial";

  /** What there is of shards; the training side, by which they are known, comes last. */
  private static final List<String> PLACED =
      List.of(TOKENIZER, ShardPart.EVALUATION, ShardPart.TRAINING);

  private DatasetShards() {}

  /** A dataset that can be gone through more than once, each time in the same order. */
  @FunctionalInterface
  public interface Examples {
    void forEach(Consumer<TrainingExample> each);
  }

  /**
   * Writes the shards in place of whatever stood there, which stays until the new ones are whole.
   *
   * @throws CriaException when there is nothing to train on, or the directory cannot be written
   */
  public static ShardPart.Written write(
      Path directory, Examples examples, ExampleEncoder encoder, ShardPlan plan) {
    Set<String> keys = new HashSet<>();
    examples.forEach(example -> keys.add(HeldOut.key(plan.seed(), example.instruction())));
    HeldOut heldOut = HeldOut.among(keys, plan.evaluationShare(), plan.seed());
    keys.clear();
    boolean fresh = !Files.exists(directory);
    boolean whole = false;
    Path partial = directory.resolve(PARTIAL);
    try {
      LocalDirectory.delete(partial);
      Parts parts = new Parts(partial, encoder, plan, heldOut);
      examples.forEach(parts::add);
      ShardPart.Written written = parts.finish();
      writeTokenizer(partial, encoder.tokenizerJson());
      writeManifests(partial, written);
      place(partial, directory);
      whole = true;
      return written;
    } catch (IOException e) {
      throw unwritable(directory, e);
    } finally {
      if (!whole) {
        forget(fresh ? directory : partial);
      }
    }
  }

  /** The old ones go and the new ones come: no side is ever seen without its manifest. */
  private static void place(Path partial, Path directory) throws IOException {
    for (String old : PLACED) {
      Path there = directory.resolve(old);
      if (Files.isDirectory(there)) {
        Files.deleteIfExists(there.resolve(ShardWriter.MANIFEST));
      }
      LocalDirectory.delete(there);
    }
    for (String made : PLACED) {
      if (Files.exists(partial.resolve(made))) {
        Files.move(partial.resolve(made), directory.resolve(made), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    LocalDirectory.delete(partial);
  }

  private static void forget(Path unfinished) {
    try {
      LocalDirectory.delete(unfinished);
    } catch (IOException e) {
      // the next writing removes it, and what stopped this one is on its way to the user
      System.getLogger(DatasetShards.class.getName())
          .log(System.Logger.Level.DEBUG, "{0} stays: {1}", unfinished, e.getMessage());
    }
  }

  /** Puts the tokenizer beside the shards. */
  public static void writeTokenizer(Path directory, byte[] json) {
    try {
      Files.createDirectories(directory);
      Files.write(directory.resolve(TOKENIZER), json);
    } catch (IOException e) {
      throw unwritable(directory, e);
    }
  }

  /**
   * Makes the written parts a whole.
   *
   * @throws CriaException (bad input) when there is nothing to train on
   */
  public static void writeManifests(Path directory, ShardPart.Written written) {
    ShardPart.Split training = written.training();
    ShardWriter.writeManifest(
        directory.resolve(ShardPart.TRAINING), training.files(), training.counts());
    ShardPart.Split evaluation = written.evaluation();
    if (evaluation.counts().written() > 0) {
      ShardWriter.writeManifest(
          directory.resolve(ShardPart.EVALUATION), evaluation.files(), evaluation.counts());
    }
  }

  /** Whether the shards have a held-out side. */
  public static boolean hasEvaluation(Path directory) {
    return Files.exists(directory.resolve(ShardPart.EVALUATION).resolve(ShardWriter.MANIFEST));
  }

  private static CriaException unwritable(Path directory, IOException e) {
    return NoRoom.or(
        directory.toString(),
        e,
        () ->
            new CriaException(
                ExitCode.BAD_INPUT,
                "cannot write shards to "
                    + directory
                    + " ("
                    + e.getMessage()
                    + "): check its rights",
                e));
  }

  /** Cuts the examples into parts as they come. */
  private static final class Parts {
    private final Path directory;
    private final ExampleEncoder encoder;
    private final ShardPlan plan;
    private final HeldOut heldOut;
    private ShardPart.Written written = ShardPart.Written.NONE;
    private @Nullable ShardPart part;
    private int parts;
    private int inPart;

    Parts(Path directory, ExampleEncoder encoder, ShardPlan plan, HeldOut heldOut) {
      this.directory = directory;
      this.encoder = encoder;
      this.plan = plan;
      this.heldOut = heldOut;
    }

    void add(TrainingExample example) {
      if (part == null) {
        part = new ShardPart(directory, parts++, encoder, plan, heldOut);
        inPart = 0;
      }
      part.add(example);
      if (++inPart == plan.examplesPerPart()) {
        close();
      }
    }

    private void close() {
      if (part != null) {
        written = written.plus(part.finish());
        part = null;
      }
    }

    ShardPart.Written finish() {
      close();
      return written;
    }
  }
}
