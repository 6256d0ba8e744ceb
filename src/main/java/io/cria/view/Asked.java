package io.cria.view;

import static org.apache.spark.sql.functions.col;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.storage.RunDirectory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A request and the answer that counts, out of the views of a run and its ledger.
 *
 * @param prompt as it was sent; null where it was messages
 * @param messages as they were sent; empty where it was a prompt
 * @param demonstrations ids in the pool of what was shown to the model
 * @param answer null before there is one
 */
record Asked(
    String stage,
    String requestKey,
    @Nullable String prompt,
    List<Turn> messages,
    List<String> demonstrations,
    @Nullable Answer answer) {
  private static final List<String> STAGES = List.of("generate", "classify", "instances");

  Asked {
    messages = List.copyOf(messages);
    demonstrations = List.copyOf(demonstrations);
  }

  /** A message. */
  record Turn(String role, String content) {}

  /**
   * An answer and what it cost.
   *
   * @param text as the model gave it; null where none could be read
   * @param error why there is none, or why the ledger's line does not read; null where all is well
   */
  record Answer(
      String id,
      String outcome,
      @Nullable String finishReason,
      @Nullable Long promptTokens,
      @Nullable Long cachedTokens,
      @Nullable Long completionTokens,
      @Nullable Double usd,
      @Nullable String model,
      @Nullable String text,
      @Nullable Long latencyMs,
      @Nullable String sentAt,
      @Nullable String error) {}

  /**
   * All that was asked for a candidate, in the order of the line: the request it came from, and
   * those about it.
   */
  static List<Asked> of(ViewedRun.Reading viewed, int round, String requestKey, String candidate) {
    viewed.spark().sparkContext().setJobDescription("cria: view of a request");
    List<Row> requests =
        viewed
            .spark()
            .table("requests")
            .where(
                col("round")
                    .equalTo(round)
                    .and(
                        col("request_key")
                            .equalTo(requestKey)
                            .or(col("subject_id").equalTo(candidate))))
            .select("stage", "request_key", "prompt", "messages", "demonstrations")
            .collectAsList();
    Map<String, Answer> answers = answers(viewed, round, requests);
    List<Asked> asked = new ArrayList<>();
    for (Row row : requests) {
      asked.add(
          new Asked(
              row.getString(0),
              row.getString(1),
              row.getString(2),
              turns(row),
              row.getList(4),
              answers.get(row.getString(0) + row.getString(1))));
    }
    asked.sort(Comparator.comparingInt((Asked one) -> STAGES.indexOf(one.stage())));
    return asked;
  }

  private static List<Turn> turns(Row row) {
    List<Turn> turns = new ArrayList<>();
    if (!row.isNullAt(3)) {
      for (Row message : row.<Row>getList(3)) {
        turns.add(new Turn(message.getString(0), message.getString(1)));
      }
    }
    return turns;
  }

  private static Map<String, Answer> answers(
      ViewedRun.Reading viewed, int round, List<Row> requests) {
    Map<String, Answer> answers = new HashMap<>();
    if (requests.isEmpty()) {
      return answers;
    }
    Dataset<Row> rows =
        viewed
            .spark()
            .table("answers")
            .where(
                col("round")
                    .equalTo(round)
                    .and(
                        col("request_key")
                            .isInCollection(
                                requests.stream().map(row -> row.getString(1)).toList())));
    for (Row row : rows.collectAsList()) {
      answers.put(
          row.<String>getAs("stage") + row.<String>getAs("request_key"), answer(viewed.run(), row));
    }
    return answers;
  }

  private static Answer answer(RunDirectory run, Row row) {
    String error = row.getAs("error");
    LedgerRecord record = null;
    String segment = row.getAs("segment");
    if (segment != null) {
      try {
        record =
            record(
                run,
                segment,
                Objects.requireNonNull(row.<Long>getAs("offset")),
                Objects.requireNonNull(row.<Integer>getAs("length")));
      } catch (IOException | IllegalArgumentException e) {
        error = "the ledger's line does not read: " + e.getMessage();
      }
    }
    return new Answer(
        row.getAs("answer_id"),
        row.getAs("outcome"),
        row.getAs("finish_reason"),
        row.getAs("prompt_tokens"),
        row.getAs("cached_tokens"),
        row.getAs("completion_tokens"),
        row.getAs("usd"),
        row.getAs("model"),
        record == null ? null : record.text(),
        record == null ? null : record.latencyMs(),
        record == null ? null : record.sentAt().toString(),
        error);
  }

  private static LedgerRecord record(RunDirectory run, String segment, long offset, int length)
      throws IOException {
    try (InputStream in = new BufferedInputStream(run.open(segment))) {
      in.skipNBytes(offset);
      return LedgerReader.record(in, length);
    }
  }
}
