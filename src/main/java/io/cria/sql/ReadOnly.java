package io.cria.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells statements that only read from those that would change something: a run's tables are
 * written by its stages alone.
 */
public final class ReadOnly {
  /** What a refusal says is allowed. */
  public static final String ALLOWED =
      "select, with, from, values, table, show, describe, explain, create temporary view";

  private static final Set<String> QUERIES =
      Set.of("SELECT", "WITH", "FROM", "VALUES", "TABLE", "(");
  private static final Set<String> QUESTIONS = Set.of("SHOW", "DESCRIBE", "DESC", "EXPLAIN");
  private static final Set<String> CHANGES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");
  private static final Set<String> BEFORE_VIEW = Set.of("OR", "REPLACE", "GLOBAL");

  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<skipped>--[^\\n]*+|/\\*(?s:.*?)(?:\\*/|$))"
              + "|'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'?|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"?"
              + "|`[^`]*+`?|\\w++|[^\\s\\w]",
          Pattern.DOTALL);

  private ReadOnly() {}

  /** Whether one statement, as {@link Statements#split} gives them, is a query or a question. */
  public static boolean is(String statement) {
    List<String> tokens = tokens(statement);
    String first = tokens.isEmpty() ? "" : tokens.get(0);
    if (first.equals("CREATE")) {
      return isTemporaryView(tokens);
    }
    return QUESTIONS.contains(first) || (QUERIES.contains(first) && !changes(tokens));
  }

  private static List<String> tokens(String statement) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(statement);
    while (matcher.find()) {
      if (matcher.group("skipped") == null) {
        tokens.add(matcher.group().toUpperCase(Locale.ROOT));
      }
    }
    return tokens;
  }

  private static boolean isTemporaryView(List<String> tokens) {
    int at = 1;
    while (at < tokens.size() && BEFORE_VIEW.contains(tokens.get(at))) {
      at++;
    }
    return at + 1 < tokens.size()
        && Set.of("TEMP", "TEMPORARY").contains(tokens.get(at))
        && tokens.get(at + 1).equals("VIEW");
  }

  /**
   * Whether a query turns into a change after all: {@code WITH … DELETE FROM t}, {@code FROM t
   * INSERT INTO u …}. A column may bear one of these names.
   */
  private static boolean changes(List<String> tokens) {
    for (int at = 1; at < tokens.size(); at++) {
      boolean inserts =
          tokens.get(at).equals("INSERT")
              && at + 1 < tokens.size()
              && Set.of("INTO", "OVERWRITE").contains(tokens.get(at + 1));
      boolean afterNamedQueries = tokens.get(at - 1).equals(")") && tokens.get(0).equals("WITH");
      if (inserts || (afterNamedQueries && CHANGES.contains(tokens.get(at)))) {
        return true;
      }
    }
    return false;
  }
}
