package io.cria.cli;

import io.cria.task.CriaException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * What an id names, or the first letters of one where no other begins so. Ids of candidates,
 * instances, examples and answers begin with the key of the request that they came from, or with
 * the id of the seed task that they are of; what comes behind it is given whole. Needs the views of
 * a run in the session.
 *
 * @param key of a request, or the id of a seed task
 * @param seed whether it is a seed task
 * @param item of the request's answer; null for all of them
 * @param instance of the candidate or the seed task; null for all of them
 */
record RunId(String key, boolean seed, @Nullable Integer item, @Nullable Integer instance) {
  private static final int NAMED = 5;
  private static final int SHOWN = 12;

  /** KEY, KEY.ATTEMPT, KEY#ITEM, KEY#ITEM/N, KEY#ITEM/N:LAYOUT; SEED, SEED/N, SEED/N:LAYOUT. */
  private static final Pattern ID =
      Pattern.compile("([^#./]+)(?:(\\.\\d+)|(?:#(\\d{1,9}))?(?:/(\\d{1,9})(?::.*)?)?)");

  /** Of a seed task whose id may have any characters. */
  private static final Pattern OF_SEED = Pattern.compile("(.+)/(\\d{1,9})(?::.*)?");

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
    if (isSeed(spark, id)) {
      return new RunId(id, true, null, null);
    }
    Matcher ofSeed = OF_SEED.matcher(id);
    if (ofSeed.matches() && isSeed(spark, ofSeed.group(1))) {
      return new RunId(ofSeed.group(1), true, null, number(ofSeed.group(2)));
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
    boolean seed = found.get(0).getBoolean(1);
    Integer item = number(parts.group(3));
    Integer instance = number(parts.group(4));
    boolean isOne =
        seed ? parts.group(2) == null && item == null : item != null || instance == null;
    if (!isOne) {
      throw none(run, id);
    }
    return new RunId(found.get(0).getString(0), seed, item, instance);
  }

  private static boolean isSeed(SparkSession spark, String id) {
    return !spark.sql(EXACT, Map.of("id", id)).isEmpty();
  }

  private static @Nullable Integer number(@Nullable String digits) {
    return digits == null ? null : Integer.valueOf(digits);
  }

  /**
   * Refuses a number that is of nothing there.
   *
   * @param owner what should have it, for example {@code the answer of request 3f9a}
   * @param kind item or instance
   * @param there the numbers that it has
   * @throws CriaException (bad input) where it does not have this one
   */
  static void require(
      String run, String owner, String kind, @Nullable Integer number, List<Integer> there) {
    if (number != null && !there.contains(number)) {
      throw CriaException.badInput(
          owner
              + " has no "
              + kind
              + " "
              + number
              + ", "
              + run
              + ": "
              + (there.isEmpty()
                  ? "it has none"
                  : "give one of "
                      + there.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
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
