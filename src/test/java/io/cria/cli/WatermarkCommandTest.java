package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.safety.WatermarkProfile;
import io.cria.sft.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatermarkCommandTest {
  @TempDir Path folder;
  private Path model;
  private Path profile;

  @BeforeEach
  void setUp() throws IOException {
    model = TinyCheckpoint.create(folder.resolve("model"));
    profile = folder.resolve("mark.yaml");
  }

  private Called create() {
    return Called.with(
        "watermark", "new", "--base", model.toString(), "--output", profile.toString());
  }

  @Test
  void aNewProfileOpensAndItsKeyIsReadableByItsOwnerAlone() throws IOException {
    assertThat(create().code()).isZero();
    Path key = folder.resolve("mark.yaml.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    WatermarkProfile.Opened opened = WatermarkProfile.open(profile);
    assertThat(opened.vocabularySize()).isEqualTo(512);
    assertThat(opened.watermark().key()).isEqualTo(Long.parseLong(Files.readString(key).strip()));
    assertThat(opened.watermark().toString()).doesNotContain(Files.readString(key).strip());
    assertThat(Files.readString(profile)).doesNotContain(Files.readString(key).strip());
  }

  @Test
  void aKeyIsNeverWrittenOver() throws IOException {
    create();
    String key = Files.readString(folder.resolve("mark.yaml.key"));
    Called again = create();
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("mark.yaml: there is such a file");
    assertThat(Files.readString(folder.resolve("mark.yaml.key"))).isEqualTo(key);
  }

  @Test
  void anUnmarkedTextIsNotCalledMarked() throws IOException {
    create();
    Path text = Files.writeString(folder.resolve("text.txt"), "the quick brown thing\n".repeat(9));
    Called called = Called.with("watermark", "detect", profile.toString(), text.toString());
    assertThat(called.code()).isZero();
    assertThat(called.out()).contains("scored").containsPattern(" no\\s*$");
    assertThat(called.err())
        .contains("0 of 1 texts bear the mark of this key; of another key nothing would be seen");
  }

  @Test
  void markedAnswersAreWrittenUnderTheProfile() {
    create();
    Called plain = generate();
    Called marked = generate("--watermark", profile.toString());
    assertThat(plain.code()).isZero();
    assertThat(marked.code()).isZero();
    assertThat(marked.out()).isNotEqualTo(plain.out());
  }

  private Called generate(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("generate", "--checkpoint", model.toString(), "--raw", "--max-tokens", "40"));
    words.addAll(List.of("--prompt", "the thing"));
    words.addAll(List.of(more));
    return Called.with((Object[]) words.toArray(String[]::new));
  }

  @Test
  void eachLineOfAFileIsTold() throws IOException {
    create();
    Path lines =
        Files.writeString(
            folder.resolve("lines.jsonl"), "{\"output\": \"the thing\"}\n\n{\"output\": \"\"}\n");
    Called called =
        Called.with(
            "watermark",
            "detect",
            profile.toString(),
            lines.toString(),
            "--field",
            "output",
            "--window",
            "4",
            "--json");
    assertThat(called.code()).isZero();
    assertThat(called.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).startsWith("{\"line\":1,").contains("\"strongest\":"),
            second -> assertThat(second).startsWith("{\"line\":3,\"scored\":0,").contains("false"));
  }

  @Test
  void whatIsWrongIsNamedWithItsFile() throws IOException {
    create();
    Path lines = Files.writeString(folder.resolve("lines.jsonl"), "{\"text\": \"the\"}\nnot\n");
    assertThat(
            Called.with(
                    "watermark",
                    "detect",
                    profile.toString(),
                    lines.toString(),
                    "--field",
                    "output")
                .err())
        .contains("lines.jsonl:1: no text in field 'output'");
    assertThat(
            Called.with(
                    "watermark", "detect", profile.toString(), lines.toString(), "--field", "text")
                .err())
        .contains("lines.jsonl:2: this is no JSON");
    Files.writeString(folder.resolve("mark.yaml.key"), "secret words");
    assertThat(Called.with("watermark", "detect", profile.toString(), lines.toString()).err())
        .contains("mark.yaml.key: this is no watermark key")
        .doesNotContain("secret words");
    Files.writeString(profile, Files.readString(profile).replace("self-hash", "no-hash"));
    assertThat(Called.with("watermark", "detect", profile.toString(), lines.toString()).err())
        .contains("scheme must be left-hash or self-hash, not 'no-hash'");
  }

  @Test
  void aProfileOfAnotherModelIsRefusedBeforeAWordIsWritten() throws IOException {
    create();
    Files.writeString(profile, Files.readString(profile).replace(": 512", ": 500"));
    Called called = generate("--watermark", profile.toString());
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.out()).isEmpty();
    assertThat(called.err()).contains("the watermark is for a model of 500 logits");
  }
}
