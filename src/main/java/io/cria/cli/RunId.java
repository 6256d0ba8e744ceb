package io.cria.cli;

import io.cria.task.CriaException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * What an id names, or the first letters of one where no other begins so. Ids of candidates,
 * instances, examples and answers begin with the key of the request that they came from; what comes
 * behind it is given whole. Needs the views of a run in the session.
 *
 * @param key of a request, or the id of a seed task
 * @param seed whether it is a seed task
 * @param item of the request's answer; null for all of them
 */
record RunId(String key, boolean seed, @Nullable Integer item) {
  private static final int NAMED = 5;
  private static final int SHOWN = 12;

  /** KEY, KEY.ATTEMPT, KEY#ITEM, KEY#ITEM/N, KEY#ITEM/N:LAYOUT. */
  private static final Pattern ID =
      Pattern.compile("([^#./]+)(?:\\.\\d+|#(\\d{1,9})(?:/\\d+(?::.*)?)?)?");

  private static final String EXACT = "SELECT id FROM seeds WHERE id = :id";

  private static final String BEGUN =
      """
      SELECT id, seed, count(*) OVER () AS found FROM (
        SELECT DISTINCT request_key AS id, false AS seed FROM requests
        WHERE startswith(request_key, :begin)
        UNION
        SELECT request_key, false FROM candidates WHERE startswith(request_key, :begin)
        UNION
        SELECT id, true FROM seeds WHERE startswith(id, :begin))
      ORDER BY id LIMIT 6
      """;

  /**
   * Finds it.
   *
   * @param run as the user called it
   * @throws CriaException (bad input) where nothing begins so, or more than one thing does
   */
  static RunId of(SparkSession spark, String run, String id) {
    if (!spark.sql(EXACT, Map.of("id", id)).isEmpty()) {
      return new RunId(id, true, null);
    }
    Matcher parts = ID.matcher(id);
    if (!parts.matches()) {
      throw none(run, id);
    }
    List<Row> found = spark.sql(BEGUN, Map.of("begin", parts.group(1))).collectAsList();
    if (found.isEmpty()) {
      throw none(run, id);
    }
    if (found.size() > 1) {
      throw many(run, parts.group(1), found);
    }
    String item = parts.group(2);
    Row only = found.get(0);
    return new RunId(
        only.getString(0), only.getBoolean(1), item == null ? null : Integer.valueOf(item));
  }

  private static CriaException none(String run, String id) {
    return CriaException.badInput(
        "no id begins with '" + id + "', " + run + ": give one that cria show or sql tells");
  }

  private static CriaException many(String run, String begin, List<Row> found) {
    StringBuilder named = new StringBuilder();
    for (Row row : found.subList(0, Math.min(NAMED, found.size()))) {
      String id = row.getString(0);
      int shown = Math.max(SHOWN, begin.length() + 4);
      named.append(named.isEmpty() ? "" : ", ");
      named.append(id.length() > shown ? id.substring(0, shown) + "…" : id);
    }
    return CriaException.badInput(
        "'"
            + begin
            + "' is the beginning of "
            + found.get(0).getLong(2)
            + " ids, "
            + run
            + ": "
            + named
            + (found.size() > NAMED ? ", …" : "")
            + ": give more of it");
  }
}
