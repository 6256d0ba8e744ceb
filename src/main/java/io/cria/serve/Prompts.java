package io.cria.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.decoding.Prompt;
import java.util.ArrayList;
import java.util.List;

/** The {@code prompt} of a completion: a text, token ids, or a list of either. */
final class Prompts {
  private static final String NAME = "prompt";

  private Prompts() {}

  static List<Prompt> of(Fields fields) {
    JsonNode value = fields.get(NAME);
    if (!value.isArray()) {
      return List.of(text(value));
    }
    if (value.isEmpty()) {
      throw empty();
    }
    if (value.get(0).isNumber()) {
      return List.of(ids(value));
    }
    List<Prompt> prompts = new ArrayList<>();
    for (JsonNode each : value) {
      prompts.add(each.isArray() ? ids(each) : text(each));
    }
    return prompts;
  }

  private static Prompt text(JsonNode value) {
    if (!value.isTextual()) {
      throw ApiException.invalid(
          NAME, "a prompt is a text or a list of token ids; prompt is one or a list of them");
    }
    if (value.asText().isEmpty()) {
      throw empty();
    }
    return new Prompt.Text(value.asText());
  }

  private static Prompt ids(JsonNode value) {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode each : value) {
      if (!each.isIntegralNumber() || !each.canConvertToInt() || each.asInt() < 0) {
        throw ApiException.invalid(NAME, "a token id is a whole number from 0, not " + each);
      }
      ids.add(each.asInt());
    }
    if (ids.isEmpty()) {
      throw empty();
    }
    return new Prompt.Ids(ids);
  }

  private static ApiException empty() {
    return ApiException.invalid(NAME, "prompt is empty: give the text to go on from");
  }
}
