package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.page.Visit;
import io.cria.sft.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with a model of the engine's own. */
class ServeDemoTest {
  private static final Map<String, Object> HELLO =
      Map.of("messages", List.of(Map.of("role", "user", "content", "Say it.")));

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    model = TinyCheckpoint.create(folder.resolve("m"));
  }

  private Object[] demo(Object... more) {
    Object[] words = {"serve", "--checkpoint", model, "--demo", "--max-tokens", 20};
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
  }

  @Test
  void aCheckpointChatsUnderTheTermsOfItsCardAndItsMarkIsKept() throws IOException {
    Files.writeString(
        model.resolve("cria.json"),
        "{\"format\":1,\"terms\":{\"license\":\"cc-by-nc-4.0\",\"attribution\":\"not stated\"}}");
    Path profile = folder.resolve("m.watermark.yaml");
    Path key = folder.resolve("m.watermark.yaml.key");
    try (PageCall call = PageCall.with(demo())) {
      Visit visit = call.visit();
      JsonNode terms = visit.get("/api/terms").json();
      assertThat(terms.path("model").asText()).isEqualTo("m");
      assertThat(terms.path("nonCommercial").asBoolean()).isTrue();
      assertThat(visit.post("/api/chat", HELLO).status()).isEqualTo(403);
      assertThat(visit.post("/api/accept", Map.of()).status()).isEqualTo(200);
      try (Stream<JsonNode> events = visit.stream("/api/chat", HELLO).join()) {
        List<String> kinds = events.map(event -> event.path("kind").asText()).toList();
        assertThat(kinds).startsWith("writing").endsWith("end");
      }
      assertThat(Files.getPosixFilePermissions(key))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(profile).exists();
    }
    String secret = Files.readString(key);
    try (PageCall call = PageCall.with(demo())) {
      assertThat(call.visit().get("/").text()).contains("cria demo");
    }
    assertThat(Files.readString(key)).as("used again").isEqualTo(secret);
  }

  @Test
  void aMarkForAnotherModelIsRefusedBeforeAnybodyIsLetIn() throws IOException {
    Files.writeString(folder.resolve("key"), "7\n");
    Path profile = Files.writeString(folder.resolve("w.yaml"), "{keyFile: key, vocabularySize: 7}");
    Called called = Called.with(demo("--watermark", profile));
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).contains("the watermark is for a model of 7 logits");
    assertThat(folder.resolve("m.watermark.yaml")).doesNotExist();
  }

  @Test
  void otherMachinesWantAPasswordAndTermsMayComeFromAFile() throws IOException {
    Called open = Called.with(demo("--host", "0.0.0.0"));
    assertThat(open.code()).isEqualTo(2);
    assertThat(open.err()).contains("no password, host 0.0.0.0");
    Path terms = Files.writeString(folder.resolve("t.yaml"), "{license: mit, intendedUse: play}");
    try (PageCall call = PageCall.with(demo("--terms", terms, "--model-name", "llamita"))) {
      String told = call.visit().get("/api/terms").text();
      assertThat(told).contains("llamita", "mit", "play").doesNotContain("states none");
    }
  }

  @Test
  void aFolderThatIsCalledModelIsToldByTheTrainingThatItIsOf() {
    assertThat(CheckpointOptions.name(Path.of("runs/tuned/model"))).isEqualTo("tuned");
    assertThat(CheckpointOptions.name(Path.of("runs/tuned/adapter/"))).isEqualTo("tuned");
    assertThat(CheckpointOptions.name(Path.of("models/llama"))).isEqualTo("llama");
    assertThat(CheckpointOptions.name(Path.of("/model"))).isEqualTo("model");
  }

  @Test
  void optionsOfTheDemoAreRefusedWithoutIt() {
    Called gguf = Called.with("serve", "--gguf", "x.gguf", "--demo");
    assertThat(gguf.code()).isEqualTo(2);
    assertThat(gguf.err()).contains("--demo is for --checkpoint");
    Called without = Called.with("serve", "--checkpoint", model, "--behind-proxy");
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err()).contains("are for --demo");
    Called never = Called.with(demo("--requests-per-minute", 0));
    assertThat(never.code()).isEqualTo(2);
    assertThat(never.err()).contains("--requests-per-minute 0: give at least 1");
  }
}
