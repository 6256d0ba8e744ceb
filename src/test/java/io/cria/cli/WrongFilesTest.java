package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files and directories of another kind than a command wants. */
class WrongFilesTest {
  @TempDir Path folder;

  private Path conf;
  private Path data;

  @BeforeEach
  void makeAModelARunFileAndADataset() throws IOException {
    TinyCheckpoint.create(folder.resolve("model"));
    conf = TinyCheckpoint.runFile(folder.resolve("sft.yaml"), folder.resolve("t.yaml"));
    data = TinyCheckpoint.dataset(folder.resolve("data.jsonl"), 3);
  }

  private static void refused(String message, Object... words) {
    Called called = Called.with(words);
    assertThat(called.err()).startsWith("cria: " + message).hasLineCount(1);
    assertThat(called.code()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conf/sft-alpaca.yaml|run file of a fine-tuning (it has template, shards, training)|cria train-local CONF",
        "conf/judge.yaml|run file of a judge (it has decoding, seed)|cria review RUN --judge CONF",
        "conf/evaluate.yaml|run file of an evaluation (it has set, sections, answerers)|cria evaluate CONF --run DIR"
      })
  void aRunFileOfAnotherKindIsNamedWithTheCommandThatTakesIt(
      String file, String kind, String command) {
    String said =
        file
            + ": this is a "
            + kind
            + ", and a run file of a dataset is wanted here: give one, or go on with "
            + command;
    refused(said, "dry-run", file);
    refused(said, "run", file, "--run", folder.resolve("run"), "--yes");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aFineTuningTakesNoRunFileOfADatasetNorAPriceList() {
    refused(
        "conf/alpaca.yaml: this is a run file of a dataset (it has recipe, stages, seeds), and a"
            + " run file of a fine-tuning is wanted here: give one, or go on with cria run CONF",
        "train-local",
        "conf/alpaca.yaml",
        "--dataset",
        data,
        "--output",
        folder.resolve("o"));
    refused(
        "conf/prices.yaml: this is a price list (it has prices), and a run file of a fine-tuning",
        "shards",
        "conf/prices.yaml",
        "--dataset",
        data,
        "--output",
        folder.resolve("o"));
    refused(
        "conf/alpaca.yaml: this is a run file of a dataset (it has recipe, stages, seeds), and a"
            + " run file of an evaluation is wanted here: ",
        "evaluate",
        "conf/alpaca.yaml",
        "--run",
        folder.resolve("e"));
    refused(
        folder + ": cannot be read (it is a directory): give the path of a configuration",
        "train-local",
        folder,
        "--dataset",
        data,
        "--output",
        folder.resolve("o"));
  }

  @Test
  void aBaseThatIsNoneIsNamedByWhatItIs() throws IOException {
    refusedBase("README.md", "the base model README.md is a file, and no GGUF file by its name: ");
    refusedBase(
        folder.toString(),
        "no base model in "
            + folder
            + ": it has neither config.json nor tokenizer.json: give a model's directory, such as "
            + folder.resolve("model"));
    Path named = Files.createDirectories(folder.resolve("x.gguf"));
    refusedBase(named.toString(), "the base model " + named + " is a directory, not a GGUF file");
    Path adapter = Files.createDirectories(folder.resolve("adapter"));
    Files.writeString(adapter.resolve("adapter_config.json"), "{}");
    refusedBase(
        adapter.toString(),
        "the base model " + adapter + " is an adapter's directory: merge it into its model first");
  }

  private void refusedBase(String base, String message) {
    refused(
        message,
        "train-local",
        conf,
        "--base",
        base,
        "--dataset",
        data,
        "--output",
        folder.resolve("o"));
  }

  @Test
  void dataAndOutputsOfATrainingThatAreNoneAreNamed() {
    refused(
        "there is no dataset at " + folder.resolve("none") + ": give a file of JSON objects (",
        "shards",
        conf,
        "--dataset",
        folder.resolve("none"),
        "--output",
        folder.resolve("o"));
    refused(
        "--output " + data + " is a file, and a directory is written: give another name",
        "shards",
        conf,
        "--dataset",
        data,
        "--output",
        data);
    refused(
        "--output " + data + " is a file, and a directory is wanted: give another name",
        "train-local",
        conf,
        "--dataset",
        data,
        "--output",
        data);
    refused(
        folder + " holds no shards (no train/): give a directory that cria shards or",
        "train-local",
        conf,
        "--shards",
        folder,
        "--output",
        folder.resolve("o"));
  }

  @Test
  void aTrainingsOutputInPlaceOfItsModelIsToldWhatIsInIt() {
    refused(
        "there is no "
            + folder.resolve("config.json")
            + ": give a model's directory as --checkpoint, such as "
            + folder.resolve("model"),
        "generate",
        "--checkpoint",
        folder,
        "--prompt",
        "x");
    refused(
        folder + " is a directory: give a file of JSON lines, or of one JSON array",
        "generate",
        "--checkpoint",
        folder.resolve("model"),
        "--input",
        folder);
  }
}
