package io.cria.serve;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for, read strictly: a value out of its range, or a feature that would change
 * the answer and is not served, is refused with the name of the parameter. Parameters that change
 * nothing here ({@code user}, …) are left alone.
 *
 * @param prompt the text to go on from; empty in a chat
 * @param messages the chat; empty for a completion
 */
record ApiRequest(String prompt, List<Message> messages, Decoding decoding) {
  /** OpenAI's default for completions. */
  static final int COMPLETION_TOKENS = 16;

  /** Default for a chat, in a context that has room for it. */
  static final int CHAT_TOKENS = 512;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Set<String> ROLES = Set.of(Message.SYSTEM, Message.USER, Message.ASSISTANT);
  private static final int MOST_STOPS = 16;

  /**
   * Reads a request's body.
   *
   * @param chat whether it came to the chat route
   * @throws ApiException saying which parameter cannot be served and why
   */
  static ApiRequest read(byte[] body, boolean chat, String modelName, int contextLength) {
    JsonNode root = parse(body);
    requireModel(root, modelName);
    requireOnly(root, "n", 1);
    requireOnly(root, "best_of", 1);
    refuse(root, "stream", "answers come whole: leave stream out or set it to false");
    refuse(root, "echo", "the prompt is never part of the answer: set echo to false");
    refuse(root, "logprobs", "log probabilities are not served: leave logprobs out");
    refuse(root, "suffix", "text after the answer is not served: leave suffix out");
    refuse(root, "tools", "tools are not served: leave tools out");
    JsonNode format = root.path("response_format").path("type");
    if (!format.isMissingNode() && !format.asText().equals("text")) {
      throw ApiException.invalid(
          "response_format", "answers are plain text: leave response_format out");
    }
    int defaultTokens =
        chat ? Math.max(1, Math.min(CHAT_TOKENS, contextLength / 2)) : COMPLETION_TOKENS;
    Decoding decoding = decoding(root, defaultTokens);
    return chat
        ? new ApiRequest("", messages(root), decoding)
        : new ApiRequest(prompt(root), List.of(), decoding);
  }

  boolean isChat() {
    return !messages.isEmpty();
  }

