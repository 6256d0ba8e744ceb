package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.CountedFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationTest {
  private static final String REMEDY = "give a file";

  @TempDir Path folder;

  private final Configuration hadoop = new Configuration();

  @BeforeEach
  void registerAStore() {
    CountedFiles.register(hadoop);
  }

  private Location at(Object name) {
    return Location.of(name.toString(), hadoop);
  }

  private String store(String relative) {
    return "counted://" + folder.resolve(relative);
  }

  @Test
  void aLocalFileIsReadUnderTheNameItWasGiven() throws IOException {
    Path file = Files.writeString(folder.resolve("a: b%20.yaml"), "größer");
    assertThat(at(file).text(REMEDY)).isEqualTo("größer");
    assertThat(at(file)).hasToString(file.toString());
    assertThat(at("file://" + file).text(REMEDY)).isEqualTo("größer");
    assertThat(at("file:" + file).local()).contains(file);
    assertThat(at("file:" + file)).hasToString("file:" + file).isEqualTo(at(file));
  }

  @Test
  void aNameWithASchemeIsHadoops() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "text");
    assertThat(at(store("a.yaml")).text(REMEDY)).isEqualTo("text");
    assertThat(at(store("a.yaml")).exists()).isTrue();
    assertThat(at(store("b.yaml")).exists()).isFalse();
    assertThat(at(store("a.yaml")).local()).isEmpty();
    assertThat(at(store("a.yaml"))).hasToString(store("a.yaml"));
  }

  @Test
  void aLocalFileWinsOverTheShippedOneOfItsName() {
    // the tests run where conf/ is
    assertThat(at("conf/alpaca.yaml").local()).isPresent();
    assertThat(at("shipped:conf/alpaca.yaml").local()).isEmpty();
    assertThat(at("shipped:conf/alpaca.yaml").text(REMEDY))
        .isEqualTo(at("conf/alpaca.yaml").text(REMEDY));
    assertThat(at("shipped:conf/alpaca.yaml")).isNotEqualTo(at("conf/alpaca.yaml"));
  }

  @Test
  void namesInALocalFileAreTakenFromItsFolderAndThenFromWhatIsShipped() throws IOException {
    Path file = folder.resolve("own/run.yaml");
    assertThat(at(file).resolve("seeds/a b.jsonl"))
        .hasToString(folder.resolve("own/seeds/a b.jsonl").toString());
    assertThat(at(file).resolve("/x/y")).hasToString("/x/y");
    assertThat(at(file).resolve(store("x"))).hasToString(store("x"));
    Location seeds = at(file).resolve("conf/seeds/seed_tasks.jsonl");
    assertThat(seeds.absolute()).isEqualTo("shipped:conf/seeds/seed_tasks.jsonl");
    assertThat(seeds.text(REMEDY)).isNotEmpty();
    Path beside = folder.resolve("own/conf/seeds/seed_tasks.jsonl");
    Files.createDirectories(beside.getParent());
    Files.writeString(beside, "own");
    assertThat(at(file).resolve("conf/seeds/seed_tasks.jsonl").local()).contains(beside);
  }

  @Test
  void namesInAFileOfAStoreAreTakenFromItsFolderThere() throws IOException {
    Location file = at(store("own/run.yaml"));
    Files.createDirectories(folder.resolve("own/prompts/deep"));
    Files.writeString(folder.resolve("own/prompts/b.txt"), "b");
    Files.writeString(folder.resolve("own/prompts/a.txt"), "a");
    Location prompts = file.resolve("prompts");
    assertThat(prompts.list()).containsExactly("a.txt", "b.txt");
    assertThat(prompts.child("b.txt").text(REMEDY)).isEqualTo("b");
    assertThat(file.resolve("../x: y").absolute()).isEqualTo("counted:" + folder + "/x: y");
    assertThat(file.resolve("conf/prompts/alpaca").list()).contains("request.txt");
    assertThat(file.resolve("/x").local()).isPresent();
  }

  @Test
  void namesInAShippedFileAreShippedOnes() throws IOException {
    Location file = at("shipped:conf/alpaca.yaml");
    assertThat(file.resolve("seeds/seed_tasks.jsonl").absolute())
        .isEqualTo("shipped:conf/seeds/seed_tasks.jsonl");
    assertThat(file.resolve("prompts/alpaca")).hasToString("conf/prompts/alpaca");
    assertThat(file.resolve("prompts/alpaca").list()).contains("request.txt", "system.txt");
    assertThat(file.resolve(folder.toString()).local()).contains(folder);
  }

  @Test
  void whatIsNotThereIsToldAndWhatIsShippedInstead() throws IOException {
    refused(folder.resolve("none"), "no such file: give a file");
    refused(store("none"), "no such file: give a file");
    assertThatThrownBy(() -> at("conf/alpacca.yaml").text(REMEDY))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith(
            "conf/alpacca.yaml: no such file: give a file (shipped are conf/alpaca.yaml, ")
        .hasMessageEndingWith(")");
    assertThatThrownBy(() -> at("shipped:conf/seeds/x").text(REMEDY))
        .hasMessage(
            "shipped:conf/seeds/x: no such file: give a file (shipped are"
                + " conf/seeds/korean_tasks.jsonl, conf/seeds/quickstart_tasks.jsonl,"
                + " conf/seeds/seed_tasks.jsonl)");
    refused(folder, "cannot be read (Is a directory): give a file");
    Path latin = Files.write(folder.resolve("l"), "é".getBytes(StandardCharsets.ISO_8859_1));
    refused(latin, "cannot be read (not UTF-8): give a file");
    refused("a\0b", "this is no path: give a path or a URI");
  }

  private void refused(Object name, String words) {
    assertThatThrownBy(() -> at(name).text(REMEDY))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessage(name + ": " + words);
  }

  @Test
  void aFileSystemThatTheClassPathLacksIsToldWithItsRemedy() {
    hadoop.set("fs.lost.impl", "org.example.LostFileSystem");
    for (String name : List.of("lost://bucket/a.yaml", "nowhere://bucket/a.yaml")) {
      for (org.assertj.core.api.ThrowableAssert.ThrowingCallable reading :
          List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
              () -> at(name).text(REMEDY), () -> at(name).exists(), () -> at(name).create())) {
        assertThatThrownBy(reading)
            .isInstanceOfSatisfying(
                CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
            .hasMessageMatching(
                name
                    + ": cannot be reached, the class path has no whole file system for \\w+:// "
                    + "\\(.*(No FileSystem for scheme \"nowhere\"|LostFileSystem not found).*\\): give a"
                    + " path or URI that Hadoop can open, or add the jars of that file system");
      }
    }
  }

  @Test
  void forS3TheJarsAreNamed() {
    hadoop.set("fs.s3a.impl", "org.example.LostFileSystem");
    assertThatThrownBy(() -> at("s3a://bucket/a.yaml").text(REMEDY))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "s3a://bucket/a.yaml: cannot be reached, the class path has no whole file system for"
                + " s3a:// (Class org.example.LostFileSystem not found): add the jars of lib/s3;"
                + " scripts/cria does so itself when a path begins with s3a://");
  }

  @Test
  void aStoreThatFailsIsToldInOneLine() throws IOException {
    Files.writeString(folder.resolve("a"), "a");
    RunDirectory unused = ScriptedFiles.at(folder);
    hadoop.set("fs.scripted.impl", ScriptedFiles.class.getName());
    ScriptedFiles.FAILING_OPENINGS.set(1);
    refused(
        "scripted://" + folder.resolve("a"),
        "cannot be read (it was replaced meanwhile): give a file");
  }
}
