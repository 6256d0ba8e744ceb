package io.cria.cli;

import io.cria.sft.BaseModel;
import io.cria.shard.DatasetShards;
import io.cria.shard.LocalPlace;
import io.cria.shard.ShardCounts;
import io.cria.shard.ShardExamples;
import io.cria.shard.ShardFolder;
import io.cria.shard.ShardPlace;
import io.cria.storage.Hadoop;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria masks SHARDS|RUN}: which tokens a model learns, without a Spark session. */
@Command(
    description = {
      "Shows examples of training shards, control tokens as their texts, with the",
      "learnt tokens marked: in colour on a terminal, else between ⟦ and ⟧. Then what",
      "became of all examples. What looks wrong with one is said on standard error.",
      "An example here is a segment of a row; all are counted from 1."
    },
    footer = {
      "",
      "Examples:",
      "  cria masks shards",
      "  cria masks runs/quickstart --n 20 --color always | less -R",
      "  cria masks hdfs:///data/si --side evaluation --seed 7",
      "  cria masks runs/tuned --n 0"
    })
final class MasksCommand extends CriaCommand {
  private static final Pattern SCHEMED = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");

  @Parameters(
      paramLabel = "PATH",
      description =
          "A directory of shards or one side of it, a run with shards, or the output of a training;"
              + " on the disk, else wherever Hadoop reaches.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String path;

  @Option(
      names = "--n",
      defaultValue = "5",
      paramLabel = "N",
      description = "How many examples (${DEFAULT-VALUE}); 0 for the counts alone.")
  int n;

  @Option(names = "--side", paramLabel = "SIDE", description = "train (the default) or evaluation.")
  @Nullable String side;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Other examples: each is drawn from an equal stretch of all.")
  long seed;

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description =
          "The model that the shards were written for, a directory or a GGUF file: where they have"
              + " no tokenizer.json.")
  @Nullable Path base;

  @Option(names = "--no-color", description = "The same as --color never.")
  boolean noColor;

  @Override
  ExitCode run() {
    if (n < 0) {
      throw CriaException.badInput("--n " + n + ": give a number that is not negative");
    }
    ShardFolder folder = ShardFolder.find(place(path));
    String shown = side == null ? folder.sides().get(0) : side;
    if (!folder.sides().contains(shown)) {
      throw CriaException.badInput(
          path + " has no side " + shown + ": --side " + String.join(" or ", folder.sides()));
    }
    if (n > 0) {
      show(folder.examples(shown), folder.root());
    }
    Map<String, ShardCounts> counts = new LinkedHashMap<>();
    folder.sides().forEach(name -> counts.put(name, folder.counts(name)));
    out().print(MaskCounts.of(counts));
    return ExitCode.DONE;
  }

  private void show(ShardExamples examples, ShardPlace root) {
    boolean coloured =
        Terminal.of(noColor ? ColourWhen.NEVER : color, System.getenv()).paint().on();
    try (ModelTokenizer tokenizer = tokenizer(root, examples.tokenizerHash())) {
      examples.read(
          examples.choose(n, seed),
          example -> show(example, examples.count(), tokenizer, coloured));
    }
  }

  private void show(
      ShardExamples.Example example, int count, ModelTokenizer tokenizer, boolean coloured) {
    MaskedText text = new MaskedText(example.tokens(), tokenizer);
    String head =
        String.format(
            Locale.ROOT,
            "example %d of %d: row %d, segment %d, %d tokens, %d learnt",
            example.number() + 1,
            count,
            example.row() + 1,
            example.segment() + 1,
            example.tokens().length(),
            example.tokens().learntTokens());
    String brackets =
        coloured || !text.hasOtherBrackets()
            ? ""
            : " (between " + text.brackets().charAt(0) + " and " + text.brackets().charAt(1) + ")";
    out().println(head + brackets);
    String shown = coloured ? text.coloured() : text.bracketed();
    out().print(shown);
    out().println(shown.endsWith("\n") ? "" : "\n");
    LostOutput.check(out());
    text.doubts()
        .forEach(
            doubt ->
                err()
                    .println("cria: example " + (example.number() + 1) + ": " + Visible.of(doubt)));
  }

  /** A directory on the disk comes first; it wants no Hadoop. */
  private static ShardPlace place(String named) {
    if (!SCHEMED.matcher(named).matches() && !named.isBlank()) {
      LocalPlace local = new LocalPlace(local(named), named);
      if (local.exists() || !hasHadoop()) {
        return local;
      }
    } else if (!hasHadoop()) {
      throw CriaException.badInput(
          named + ": this is not on the disk, and there is no Hadoop: set SPARK_HOME to a Spark");
    }
    return StoredPlace.at(named, Hadoop.configuration());
  }

  private static Path local(String named) {
    try {
      return Path.of(named);
    } catch (InvalidPathException e) {
      throw CriaException.badInput(named + ": this is no path: give a path or a URI");
    }
  }

  /** A distribution without Spark has none. */
  private static boolean hasHadoop() {
    return MasksCommand.class.getClassLoader().getResource("org/apache/hadoop/fs/FileSystem.class")
        != null;
  }

  private ModelTokenizer tokenizer(ShardPlace root, String hash) {
    ModelTokenizer tokenizer = base == null ? ofShards(root) : BaseModel.tokenizer(base);
    if (!tokenizer.hash().equals(hash)) {
      tokenizer.close();
      throw CriaException.badInput(
          (base == null ? root.describe(DatasetShards.TOKENIZER) : "--base " + base)
              + ": this is not the tokenizer of the shards: give --base MODEL, the model that they"
              + " were written for");
    }
    return tokenizer;
  }

  private static ModelTokenizer ofShards(ShardPlace root) {
    String where = root.describe(DatasetShards.TOKENIZER);
    if (!root.has(DatasetShards.TOKENIZER)) {
      throw CriaException.badInput(
          where
              + ": these shards were written without it, by an older version: give --base MODEL, the"
              + " model that they were written for");
    }
    try (InputStream in = root.open(DatasetShards.TOKENIZER)) {
      return ModelTokenizer.of(
          in.readAllBytes(), new TokenizerSettings(null, null, null, null, false, null), where);
    } catch (IOException e) {
      throw CriaException.badInput(
          where + ": cannot be read (" + e.getMessage() + "): give --base MODEL in its place");
    }
  }
}
