package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.PackedAttention;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.Safetensors;
import io.cria.weights.StoredTensor;
import io.cria.weights.TensorType;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adapters that PEFT wrote, and the logits it computes with them (scripts/make-adapter-golden), on
 * two tiny models: tied has its embedding for a head, untied a head of its own.
 */
final class PeftAdapterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Safetensors LOGITS = Safetensors.open(golden("logits.safetensors"));

  /**
   * In float32 the rounding of one processor's kernels differs from another's by up to 3e-5 where
   * an adapter has a large factor (alpha 6 over rank 1); a wrong factor or rank is off by 1e-2.
   */
  private static final double ADAPTED = 1e-4;

  @TempDir Path folder;

  private static Path golden(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(PeftAdapterTest.class.getResource("/golden/adapters/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** (B,T,V) of the golden token ids. */
  private static float[] logits(ModelConfig config, ModelWeights weights) {
    Decoder decoder = new Decoder(config, weights, Rotary.of(config), ScalarType.Float);
    StoredTensor ids = LOGITS.tensor("input_ids");
    long rows = ids.shape()[0];
    long length = ids.shape()[1];
    float[] all = new float[0];
    for (int row = 0; row < rows; row++) {
      long[] tokens = Arrays.copyOfRange(ids.longs(), row * (int) length, (row + 1) * (int) length);
      float[] ofRow =
          Scoped.withoutGradients(
              () ->
                  Tensors.toFloats(
                      decoder.logits(
                          decoder.hidden(
                              Tensors.longs(tokens, 1, length),
                              Tensors.longs(LongStream.range(0, length).toArray(), 1, length),
                              new PackedAttention(new int[] {(int) length}, null)))));
      int at = all.length;
      all = Arrays.copyOf(all, at + ofRow.length);
      System.arraycopy(ofRow, 0, all, at, ofRow.length);
    }
    return all;
  }

  private static float[] expected(String name) {
    return LOGITS.tensor(name + ".logits").floats();
  }

  @ParameterizedTest
  @CsvSource({
    "tied, rslora",
    "tied, patterns",
    "untied, patterns_rslora",
    "untied, regex",
    "tied, some_layers",
    "tied, one_layer",
    "untied, fan_in_fan_out",
    "untied, saved",
    "tied, saved_both_of_tied",
    "tied, saved_embedding_of_tied",
    "tied, saved_head_of_tied",
    "tied, saved_and_kept_tied",
    "untied, embedding_and_head",
    "tied, embedding_and_head_of_tied",
    "tied, embedding_of_tied",
    "tied, head_of_tied",
    "tied, embedding_kept_tied",
    "tied, pissa_as_lora"
  })
  void anAdapterComputesAsInPeftAndSoDoesTheModelItIsMergedInto(String model, String adapter) {
    assertComputes(model, adapter, golden(adapter));
  }

  @ParameterizedTest
  @CsvSource({
    "tied, more_tokens",
    "untied, more_tokens_untied",
    "tied, more_tokens_saved",
    "tied, more_tokens_saved_embedding"
  })
  void anAdapterWithRowsForMoreTokensIsReadWhereItsTokenizerLiesBesideIt(
      String model, String adapter) throws IOException {
    assertThatThrownBy(() -> loadFrom(golden(adapter), model))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            golden(adapter).resolve("adapter_model.safetensors")
                + " was trained with a vocabulary of 41 tokens, the model has 40, and no"
                + " tokenizer.json lies beside it: put the tokenizer there that it was trained"
                + " with");
    Path copy = folder.resolve("adapter");
    copy(adapter, copy);
    Files.writeString(copy.resolve("tokenizer.json"), "{}");
    assertThat(LoraFiles.tokenizerHome(copy, golden(model))).isEqualTo(copy);
    assertThat(LoraFiles.tokenizerHome(golden(adapter), golden(model))).isEqualTo(golden(model));
    assertComputes(model, adapter, copy);
    assertThat(ModelConfigJson.read(folder.resolve("merged")).vocabularySize()).isEqualTo(41);
  }

  private void assertComputes(String model, String adapter, Path directory) {
    Path base = golden(model);
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config);
        LoraAdapter added = LoraFiles.load(directory, weights)) {
      ModelWeights attached = added.attach(weights);
      Golden.assertClose(
          adapter, logits(attached.fitted(config), attached), expected(adapter), ADAPTED, 0);
      Golden.assertClose(
          "the base is left alone", logits(config, weights), expected(model), Golden.LOGITS, 0);
      Path merged = folder.resolve("merged");
      ModelWeights sum = added.mergeInto(weights);
      ModelFiles.save(merged, sum.fitted(config), sum, TensorType.F32, base);
      ModelConfig read = ModelConfigJson.read(merged);
      try (ModelWeights whole = ModelFiles.load(merged, read)) {
        Golden.assertClose("merged", logits(read, whole), expected(adapter), ADAPTED, 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "saved_head_of_tied, true",
    "embedding_of_tied, true",
    "embedding_kept_tied, false",
    "saved_and_kept_tied, false",
    "rslora, false"
  })
  void aMergedModelHasAHeadOfItsOwnOnlyWhereTheAdapterPartedIt(String adapter, boolean parted) {
    Path base = golden("tied");
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config);
        LoraAdapter added = LoraFiles.load(golden(adapter), weights)) {
      ModelFiles.save(folder, config, added.mergeInto(weights), TensorType.F32, base);
    }
    assertThat(ModelConfigJson.read(folder).tiedEmbeddings()).isEqualTo(!parted);
    assertThat(WeightsDirectory.open(folder).has("lm_head.weight")).isEqualTo(parted);
  }

  /** Loads a golden adapter whose configuration was changed. */
  private void load(String adapter, Consumer<ObjectNode> change) {
    Path copy = folder.resolve("adapter");
    try {
      copy(adapter, copy);
      Path file = copy.resolve("adapter_config.json");
      ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(file));
      change.accept(config);
      Files.writeString(file, config.toPrettyString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    loadFrom(copy, "tied");
  }

  private static void copy(String adapter, Path to) throws IOException {
    Files.createDirectories(to);
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(
          golden(adapter).resolve(file), to.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void loadFrom(Path adapter, String model) {
    Path base = golden(model);
    try (ModelWeights weights = ModelFiles.load(base, ModelConfigJson.read(base))) {
      LoraFiles.load(adapter, weights).close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dora | has use_dora: true, which is not supported: merge it into its model with PEFT",
        "biases | has bias \"lora_only\", and trained biases are not read: merge it",
        "pissa | has init_lora_weights \"pissa\", which changes the model's own weights: save it with"
            + " PEFT as plain LoRA",
        "tokens | has trainable_token_indices, which is not supported: merge it",
        "more_tokens_of_head | has base_model.model.lm_head.base_layer.weight for 41 tokens, and an"
            + " embedding of 40: resize the model as it was for training"
      })
  void whatIsNotComputedIsRefusedByItsNameWithTheRemedy(String adapter, String message) {
    assertThatThrownBy(() -> loadFrom(golden(adapter), "tied"))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void everyKeyThatChangesTheComputationIsReadOrRefused() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("lora_bias", true);
    values.put("use_qalora", true);
    values.put("layer_replication", JSON.createArrayNode().add(0));
    values.put("target_parameters", JSON.createArrayNode().add("experts.down_proj"));
    values.put("kasa_config", JSON.createObjectNode().put("beta", 1));
    values.put("arrow_config", JSON.createObjectNode().put("top_k", 3));
    values.put("a_key_of_next_year", "on");
    values.forEach(
        (key, value) ->
            assertThatThrownBy(() -> load("rslora", config -> config.putPOJO(key, value)))
                .isInstanceOf(CriaException.class)
                .hasMessageContaining("adapter_config.json has " + key)
                .hasMessageContaining("which is not supported: merge it into its model with PEFT"));
    load("rslora", config -> config.put("a_key_of_next_year", false).put("another", ""));
    load("rslora", config -> config.putObject("eva_config").put("rho", 2.0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"olora", "corda", "loftq", "lora_ga", "pissa_niter_4", "something_new"})
  void startsThatTakeFromTheModelsWeightsAreRefused(String start) {
    assertThatThrownBy(() -> load("rslora", config -> config.put("init_lora_weights", start)))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("init_lora_weights \"" + start + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gaussian", "eva", "orthogonal", "mica"})
  void startsThatLeaveTheModelAloneAreRead(String start) {
    load("rslora", config -> config.put("init_lora_weights", start));
  }

  @Test
  void adaptersOfOtherTypesAndTasksAreNamed() {
    assertThatThrownBy(() -> load("rslora", config -> config.put("peft_type", "VERA")))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("describes an adapter of type VERA, and LORA is read: merge it");
    assertThatThrownBy(
            () ->
                load(
                    "rslora",
                    config ->
                        config
                            .put("peft_type", "ADALORA")
                            .putObject("rank_pattern")
                            .putArray("model.layers.0.self_attn.q_proj.lora_E")
                            .add(true)))
        .hasMessageContaining("describes an adapter of type ADALORA");
    assertThatThrownBy(() -> load("rslora", config -> config.remove("peft_type")))
        .hasMessageContaining("names no peft_type");
    assertThatThrownBy(() -> load("rslora", config -> config.put("task_type", "SEQ_CLS")))
        .hasMessageContaining("has task_type SEQ_CLS: only CAUSAL_LM is read");
    assertThatThrownBy(
            () -> load("rslora", config -> config.putArray("alora_invocation_tokens").add(3)))
        .hasMessageContaining("alora_invocation_tokens");
  }

  @Test
  void tensorsAndConfigurationMustAskForEachOther() {
    assertThatThrownBy(
            () -> load("rslora", config -> config.putArray("target_modules").add("q_proj")))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("base_model.model.model.layers.0.mlp.down_proj.lora_A.weight")
        .hasMessageContaining("which its adapter_config.json does not ask for");
    assertThatThrownBy(
            () ->
                load(
                    "some_layers",
                    config -> config.putArray("target_modules").add("v_proj").add("k_proj")))
        .hasMessageContaining(
            "lacks base_model.model.model.layers.1.self_attn.k_proj.lora_A.weight, which its"
                + " target_modules asks for");
    assertThatThrownBy(
            () ->
                load(
                    "saved_embedding_of_tied",
                    config -> config.putArray("modules_to_save").add("embed_tokens").add("norm")))
        .hasMessageContaining("which its modules_to_save asks for: give the whole adapter");
    assertThatThrownBy(
            () -> load("patterns", config -> config.putObject("rank_pattern").put("k_proj", 3)))
        .hasMessageContaining("has shape [3, 24], expected [4, 24]");
    assertThatThrownBy(
            () -> load("patterns", config -> config.putObject("rank_pattern").put("k_proj(", 3)))
        .hasMessageContaining(
            "has a regular expression in rank_pattern that is not read here (k_proj(: ");
    assertThatThrownBy(
            () -> load("patterns", config -> config.putObject("alpha_pattern").put("k_proj", "4")))
        .hasMessageContaining("has no number for k_proj in alpha_pattern");
  }

  @ParameterizedTest
  @ValueSource(strings = {"target_modules", "exclude_modules", "modules_to_save", "layers_pattern"})
  void anExpressionThatTakesTooLongOrIsNoneIsRefusedInOneLine(String key) {
    String endless = "(.+)+\\1!";
    assertThatThrownBy(() -> load("some_layers", config -> config.put(key, endless)))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            folder.resolve("adapter/adapter_config.json")
                + " has a regular expression in "
                + key
                + " that takes too long on the names of modules ((.+)+\\1!): list the modules by"
                + " their names");
    assertThatThrownBy(() -> load("some_layers", config -> config.put(key, "q_proj\n(")))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("in " + key + " that is not read here (q_proj (: ")
        .hasMessageEndingWith("): list the modules by their names")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> load("some_layers", config -> config.put(key, "(".repeat(100_000))))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("in " + key + " that is not read here (" + "(".repeat(80) + "…: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aLayersPatternMayMatchWithoutANumber() {
    assertThatThrownBy(
            () -> load("some_layers", config -> config.put("layers_pattern", "model|layers")))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("which its adapter_config.json does not ask for");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rank_pattern", "alpha_pattern"})
  void soIsOneThatGivesModulesTheirNumbers(String key) {
    assertThatThrownBy(() -> load("patterns", config -> config.putObject(key).put("(.+)+\\2!", 4)))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("in " + key + " that takes too long on the names of modules");
  }

  @Test
  void targetsMayBeAllLinearOrUnsaid() {
    load("rslora", config -> config.put("target_modules", "all-linear"));
    load("head_of_tied", config -> config.putNull("target_modules"));
  }

  @Test
  void pickledWeightsAreRefusedByTheirName() throws IOException {
    Files.copy(
        golden("rslora").resolve("adapter_config.json"), folder.resolve("adapter_config.json"));
    Files.writeString(folder.resolve("adapter_model.bin"), "PK");
    assertThatThrownBy(() -> loadFrom(folder, "tied"))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(
            "has its weights in adapter_model.bin, which runs code when it is read");
  }
}
