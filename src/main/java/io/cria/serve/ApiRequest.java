package io.cria.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.decoding.grammar.Grammar;
import io.cria.task.Decoding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for, read strictly: a value out of its range, or a feature that would change
 * the answer and is not served, is refused with the name of the parameter.
 *
 * @param stream whether the answer is wanted while it is written
 * @param usageInStream whether its last event is to tell the tokens used
 * @param mostCalls how many tools an answer may call
 * @param unknown names of parameters that mean nothing here
 */
record ApiRequest(
    Question question, boolean stream, boolean usageInStream, int mostCalls, List<String> unknown) {
  /** OpenAI's default for completions. */
  static final int COMPLETION_TOKENS = 16;

  /** Default for a chat, in a context that has room for it. */
  static final int CHAT_TOKENS = 512;

  static final int MOST_CHOICES = 128;
  private static final int MOST_LIKELIEST = 20;
  private static final int MOST_STOPS = 16;
  private static final int TO_THE_END = -1;

  /** OpenAI's parameters that have no bearing on what a model writes. */
  private static final Set<String> HARMLESS =
      Set.of(
          "user",
          "store",
          "metadata",
          "service_tier",
          "prompt_cache_key",
          "prompt_cache_retention",
          "safety_identifier");

  /** How many tokens an answer may have. */
  private record Limit(int tokens, boolean fitted, boolean none) {}

  /**
   * Reads a request's body.
   *
   * @param chat whether it came to the chat route
   * @throws ApiException saying which parameter cannot be served and why
   */
  static ApiRequest read(byte[] body, boolean chat, Backend backend) {
    Fields fields = Fields.of(body);
    requireModel(fields, backend.modelName());
    refuseForeign(fields, chat);
    int samples = samples(fields);
    int scored = chat ? scoredOfChat(fields) : scoredOfText(fields);
    boolean echoed = !chat && fields.flag("echo");
    Grammar grammar = ResponseFormat.grammar(fields);
    Limit limit = limit(fields, chat, echoed, backend.contextLength());
    Decoding decoding = decoding(fields, limit.tokens, grammar != null);
    List<Prompt> prompts = chat ? List.of(Messages.chat(fields, backend)) : Prompts.of(fields);
    if (grammar != null && calls(prompts)) {
      throw ApiException.invalid(
          "response_format", "a format leaves no place for calls: leave it or tools out");
    }
    if (prompts.size() * (long) samples > MOST_CHOICES) {
      throw ApiException.invalid(
          samples > 1 ? "n" : "prompt",
          "at most " + MOST_CHOICES + " answers are served a request: send more requests");
    }
    require(backend, Feature.ECHO, echoed);
    require(backend, Feature.LOGPROBS, scored >= 0);
    require(backend, Feature.TOKEN_IDS, prompts.stream().anyMatch(Prompt.Ids.class::isInstance));
    boolean stream = fields.flag("stream");
    boolean usage = usageInStream(fields);
    int mostCalls = chat ? mostCalls(fields, prompts) : 0;
    fields.pass(HARMLESS);
    return new ApiRequest(
        new Question(prompts, samples, decoding, limit.fitted, echoed, limit.none, scored, grammar),
        stream,
        usage,
        mostCalls,
        fields.unknown());
  }

  /** Whether answers may call tools. */
  boolean mayCall() {
    return mostCalls > 0;
  }

  private static boolean usageInStream(Fields fields) {
    JsonNode options = fields.get("stream_options");
    JsonNode usage = options.path("include_usage");
    if ((!options.isMissingNode() && !options.isObject())
        || !(usage.isMissingNode() || usage.isNull() || usage.isBoolean())) {
      throw ApiException.invalid(
          "stream_options", "stream_options must be an object, its include_usage true or false");
    }
    fields.tellUnknown("stream_options", options, Set.of("include_usage"));
    return usage.asBoolean();
  }

  private static int mostCalls(Fields fields, List<Prompt> prompts) {
    String name = "parallel_tool_calls";
    boolean several = fields.flag(name) || fields.get(name).isMissingNode();
    return !calls(prompts) ? 0 : several ? Integer.MAX_VALUE : 1;
  }

  private static boolean calls(List<Prompt> prompts) {
    return prompts.get(0) instanceof Prompt.Chat chat && !chat.conversation().tools().isEmpty();
  }

  static void require(Backend backend, Feature feature, boolean wanted) {
    if (wanted) {
      backend
          .refusal(feature)
          .ifPresent(
              why -> {
                throw ApiException.invalid(feature.parameter(), why);
              });
    }
  }

  private static void requireModel(Fields fields, String modelName) {
    JsonNode model = fields.get("model");
    if (!model.isMissingNode() && !model.asText().equals(modelName)) {
      throw unknownModel(model.asText(), modelName);
    }
  }

  static ApiException unknownModel(String name, String modelName) {
    return new ApiException(
        404,
        "the model '" + name + "' is not served here; '" + modelName + "' is",
        "model",
        "model_not_found");
  }

  /** What OpenAI's interface has, changes the answer, and is served by neither backend. */
  private static void refuseForeign(Fields fields, boolean chat) {
    if (chat) {
      fields.refuse("functions", "functions are not served: give tools");
      fields.refuse("function_call", "functions are not served: give tools");
      fields.refuse("audio", "answers are text: leave audio out");
      JsonNode modalities = fields.get("modalities");
      boolean isText = modalities.isMissingNode() || modalities.isArray();
      for (JsonNode each : modalities) {
        isText &= each.asText().equals("text");
      }
      if (!isText) {
        throw ApiException.invalid("modalities", "answers are text: leave modalities out");
      }
    } else {
      fields.refuse("suffix", "text after the answer is not served: leave suffix out");
    }
  }

  private static int samples(Fields fields) {
    Integer given = fields.whole("n", 1, MOST_CHOICES);
    int samples = given == null ? 1 : given;
    Integer best = fields.whole("best_of", 1, MOST_CHOICES);
    if (best != null && best != samples) {
      throw ApiException.invalid(
          "best_of", "answers are not chosen among more: leave best_of out, or ask for n of them");
    }
    return samples;
  }

  private static int scoredOfText(Fields fields) {
    JsonNode value = fields.get("logprobs");
    if (value.isBoolean() && !value.asBoolean()) {
      return Question.UNSCORED;
    }
    Integer likeliest = fields.whole("logprobs", 0, MOST_LIKELIEST);
    return likeliest == null ? Question.UNSCORED : likeliest;
  }

  private static int scoredOfChat(Fields fields) {
    Integer likeliest = fields.whole("top_logprobs", 0, MOST_LIKELIEST);
    if (fields.flag("logprobs")) {
      return likeliest == null ? 0 : likeliest;
    }
    if (likeliest != null && likeliest > 0) {
      throw ApiException.invalid("top_logprobs", "top_logprobs needs logprobs: set it to true");
    }
    return Question.UNSCORED;
  }

  private static Limit limit(Fields fields, boolean chat, boolean echoed, int contextLength) {
    String name =
        fields.get("max_completion_tokens").isMissingNode()
            ? "max_tokens"
            : "max_completion_tokens";
    JsonNode value = fields.get(name);
    boolean unused = fields.get("max_tokens").isMissingNode();
    if (value.isMissingNode()) {
      int tokens = Math.max(1, Math.min(CHAT_TOKENS, contextLength / 2));
      return new Limit(chat ? tokens : COMPLETION_TOKENS, true, false);
    }
    if (value.isIntegralNumber() && value.canConvertToInt()) {
      int tokens = value.asInt();
      if (tokens == TO_THE_END) {
        return new Limit(contextLength, true, false);
      }
      if (tokens == 0 && echoed) {
        return new Limit(1, true, true);
      }
      if (tokens >= 1) {
        return new Limit(tokens, false, false);
      }
    }
    throw ApiException.invalid(
        name,
        name
            + " must be a whole number of at least 1, or -1 for all that the context has room for,"
            + " not "
            + value);
  }

  private static Decoding decoding(Fields fields, int maxTokens, boolean constrained) {
    List<String> stops = stops(fields);
    if (constrained && !stops.isEmpty()) {
      throw ApiException.invalid(
          "stop", "a stop text may cut the JSON: leave stop or response_format out");
    }
    return new Decoding(
        maxTokens,
        fields.number("temperature", 0, 2),
        fields.number("top_p", 0, 1),
        fields.number("min_p", 0, 1),
        fields.number("presence_penalty", -2, 2),
        fields.number("frequency_penalty", -2, 2),
        fields.number("repeat_penalty", Float.MIN_NORMAL, 10),
        stops,
        logitBias(fields),
        seed(fields));
  }

  private static @Nullable Long seed(Fields fields) {
    JsonNode value = fields.get("seed");
    if (value.isMissingNode()) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw ApiException.invalid("seed", "seed must be a whole number of 64 bits, not " + value);
    }
    return value.asLong();
  }

  private static List<String> stops(Fields fields) {
    JsonNode value = fields.get("stop");
    List<String> stops = new ArrayList<>();
    if (!value.isMissingNode()) {
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

  private static Map<String, Integer> logitBias(Fields fields) {
    JsonNode value = fields.get("logit_bias");
    Map<String, Integer> biases = new LinkedHashMap<>();
    if (!value.isMissingNode() && !value.isObject()) {
      throw ApiException.invalid("logit_bias", "logit_bias must be an object of token ids");
    }
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      JsonNode bias = entry.getValue();
      boolean isToken = entry.getKey().matches("[0-9]{1,7}");
      if (!isToken || !bias.isIntegralNumber() || Math.abs(bias.asLong()) > 100) {
        throw ApiException.invalid(
            "logit_bias", "logit_bias must map token ids to whole numbers from -100 to 100");
      }
      biases.put(entry.getKey(), bias.asInt());
    }
    return biases;
  }
}
