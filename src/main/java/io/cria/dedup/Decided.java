package io.cria.dedup;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** What was decided, record by record, as one task looks it up; not thread-safe. */
interface Decided {
  boolean kept(int record);

  /** Why a record is dropped. */
  String reason(int record);

  /** Whether a dropped record was dropped for another one, which it is near. */
  default boolean hasNeighbour(int record) {
    return true;
  }

  /** The input in which the neighbour of a dropped record stands. */
  String neighbourInput(int record);

  /** Row of the neighbour within its input, from 0. */
  long neighbourRow(int record);

  double score(int record);

  /** The JSON object of a dropped record with reason, neighbour and score at its end. */
  default String withReason(String json, int record) {
    String open = json.substring(0, json.lastIndexOf('}')).stripTrailing();
    StringBuilder text = new StringBuilder(open.length() + 120).append(open);
    text.append(open.endsWith("{") ? "" : ", ");
    text.append("\"_reason\": \"").append(reason(record));
    if (!hasNeighbour(record)) {
      return text.append("\", \"_neighbour\": null, \"_score\": null}").toString();
    }
    text.append("\", \"_neighbour\": {\"input\": \"");
    JsonStringEncoder.getInstance().quoteAsString(neighbourInput(record), text);
    text.append("\", \"row\": ").append(neighbourRow(record));
    return text.append("}, \"_score\": ").append(score(record)).append('}').toString();
  }
}
