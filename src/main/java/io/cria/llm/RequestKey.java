package io.cria.llm;

import io.cria.task.Decoding;
import io.cria.task.Ids;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The name of a request by its content: lower-case hexadecimal SHA-256 of the UTF-8 bytes of
 *
 * <pre>
 * {@code {"decoding":{…},"messages":[{"content":"…","role":"…"},…],"model":"…","sample":0,"v":1}}
 * </pre>
 *
 * or, for a raw prompt, with {@code "prompt":"…"} in place of {@code messages} (in its sorted
 * place, after {@code model}); spelled as {@link CanonicalJson} says. {@code decoding} has the
 * members {@code extra, frequency_penalty, logit_bias, max_tokens, min_p, presence_penalty,
 * repeat_penalty, seed, stop, temperature, top_p}; what is null, an empty stop list, an empty bias
 * and an empty {@code extra} (an object of the provider's own fields) are left out. Values are
 * those of the recipe, not what a server's capabilities made of them; no address, secret, round or
 * row enters.
 */
public final class RequestKey {
  /** Version of the canonical form, member {@code v}. */
  public static final int VERSION = 1;

  /** The member of {@code decoding} that holds the provider's own fields. */
  static final String EXTRA = "extra";

  private RequestKey() {}

  /**
   * @param prompt the raw prompt, or null where {@code messages} are given
   * @param messages the chat, empty where {@code prompt} is given
   * @param sample 0 for the first request with this content in the run's request order, 1 for the
   *     second …
   */
  public static String of(
      String model,
      @Nullable String prompt,
      List<Message> messages,
      Decoding decoding,
      int sample) {
    Map<String, Object> form = content(model, prompt, messages, decoding);
    form.put("sample", sample);
    return Ids.sha256(CanonicalJson.bytes(form));
  }

  /**
   * The name of the content alone: the same form without {@code sample}. Equal for all samples of
   * one content.
   */
  public static String contentKey(
      String model, @Nullable String prompt, List<Message> messages, Decoding decoding) {
    return Ids.sha256(CanonicalJson.bytes(content(model, prompt, messages, decoding)));
  }

  /** The members of {@code decoding} by their wire names, without those that are not set. */
  public static Map<String, Object> decoding(Decoding decoding) {
    Map<String, Object> map = new TreeMap<>();
    map.put("max_tokens", decoding.maxTokens());
    putIfSet(map, "temperature", decoding.temperature());
    putIfSet(map, "top_p", decoding.topP());
    putIfSet(map, "min_p", decoding.minP());
    putIfSet(map, "presence_penalty", decoding.presencePenalty());
    putIfSet(map, "frequency_penalty", decoding.frequencyPenalty());
    putIfSet(map, "repeat_penalty", decoding.repeatPenalty());
    putIfSet(map, "seed", decoding.seed());
    if (!decoding.stop().isEmpty()) {
      map.put("stop", decoding.stop());
    }
    if (!decoding.logitBias().isEmpty()) {
      map.put("logit_bias", decoding.logitBias());
    }
    if (!decoding.extra().isEmpty()) {
      map.put(EXTRA, decoding.extra());
    }
    return map;
  }

  static List<Object> messages(List<Message> messages) {
    List<Object> list = new ArrayList<>();
    for (Message message : messages) {
      list.add(Map.of("role", message.role(), "content", message.content()));
    }
    return list;
  }

  private static Map<String, Object> content(
      String model, @Nullable String prompt, List<Message> messages, Decoding decoding) {
    if ((prompt == null) == messages.isEmpty()) {
      throw new IllegalArgumentException("a request has either a prompt or messages");
    }
    Map<String, Object> form = new TreeMap<>();
    form.put("v", VERSION);
    form.put("model", model);
    if (prompt != null) {
      form.put("prompt", prompt);
    } else {
      form.put("messages", messages(messages));
    }
    form.put("decoding", decoding(decoding));
    return form;
  }

  private static void putIfSet(Map<String, Object> map, String name, @Nullable Object value) {
    if (value != null) {
      map.put(name, value);
    }
  }
}
