package io.cria.stage;

import io.cria.run.Rows;
import io.cria.shard.ExampleEncoder;
import io.cria.shard.HeldOut;
import io.cria.shard.LocalDirectory;
import io.cria.shard.ShardPart;
import io.cria.shard.ShardPlan;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import io.cria.task.NoRoom;
import io.cria.task.TrainingExample;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * What one task of {@link ShardStage} does: packs its part of the examples on the local disk, and
 * copies the files into the run under names of its own, which the driver then changes into theirs.
 */
final class ShardTask implements FlatMapFunction<Iterator<Tuple2<Long, Row>>, ShardTask.Part> {
  private static final long serialVersionUID = 1L;

  private final String root;
  private final String directory;
  private final Encoding encoding;
  private final ShardPlan plan;
  private final HeldOut heldOut;
  private final SerializableConfiguration hadoop;

  ShardTask(
      String root,
      String directory,
      Encoding encoding,
      ShardPlan plan,
      HeldOut heldOut,
      SerializableConfiguration hadoop) {
    this.root = root;
    this.directory = directory;
    this.encoding = encoding;
    this.plan = plan;
    this.heldOut = heldOut;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Part> call(Iterator<Tuple2<Long, Row>> rows) {
    if (!rows.hasNext()) {
      return List.<Part>of().iterator();
    }
    TaskContext task = TaskContext.get();
    Path local = null;
    try (ModelTokenizer tokenizer = encoding.tokenizer()) {
      local = Files.createTempDirectory("cria-shards");
      ShardPart part =
          new ShardPart(local, task.partitionId(), encoding.encoder(tokenizer), plan, heldOut);
      while (rows.hasNext()) {
        part.add(TrainingExample.of(Rows.example(rows.next()._2())));
      }
      ShardPart.Written written = part.finish();
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      Map<String, String> moves = new TreeMap<>();
      String attempt = directory + "/attempt-" + task.taskAttemptId();
      copy(run, local, ShardPart.TRAINING, written.training().files(), attempt, moves);
      copy(run, local, ShardPart.EVALUATION, written.evaluation().files(), attempt, moves);
      return List.of(new Part(task.partitionId(), moves, written)).iterator();
    } catch (IOException e) {
      throw localFault(e);
    } finally {
      delete(local);
    }
  }

  private static void copy(
      RunDirectory run,
      Path local,
      String side,
      List<String> names,
      String attempt,
      Map<String, String> moves)
      throws IOException {
    for (String name : names) {
      String at = attempt + "-" + side + "-" + name;
      try (OutputStream out = run.create(at)) {
        Files.copy(local.resolve(side).resolve(name), out);
      }
      moves.put(at, side + "/" + name);
    }
  }

  /** Tokenizer and layout on their way to the executors. */
  record Encoding(
      String json,
      @Nullable String bos,
      @Nullable String eos,
      @Nullable String pad,
      @Nullable String unk,
      boolean addsBos,
      @Nullable String chatTemplate,
      @Nullable String toolTemplate,
      String templateName,
      String templateText,
      String templateHash)
      implements Serializable {
    static Encoding of(ModelTokenizer tokenizer, TemplateSource template) {
      TokenizerSettings settings = tokenizer.settings();
      return new Encoding(
          new String(tokenizer.json(), StandardCharsets.UTF_8),
          settings.bos(),
          settings.eos(),
          settings.pad(),
          settings.unk(),
          settings.addsBos(),
          settings.chatTemplate(),
          settings.toolTemplate(),
          template.name(),
          template.text(),
          template.template(tokenizer).hash());
    }

    String tokenizerHash() {
      return Ids.sha256(json);
    }

    /** The tokenizer; closed by the caller. */
    ModelTokenizer tokenizer() {
      return ModelTokenizer.of(
          json.getBytes(StandardCharsets.UTF_8),
          new TokenizerSettings(bos, eos, pad, unk, addsBos, chatTemplate, toolTemplate),
          "the model's tokenizer");
    }

    ExampleEncoder encoder(ModelTokenizer tokenizer) {
      return new ExampleEncoder(
          tokenizer, new TemplateSource(templateName, templateText).template(tokenizer));
    }
  }

  /**
   * A part as its task left it.
   *
   * @param number in the dataset
   * @param moves where each file lies to where it belongs below the shards' directory
   */
  record Part(int number, Map<String, String> moves, ShardPart.Written written)
      implements Serializable {}

  static CriaException localFault(IOException e) {
    return NoRoom.or(
        System.getProperty("java.io.tmpdir"),
        e,
        () ->
            new CriaException(
                ExitCode.FAULT,
                "cannot write shards to the local disk ("
                    + e.getMessage()
                    + "): look at java.io.tmpdir",
                e));
  }

  static void delete(@Nullable Path directory) {
    if (directory == null) {
      return;
    }
    try {
      LocalDirectory.delete(directory);
    } catch (IOException e) {
      throw localFault(e);
    }
  }
}
