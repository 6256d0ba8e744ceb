package io.cria.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.safety.Watermark.Scheme;
import io.cria.testing.Fixtures;
import io.cria.weights.Safetensors;
import io.cria.weights.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Green lists, processor and detector against transformers' own. */
final class WatermarkGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TABLE = 1_000_003;

  @Test
  void theGeneratorDrawsAndShufflesAsTorchDoes() throws IOException {
    for (JsonNode seeded : read("rng.json").path("randperm")) {
      int seed = (int) seeded.path("effective_seed").asLong();
      MersenneTwister draws = new MersenneTwister(seed);
      for (JsonNode draw : seeded.path("first_u32")) {
        assertThat(draws.next()).isEqualTo(draw.asLong());
      }
      assertThat(new MersenneTwister(seed).permutation(16, 16))
          .containsExactly(ints(seeded.path("randperm_16")));
      assertThat(sha256(new MersenneTwister(seed).permutation(1000, 1000)))
          .isEqualTo(seeded.path("randperm_1000_sha256").asText());
    }
    JsonNode table = read("rng.json").path("fixed_table");
    int[] first = ints(table.path("first_64"));
    assertThat(new MersenneTwister(table.path("seed").asInt()).permutation(TABLE, first.length))
        .containsExactly(first);
  }

  @Test
  void greenListsOfASmallVocabularyAreThoseOfTheReference() throws IOException {
    JsonNode golden = read("greenlists_512.json");
    for (JsonNode variant : golden.path("variants")) {
      GreenLists lists = lists(golden, variant);
      for (JsonNode context : variant.path("contexts")) {
        int seed = seed(lists, context);
        assertThat(Integer.toUnsignedLong(seed)).isEqualTo(context.path("effective_seed").asLong());
        assertThat(lists.order(seed)).containsExactly(ints(context.path("green")));
      }
    }
  }

  @Test
  void greenListsOfALargeVocabularyAreThoseOfTheReference() throws IOException {
    JsonNode golden = read("greenlists_32000.json");
    for (JsonNode variant : golden.path("variants")) {
      GreenLists lists = lists(golden, variant);
      for (JsonNode context : variant.path("contexts")) {
        int[] order = lists.order(seed(lists, context));
        assertThat(order).hasSize(context.path("count").asInt());
        assertThat(sha256(order)).isEqualTo(context.path("sha256_permutation_order").asText());
        assertThat(sha256(Arrays.stream(order).sorted().toArray()))
            .isEqualTo(context.path("sha256_sorted").asText());
      }
    }
  }

  @Test
  void theHookRaisesTheLogitsThatTheProcessorRaises() throws IOException {
    Safetensors file = Safetensors.open(Fixtures.file("golden/watermark/processor.safetensors"));
    float[] scores = floats(file.tensor("scores"));
    long[] contexts = file.tensor("contexts").longs();
    int vocabulary = 512;
    int rows = scores.length / vocabulary;
    int width = contexts.length / rows;
    for (Scheme scheme : Scheme.values()) {
      for (int contextWidth : new int[] {1, 4}) {
        String name = "processed." + word(scheme) + "." + contextWidth;
        float[] processed = floats(file.tensor(name));
        WatermarkHook hook =
            new WatermarkHook(new Watermark(0.25, 2, scheme, contextWidth, 15485863), vocabulary);
        for (int row = 0; row < rows; row++) {
          int from = row * width;
          int[] context =
              Arrays.stream(contexts, from, from + width).mapToInt(Math::toIntExact).toArray();
          float[] logits = Arrays.copyOfRange(scores, row * vocabulary, (row + 1) * vocabulary);
          hook.apply(context, logits);
          assertThat(logits)
              .as("%s row %d", name, row)
              .containsExactly(
                  Arrays.copyOfRange(processed, row * vocabulary, (row + 1) * vocabulary));
        }
      }
    }
  }

  @Test
  void theDetectorCountsAndScoresAsTheReference() throws IOException {
    for (JsonNode variant : read("detector.json").path("variants")) {
      Watermark watermark =
          new Watermark(
              0.25,
              2,
              scheme(variant.path("seeding_scheme").asText()),
              variant.path("context_width").asInt(),
              15485863);
      WatermarkDetector every = new WatermarkDetector(watermark, 512, false);
      WatermarkDetector once = new WatermarkDetector(watermark, 512, true);
      for (JsonNode sequence : variant.path("sequences")) {
        int[] tokens = ints(sequence.path("tokens"));
        requireSame(every.score(tokens), sequence.path("all_ngrams"));
        requireSame(once.score(tokens), sequence.path("each_ngram_once"));
      }
    }
  }

  private static void requireSame(WatermarkDetector.Score score, JsonNode golden) {
    assertThat(score.scored()).isEqualTo(golden.path("num_tokens_scored").asInt());
    assertThat(score.green()).isEqualTo(golden.path("num_green_tokens").asInt());
    assertThat(score.z()).isCloseTo(golden.path("z_score").asDouble(), within(1e-12));
    double p = golden.path("p_value").asDouble();
    assertThat(score.p()).isCloseTo(p, within(1e-9 * p));
  }

  private static GreenLists lists(JsonNode golden, JsonNode variant) {
    return new GreenLists(
        new Watermark(
            golden.path("greenlist_ratio").asDouble(),
            golden.path("bias").asDouble(),
            scheme(variant.path("seeding_scheme").asText()),
            variant.path("context_width").asInt(),
            golden.path("hashing_key").asLong()),
        golden.path("vocab_size").asInt());
  }

  /** A golden context ends with the candidate where the scheme takes it in. */
  private static int seed(GreenLists lists, JsonNode context) {
    int[] tokens = ints(context.path("context"));
    return lists.seedOfContext(tokens);
  }

  private static Scheme scheme(String word) {
    return word.equals("lefthash") ? Scheme.LEFT_HASH : Scheme.SELF_HASH;
  }

  private static String word(Scheme scheme) {
    return scheme.name().replace("_", "").toLowerCase(Locale.ROOT);
  }

  private static int[] ints(JsonNode numbers) {
    int[] values = new int[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).asInt();
    }
    return values;
  }

  private static float[] floats(StoredTensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    tensor.floats(0, values, 0, values.length);
    return values;
  }

  private static String sha256(int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode read(String name) throws IOException {
    Path file = Fixtures.file("golden/watermark/" + name);
    return JSON.readTree(Files.readString(file));
  }
}
