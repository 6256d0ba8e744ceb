package io.cria.cli;

import io.cria.config.NearestWord;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The commands by name. A command's class is loaded when the command is called, not before. */
enum CommandName {
  RUN(
      "RunCommand",
      "Every stage of a recipe, from seed tasks to the dataset; goes on where it stopped."),
  STAGE("StageCommand", "One stage of a run, for a scheduler."),
  DRY_RUN("DryRunCommand", "What a run would ask and cost; nothing is sent."),
  STATUS("StatusCommand", "State, counts and spend of a run."),
  STOP("StopCommand", "Ask a run that is at work to stop, and wait until it has."),
  SHOW("ShowCommand", "Examples of a run with their lineage, or what was rejected and why."),
  VIEW("ViewCommand", "A page on this machine for looking through all of a run."),
  REPORT("ReportCommand", "A run's figures and samples as one HTML file."),
  REVIEW("ReviewCommand", "Judge a sample of a run's examples, by people or a model."),
  SQL("SqlCommand", "Spark SQL over a run's tables."),
  EXPORT("ExportCommand", "The dataset's files anew, in the formats wanted."),
  VERIFY("VerifyCommand", "Whether a run, a dataset or a model is as it was made."),
  PARSE("ParseCommand", "Raw answers to candidates or instances by the published rules."),
  DEDUP("DedupCommand", "Drop near-duplicate records of any data set, exactly and in order."),
  DECONTAMINATE(
      "DecontaminateCommand", "Find what is near an evaluation set, in a run or in files."),
  SEEDS("SeedsCommand", "Check a file of seed tasks before a run spends money on it."),
  SHARDS("ShardsCommand", "Training shards of a dataset, without Spark."),
  MASKS("MasksCommand", "Examples of training shards with the learnt tokens marked."),
  TRAIN("TrainCommand", "Fine-tune a model on a run's shards, on the ranks of a cluster."),
  TRAIN_LOCAL("TrainLocalCommand", "Fine-tune a model on a dataset, on this machine."),
  GENERATE("GenerateCommand", "Answers of a tuned model."),
  MERGE("MergeCommand", "A model with an adapter added into its weights."),
  EXPORT_GGUF("ExportGgufCommand", "A model's directory as a GGUF file, for llama.cpp."),
  SERVE("ServeCommand", "An OpenAI-compatible server on this machine for a model."),
  EVALUATE("EvaluateCommand", "Compare models on an evaluation set, blindly, with a report."),
  WATERMARK("WatermarkCommand", "A watermark for what a model writes, and its detector."),
  CONFIG("ConfigCommand", "What the keys of run files mean: type, default, whether they change."),
  FETCH_MODEL("FetchModelCommand", "Fetch the small model of the quickstart."),
  COMPLETION("CompletionCommand", "What has bash or zsh complete commands and options."),
  HELP("HelpCommand", "What a command does, its options and examples."),
  VERSION("VersionCommand", "Version and commit.");

  private final String className;
  private final String summary;

  CommandName(String className, String summary) {
    this.className = className;
    this.summary = summary;
  }

  /** As it is typed. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** One sentence for the list of commands. */
  String summary() {
    return summary;
  }

  /** A new command. Loads its class. */
  CriaCommand load() {
    try {
      return Class.forName(CommandName.class.getPackageName() + "." + className)
          .asSubclass(CriaCommand.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the command " + word() + " has no class " + className, e);
    }
  }

  static Optional<CommandName> of(String word) {
    return Arrays.stream(values()).filter(command -> command.word().equals(word)).findFirst();
  }

  /** As it is typed, the command that was probably meant; empty when none is near. */
  static Optional<String> nearest(String word) {
    return NearestWord.of(word, Arrays.stream(values()).map(CommandName::word).toList());
  }
}
