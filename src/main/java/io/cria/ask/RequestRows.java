package io.cria.ask;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.llm.LlmRequest;
import io.cria.llm.RequestKey;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/** Planned requests to rows of {@link Schemas#REQUESTS} and back. */
public final class RequestRows {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RequestRows() {}

  public static Row of(PlannedRequest planned) {
    LlmRequest r = planned.request();
    Subject s = planned.subject();
    return RowFactory.create(
        r.requestKey(),
        r.stage(),
        r.round(),
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

  public static PlannedRequest planned(Row row) {
    String prompt = row.getAs("prompt");
    List<Message> messages = Rows.messages(row);
    LlmRequest request =
        new LlmRequest(
            row.getAs("request_key"),
            row.getAs("stage"),
            row.<Integer>getAs("round"),
            row.<Integer>getAs("row"),
            row.<Integer>getAs("sample"),
            row.getAs("model"),
            prompt,
            messages,
            decoding(row.getAs("decoding")));
    return new PlannedRequest(
        request,
        row.getAs("content_key"),
        row.getList(row.fieldIndex("demonstrations")),
        row.<Integer>getAs("open_number"),
        subject(row));
  }

  private static @Nullable Subject subject(Row row) {
    String id = row.getAs("subject_id");
    if (id == null) {
      return null;
    }
    Boolean isClassification = row.getAs("subject_is_classification");
    return new Subject(
        id,
        row.<Integer>getAs("round"),
        row.<Integer>getAs("subject_row"),
        row.<Integer>getAs("subject_item"),
        row.getAs("subject_instruction"),
        isClassification);
  }

  /** The decoding by its wire names, as it enters the request key. */
  static String json(Decoding decoding) {
    try {
      return JSON.writeValueAsString(RequestKey.decoding(decoding));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a decoding is always JSON", e);
    }
  }

  static Decoding decoding(String json) {
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
          node.has("seed") ? Long.valueOf(node.get("seed").longValue()) : null);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the requests table has a decoding that is no JSON: " + json, e);
    }
  }

  private static @Nullable Double number(JsonNode node, String name) {
    return node.has(name) ? Double.valueOf(node.get(name).doubleValue()) : null;
  }
}
