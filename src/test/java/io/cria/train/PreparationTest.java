package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.ObjectFiles;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rank finds on its host, held against what the driver saw. */
class PreparationTest {
  @TempDir Path folder;

  private final Configuration hadoop = new Configuration(false);
  private Path model;
  private HostCache cache;

  @BeforeEach
  void makeAModel() throws IOException {
    hadoop.set("fs.objects.impl", ObjectFiles.class.getName());
    model = Files.createDirectories(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("model.safetensors"), "weights");
    cache = new HostCache(folder.resolve("cache"), () -> {});
  }

  private Preparation preparation(String base, String print) {
    RankSpec.Child child =
        new RankSpec.Child("none", 1, 1L, false, "64m", "", "", Map.of(), 20, 60);
    RankSpec spec =
        new RankSpec(
            "id",
            folder.resolve("run").toString(),
            folder.resolve("run/training/tuned").toString(),
            1,
            "conf",
            null,
            base,
            "the model",
            print,
            "{\"format\":2,\"epoch\":1,\"stage\":\"shards\",\"stageVersion\":2,\"identity\":\"\","
                + "\"random\":\"\",\"inputs\":[],\"files\":[],\"counts\":{}}",
            2,
            1,
            Map.of(),
            child,
            new SerializableConfiguration(hadoop));
    return new Preparation(spec, 0, "10.0.0.5", cache, folder.resolve("scratch"));
  }

  private String print() {
    return BaseFiles.at("file:" + model, "the model", hadoop).print();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:", "objects:"})
  void anotherModelThanTheDriversIsRefused(String scheme) throws IOException {
    String drivers = print();
    Files.writeString(model.resolve("model.safetensors"), "Weights");
    assertThatThrownBy(() -> preparation(scheme + model, drivers).prepare())
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContainingAll("the model", "is another model on 10.0.0.5", "a store that all");
    Files.writeString(model.resolve("model.safetensors"), "weights");
    assertThat(preparation(scheme + model, drivers).prepare().baseDigest()).isNotEmpty();
  }

  @Test
  void theRanksOfAHostShareOneDirectoryForAModelThatMustBeWritten() throws IOException {
    Prepared prepared = preparation("file:" + model, print()).prepare();
    assertThat(prepared.job())
        .content()
        .contains("\"prepared\":\"" + cache.root().resolve("prepared-" + print()) + "\"");
  }
}
