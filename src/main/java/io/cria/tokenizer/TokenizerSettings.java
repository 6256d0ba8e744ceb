package io.cria.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
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
 * @param toolTemplate its chat form for chats with tools, where that is another one
 */
public record TokenizerSettings(
    @Nullable String bos,
    @Nullable String eos,
    @Nullable String pad,
    @Nullable String unk,
    boolean addsBos,
    @Nullable String chatTemplate,
    @Nullable String toolTemplate) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** With one chat form for all. */
  public TokenizerSettings(
      @Nullable String bos,
      @Nullable String eos,
      @Nullable String pad,
      @Nullable String unk,
      boolean addsBos,
      @Nullable String chatTemplate) {
    this(bos, eos, pad, unk, addsBos, chatTemplate, null);
  }

  /** The same with this chat form for all. */
  public TokenizerSettings withChatTemplate(String template) {
    return new TokenizerSettings(bos, eos, pad, unk, addsBos, template, null);
  }

  /** The tokens with a role that the model has, under the names chat templates know them by. */
  public Map<String, String> tokens() {
    Map<String, String> tokens = new TreeMap<>();
    add(tokens, "bos_token", bos);
    add(tokens, "eos_token", eos);
    add(tokens, "pad_token", pad);
    add(tokens, "unk_token", unk);
    return tokens;
  }

  private static void add(Map<String, String> tokens, String role, @Nullable String token) {
    if (token != null) {
      tokens.put(role, token);
    }
  }

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
        chatTemplate(directory.resolve("chat_template.jinja"), config, "default"),
        chatTemplate(
            directory.resolve("additional_chat_templates/tool_use.jinja"), config, "tool_use"));
  }

  /**
   * The same with the begin and the end that only generation_config.json or config.json of the
   * directory give, by id: an end that the model does not stop at would be taught in their place.
   *
   * @param textOf the text of a token by its id, or null
   */
  TokenizerSettings completedBy(Path directory, IntFunction<@Nullable String> textOf) {
    if (bos != null && eos != null) {
      return this;
    }
    JsonNode generation = json(directory.resolve("generation_config.json"));
    JsonNode model = json(directory.resolve("config.json"));
    return new TokenizerSettings(
        bos == null ? byId(generation, model, "bos_token_id", textOf) : bos,
        eos == null ? byId(generation, model, "eos_token_id", textOf) : eos,
        pad,
        unk,
        addsBos,
        chatTemplate,
        toolTemplate);
  }

  private static @Nullable String byId(
      JsonNode generation, JsonNode model, String key, IntFunction<@Nullable String> textOf) {
    JsonNode node = generation.hasNonNull(key) ? generation.path(key) : model.path(key);
    JsonNode id = node.isArray() ? node.path(0) : node;
    return id.isIntegralNumber() ? textOf.apply(id.asInt()) : null;
  }

  /** A file of its own comes before what tokenizer_config.json says. */
  private static @Nullable String chatTemplate(Path file, JsonNode config, String name) {
    if (Files.exists(file)) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw CriaException.badInput("cannot read " + file + ": it must be UTF-8 text");
      }
    }
    JsonNode template = config.path("chat_template");
    if (template.isTextual()) {
      return name.equals("default") ? template.asText() : null;
    }
    if (template.isMissingNode() || template.isNull()) {
      return null;
    }
    Map<String, String> named = named(template);
    if (!named.containsKey("default")) {
      throw CriaException.badInput(
          file.resolveSibling("tokenizer_config.json")
              + ": chat_template is neither a text nor a list of templates with one named default:"
              + " give a chat_template.jinja");
    }
    return named.get(name);
  }

  /** A list of names and templates, or templates by name; empty where it is neither. */
  private static Map<String, String> named(JsonNode template) {
    Map<String, String> named = new TreeMap<>();
    if (template.isObject()) {
      template
          .properties()
          .forEach(
              entry -> {
                if (entry.getValue().isTextual()) {
                  named.put(entry.getKey(), entry.getValue().asText());
                }
              });
    }
    for (JsonNode each : template.isArray() ? template : JSON.createArrayNode()) {
      if (each.path("name").isTextual() && each.path("template").isTextual()) {
        named.put(each.path("name").asText(), each.path("template").asText());
      }
    }
    return named;
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
    if (toolTemplate == null) {
      put(config, "chat_template", chatTemplate);
    } else {
      ArrayNode named = config.putArray("chat_template");
      if (chatTemplate != null) {
        named.addObject().put("name", "default").put("template", chatTemplate);
      }
      named.addObject().put("name", "tool_use").put("template", toolTemplate);
    }
    return config.toPrettyString() + "\n";
  }

  private static void put(ObjectNode config, String key, @Nullable String value) {
    if (value != null) {
      config.put(key, value);
    }
  }
}
