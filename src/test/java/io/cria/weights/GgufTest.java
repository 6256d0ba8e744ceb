package io.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GgufTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"gqa_tied", "rope_llama3", "qwen2_tied"})
  void aModelReadFromGgufIsTheHuggingFaceModelToTheBit(String name) {
    GgufModel gguf = GgufModel.open(Golden.file("gguf/" + name + ".F32.gguf"));
    Safetensors expected = Safetensors.open(Golden.file("models/" + name + "/model.safetensors"));
    assertThat(gguf.names()).containsExactlyInAnyOrderElementsOf(expected.names());
    for (String parameter : expected.names()) {
      assertThat(gguf.tensor(parameter).shape())
          .containsExactly(expected.tensor(parameter).shape());
      assertThat(gguf.tensor(parameter).floats()).isEqualTo(expected.tensor(parameter).floats());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gqa_tied", "rope_llama3", "qwen2_tied"})
  void itsConfigurationSaysWhatConfigJsonSays(String name) throws IOException {
    GgufModel gguf = GgufModel.open(Golden.file("gguf/" + name + ".F32.gguf"));
    JsonNode expected =
        JSON.readTree(Files.readString(Golden.file("models/" + name + "/config_v4.json")));
    ObjectNode config = gguf.config();
    for (String key :
        List.of(
            "architectures",
            "model_type",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "hidden_act",
            "max_position_embeddings",
            "vocab_size",
            "tie_word_embeddings",
            "bos_token_id",
            "eos_token_id")) {
      assertThat(config.get(key).asText()).as(key).isEqualTo(expected.get(key).asText());
    }
    assertThat(config.get("head_dim").asInt()).isEqualTo(16);
    assertThat(config.get("rms_norm_eps").asDouble())
        .isEqualTo(expected.get("rms_norm_eps").asDouble());
    assertThat(config.get("rope_theta").asDouble())
        .isEqualTo(expected.get("rope_theta").asDouble());
    if (name.equals("rope_llama3")) {
      assertThat(config.get("rope_scaling").get("rope_type").asText()).isEqualTo("llama3");
      assertThat(config.get("rope_scaling").get("factor").asDouble()).isEqualTo(8);
      assertThat(config.get("rope_scaling").get("original_max_position_embeddings").asInt())
          .isEqualTo(64);
    } else {
      assertThat(config.get("rope_scaling").isNull()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"gqa_tied,F32", "gqa_tied,Q8_0", "rope_llama3,F32", "qwen2_tied,F32"})
  void anExportHasTheReferencesTensorsToTheByte(String name, TensorType type) throws IOException {
    Gguf expected = Gguf.open(Golden.file("gguf/" + name + "." + type + ".gguf"));
    Path path = directory.resolve("export.gguf");
    for (String wording : List.of("config.json", "config_v4.json")) {
      JsonNode config =
          JSON.readTree(Files.readString(Golden.file("models/" + name + "/" + wording)));
      Safetensors weights = Safetensors.open(Golden.file("models/" + name + "/model.safetensors"));
      GgufExport.write(path, name, config, weights, type, Map.of());
      Gguf export = Gguf.open(path);
      assertThat(export.names()).containsExactlyInAnyOrderElementsOf(expected.names());
      for (String tensor : expected.names()) {
        assertThat(export.tensor(tensor).type()).isEqualTo(expected.tensor(tensor).type());
        if (tensor.equals("rope_freqs.weight")) {
          float[] divisors = export.tensor(tensor).floats();
          float[] reference = expected.tensor(tensor).floats();
          for (int i = 0; i < reference.length; i++) {
            assertThat(divisors[i]).isCloseTo(reference[i], within(1e-6f * reference[i]));
          }
        } else {
          assertThat(export.tensor(tensor).chunks()).isEqualTo(expected.tensor(tensor).chunks());
        }
      }
      expected
          .metadata()
          .asMap()
          .forEach(
              (key, value) -> {
                if (!key.startsWith("tokenizer.")) {
                  assertThat(export.metadata().asMap()).as(key).containsEntry(key, value);
                }
              });
    }
  }

  @Test
  void aPartOfASplitFileIsNamedWithTheWayToJoinIt() {
    Path path = directory.resolve("m-00002-of-00003.gguf");
    GgufWriter.write(path, Map.of("split.no", 1, "split.count", 3), List.of());
    assertThatThrownBy(() -> Gguf.open(path))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            path
                + " is part 2 of 3 of a split file: join them with llama-gguf-split --merge"
                + " FIRST-PART WHOLE.gguf, and give the whole");
    GgufWriter.write(path, Map.of("split.no", 0, "split.count", 1), List.of());
    assertThat(Gguf.open(path).names()).isEmpty();
  }

  @Test
  void aQ8ModelComesBackWithinHalfAStep() {
    GgufModel q8 = GgufModel.open(Golden.file("gguf/gqa_tied.Q8_0.gguf"));
    Safetensors exact = Safetensors.open(Golden.file("models/gqa_tied/model.safetensors"));
    for (String name : exact.names()) {
      float[] want = exact.tensor(name).floats();
      float[] got = q8.tensor(name).floats();
      float largest = 0;
      float worst = 0;
      for (float value : want) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < want.length; i++) {
        worst = Math.max(worst, Math.abs(got[i] - want[i]));
      }
      // half a step, and what the scale loses when it is rounded to half precision
      assertThat(worst).as(name).isLessThanOrEqualTo(largest / 254 + largest / (1 << 11));
    }
  }

  @Test
  void everyMetadataTypeComesBack() {
    Map<String, Object> pairs = new LinkedHashMap<>();
    pairs.put("general.architecture", "llama");
    pairs.put("u32", -1);
    pairs.put("u64", Long.MAX_VALUE);
    pairs.put("f32", 1e-5f);
    pairs.put("f64", Math.PI);
    pairs.put("flag", true);
    pairs.put("texts", List.of("가", "", "\uD83D\uDE00"));
    pairs.put("flags", List.of(true, false));
    pairs.put("ints", new int[] {-1, 2});
    pairs.put("longs", new long[] {Long.MIN_VALUE});
    pairs.put("floats", new float[] {1.5f, -0f});
    pairs.put("doubles", new double[] {2.5});
    Path path = directory.resolve("meta.gguf");
    GgufWriter.write(
        path, pairs, List.of(TensorContent.floats("x", new long[] {3}, new float[] {1, 2, 3})));
    Gguf file = Gguf.open(path);
    GgufMetadata metadata = file.metadata();
    assertThat(file.version()).isEqualTo(3);
    assertThat(metadata.asMap().keySet()).containsExactlyElementsOf(pairs.keySet());
    assertThat(metadata.integer("u32")).contains(4294967295L);
    assertThat(metadata.integer("u64")).contains(Long.MAX_VALUE);
    assertThat(metadata.number("f32")).contains(1e-5);
    assertThat(metadata.number("f64")).contains(Math.PI);
    assertThat(metadata.flag("flag")).contains(true);
    assertThat(metadata.strings("texts")).contains(List.of("가", "", "\uD83D\uDE00"));
    assertThat(metadata.asMap().get("flags")).isEqualTo(List.of(true, false));
    assertThat(metadata.integers("ints").orElseThrow()).containsExactly(-1, 2);
    assertThat(metadata.integers("longs").orElseThrow()).containsExactly(Long.MIN_VALUE);
    assertThat((float[]) metadata.asMap().get("floats")).containsExactly(1.5f, -0f);
    assertThat((double[]) metadata.asMap().get("doubles")).containsExactly(2.5);
    assertThat(file.tensor("x").floats()).containsExactly(1, 2, 3);
    assertThat(metadata.string("u32")).isEmpty();
  }

  @Test
  void versionTwoIsReadAsVersionThreeAndOthersAreRefused() throws IOException {
    Path path = directory.resolve("v.gguf");
    GgufWriter.write(path, Map.of("a", "b"), List.of());
    byte[] bytes = Files.readAllBytes(path);
    bytes[4] = 2;
    Files.write(path, bytes);
    assertThat(Gguf.open(path).metadata().string("a")).contains("b");
    bytes[4] = 1;
    Files.write(path, bytes);
    assertThatThrownBy(() -> Gguf.open(path))
        .hasMessageContaining("is GGUF version 1, and 2 and 3 are supported");
    bytes[4] = 0;
    bytes[7] = 3;
    Files.write(path, bytes);
    assertThatThrownBy(() -> Gguf.open(path)).hasMessageContaining("big-endian");
  }

  @Test
  void everyTruncationOfAFileIsRefused() throws IOException {
    Path path = directory.resolve("whole.gguf");
    GgufWriter.write(
        path,
        Map.of("tokens", List.of("a", "b"), "n", 5, "scores", new float[] {1, 2}),
        List.of(TensorContent.floats("w", new long[] {8}, new float[8])));
    byte[] whole = Files.readAllBytes(path);
    Path cut = directory.resolve("cut.gguf");
    for (int length = 0; length < whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Gguf.open(cut))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("cut.gguf");
    }
  }

  @Test
  void anyBrokenByteOfAHeaderIsRefusedOrReadButNeverAFault() throws IOException {
    Path path = directory.resolve("whole.gguf");
    GgufWriter.write(
        path,
        Map.of("tokens", List.of("a", "b"), "n", 5, "nested", new float[] {1, 2}),
        List.of(TensorContent.floats("w", new long[] {2, 4}, new float[8])));
    byte[] whole = Files.readAllBytes(path);
    Path broken = directory.resolve("broken.gguf");
    int refused = 0;
    for (int at = 0; at < whole.length - 64; at++) {
      for (int value : new int[] {1, 0xFF}) {
        byte[] bytes = whole.clone();
        bytes[at] = (byte) value;
        Files.write(broken, bytes);
        try {
          Gguf.open(broken);
        } catch (CriaException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(50);
  }

  @Test
  void overlappingAndUnknownTensorsAreNamed() throws IOException {
    Path path = directory.resolve("bad.gguf");
    TensorContent one = TensorContent.floats("first", new long[] {8}, new float[8]);
    TensorContent two = TensorContent.floats("second", new long[] {8}, new float[8]);
    GgufWriter.write(path, Map.of(), List.of(one, two));
    byte[] bytes = Files.readAllBytes(path);
    int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("second");
    ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fields.putLong(name + 6 + 4 + 8 + 4, 0);
    Files.write(path, bytes);
    assertThatThrownBy(() -> Gguf.open(path)).hasMessageContaining("tensor second overlaps first");
    fields.putInt(name + 6 + 4 + 8, 99);
    Files.write(path, bytes);
    assertThatThrownBy(() -> Gguf.open(path))
        .hasMessageContaining("has tensor second of ggml type 99");
  }

  @ParameterizedTest
  @CsvSource({
    "rope.scaling.factor,4,4",
    "rope.scale_linear,2.5,2.5",
    "rope.scale_linear,1,1",
    "rope.scaling.factor,0,1",
  })
  void linearScalingWithoutATypeAndUnderItsOldNameIsReadAsLlamaCppReadsIt(
      String key, float value, double factor) {
    JsonNode scaling = changed(key, value).config().get("rope_scaling");
    assertThat(scaling.path("rope_type").asText("none")).isEqualTo(factor == 1 ? "none" : "linear");
    assertThat(scaling.path("factor").asDouble(1)).isEqualTo(factor);
  }

  @Test
  void aHeadThatIsTurnedInPartIsRefused() {
    GgufModel model = changed("rope.dimension_count", 8);
    assertThatThrownBy(model::config)
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("turns 8 of 16 values of a head (llama.rope.dimension_count)");
  }

  /** The golden model's header with one key changed, beside an embedding. */
  private GgufModel changed(String key, Object value) {
    Gguf golden = Gguf.open(Golden.file("gguf/gqa_tied.F32.gguf"));
    Map<String, Object> metadata = new java.util.LinkedHashMap<>(golden.metadata().asMap());
    metadata.put("llama." + key, value);
    Path path = directory.resolve("changed.gguf");
    GgufWriter.write(
        path,
        metadata,
        List.of(TensorContent.floats("token_embd.weight", new long[] {1, 32}, new float[32])));
    return GgufModel.open(path);
  }

  @Test
  void anotherArchitectureIsRefusedByName() {
    Path path = directory.resolve("other.gguf");
    GgufWriter.write(path, Map.of("general.architecture", "mamba"), List.of());
    assertThatThrownBy(() -> GgufModel.open(path))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(
            "holds the architecture 'mamba': llama (also Mistral), qwen2, qwen3, smollm3 and phi3"
                + " are supported");
    ObjectNode config = JSON.createObjectNode().put("model_type", "gpt2");
    Weights none = Safetensors.open(Golden.file("dequant/golden.safetensors"));
    assertThatThrownBy(() -> GgufExport.write(path, "x", config, none, TensorType.F32, Map.of()))
        .hasMessageContaining("model_type 'gpt2' cannot be exported");
    assertThatThrownBy(() -> GgufExport.write(path, "x", config, none, TensorType.Q6_K, Map.of()))
        .hasMessageContaining("choose one of F32, F16, Q8_0");
  }

  @Test
  void phi3HasJointMatricesAndQwen3NormsOfHeads() {
    assertThat(GgufFamily.PHI3.toGguf("model.layers.2.self_attn.qkv_proj.weight"))
        .contains("blk.2.attn_qkv.weight");
    assertThat(GgufFamily.PHI3.fromGguf("blk.2.ffn_up.weight"))
        .contains("model.layers.2.mlp.gate_up_proj.weight");
    assertThat(GgufFamily.PHI3.fromGguf("blk.2.ffn_gate.weight")).isEmpty();
    assertThat(GgufFamily.QWEN3.toGguf("model.layers.0.self_attn.k_norm.weight"))
        .contains("blk.0.attn_k_norm.weight");
    assertThat(GgufFamily.QWEN3.isPermuted("blk.0.attn_q.weight")).isFalse();
    assertThat(GgufFamily.SMOLLM3.isPermuted("blk.0.attn_k.weight")).isTrue();
    assertThat(GgufFamily.LLAMA.fromGguf("blk.0.attn_q_norm.weight")).isEmpty();
    assertThat(GgufFamily.QWEN3.toGguf("model.layers.0.self_attn.v_proj.bias"))
        .contains("blk.0.attn_v.bias");
    assertThat(GgufFamily.QWEN3.toGguf("model.layers.0.self_attn.o_proj.bias")).isEmpty();
    assertThat(GgufFamily.SMOLLM3.fromGguf("blk.0.ffn_up.bias")).isEmpty();
  }

  @Test
  void whatLlamaCppDoesNotComputeForAFamilyIsNotExported() throws IOException {
    ObjectNode smollm3 = config("smollm3");
    smollm3.putArray("no_rope_layers").add(1).add(0).add(1).add(0);
    assertNotExported("smollm3", smollm3, "no_rope_layers other than every fourth");
    smollm3.remove("no_rope_layers");
    smollm3.put("no_rope_layer_interval", 2);
    assertNotExported("smollm3", smollm3, "no_rope_layers other than every fourth");
    ObjectNode qwen3 = config("qwen3");
    ((ObjectNode) qwen3.path("rope_parameters")).put("rope_type", "llama3");
    assertNotExported(
        "qwen3",
        qwen3,
        "config.json asks for rotary scaling 'llama3', which is not computed for this model:"
            + " default, linear are supported");
    ObjectNode phi3 = config("phi3_mini");
    assertNotExported("phi3_mini", phi3.deepCopy().put("head_dim", 16), "heads of another size");
    ObjectNode phi4 = config("phi4_mini");
    ((ObjectNode) phi4.path("rope_parameters")).putArray("short_factor").add(1.0);
    assertNotExported(
        "phi4_mini",
        phi4,
        "config.json has 1 numbers in short_factor, not 6: give the model's own");
  }

  private static ObjectNode config(String model) throws IOException {
    return (ObjectNode)
        JSON.readTree(Files.readString(Golden.file("models/" + model + "/config.json")));
  }

  private void assertNotExported(String model, JsonNode config, String message) {
    Weights weights = Safetensors.open(Golden.file("models/" + model + "/model.safetensors"));
    Path path = directory.resolve("refused.gguf");
    assertThatThrownBy(
            () -> GgufExport.write(path, model, config, weights, TensorType.F32, Map.of()))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
    assertThat(path).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "tuned, true, tuned (Phi-3)",
    "Phi-3-mini-tuned, true, Phi-3-mini-tuned",
    "tuned, false, tuned",
    "my-phi3, false, my-phi 3",
  })
  void theNameTellsLlamaCppOfPhi3sControlTokensWhereTheyAreThere(
      String name, boolean there, String written) throws IOException {
    List<String> tokens = List.of("<unk>", "<s>", "</s>", there ? "<|endoftext|>" : "<|end|>");
    Path path = directory.resolve("named.gguf");
    GgufExport.write(
        path,
        name,
        config("phi3_mini"),
        Safetensors.open(Golden.file("models/phi3_mini/model.safetensors")),
        TensorType.F32,
        Map.of("tokenizer.ggml.tokens", tokens));
    assertThat(Gguf.open(path).metadata().string("general.name")).contains(written);
    assertThat(Gguf.open(path).metadata().isNamedPhi3()).isEqualTo(there);
  }

  @Test
  void rowsGoToGgufAndBack() {
    int[] there = GgufFamily.rowOrder(12, 2, true);
    int[] back = GgufFamily.rowOrder(12, 2, false);
    assertThat(there).containsExactly(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11);
    float[] rows = new float[24];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i;
    }
    assertThat(GgufFamily.reorder(GgufFamily.reorder(rows, there), back)).containsExactly(rows);
  }

  @ParameterizedTest
  @CsvSource({
    "model.embed_tokens.weight, token_embd.weight",
    "model.layers.17.self_attn.o_proj.weight, blk.17.attn_output.weight",
    "model.layers.0.self_attn.k_proj.bias, blk.0.attn_k.bias",
    "model.layers.3.post_attention_layernorm.weight, blk.3.ffn_norm.weight",
    "lm_head.weight, output.weight",
  })
  void namesGoBothWays(String huggingFace, String gguf) {
    assertThat(GgufFamily.LLAMA.toGguf(huggingFace)).contains(gguf);
    assertThat(GgufFamily.LLAMA.fromGguf(gguf)).contains(huggingFace);
    assertThat(GgufFamily.LLAMA.toGguf("x" + huggingFace)).isEmpty();
    assertThat(GgufFamily.LLAMA.fromGguf(gguf + ".x")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"10000,128,8192,8", "500000,128,8192,8", "500000,64,8192,32", "500000,16,64,8"})
  void theRuleBehindRotaryDivisorsIsFoundAgain(
      double theta, int headDimension, long original, double factor) {
    RopeScaling rule = new RopeScaling(theta, RopeScaling.LLAMA3, factor, 1, 4, original);
    float[] divisors = rule.divisors(headDimension);
    RopeScaling found = RopeScaling.ofDivisors(theta, divisors).orElseThrow();
    assertThat(found.divisors(headDimension)).containsExactly(divisors);
    divisors[divisors.length / 2] *= 1.5f;
    assertThat(RopeScaling.ofDivisors(theta, divisors)).isEmpty();
  }
}
