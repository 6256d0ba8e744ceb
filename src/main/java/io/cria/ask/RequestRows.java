package io.cria.ask;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.llm.LlmRequest;
import io.cria.llm.RequestKey;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Planned requests to rows of {@link Line#REQUESTS} and back. */
public final class RequestRows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, Object>> EXTRA = new TypeReference<>() {};

  private static final StructType FILE = Line.REQUESTS.fileColumns();

  private RequestRows() {}

  /** A row for a file of the table: without stage and round. */
  public static Row of(PlannedRequest planned) {
    LlmRequest r = planned.request();
    Subject s = planned.subject();
    return Rows.row(
        FILE,
        r.requestKey(),
        r.row(),
        r.sample(),
        planned.contentKey(),
        r.model(),
        r.prompt(),
        r.messages().isEmpty() ? null : Rows.of(r.messages()),
        planned.demonstrations().toArray(String[]::new),
        planned.openNumber(),
        json(r.decoding()),
        s == null ? null : s.candidateId(),
        s == null ? -1 : s.item(),
        s == null ? -1 : s.row(),
        s == null ? null : s.instruction(),
        s == null ? null : s.isClassification());
  }

  /**
   * From a record of such a file.
   *
   * @param stage the directory it lies in
   * @param round likewise
   */
  static PlannedRequest planned(Group group, String stage, int round) {
    LlmRequest request =
        new LlmRequest(
            group.getString("request_key", 0),
            stage,
            round,
            group.getInteger("row", 0),
            group.getInteger("sample", 0),
            group.getString("model", 0),
            text(group, "prompt"),
            messages(group),
            decoding(group.getString("decoding", 0)));
    List<String> demonstrations = new ArrayList<>();
    for (Group element : elements(group, "demonstrations")) {
      demonstrations.add(element.getString(0, 0));
    }
    return new PlannedRequest(
        request,
        group.getString("content_key", 0),
        demonstrations,
        group.getInteger("open_number", 0),
        subject(group, round));
  }

  private static @Nullable String text(Group group, String field) {
    return group.getFieldRepetitionCount(field) == 0 ? null : group.getString(field, 0);
  }

  private static List<Message> messages(Group group) {
    List<Message> messages = new ArrayList<>();
    for (Group element : elements(group, "messages")) {
      Group message = element.getGroup(0, 0);
      messages.add(new Message(message.getString("role", 0), message.getString("content", 0)));
    }
    return messages;
  }

  private static List<Group> elements(Group group, String field) {
    List<Group> elements = new ArrayList<>();
    if (group.getFieldRepetitionCount(field) > 0) {
      Group list = group.getGroup(field, 0);
      for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
        elements.add(list.getGroup(0, i));
      }
    }
    return elements;
  }

  private static @Nullable Subject subject(Group group, int round) {
    String id = text(group, "subject_id");
    if (id == null) {
      return null;
    }
    boolean isClassed = group.getFieldRepetitionCount("subject_is_classification") > 0;
    return new Subject(
        id,
        round,
        group.getInteger("subject_row", 0),
        group.getInteger("subject_item", 0),
        Objects.requireNonNull(text(group, "subject_instruction"), "subject_instruction"),
        isClassed ? group.getBoolean("subject_is_classification", 0) : null);
  }

  /** The decoding by its wire names, as it enters the request key. */
  static String json(Decoding decoding) {
    try {
      return JSON.writeValueAsString(RequestKey.decoding(decoding));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a decoding is always JSON", e);
    }
  }

  /** From the column {@code decoding}. */
  public static Decoding decoding(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      List<String> stop = new ArrayList<>();
      node.path("stop").forEach(text -> stop.add(text.textValue()));
      Map<String, Integer> bias = new TreeMap<>();
      node.path("logit_bias")
          .properties()
          .forEach(e -> bias.put(e.getKey(), e.getValue().intValue()));
      return new Decoding(
          node.required("max_tokens").intValue(),
          number(node, "temperature"),
          number(node, "top_p"),
          number(node, "min_p"),
          number(node, "presence_penalty"),
          number(node, "frequency_penalty"),
          number(node, "repeat_penalty"),
          stop,
          bias,
          node.has("seed") ? Long.valueOf(node.get("seed").longValue()) : null,
          node.has("extra") ? JSON.convertValue(node.get("extra"), EXTRA) : Map.of());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the requests table has a decoding that is no JSON: " + json, e);
    }
  }

  private static @Nullable Double number(JsonNode node, String name) {
    return node.has(name) ? Double.valueOf(node.get(name).doubleValue()) : null;
  }
}
