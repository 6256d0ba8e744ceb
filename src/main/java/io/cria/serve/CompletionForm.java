package io.cria.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.ScoredToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
    int offset = offsets[choice];
    tokens.forEach(token -> offsets[choice] += token.characters());
    node.putPOJO("logprobs", new LateJson(json -> write(json, tokens, offset)));
  }

  private static void write(JsonGenerator json, List<ScoredToken> tokens, int offset)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("tokens");
    for (ScoredToken token : tokens) {
      json.writeString(token.token().toString());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("token_logprobs");
    for (ScoredToken token : tokens) {
      Double logProbability = token.logProbability();
      if (logProbability == null) {
        json.writeNull();
      } else {
        json.writeNumber(logProbability);
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart("top_logprobs");
    for (ScoredToken token : tokens) {
      writeLikeliest(json, token);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("text_offset");
    int place = offset;
    for (ScoredToken token : tokens) {
      json.writeNumber(place);
      place += token.characters();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** The token itself is always among them; of two that read alike the likelier one stays. */
  private static void writeLikeliest(JsonGenerator json, ScoredToken token) throws IOException {
    Double own = token.logProbability();
    if (own == null) {
      json.writeNull();
      return;
    }
    String name = token.token().toString();
    Set<String> written = new HashSet<>(Set.of(name));
    json.writeStartObject();
    json.writeNumberField(name, own);
    for (ScoredToken.Alternative other : token.likeliest()) {
      String otherName = other.token().toString();
      if (written.add(otherName)) {
        json.writeNumberField(otherName, other.logProbability());
      }
    }
    json.writeEndObject();
  }
}
