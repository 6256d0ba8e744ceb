package io.cria.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What stands beside tokenizer.json: the tokens with a role, and the chat form. Texts of tokens,
 * not ids; null where a model has none.
 *
 * @param bos begins a sequence
 * @param eos ends an answer
 * @param pad fills a row
 * @param unk stands for what the vocabulary lacks
 * @param addsBos whether every sequence is begun with {@code bos}
 * @param chatTemplate the model's chat form in Jinja
 */
public record TokenizerSettings(
    @Nullable String bos,
    @Nullable String eos,
    @Nullable String pad,
    @Nullable String unk,
    boolean addsBos,
    @Nullable String chatTemplate) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads tokenizer_config.json, special_tokens_map.json and chat_template.jinja of a model
   * directory, as far as there. Where tokenizer_config.json does not say whether bos is added, the
   * tokenizer's own post-processor decides.
   */
  static TokenizerSettings read(Path directory, JsonNode postProcessor) {
    JsonNode config = json(directory.resolve("tokenizer_config.json"));
    JsonNode map = json(directory.resolve("special_tokens_map.json"));
    String bos = token(config, map, "bos_token");
    boolean processorAddsBos =
        postProcessor.findValues("SpecialToken").stream()
            .anyMatch(special -> special.path("id").asText().equals(bos));
    return new TokenizerSettings(
        bos,
        token(config, map, "eos_token"),
        token(config, map, "pad_token"),
        token(config, map, "unk_token"),
        config.path("add_bos_token").asBoolean(processorAddsBos),
        chatTemplate(directory, config));
  }

  private static @Nullable String chatTemplate(Path directory, JsonNode config) {
    Path file = directory.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw CriaException.badInput("cannot read " + file + ": it must be UTF-8 text");
      }
    }
    JsonNode template = config.path("chat_template");
    if (template.isTextual()) {
      return template.asText();
    }
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText();
      }
    }
    return null;
  }

  private static @Nullable String token(JsonNode config, JsonNode map, String key) {
    JsonNode node = config.hasNonNull(key) ? config.path(key) : map.path(key);
    String text = node.isObject() ? node.path("content").asText() : node.asText();
    return text.isEmpty() || node.isNull() ? null : text;
  }

  private static JsonNode json(Path file) {
    if (!Files.exists(file)) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " as JSON: take it again from the model");
    }
  }

  /** The tokenizer_config.json that says the same. */
  String toJson() {
    ObjectNode config = JSON.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("clean_up_tokenization_spaces", false);
    config.put("add_bos_token", addsBos);
    put(config, "bos_token", bos);
    put(config, "eos_token", eos);
    put(config, "pad_token", pad);
    put(config, "unk_token", unk);
    put(config, "chat_template", chatTemplate);
    return config.toPrettyString() + "\n";
  }

  private static void put(ObjectNode config, String key, @Nullable String value) {
    if (value != null) {
      config.put(key, value);
    }
  }
}
