package io.cria.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.ScoredToken;
import io.cria.task.Message;
import io.cria.task.TokenText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Answers to {@code /v1/chat/completions}. */
final class ChatForm implements AnswerForm {
  private static final String CHUNK = "chat.completion.chunk";

  private final Envelope envelope;
  private final int mostCalls;
  private final Supplier<UUID> ids;

  /**
   * @param mostCalls how many tools an answer may call: what it calls beyond is left out
   * @param ids of calls
   */
  ChatForm(Envelope envelope, int mostCalls, Supplier<UUID> ids) {
    this.envelope = envelope;
    this.mostCalls = mostCalls;
    this.ids = ids;
  }

  @Override
  public ObjectNode whole(List<Choice> choices) {
    ObjectNode answer = envelope.around("chat.completion");
    ArrayNode list = answer.withArray("choices");
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      ObjectNode node = list.addObject().put("index", i);
      ObjectNode message = node.putObject("message").put("role", Message.ASSISTANT);
      CalledTools called = called(choice);
      message.put("content", called.content());
      if (!called.calls().isEmpty()) {
        ArrayNode calls = message.putArray("tool_calls");
        called.calls().forEach(call -> put(calls.addObject(), call));
      }
      score(node, choice.tokens());
      node.put("finish_reason", called.finishReason(choice));
    }
    envelope.use(answer, choices);
    return answer;
  }

  @Override
  public Optional<ObjectNode> opening(int choice) {
    ObjectNode event = envelope.event(CHUNK, choice);
    ObjectNode node = only(event);
    node.putObject("delta").put("role", Message.ASSISTANT).put("content", "");
    node.putNull("logprobs").putNull("finish_reason");
    return Optional.of(event);
  }

  @Override
  public ObjectNode piece(int choice, String more, List<ScoredToken> tokens) {
    ObjectNode event = envelope.event(CHUNK, choice);
    ObjectNode node = only(event);
    node.putObject("delta").put("content", more);
    score(node, tokens);
    node.putNull("finish_reason");
    return event;
  }

  @Override
  public List<ObjectNode> pieces(int choice, Choice whole) {
    CalledTools called = called(whole);
    String content = called.content();
    List<ObjectNode> events = new ArrayList<>();
    if (content != null || !whole.tokens().isEmpty()) {
      events.add(piece(choice, content == null ? "" : content, whole.tokens()));
    }
    for (int i = 0; i < called.calls().size(); i++) {
      ObjectNode event = envelope.event(CHUNK, choice);
      ObjectNode node = only(event);
      ArrayNode calls = node.putObject("delta").putArray("tool_calls");
      put(calls.addObject().put("index", i), called.calls().get(i));
      node.putNull("logprobs").putNull("finish_reason");
      events.add(event);
    }
    return events;
  }

  @Override
  public ObjectNode closing(int choice, Choice whole) {
    ObjectNode event = envelope.event(CHUNK, choice);
    ObjectNode node = only(event);
    node.putObject("delta");
    node.putNull("logprobs").put("finish_reason", called(whole).finishReason(whole));
    return event;
  }

  @Override
  public ObjectNode usage(List<Choice> choices) {
    ObjectNode event = envelope.around(CHUNK);
    envelope.use(event, choices);
    return event;
  }

  private CalledTools called(Choice choice) {
    return mostCalls > 0
        ? CalledTools.of(choice.text()).first(mostCalls)
        : new CalledTools(choice.text(), List.of());
  }

  private void put(ObjectNode entry, CalledTools.Call call) {
    entry.put("id", "call_" + ids.get()).put("type", "function");
    entry.putObject("function").put("name", call.name()).put("arguments", call.arguments());
  }

  private static ObjectNode only(ObjectNode event) {
    return (ObjectNode) event.path("choices").path(0);
  }

  private void score(ObjectNode node, List<ScoredToken> tokens) {
    if (!envelope.question().isScored()) {
      node.putNull("logprobs");
      return;
    }
    node.putPOJO("logprobs", new LateJson(json -> write(json, tokens)));
  }

  private static void write(JsonGenerator json, List<ScoredToken> tokens) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("content");
    for (ScoredToken token : tokens) {
      Double logProbability = token.logProbability();
      json.writeStartObject();
      write(json, token.token(), logProbability == null ? 0 : logProbability);
      json.writeArrayFieldStart("top_logprobs");
      for (ScoredToken.Alternative each : token.likeliest()) {
        json.writeStartObject();
        write(json, each.token(), each.logProbability());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, TokenText token, double logProbability)
      throws IOException {
    json.writeStringField("token", token.toString());
    json.writeNumberField("logprob", logProbability);
    json.writeArrayFieldStart("bytes");
    for (int i = 0; i < token.length(); i++) {
      json.writeNumber(token.at(i));
    }
    json.writeEndArray();
  }
}
