package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sft.ClusterConfig;
import io.cria.sft.SftRunFile;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ChildMemoryTest {
  private static final long GIB = 1L << 30;

  private static SparkConf yarn() {
    return new SparkConf(false)
        .set("spark.master", "yarn")
        .set("spark.executor.memory", "20g")
        .set("spark.executor.cores", "4");
  }

  @Test
  void aBoundedExecutorMustHaveRoomForItsRanks() {
    assertThat(ChildMemory.requireGranted(yarn(), GIB, 2)).isTrue();
    assertThatThrownBy(() -> ChildMemory.requireGranted(yarn(), GIB, 3))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessage(
            "spark.executor.memoryOverhead: an executor grants 2.0 GiB beside its heap, and 3"
                + " ranks' processes take 3.0 GiB: set spark.executor.memoryOverhead=3073m, or"
                + " cluster.memory to what a rank really takes");
    assertThat(
            ChildMemory.requireGranted(yarn().set("spark.executor.memoryOverhead", "3g"), GIB, 3))
        .isTrue();
  }

  @Test
  void withoutABoundTheHostsMemoryCounts() {
    SparkConf conf = new SparkConf(false).set("spark.master", "spark://host:7077");
    assertThat(ChildMemory.requireGranted(conf, 100 * GIB, 8)).isFalse();
    assertThat(ChildMemory.available()).isPositive();
    List<Word> words = List.of(word(0, "one", 3 * GIB, 8 * GIB), word(1, "one", 6 * GIB, 7 * GIB));
    assertThat(Word.refusal(words).orElseThrow().reason())
        .startsWith("one has 8.0 GiB of memory free, and its 2 ranks take 9.0 GiB: lower");
    assertThat(Word.refusal(List.of(words.get(0), word(1, "two", 6 * GIB, 7 * GIB)))).isEmpty();
  }

  @Test
  void aStandaloneExecutorsOverheadAndItsHostAreBothLookedAt() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.master", "spark://host:7077")
            .set("spark.executor.memoryOverhead", "4g");
    assertThat(ChildMemory.requireGranted(conf, GIB, 4)).isFalse();
    assertThatThrownBy(() -> ChildMemory.requireGranted(conf, GIB, 5))
        .hasMessageContaining("5 ranks' processes take 5.0 GiB");
    assertThat(new Slots(LocalSpark.session().sparkContext(), 1, 0).ofAnExecutor()).isEqualTo(2);
  }

  private static Word word(int rank, String host, long needs, long available) {
    return new Word(rank, host, "2.10.0", "cpu", 0, 0, "b", needs, available, "", 0, "");
  }

  @Test
  void theEstimateIsTheEnginesOwnWithTheHeap() {
    long bytes = 2 * 134_515_008L;
    long whole = estimate(Map.of(), 1, 1);
    // weights, gradients and two moments are 2.2 GB, a micro-batch of 2,048 tokens some more
    assertThat(whole).isBetween(4 * GIB, 12 * GIB);
    assertThat(estimate(Map.of(), 1, 4)).as("moments are shared out among ranks").isLessThan(whole);
    assertThat(estimate(Map.of(), 4, 1))
        .as("each worker has gradients of its own")
        .isGreaterThan(whole + GIB);
    assertThat(estimate(Map.of("cluster.gpusPerRank", "1", "training.device", "cuda"), 1, 1))
        .as("a GPU has all but the weights on their way")
        .isLessThan(3 * GIB);
    assertThat(ChildMemory.estimate(file(Map.of()), bytes, false, "", 1, 1))
        .as("where nothing describes the model")
        .isBetween(3 * GIB, 5 * GIB);
  }

  private static long estimate(Map<String, String> settings, int cpus, int ranks) {
    String small =
        "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"],"
            + " \"torch_dtype\": \"bfloat16\", \"num_hidden_layers\": 30, \"hidden_size\": 576,"
            + " \"intermediate_size\": 1536, \"num_attention_heads\": 9, \"num_key_value_heads\":"
            + " 3, \"rms_norm_eps\": 1e-5, \"max_position_embeddings\": 8192,"
            + " \"tie_word_embeddings\": true, \"hidden_act\": \"silu\", \"vocab_size\": 49152}";
    return ChildMemory.estimate(file(settings), 0, false, small, cpus, ranks);
  }

  private static SftRunFile file(Map<String, String> settings) {
    return SftRunFile.read("conf/sft-alpaca.yaml", settings);
  }

  @Test
  void sizesAreReadAsTheyAreWritten() {
    assertThat(ClusterConfig.bytes("6g")).isEqualTo(6 * GIB);
    assertThat(ClusterConfig.bytes("512M")).isEqualTo(GIB / 2);
    assertThatThrownBy(() -> new ClusterConfig(1, 0, "lots", "1g", null, Map.of(), null))
        .hasMessageContaining("cluster.memory must be a size such as 6g");
  }
}
