package io.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SplittingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @EnumSource(Splitting.class)
  void everyOneIsRecognisedInATokenizerJsonAndByItsName(Splitting splitting) {
    ObjectNode root = JSON.createObjectNode();
    root.set("pre_tokenizer", splitting.preTokenizer());
    assertThat(Splitting.of(root)).contains(splitting);
    assertThat(Splitting.named(splitting.ggufName())).contains(splitting);
  }

  @Test
  void gpt4oEndsAWordBeforeACapitalAndKeepsItsContraction() {
    assertThat(tokens(Splitting.GPT4O)).containsExactly("a", "Aa's", "12", "/");
    assertThat(tokens(Splitting.LLAMA3)).containsExactly("aAa", "'s", "12", "/");
    assertThat(tokens(Splitting.QWEN2)).containsExactly("aAa", "'s", "1", "2", "/");
  }

  /** With a vocabulary that joins whatever the splitting leaves together. */
  private static List<String> tokens(Splitting splitting) {
    List<String> vocabulary =
        List.of("a", "A", "'", "s", "1", "2", "/", "aA", "aAa", "Aa", "'s", "Aa's", "aAa's", "12");
    ObjectNode root = JSON.createObjectNode();
    root.putArray("added_tokens");
    root.set("normalizer", splitting.normalizer());
    root.set("pre_tokenizer", splitting.preTokenizer());
    ObjectNode model = root.putObject("model").put("type", "BPE");
    ObjectNode ids = model.putObject("vocab");
    vocabulary.forEach(token -> ids.put(token, ids.size()));
    ArrayNode merges = model.putArray("merges");
    List.of("a A", "aA a", "A a", "' s", "Aa 's", "aAa 's", "1 2").forEach(merges::add);
    TokenizerSettings settings = new TokenizerSettings(null, null, null, null, false, null);
    try (ModelTokenizer tokenizer =
        ModelTokenizer.of(root.toString().getBytes(StandardCharsets.UTF_8), settings, "a test's")) {
      return java.util.Arrays.stream(tokenizer.encode("aAa's12/", false))
          .mapToObj(vocabulary::get)
          .toList();
    }
  }
}
