package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.train.Trainer;
import io.cria.shard.FileExamples;
import io.cria.shard.ShardPart;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import io.cria.weights.Safetensors;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.StoredTensor;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuningTest {
  private static final Decoding GREEDY =
      new Decoding(12, 0.0, null, null, null, null, null, List.of(), Map.of(), 0L);

  @TempDir Path folder;

  private final List<String> messages = new ArrayList<>();
  private Path model;
  private Path conf;
  private Path dataset;
  private Path output;

  @BeforeEach
  void makeModelDatasetAndRunFile() throws IOException {
    model = TinyCheckpoint.create(folder.resolve("model"));
    conf = TinyCheckpoint.runFile(folder.resolve("sft.yaml"), folder.resolve("t.yaml"));
    dataset = TinyCheckpoint.dataset(folder.resolve("data.jsonl"), 24);
    output = folder.resolve("out");
  }

  private Trainer.Outcome train(String... settings) {
    Map<String, String> overrides = new java.util.TreeMap<>();
    for (String setting : settings) {
      int at = setting.indexOf('=');
      overrides.put(setting.substring(0, at), setting.substring(at + 1));
    }
    FineTuning.Job job =
        new FineTuning.Job(
            SftRunFile.read(conf.toString(), overrides),
            null,
            output,
            FileExamples.in(dataset),
            null,
            false);
    return FineTuning.run(
        job, new Trainer.Environment(System::nanoTime, () -> false, messages::add));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(String... settings) {
    return assertThatThrownBy(() -> train(settings))
        .isInstanceOf(CriaException.class)
        .satisfies(
            e -> {
              assertThat(((CriaException) e).exitCode()).isEqualTo(ExitCode.BAD_INPUT);
              assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1);
            });
  }

  @Test
  void aDatasetBecomesAnAdapterAndAModelThatAnswerAlike() throws IOException {
    Trainer.Outcome outcome = train();
    assertThat(outcome.finished()).isTrue();
    assertThat(outcome.lastEvaluationLoss()).isLessThan(outcome.firstEvaluationLoss() - 0.3);
    assertThat(outcome.result()).isEqualTo(output.resolve("adapter"));
    assertThat(messages.get(0)).startsWith("24 examples: 19 to train on").contains("5 held out");

    // the base lacked a padding token: it was completed in a copy
    assertThat(ModelConfigJson.read(output.resolve("base")).padToken()).isEqualTo(270);
    List<TunedModel.Question> questions =
        List.of(
            new TunedModel.Question("Say the 7. thing.", ""),
            new TunedModel.Question("Say it.", "thing <|im_end|>"));
    List<String> ofModel;
    try (TunedModel tuned = TunedModel.open(output.resolve("model"), null, null, null)) {
      ofModel = tuned.answer(questions, GREEDY).stream().map(answer -> answer.text()).toList();
      assertThat(tuned.chat(List.of(new Message(Message.USER, "Say the 7. thing.")), GREEDY).text())
          .isEqualTo(ofModel.get(0));
      assertThat(tuned.complete("Say the 7. thing.:", GREEDY).text()).isEqualTo(ofModel.get(0));
    }
    try (TunedModel tuned =
        TunedModel.open(output.resolve("base"), output.resolve("adapter"), null, null)) {
      assertThat(tuned.answer(questions, GREEDY).stream().map(answer -> answer.text()).toList())
          .isEqualTo(ofModel);
    }
    assertThat(ofModel.get(0)).contains("the");
  }

  @Test
  void theSameCommandAgainGoesOnAndAnotherConfigurationIsRefused() {
    train("training.maxSteps=5");
    messages.clear();
    train("training.maxSteps=5");
    assertThat(messages).anyMatch(line -> line.endsWith("resumed from step-00000005"));
    assertThatThrownBy(() -> train("training.maxSteps=6"))
        .hasMessageContaining("is of another configuration (maxSteps was 5, is 6)")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.RUN_REFUSED);
  }

  @Test
  void otherDataDoNotTakeOverTheCheckpoints() throws IOException {
    train("training.maxSteps=2");
    Path rows = output.resolve("shards/train/part-00000-00000.bin");
    byte[] ours = Files.readAllBytes(rows);
    List<String> records = Files.readAllLines(dataset);
    Files.write(dataset, records.subList(0, records.size() - 1));
    assertThatThrownBy(() -> train("training.maxSteps=2"))
        .hasMessageContaining(output.resolve("shards") + " holds what the checkpoints")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.RUN_REFUSED);
    assertThat(rows).hasBinaryContent(ours);
    assertThat(output.resolve("shards.new")).doesNotExist();
    Files.write(dataset, records);
    assertThat(train("training.maxSteps=2").steps()).isEqualTo(2);
  }

  @Test
  void anotherBaseDoesNotTakeOverTheCheckpoints() throws IOException {
    train("training.maxSteps=2");
    Path weights = model.resolve("model.safetensors");
    byte[] ours = Files.readAllBytes(weights);
    Path base = output.resolve("base/model.safetensors");
    byte[] ofBase = Files.readAllBytes(base);
    byte[] others = ours.clone();
    others[others.length - 1] ^= 1;
    Files.write(weights, others);
    assertThatThrownBy(() -> train("training.maxSteps=2"))
        .hasMessageContaining(output.resolve("base") + " was made from another model than " + model)
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.RUN_REFUSED);
    assertThat(base).hasBinaryContent(ofBase);
    Files.write(weights, ours);
    assertThat(train("training.maxSteps=2").steps()).isEqualTo(2);

    // a base that is complete is used in its place: what it holds counts, too
    byte[] changed = ofBase.clone();
    changed[changed.length - 1] ^= 1;
    Files.write(base, changed);
    assertThatThrownBy(() -> train("training.maxSteps=2"))
        .hasMessageContaining("is of another configuration (base model was ");
  }

  @Test
  void twoTrainingsDoNotShareAnOutput() {
    List<Throwable> refused = new ArrayList<>();
    FineTuning.Job job =
        new FineTuning.Job(
            SftRunFile.read(conf.toString(), Map.of("training.maxSteps", "1")),
            null,
            output,
            FileExamples.in(dataset),
            null,
            false);
    FineTuning.run(
        job,
        new Trainer.Environment(
            System::nanoTime,
            () -> false,
            message -> {
              if (refused.isEmpty()) {
                refused.add(org.assertj.core.api.Assertions.catchThrowable(() -> run(job)));
              }
            }));
    assertThat(refused.get(0))
        .hasMessageContaining("another process trains into " + output)
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.RUN_REFUSED);
    assertThat(run(job).finished()).isTrue();
  }

  @Test
  void aRunWhoseTimeIsOverEndsWithAResult() {
    Trainer.Outcome outcome = train("training.maxMinutes=0.00001");
    assertThat(outcome.finished()).isTrue();
    assertThat(outcome.steps()).isEqualTo(1);
    assertThat(output.resolve("model/cria.json")).exists();
    assertThat(messages).anyMatch(line -> line.startsWith("the time is over after step 1 of "));
  }

  @Test
  void aFullDiskWhileSavingLeavesTheLastCheckpoint() throws IOException {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        Files.exists(Path.of("/dev/full")), "skipped: this system has no /dev/full");
    Path link =
        Files.createDirectories(output.resolve("model")).resolve("model.safetensors.partial");
    Files.createSymbolicLink(link, Path.of("/dev/full"));
    assertThatThrownBy(() -> train("training.maxSteps=2"))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith(
            "no room (No space left on device), " + output.resolve("model/model.safetensors"))
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThat(output.resolve("checkpoints/step-00000002/adapter_model.safetensors")).exists();
    assertThat(train("training.maxSteps=2").steps()).isEqualTo(2);
    assertThat(output.resolve("model/model.safetensors")).exists();
  }

  @Test
  void aMissingTokenizerIsNamed() throws IOException {
    Files.delete(model.resolve("tokenizer.json"));
    refused().hasMessageContaining("no tokenizer at " + model.resolve("tokenizer.json"));
  }

  @Test
  void aTokenizerWithMoreTokensThanTheModelHasRowsIsRefused() throws IOException {
    Path config = model.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"vocab_size\": 512", "\"vocab_size\": 200"));
    refused().hasMessageContaining("tokens, the model 200").hasMessageContaining("one checkpoint");
  }

  @Test
  void anUnsupportedArchitectureIsNamedWithThoseSupported() throws IOException {
    Path config = model.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("LlamaForCausalLM", "GPT2LMHeadModel"));
    refused()
        .hasMessageContaining("architecture 'GPT2LMHeadModel' is not supported")
        .hasMessageContaining("LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM");
  }

  @Test
  void truncatedWeightsAreRefused() throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    refused().hasMessageContaining("model.safetensors").hasMessageContaining("truncated");
  }

  @Test
  void integerWeightsAreNamedWithTheirFile() throws IOException {
    Path file = model.resolve("model.safetensors");
    List<TensorContent> contents = new ArrayList<>();
    Safetensors weights = Safetensors.open(file);
    for (String name : weights.names()) {
      StoredTensor tensor = weights.tensor(name);
      boolean quantised = name.endsWith("layers.0.mlp.up_proj.weight");
      contents.add(
          quantised
              ? TensorContent.of(
                  name,
                  TensorType.I8,
                  tensor.shape(),
                  ByteBuffer.allocate(Math.toIntExact(tensor.elements())))
              : TensorContent.of(tensor));
    }
    Path small = folder.resolve("small.safetensors");
    SafetensorsWriter.write(small, contents);
    Files.move(small, file, StandardCopyOption.REPLACE_EXISTING);
    String expected =
        "tensor model.layers.0.mlp.up_proj.weight in " + model + " holds integers (I8)";
    refused().hasMessageContaining(expected);
    assertThatThrownBy(() -> ModelFiles.load(model, ModelConfigJson.read(model)))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void aTemplateWithoutASlotIsRefused() throws IOException {
    Files.writeString(
        folder.resolve("t.yaml"),
        "withInput: '{instruction}{output}{end}'\nwithoutInput: '{instruction}{output}{end}'\n");
    refused().hasMessageContaining("withInput lacks {input}");
  }

  @Test
  void aLoraTargetThatDoesNotExistIsNamed() {
    refused("training.lora.targets=[w_q]")
        .hasMessageContaining("lora target 'w_q' does not exist")
        .hasMessageContaining("q_proj");
  }

  @Test
  void anEmptyDatasetIsRefused() throws IOException {
    Files.writeString(dataset, "");
    refused().hasMessageContaining("the dataset is empty");
  }

  @Test
  void examplesWithoutRoomForAnAnswerAreRefused() throws IOException {
    Files.writeString(
        dataset,
        "{\"instruction\": \"" + "long ".repeat(60) + "\", \"input\": \"\", \"output\": \"x\"}");
    refused("shards.tooLong=cut")
        .hasMessageContaining("none of 1 examples fits with something to learn")
        .hasMessageContaining("1 have no answer left");
  }

  @Test
  void shardsOfAnotherTokenizerOrLayoutAreRefused() throws IOException {
    SftRunFile file = SftRunFile.read(conf.toString(), Map.of());
    Path shards = folder.resolve("shards");
    FineTuning.writeShards(file, model, FileExamples.in(dataset), shards, message -> {});
    FineTuning.Job job = new FineTuning.Job(file, null, output, null, shards, false);
    Files.writeString(
        folder.resolve("t.yaml"),
        "withInput: '{instruction} {input} {output}{end}'\nwithoutInput: '{instruction}"
            + " {output}{end}'\n");
    assertThatThrownBy(() -> run(job))
        .hasMessageContaining("holds shards of another layout than " + folder.resolve("t.yaml"));
    Path tokenizer = model.resolve("tokenizer.json");
    String other = Files.readString(tokenizer).replaceFirst(",\\s*\"o r\"", "");
    Files.writeString(tokenizer, other);
    assertThatThrownBy(() -> run(job)).hasMessageContaining("holds shards of another tokenizer");
  }

  @Test
  void givenShardsAreCopiedSoThatTheRunDoesNotDependOnThem() throws IOException {
    Path shards = folder.resolve("shards");
    SftRunFile file = SftRunFile.read(conf.toString(), Map.of("training.maxSteps", "1"));
    FineTuning.writeShards(file, model, FileExamples.in(dataset), shards, message -> {});
    assertThat(run(new FineTuning.Job(file, null, output, null, shards, false)).finished())
        .isTrue();
    assertThat(output.resolve("shards/tokenizer.json"))
        .hasSameBinaryContentAs(shards.resolve("tokenizer.json"));
    for (String part : List.of(ShardPart.TRAINING, ShardPart.EVALUATION)) {
      try (Stream<Path> files = Files.list(shards.resolve(part))) {
        for (Path each : files.toList()) {
          assertThat(output.resolve("shards").resolve(part).resolve(each.getFileName()))
              .hasSameBinaryContentAs(each);
        }
      }
    }
    // the copy is as good as what it was made from
    Path copy = output.resolve("shards");
    assertThat(run(new FineTuning.Job(file, null, output, null, copy, true)).finished()).isTrue();
  }

  private Trainer.Outcome run(FineTuning.Job job) {
    return FineTuning.run(
        job, new Trainer.Environment(System::nanoTime, () -> false, messages::add));
  }

  @Test
  void noBaseAndNothingToTrainOnAndNothingToResumeAreNamed() throws IOException {
    Files.writeString(conf, "template: t.yaml\n");
    refused().hasMessageContaining("no base model, the key base");
    Files.writeString(conf, "base: nowhere\ntemplate: t.yaml\n");
    refused().hasMessageContaining("no base model at " + folder.resolve("nowhere"));
    Said said =
        called(
            "sft.yaml", "--output", output.toString(), "--dataset", dataset.toString(), "--resume");
    assertThat(said.code()).isEqualTo(2);
  }

  @Test
  void mainTellsFailuresInOneLineAndResultsOnStandardOutput() {
    Said bad = called(conf.toString(), "--output", output.toString());
    assertThat(bad)
        .isEqualTo(
            new Said(
                2,
                "",
                "cria: what to train on is not clear: give either --dataset FILE or --shards"
                    + " DIR\n"));
    assertThat(called("--outptu", "x").err())
        .startsWith("cria: unknown argument '--outptu': usage");
    Said good =
        called(
            conf.toString(),
            "--output",
            output.toString(),
            "--dataset",
            dataset.toString(),
            "--set",
            "training.maxSteps=1");
    assertThat(good.code()).as(good.err()).isZero();
    assertThat(good.out()).isEqualTo("done: " + output.resolve("adapter") + "\n");
  }

  @Test
  void mainTellsAnUnexpectedFailureInOneLine() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] arguments = {
      conf.toString(), "--output", output.toString(), "--dataset", dataset.toString()
    };
    int code =
        Main.run(
            arguments,
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            () -> {
              throw new IllegalStateException("broken\nat its core");
            });
    assertThat(code).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .endsWith("\ncria: java.lang.IllegalStateException: broken (see --verbose)\n");
  }

  private record Said(int code, String out, String err) {}

  private static Said called(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            arguments,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            () -> false);
    return new Said(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
