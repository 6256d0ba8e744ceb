package io.cria.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.ScoredToken;
import java.util.List;
import java.util.Optional;

/** Answers to {@code /v1/completions}. */
final class CompletionForm implements AnswerForm {
  private static final String OBJECT = "text_completion";

  private final Envelope envelope;

  /** Characters that came before the next token of each choice. */
  private final int[] offsets;

  CompletionForm(Envelope envelope) {
    this.envelope = envelope;
    this.offsets = new int[envelope.question().choices()];
  }

  @Override
  public ObjectNode whole(List<Choice> choices) {
    ObjectNode answer = envelope.around(OBJECT);
    ArrayNode list = answer.withArray("choices");
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      ObjectNode node = list.addObject().put("index", i).put("text", choice.text());
      score(node, i, choice.tokens());
      node.put("finish_reason", choice.finishReason());
    }
    envelope.use(answer, choices);
    return answer;
  }

  @Override
  public Optional<ObjectNode> opening(int choice) {
    return Optional.empty();
  }

  @Override
  public ObjectNode piece(int choice, String more, List<ScoredToken> tokens) {
    ObjectNode event = envelope.event(OBJECT, choice);
    ObjectNode node = (ObjectNode) event.path("choices").path(0);
    node.put("text", more);
    score(node, choice, tokens);
    node.putNull("finish_reason");
    return event;
  }

  @Override
  public ObjectNode closing(int choice, Choice whole) {
    ObjectNode event = envelope.event(OBJECT, choice);
    ObjectNode node = (ObjectNode) event.path("choices").path(0);
    node.put("text", "").putNull("logprobs").put("finish_reason", whole.finishReason());
    return event;
  }

  @Override
  public ObjectNode usage(List<Choice> choices) {
    ObjectNode event = envelope.around(OBJECT);
    envelope.use(event, choices);
    return event;
  }

  private void score(ObjectNode node, int choice, List<ScoredToken> tokens) {
    if (!envelope.question().isScored()) {
      node.putNull("logprobs");
      return;
    }
    ObjectNode logprobs = node.putObject("logprobs");
    ArrayNode texts = logprobs.putArray("tokens");
    ArrayNode scores = logprobs.putArray("token_logprobs");
    ArrayNode likeliest = logprobs.putArray("top_logprobs");
    ArrayNode places = logprobs.putArray("text_offset");
    for (ScoredToken token : tokens) {
      Double logProbability = token.logProbability();
      texts.add(token.token().toString());
      scores.add(logProbability);
      if (logProbability == null) {
        likeliest.addNull();
      } else {
        // the token itself is always among them; of two that read alike the likelier one stays
        ObjectNode each = likeliest.addObject().put(token.token().toString(), logProbability);
        token.likeliest().stream()
            .filter(other -> !each.has(other.token().toString()))
            .forEach(other -> each.put(other.token().toString(), other.logProbability()));
      }
      places.add(offsets[choice]);
      offsets[choice] += token.characters();
    }
  }
}
