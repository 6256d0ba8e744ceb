package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.TinyCheckpoint;
import io.cria.testing.MachineTraces;
import io.cria.weights.Gguf;
import io.cria.weights.GgufMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is handed on of a training: with cards, and without a trace of the machine it ran on. */
class PublishedFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static Path tuned;
  private static Path whole;
  private static Path merged;
  private static Path gguf;

  @BeforeAll
  static void trainMergeAndExport() throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("models/tiny-llama"));
    Path conf = TinyCheckpoint.runFile(folder.resolve("sft.yaml"), folder.resolve("t.yaml"));
    Files.writeString(
        conf,
        Files.readString(conf).replace("base: model", "base: models/tiny-llama")
            + "terms: {license: Apache-2.0, intendedUse: \"tests | only\"}\n"
            + "card: {datasets: [me/things]}\n");
    assertThat(model).isDirectory();
    Path data = TinyCheckpoint.dataset(folder.resolve("data.jsonl"), 12);
    tuned = folder.resolve("tuned");
    train(conf, data, tuned, "training.maxSteps=2", "training.checkpointEverySteps=1");
    whole = folder.resolve("whole");
    train(conf, data, whole, "training.maxSteps=1", "training.lora=null", "template=chat");
    merged = folder.resolve("merged");
    good("merge", "--adapter", tuned.resolve("adapter"), "--output", merged);
    gguf = folder.resolve("tuned.gguf");
    good("export-gguf", "--checkpoint", tuned.resolve("model"), "--output", gguf);
  }

  private static void train(Path conf, Path data, Path output, String... settings) {
    List<Object> words =
        new ArrayList<>(List.of("train-local", conf, "--dataset", data, "--output", output));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    good(words.toArray());
  }

  private static Called good(Object... words) {
    Called called = Called.with(words);
    assertThat(called.code()).as(called.err()).isZero();
    return called;
  }

  @Test
  void nothingThatIsHandedOnTellsPathsUserOrHost() throws IOException {
    MachineTraces.assertNone(
        folder,
        List.of(
            gguf,
            tuned.resolve("adapter"),
            tuned.resolve("model"),
            tuned.resolve("checkpoints"),
            whole.resolve("model"),
            whole.resolve("checkpoints"),
            merged));
  }

  @Test
  void everyResultAndCheckpointHasACardForPeople() throws IOException {
    assertThat(tuned.resolve("adapter/README.md"))
        .content()
        .startsWith(
            """
            ---
            library_name: peft
            pipeline_tag: text-generation
            base_model: "tiny-llama"
            license: "apache-2.0"
            datasets:
            - "me/things"
            tags:
            - "cria"
            - "instruction-tuning"
            - "lora"
            ---

            # An adapter of tiny-llama

            `tiny-llama`, tuned by a low-rank adapter, 2 steps.""")
        .contains("| layout of a prompt | `t.yaml` |\n")
        .contains("| intended use | tests \\| only |\n");
    assertThat(tuned.resolve("model/README.md"))
        .content()
        .contains("library_name: transformers\n", "that is added into its weights, 2 steps.");
    assertThat(whole.resolve("model/README.md"))
        .content()
        .contains("tuned in all its weights, 1 steps.", "| layout of a prompt | `chat` |")
        .doesNotContain("lora");
    assertThat(merged.resolve("README.md"))
        .hasSameTextualContentAs(tuned.resolve("model/README.md"));
    assertThat(tuned.resolve("checkpoints/step-00000001/README.md"))
        .content()
        .contains("library_name: peft\n", ", 1 steps.\n");
    assertThat(tuned.resolve("checkpoints/step-00000001/cria.json"))
        .content()
        .contains("\"name\" : \"t.yaml\"");
  }

  @Test
  void adaptersNameTheirBaseAndFindItWhereTheTrainingRan() throws IOException {
    JsonNode config = JSON.readTree(tuned.resolve("adapter/adapter_config.json").toFile());
    assertThat(config.path("base_model_name_or_path").asText()).isEqualTo("tiny-llama");
    Object[] question = {"--prompt", "Say the 5. thing.", "--max-tokens", "4"};
    Called ofModel = ask(tuned.resolve("model"), question);
    assertThat(ask(tuned.resolve("adapter"), question)).isEqualTo(ofModel);
    assertThat(ask(tuned.resolve("checkpoints/step-00000002"), question)).isEqualTo(ofModel);

    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors", "cria.json")) {
      Files.copy(tuned.resolve("adapter").resolve(file), elsewhere.resolve(file));
    }
    Called lost = Called.with("merge", "--adapter", elsewhere, "--output", folder.resolve("lost"));
    assertThat(lost.code()).isEqualTo(2);
    assertThat(lost.err())
        .isEqualTo(
            "cria: "
                + elsewhere.resolve("adapter_config.json")
                + " names the base model tiny-llama, which is no directory here: give the model's"
                + " as --checkpoint, and this as --adapter"
                + System.lineSeparator());
    assertThat(Called.with("verify", tuned.resolve("adapter")).out())
        .doesNotContain("not compared");
  }

  @Test
  void aCardOfEarlierTimesGoesOnWithoutItsPlaces() throws IOException {
    Path old = Files.createDirectories(folder.resolve("old"));
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors", "cria.json")) {
      String text =
          Files.readString(tuned.resolve("adapter").resolve(file), StandardCharsets.ISO_8859_1);
      Files.writeString(
          old.resolve(file),
          text.replace(
                  "\"base_model_name_or_path\" : \"tiny-llama\"",
                  "\"base_model_name_or_path\" : \"" + tuned.resolve("base") + "\"")
              .replace(
                  "\"base\" : \"tiny-llama\"",
                  "\"base\" : \"" + folder.resolve("models/tiny-llama") + "\"")
              .replace("\"t.yaml\"", "\"" + folder.resolve("t.yaml") + "\""),
          StandardCharsets.ISO_8859_1);
    }
    assertThat(old.resolve("cria.json")).content().contains(folder.toString());
    Path output = folder.resolve("of-old");
    good("merge", "--adapter", old, "--output", output);
    MachineTraces.assertNone(folder, List.of(output));
    assertThat(output.resolve("README.md")).content().contains("base_model: \"tiny-llama\"\n");
  }

  private static Called ask(Path checkpoint, Object... question) {
    return good(
        Stream.concat(Stream.of("generate", "--checkpoint", checkpoint), Stream.of(question))
            .toArray());
  }

  @Test
  void answersEndWhereTheyWereTaughtToInEveryProgram() throws IOException {
    for (Path model : List.of(tuned.resolve("model"), whole.resolve("model"), merged)) {
      JsonNode settings = JSON.readTree(model.resolve("generation_config.json").toFile());
      assertThat(settings.path("bos_token_id").asInt()).isEqualTo(1);
      assertThat(settings.path("eos_token_id").asInt()).isEqualTo(2);
      assertThat(settings.path("pad_token_id").asInt()).isEqualTo(270);
    }
  }

  @Test
  void aGgufFileTellsNameLicenceAndBase() {
    GgufMetadata told = Gguf.open(gguf).metadata();
    assertThat(told.string("general.name")).hasValue("tiny-llama tuned");
    assertThat(told.string("general.license")).hasValue("apache-2.0");
    assertThat(told.string("general.base_model.0.name")).hasValue("tiny-llama");
    Path other = folder.resolve("other.gguf");
    good(
        "export-gguf",
        "--checkpoint",
        merged,
        "--output",
        other,
        "--name",
        "Mine",
        "--license",
        "For tests only",
        "--type",
        "q4_0");
    told = Gguf.open(other).metadata();
    assertThat(told.string("general.name")).hasValue("Mine");
    assertThat(told.string("general.license")).hasValue("other");
    assertThat(told.string("general.license.name")).hasValue("For tests only");
  }

  @Test
  void whatIsThereIsReplacedOnlyWhenAskedFor() throws IOException {
    Path output = folder.resolve("again");
    good("merge", "--adapter", tuned.resolve("adapter"), "--output", output);
    Files.writeString(output.resolve("notes.txt"), "mine");
    refused(
        "--output " + output + " is there already: give --force to replace it, or another name",
        "merge",
        "--adapter",
        tuned.resolve("adapter"),
        "--output",
        output);
    assertThat(output.resolve("notes.txt")).exists();
    good("merge", "--adapter", tuned.resolve("adapter"), "--output", output, "--force");
    assertThat(output.resolve("notes.txt")).doesNotExist();
    assertThat(output.resolve("model.safetensors"))
        .hasSameBinaryContentAs(merged.resolve("model.safetensors"));
    try (Stream<Path> beside = Files.list(folder)) {
      assertThat(beside.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("."));
    }

    Path mounted = Files.createDirectories(folder.resolve("mounted"));
    Object inode = Files.getAttribute(mounted, "unix:ino");
    good("merge", "--adapter", tuned.resolve("adapter"), "--output", mounted);
    assertThat(Files.getAttribute(mounted, "unix:ino")).isEqualTo(inode);
    assertThat(mounted.resolve(".partial")).doesNotExist();
    assertThat(mounted.resolve("model.safetensors"))
        .hasSameBinaryContentAs(merged.resolve("model.safetensors"));

    Path ended = folder.resolve("ended");
    Path left = Files.createDirectories(ended.resolve(".partial"));
    Files.writeString(left.resolve("config.json"), "{");
    good("merge", "--adapter", tuned.resolve("adapter"), "--output", ended);
    assertThat(left).doesNotExist();
    assertThat(ended.resolve("model.safetensors"))
        .hasSameBinaryContentAs(merged.resolve("model.safetensors"));

    Path own = Files.createDirectories(folder.resolve("own"));
    Files.writeString(own.resolve("letter.txt"), "mine");
    refused(
        "--output " + own + " holds no model, so that --force does not replace it: give another",
        "merge",
        "--adapter",
        tuned.resolve("adapter"),
        "--output",
        own,
        "--force");
    assertThat(own.resolve("letter.txt")).exists();

    byte[] before = Files.readAllBytes(gguf);
    refused(
        "--output " + gguf + " is there already: give --force to replace it, or another name",
        "export-gguf",
        "--checkpoint",
        merged,
        "--output",
        gguf,
        "--type",
        "F16");
    assertThat(gguf).hasBinaryContent(before);
    Path file = Files.writeString(folder.resolve("x.gguf"), "old");
    good("export-gguf", "--checkpoint", merged, "--output", file, "--force");
    assertThat(Gguf.open(file).names()).isNotEmpty();
  }

  @Test
  void whatAModelsCommandsAreWronglyGivenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "x");
    Path adapter = tuned.resolve("adapter");
    refused(
        "--type Q4_K: matrices are written as F32, F16, Q8_0, Q4_1, Q4_0: choose one; ",
        "export-gguf",
        "--checkpoint",
        merged,
        "--output",
        folder.resolve("y.gguf"),
        "--type",
        "Q4_K");
    refused(
        "--license apache2: no licence of that name is known: did you mean apache-2.0? Else give",
        "export-gguf",
        "--checkpoint",
        merged,
        "--output",
        folder.resolve("y.gguf"),
        "--license",
        "apache2");
    Path nowhere = folder.resolve("no/such/y.gguf");
    refused(
        "--output " + nowhere + ": there is no folder " + nowhere.getParent() + ": make it, or",
        "export-gguf",
        "--checkpoint",
        merged,
        "--output",
        nowhere);
    refused(
        "--output " + folder + " is a directory, and a file is written: name the file in it",
        "export-gguf",
        "--checkpoint",
        merged,
        "--output",
        folder);
    refused(
        "--checkpoint " + adapter + " is an adapter's directory, and a whole model's is wanted: ",
        "export-gguf",
        "--checkpoint",
        adapter,
        "--output",
        folder.resolve("y.gguf"));
    for (String command : List.of("generate", "serve")) {
      refused(
          "--checkpoint "
              + gguf
              + " is a file, and a model's directory or an adapter's is wanted: name the directory;"
              + " a GGUF file is served by cria serve --gguf, and tuned as --base",
          command.equals("serve")
              ? new Object[] {"serve", "--checkpoint", gguf}
              : new Object[] {"generate", "--checkpoint", gguf, "--prompt", "x"});
    }
    refused(
        "--adapter "
            + file
            + " is a file, and an adapter's directory is wanted: name the directory",
        "generate",
        "--checkpoint",
        merged,
        "--adapter",
        file,
        "--prompt",
        "x");
    refused(
        "no adapter at " + merged + ": give a directory with adapter_config.json as --adapter",
        "merge",
        "--adapter",
        merged,
        "--output",
        folder.resolve("z"));
    refused(
        "--output " + file + " is a file, and a directory is written: give another name",
        "merge",
        "--adapter",
        adapter,
        "--output",
        file,
        "--force");
  }

  private static void refused(String message, Object... words) {
    Called called = Called.with(words);
    assertThat(called.err()).startsWith("cria: " + message).hasLineCount(1);
    assertThat(called.code()).isEqualTo(2);
  }

  @Test
  void aTrainingThatIsRefusedLeavesTheBaseOfTheOldOne() throws IOException {
    Path conf = folder.resolve("sft.yaml");
    Path other = TinyCheckpoint.create(folder.resolve("models/tiny-instruct"));
    Path weights = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 3] ^= 1;
    Files.write(weights, bytes);
    String known = Files.readString(tuned.resolve("base.json"));
    Called called =
        Called.with(
            "train-local",
            conf,
            "--dataset",
            folder.resolve("data.jsonl"),
            "--base",
            other,
            "--output",
            tuned,
            "--set",
            "training.maxSteps=2",
            "--set",
            "training.checkpointEverySteps=1");
    assertThat(called.code()).as(called.err()).isEqualTo(6);
    assertThat(tuned.resolve("base.json")).hasContent(known);
  }
}