  private static JsonNode parse(byte[] body) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new ApiException(
          400, ApiException.INVALID, "the body is not JSON" + where, null, "invalid_json");
    } catch (IOException e) {
      throw new ApiException(
          400, ApiException.INVALID, "the body is not UTF-8 JSON", null, "invalid_json");
    }
    if (root == null || !root.isObject()) {
      throw new ApiException(
          400, ApiException.INVALID, "the body must be a JSON object", null, "invalid_json");
    }
    return root;
  }

  private static void requireModel(JsonNode root, String modelName) {
    JsonNode model = root.path("model");
    if (!isGiven(model) || model.asText().equals(modelName)) {
      return;
    }
    throw new ApiException(
        404,
        ApiException.INVALID,
        "the model '" + model.asText() + "' is not served here; '" + modelName + "' is",
        "model",
        "model_not_found");
  }

  private static void requireOnly(JsonNode root, String name, int only) {
    JsonNode value = root.path(name);
    if (isGiven(value) && !(value.isIntegralNumber() && value.asLong() == only)) {
      throw ApiException.invalid(
          name,
          "only "
              + name
              + " = "
              + only
              + " is served, not "
              + value
              + ": send more requests instead");
    }
  }

  private static void refuse(JsonNode root, String name, String message) {
    JsonNode value = root.path(name);
    boolean isFalse = value.isBoolean() && !value.asBoolean();
    boolean isOff = !isGiven(value) || isFalse || (value.isArray() && value.isEmpty());
    if (!isOff) {
      throw ApiException.invalid(name, message);
    }
  }

  private static Decoding decoding(JsonNode root, int defaultTokens) {
    Integer newer = tokens(root, "max_completion_tokens");
    Integer older = tokens(root, "max_tokens");
    int maxTokens = newer != null ? newer : older != null ? older : defaultTokens;
    return new Decoding(
        maxTokens,
        number(root, "temperature", 0, 2),
        number(root, "top_p", 0, 1),
        number(root, "min_p", 0, 1),
        number(root, "presence_penalty", -2, 2),
        number(root, "frequency_penalty", -2, 2),
        number(root, "repeat_penalty", Float.MIN_NORMAL, 10),
        stops(root),
        logitBias(root),
        seed(root));
  }

  private static @Nullable Integer tokens(JsonNode root, String name) {
    JsonNode value = root.path(name);
    if (!isGiven(value)) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 1) {
      throw ApiException.invalid(
          name, name + " must be a whole number of at least 1, not " + value);
    }
    return value.asInt();
  }

  private static @Nullable Double number(JsonNode root, String name, double least, double most) {
    JsonNode value = root.path(name);
    if (!isGiven(value)) {
      return null;
    }
    if (!value.isNumber() || !(value.asDouble() >= least && value.asDouble() <= most)) {
      String range =
          least == Float.MIN_NORMAL ? "above 0, at most " + most : "from " + least + " to " + most;
      throw ApiException.invalid(name, name + " must be a number " + range + ", not " + value);
    }
    return value.asDouble();
  }

  private static @Nullable Long seed(JsonNode root) {
    JsonNode value = root.path("seed");
    if (!isGiven(value)) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw ApiException.invalid("seed", "seed must be a whole number of 64 bits, not " + value);
    }
    return value.asLong();
  }

  private static List<String> stops(JsonNode root) {
    JsonNode value = root.path("stop");
    List<String> stops = new ArrayList<>();
    if (isGiven(value)) {
      for (JsonNode item : value.isArray() ? value : List.of(value)) {
        if (!item.isTextual() || item.asText().isEmpty()) {
          throw ApiException.invalid("stop", "stop must be a text or a list of texts, none empty");
        }
        stops.add(item.asText());
      }
    }
    if (stops.size() > MOST_STOPS) {
      throw ApiException.invalid(
          "stop", "at most " + MOST_STOPS + " stop texts are served, not " + stops.size());
    }
    return stops;
  }

  private static Map<String, Integer> logitBias(JsonNode root) {
    JsonNode value = root.path("logit_bias");
    Map<String, Integer> biases = new LinkedHashMap<>();
    if (isGiven(value)) {
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        JsonNode bias = entry.getValue();
        boolean isToken = entry.getKey().matches("[0-9]{1,7}");
        if (!isToken || !bias.isIntegralNumber() || Math.abs(bias.asLong()) > 100) {
          throw ApiException.invalid(
              "logit_bias", "logit_bias must map token ids to whole numbers from -100 to 100");
        }
        biases.put(entry.getKey(), bias.asInt());
      }
      if (!value.isObject()) {
        throw ApiException.invalid("logit_bias", "logit_bias must be an object of token ids");
      }
    }
    return biases;
  }

  private static String prompt(JsonNode root) {
    JsonNode value = root.path("prompt");
    if (value.isArray() && value.size() == 1) {
      value = value.get(0);
    }
    if (!value.isTextual()) {
      throw ApiException.invalid(
          "prompt", "prompt must be one text; send a request for each prompt");
    }
    if (value.asText().isEmpty()) {
      throw ApiException.invalid("prompt", "prompt is empty: give the text to go on from");
    }
    return value.asText();
  }

  private static List<Message> messages(JsonNode root) {
    JsonNode value = root.path("messages");
    if (!value.isArray() || value.isEmpty()) {
      throw ApiException.invalid("messages", "messages must be a list of at least one message");
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode item : value) {
      String at = "messages[" + messages.size() + "]";
      String given = item.path("role").asText();
      String role = given.equals("developer") ? Message.SYSTEM : given;
      if (!ROLES.contains(role)) {
        throw ApiException.invalid(
            at + ".role", "a role must be system, user or assistant, not '" + given + "'");
      }
      messages.add(new Message(role, content(item.path("content"), at + ".content")));
    }
    return messages;
  }

  private static String content(JsonNode content, String at) {
    if (content.isTextual()) {
      return content.asText();
    }
    if (!content.isArray() || content.isEmpty()) {
      throw ApiException.invalid(at, "a message's content must be text");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
        throw ApiException.invalid(at, "only parts of type text are served");
      }
      text.append(part.path("text").asText());
    }
    return text.toString();
  }

  private static boolean isGiven(JsonNode value) {
    return !value.isMissingNode() && !value.isNull();
  }
}
