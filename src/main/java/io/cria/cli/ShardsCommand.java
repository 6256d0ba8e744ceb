package io.cria.cli;

import io.cria.sft.BaseModel;
import io.cria.sft.FineTuning;
import io.cria.sft.SftRunFile;
import io.cria.shard.FileExamples;
import io.cria.shard.ShardPart;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria shards CONF --dataset FILE --output DIR}. */
@Command(
    description = {
      "Tokenises and packs a dataset for the run file's model and layout, in this process.",
      "The same shards as cria stage shards writes of the same examples with Spark."
    },
    footer = {
      "",
      "Examples:",
      "  cria shards conf/sft-quickstart.yaml --dataset runs/quickstart/dataset --output shards",
      "  cria shards conf/sft-alpaca.yaml --base models/llama --dataset alpaca.json --output shards"
    })
final class ShardsCommand extends CriaCommand {
  @Mixin SftOptions options = new SftOptions();

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "FILE",
      description =
          "JSON or JSON lines of instructions (Alpaca), chats, pairs of prompt and completion, or ShareGPT's records; or a dataset's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path dataset;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where train/ and evaluation/ are written.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path output;

  @Override
  ExitCode run() {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw CriaException.badInput(
          "--output " + output + " is a file, and a directory is written: give another name");
    }
    SftRunFile file = options.runFile();
    ShardPart.Written written =
        FineTuning.writeShards(
            file, BaseModel.find(file, options.base), FileExamples.in(dataset), output, this::say);
    err().println("cria: " + written.describe(file.shards().contextLength()));
    out().println(output);
    return ExitCode.DONE;
  }
}
