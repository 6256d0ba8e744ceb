package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sft.train.SftConfig;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Terms;
import io.cria.tokenizer.TemplateSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SftRunFileTest {
  @TempDir Path folder;

  private SftRunFile read(String yaml) throws IOException {
    return SftRunFile.read(
        Files.writeString(folder.resolve("sft.yaml"), yaml).toString(), Map.of());
  }

  @Test
  void everyKeyIsRead() throws IOException {
    SftRunFile file =
        read(
            """
            base: model
            template: t.yaml
            shards: {contextLength: 100, tooLong: cut, pack: false, evaluationShare: 0.1, seed: 1}
            training:
              lora: {rank: 2, alpha: 3, dropout: 0.1, targets: [q_proj], merge: false}
              epochs: 0.5
              maxSteps: 9
              maxMinutes: 2
              batchRows: 4
              microBatchTokens: 5
              optimizer: {learningRate: 0.1, weightDecay: 0.2, beta1: 0.3, beta2: 0.4, epsilon: 0.5}
              schedule: {kind: linear, warmupRatio: 0.2, warmupSteps: 3}
              clipNorm: 6
              checkpointActivations: true
              precision: bfloat16
              weights: bfloat16
              device: cuda:2
              workers: 1
              seed: 8
              checkpointEverySteps: 10
              keepCheckpoints: 11
              evaluateEverySteps: 12
              guards: {spikeFactor: 2, spikeWindow: 13, maxSkipped: 14}
              shardOptimizer: false
            terms: {license: cc-by-4.0, teacherTerms: none, intendedUse: research, attribution: us}
            card: {base: me/base, datasets: [me/data]}
            cluster: {ranks: 2, gpusPerRank: 1, memory: 6g, heap: 2g, classPath: a.jar, environment: {A: b}}
            """);
    assertThat(file)
        .isEqualTo(
            new SftRunFile(
                folder.resolve("model").toString(),
                folder.resolve("t.yaml").toString(),
                new SftRunFile.Shards(100, "cut", false, 0.1, 1L),
                new SftConfig(
                    "",
                    "",
                    null,
                    "",
                    new SftConfig.Lora(2, 3.0, 0.1, List.of("q_proj"), false),
                    0.5,
                    9,
                    2.0,
                    4,
                    5,
                    new SftConfig.Optimizer(0.1, 0.2, 0.3, 0.4, 0.5),
                    new SftConfig.Schedule("linear", 0.2, 3),
                    6.0,
                    true,
                    "bfloat16",
                    "bfloat16",
                    "cuda:2",
                    1,
                    8L,
                    10,
                    11,
                    12,
                    new SftConfig.Guards(2.0, 13, 14),
                    false),
                new ClusterConfig(2, 1, "6g", "2g", "a.jar", Map.of("A", "b"), null),
                new Terms("cc-by-4.0", "none", "research", "us"),
                new CardConfig("me/base", List.of("me/data"))));
  }

  @Test
  void absentKeysHaveTheirDefaults() throws IOException {
    assertThat(read("base: embedded"))
        .isEqualTo(
            new SftRunFile(
                SftRunFile.EMBEDDED,
                TemplateSource.CHAT,
                SftRunFile.Shards.DEFAULT,
                SftConfig.DEFAULT,
                ClusterConfig.DEFAULT,
                Terms.NONE,
                CardConfig.DEFAULT));
    assertThat(read("{training: {}, shards: {}}"))
        .isEqualTo(
            new SftRunFile(
                null,
                TemplateSource.CHAT,
                SftRunFile.Shards.DEFAULT,
                SftConfig.DEFAULT,
                ClusterConfig.DEFAULT,
                Terms.NONE,
                CardConfig.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"conf/sft-quickstart.yaml", "conf/sft-alpaca.yaml"})
  void theShippedRunFilesAreValidAndTheirTemplatesExist(String file) {
    SftRunFile read = SftRunFile.read(file, Map.of());
    assertThat(read.templateSource().name()).isNotEmpty();
    assertThat(read.training().schedule().kind()).isEqualTo("cosine");
  }

  @Test
  void theAlpacaFileIsThePublishedRecipe() {
    SftRunFile file = SftRunFile.read("conf/sft-alpaca.yaml", Map.of());
    assertThat(file.shards().contextLength()).isEqualTo(512);
    assertThat(file.training().optimizer().learningRate()).isEqualTo(2e-5);
    assertThat(file.training().optimizer().weightDecay()).isZero();
    assertThat(file.training().schedule().warmupRatio()).isEqualTo(0.03);
    assertThat(file.training().batchRows()).isEqualTo(128);
    assertThat(file.training().epochs()).isEqualTo(3);
    assertThat(file.training().lora()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "training: {batchRow: 3} # unknown key 'training.batchRow': did you mean 'batchRows'?",
        "templat: chat # unknown key 'templat': did you mean 'template'?",
        "shards: {tooLong: keep} # shards.tooLong must be one of [drop, cut], not 'keep'",
        "shards: {evaluationShare: 1.0} # shards.evaluationShare must lie in [0, 1), not 1.0",
        "training: {model: x} # training.model, train, evaluation and output are no keys of a run",
        "training: {epochs: 0} # epochs must be above 0",
        "training: {device: gpu} # device must be cpu, cuda, cuda:N or auto, not 'gpu'",
        "training: {device: cuda, workers: 2} # one micro-batch after the other: set workers: 1",
        "cluster: {memory: 1g, heap: 1g} # its Java heap alone is cluster.heap 1g",
        "training: {weights: float16} # weights must be float32 or bfloat16, not 'float16'",
        "training: {weights: bfloat16, precision: float32} # needs precision: bfloat16 or auto",
      })
  void aBadKeyOrValueIsOneLineWithTheRemedy(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("sft.yaml:1: ")
        .hasMessageContaining(message)
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void overridesAreLaidOverTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("sft.yaml"), "training: {epochs: 2}");
    assertThat(SftRunFile.read(file.toString(), Map.of("training.epochs", "5")).training().epochs())
        .isEqualTo(5);
  }

  @Test
  void aShippedFileHasTheShippedTemplateBesideIt() throws IOException {
    SftRunFile shipped = SftRunFile.read("shipped:conf/sft-alpaca.yaml", Map.of());
    SftRunFile local = SftRunFile.read("conf/sft-alpaca.yaml", Map.of());
    assertThat(shipped.template()).isEqualTo("shipped:conf/templates/alpaca.yaml");
    assertThat(shipped.templateSource().text()).isEqualTo(local.templateSource().text());
    assertThat(shipped.training()).isEqualTo(local.training());
    String own = Files.writeString(folder.resolve("own.yaml"), "base: chat").toString();
    assertThat(SftRunFile.read("shipped:conf/sft-alpaca.yaml", Map.of("template", own)).template())
        .isEqualTo(own);
  }

  @Test
  void aFileOfOnesOwnMayNameAShippedTemplate() throws IOException {
    String own = "template: conf/templates/plain.yaml\n";
    assertThat(read(own).template()).isEqualTo("shipped:conf/templates/plain.yaml");
    assertThat(read(own).templateSource().text())
        .isEqualTo(Files.readString(Path.of("conf/templates/plain.yaml")));
    Path beside = folder.resolve("conf/templates/plain.yaml");
    Files.createDirectories(beside.getParent());
    Files.writeString(beside, "");
    assertThat(read(own).template()).isEqualTo(beside.toString());
  }

  @Test
  void aFileThatIsNotThereIsToldWithWhatIsShipped() {
    assertThatThrownBy(() -> SftRunFile.read("conf/sft-alpacca.yaml", Map.of()))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith(
            "conf/sft-alpacca.yaml: no such file: give the path of a configuration (shipped are ")
        .hasMessageContaining("conf/sft-alpaca.yaml");
  }
}
