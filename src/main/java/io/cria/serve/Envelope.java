package io.cria.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.Question;
import java.util.List;

/**
 * What stands around the choices of every answer and of every event of one.
 *
 * @param id of the whole answer
 * @param created seconds since 1970
 * @param usageInStream whether events say that the tokens used are yet to come
 */
record Envelope(String id, long created, String model, Question question, boolean usageInStream) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** With an empty list of choices. */
  ObjectNode around(String object) {
    ObjectNode answer = JSON.createObjectNode();
    answer.put("id", id);
    answer.put("object", object);
    answer.put("created", created);
    answer.put("model", model);
    answer.putArray("choices");
    return answer;
  }

  /** An event with one choice, to be filled. */
  ObjectNode event(String object, int choice) {
    ObjectNode event = around(object);
    event.withArray("choices").addObject().put("index", choice);
    if (usageInStream) {
      event.putNull("usage");
    }
    return event;
  }

  /** Adds the tokens used; each prompt counts once, however many answers it has. */
  void use(ObjectNode answer, List<Choice> choices) {
    int prompts = 0;
    int answers = 0;
    for (int i = 0; i < choices.size(); i++) {
      prompts += i % question.samples() == 0 ? choices.get(i).promptTokens() : 0;
      answers += choices.get(i).completionTokens();
    }
    answer
        .putObject("usage")
        .put("prompt_tokens", prompts)
        .put("completion_tokens", answers)
        .put("total_tokens", prompts + answers);
  }
}
