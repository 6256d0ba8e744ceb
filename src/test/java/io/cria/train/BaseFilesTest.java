package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.ObjectFiles;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What belongs to a base model, and what tells one from others. */
class BaseFilesTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  private final Configuration hadoop = new Configuration(false);
  private Path model;

  @BeforeEach
  void makeAModel() throws IOException {
    hadoop.set("fs.objects.impl", ObjectFiles.class.getName());
    model = Files.createDirectories(folder.resolve("model"));
    write("config.json", "{}");
    write("tokenizer.json", "{}");
    write("model-00001-of-00002.safetensors", "first".repeat(100_000));
    write("model-00002-of-00002.safetensors", "second");
    write(
        INDEX,
        """
        {"weight_map":{"a":"model-00001-of-00002.safetensors",
         "b":"model-00002-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}}
        """);
  }

  private void write(String name, String text) throws IOException {
    Path file = model.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private BaseFiles base(String scheme) {
    return BaseFiles.at(scheme + model, "the model", hadoop);
  }

  private List<String> names() {
    return base("file:").files().stream().map(RunDirectory.Sized::name).toList();
  }

  @Test
  void whatATrainingDoesNotReadMakesNoOtherModel() throws IOException {
    List<String> names = names();
    String print = base("file:").print();
    for (String other :
        List.of(
            "README.md", "LICENSE", "consolidated.safetensors", "pytorch_model.bin", ".git/x")) {
      write(other, "anything");
    }
    assertThat(names())
        .isEqualTo(names)
        .containsExactlyInAnyOrder(
            "config.json",
            "tokenizer.json",
            INDEX,
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors");
    assertThat(base("file:").print()).isEqualTo(print);
  }

  @Test
  void theIndexIsPassedOverWhereOneFileHasAllWeights() throws IOException {
    write("model.safetensors", "all");
    assertThat(names())
        .containsExactlyInAnyOrder("config.json", "tokenizer.json", "model.safetensors");
  }

  @Test
  void otherBytesAtBeginningMiddleOrEndMakeAnotherModel() throws IOException {
    String print = base("file:").print();
    String weights = "first".repeat(100_000);
    for (int at : new int[] {0, weights.length() / 2 + 1, weights.length() - 1}) {
      write(
          "model-00001-of-00002.safetensors",
          weights.substring(0, at) + "X" + weights.substring(at + 1));
      assertThat(base("file:").print()).as("at %s", at).isNotEqualTo(print);
    }
    write("model-00001-of-00002.safetensors", weights);
    assertThat(base("file:").print()).isEqualTo(print);
    write("chat_template.jinja", "{{ messages }}");
    assertThat(base("file:").print()).isNotEqualTo(print);
  }

  @Test
  void aFetchedModelIsTheSame() throws IOException {
    write("additional_chat_templates/tool_use.jinja", "{{ tools }}");
    write("README.md", "not fetched");
    Path into = folder.resolve("into");
    base("objects://").fetch(into, () -> {});
    assertThat(BaseFiles.at("file:" + into, "the model", hadoop).print())
        .isEqualTo(base("objects://").print())
        .isEqualTo(base("file:").print());
    assertThat(into.resolve("additional_chat_templates/tool_use.jinja")).hasContent("{{ tools }}");
    assertThat(into.resolve("README.md")).doesNotExist();

    Path described = folder.resolve("described");
    base("objects://").fetchDescription(described);
    try (Stream<Path> files = Files.list(described)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json", "tokenizer.json", INDEX, "additional_chat_templates");
    }
  }

  @Test
  void fetchingEndsWhenNobodyWantsItAnyMore() {
    Runnable unwanted =
        () -> {
          throw new CriaException(ExitCode.STOPPED, "stopped");
        };
    assertThatThrownBy(() -> base("objects://").fetch(folder.resolve("into"), unwanted))
        .hasMessage("stopped");
  }

  @Test
  void anIndexThatDoesNotReadIsNamed() throws IOException {
    write(INDEX, "{");
    assertThatThrownBy(() -> base("file:").print())
        .isInstanceOf(CriaException.class)
        .hasMessageContainingAll(INDEX, "is no JSON", "take it again from the model");
  }
}
