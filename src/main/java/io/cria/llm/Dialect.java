package io.cria.llm;

import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a request and its answer look on the wire. Addresses are below a base URL that ends in {@code
 * /v1}.
 */
public enum Dialect {
  /** OpenAI chat completions: messages in, a message out. */
  CHAT("/chat/completions") {
    @Override
    void put(LlmRequest request, Map<String, @Nullable Object> body) {
      if (request.messages().isEmpty()) {
        throw new IllegalArgumentException(
            "the chat dialect asks with messages; request "
                + request.requestKey()
                + " has a prompt");
      }
      body.put("messages", RequestKey.messages(request.messages()));
    }
  },

  /**
   * OpenAI legacy completions (vLLM, llama.cpp, Ollama, Cria's own server): a prompt in, its
   * continuation out.
   */
  COMPLETIONS("/completions") {
    @Override
    void put(LlmRequest request, Map<String, @Nullable Object> body) {
      body.put(
          "prompt",
          Objects.requireNonNull(
              request.prompt(), "the completions dialect asks with a prompt, not with messages"));
    }
  },

  /** OpenAI moderations: texts in, for each what is to be said against it. Nothing is decoded. */
  MODERATIONS("/moderations") {
    @Override
    public byte[] body(LlmRequest request, Capabilities capabilities) {
      Map<String, @Nullable Object> body = new TreeMap<>();
      body.put("model", request.model());
      put(request, body);
      return CanonicalJson.bytes(body);
    }

    @Override
    void put(LlmRequest request, Map<String, @Nullable Object> body) {
      body.put("input", request.messages().stream().map(Message::content).toList());
    }
  };

  /** The dialect a request was planned in, whatever its endpoint speaks now. */
  static Dialect of(LlmRequest request) {
    if (request.messages().isEmpty()) {
      return COMPLETIONS;
    }
    return request.messages().get(0).role().equals(Message.INPUT) ? MODERATIONS : CHAT;
  }

  private final String path;

  Dialect(String path) {
    this.path = path;
  }

  /** The route below the base URL. */
  public String path() {
    return path;
  }

  /** The JSON body for a request, UTF-8: what the server can take of its decoding values. */
  public byte[] body(LlmRequest request, Capabilities capabilities) {
    Map<String, @Nullable Object> body = decoding(request.decoding(), capabilities);
    body.put("model", request.model());
    put(request, body);
    return CanonicalJson.bytes(body);
  }

  private Map<String, @Nullable Object> decoding(Decoding decoding, Capabilities capabilities) {
    Map<String, @Nullable Object> fields = new TreeMap<>(RequestKey.decoding(decoding));
    fields.remove(RequestKey.EXTRA);
    fields.putAll(decoding.extra());
    if (!capabilities.minP()) {
      fields.remove("min_p");
    }
    if (!capabilities.repeatPenalty()) {
      fields.remove("repeat_penalty");
    }
    if (!capabilities.logitBias()) {
      fields.remove("logit_bias");
    }
    if (!capabilities.seed()) {
      fields.remove("seed");
    }
    Double topP = decoding.topP();
    if (!capabilities.zeroTopP() && topP != null && topP == 0) {
      fields.put("temperature", 0);
      fields.put("top_p", 1);
    }
    if (this == CHAT && capabilities.maxCompletionTokens()) {
      Object maxTokens = fields.remove("max_tokens");
      fields.put("max_completion_tokens", Objects.requireNonNull(maxTokens));
    }
    return fields;
  }

  abstract void put(LlmRequest request, Map<String, @Nullable Object> body);
}
