package io.cria.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;

/** Finds the rows of a table that break one of its rules. */
final class RowCheck {
  private static final String WRONG = "_wrong";

  /** How many rows of one fault are told: others are to be seen beside it. */
  static final int TOLD = 5;

  /**
   * A rule of a table.
   *
   * @param holds SQL over the table's columns; null is as false
   * @param message SQL of what is said where it does not
   */
  record Rule(String holds, String message) {
    /** A rule whose message is a plain text. */
    static Rule of(String holds, String text) {
      return new Rule(holds, "'" + text.replace("'", "\\'") + "'");
    }
  }

  private RowCheck() {}

  /** Holds every row against rules, and against the columns that are never null. */
  static void rules(TableFiles table, List<Rule> rules, Findings findings) {
    List<Column> wrong = new ArrayList<>();
    for (StructField field : table.columns().fields()) {
      if (!field.nullable()) {
        wrong.add(unless(col(field.name()).isNotNull(), lit(field.name() + " is null")));
      }
    }
    for (Rule rule : rules) {
      wrong.add(unless(expr(rule.holds()), expr(rule.message())));
    }
    Dataset<Row> bad =
        table
            .rows()
            .withColumn(
                WRONG, functions.array_compact(functions.array(wrong.toArray(Column[]::new))))
            .filter(functions.size(col(WRONG)).gt(0))
            .select(
                col(TableFiles.FILE),
                col(TableFiles.AT),
                functions.array_join(col(WRONG), "; ").as(WRONG));
    tell(bad, table.isSmall(), findings);
  }

  private static Column unless(Column holds, Column message) {
    return functions.when(functions.coalesce(holds, lit(false)), lit(null)).otherwise(message);
  }

  /** Finds rows of one id. */
  static void unique(TableFiles table, List<String> id, Findings findings) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException(table.name() + " has no id to tell its rows apart by");
    }
    if (table.isSmall()) {
      uniqueHere(table, id, findings);
      return;
    }
    Column[] by = id.stream().map(functions::col).toArray(Column[]::new);
    Dataset<Row> twice =
        table
            .rows()
            .groupBy(by)
            .agg(
                functions.count(lit(1)).as("_n"),
                functions
                    .max(functions.struct(col(TableFiles.FILE), col(TableFiles.AT)))
                    .as("_last"))
            .filter("_n > 1")
            .select(
                col("_last." + TableFiles.FILE),
                col("_last." + TableFiles.AT),
                functions
                    .concat(
                        lit(String.join(", ", id) + " "),
                        functions.concat_ws(", ", by),
                        lit(" stands in "),
                        col("_n"),
                        lit(" rows"))
                    .as(WRONG));
    tell(twice, false, findings);
  }

  private static void uniqueHere(TableFiles table, List<String> id, Findings findings) {
    Map<List<Object>, List<Row>> rows = new LinkedHashMap<>();
    for (Row row : table.rows().select(columns(id)).collectAsList()) {
      rows.computeIfAbsent(values(row, id.size()), known -> new ArrayList<>()).add(row);
    }
    List<Row> bad = new ArrayList<>();
    rows.forEach(
        (values, same) -> {
          if (same.size() > 1) {
            Row last = Collections.max(same, Comparator.comparing(row -> place(row, id.size())));
            String told =
                values.stream()
                    .filter(Objects::nonNull)
                    .map(String::valueOf)
                    .collect(Collectors.joining(", "));
            bad.add(
                RowFactory.create(
                    last.get(id.size()),
                    last.get(id.size() + 1),
                    String.join(", ", id) + " " + told + " stands in " + same.size() + " rows"));
          }
        });
    tell(bad, bad.size(), findings);
  }

  /** Those of the id, then file and row. */
  private static Column[] columns(List<String> id) {
    return Stream.concat(id.stream(), Stream.of(TableFiles.FILE, TableFiles.AT))
        .map(functions::col)
        .toArray(Column[]::new);
  }

  private static String place(Row row, int at) {
    return String.format(Locale.ROOT, "%s %019d", row.getString(at), row.getLong(at + 1));
  }

  private static List<Object> values(Row row, int count) {
    List<Object> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      values.add(row.get(i));
    }
    return values;
  }

  /**
   * Rows that others are to be found among.
   *
   * @param parts of them, of the same columns
   * @param isSmall whether all of them are held here
   */
  record Among(List<Dataset<Row>> parts, boolean isSmall) {
    Among {
      parts = List.copyOf(parts);
    }

    /** With others of as many columns. */
    Among and(Among other) {
      return new Among(
          Stream.concat(parts.stream(), other.parts.stream()).toList(), isSmall && other.isSmall);
    }

    /** Under names of their own: a table may be held against itself. */
    private Dataset<Row> union() {
      return parts.stream()
          .map(
              part ->
                  part.toDF(
                      IntStream.range(0, part.columns().length)
                          .mapToObj(i -> "_to" + i)
                          .toArray(String[]::new)))
          .reduce(Dataset::union)
          .orElseThrow();
    }
  }

  /**
   * Finds rows that hang in the air.
   *
   * @param from columns of these rows
   * @param among rows with the columns that {@code from} are to equal, in that order
   * @param message SQL of what is said, over the columns of these rows
   */
  static void lineage(
      TableFiles table, List<String> from, Among among, String message, Findings findings) {
    if (table.isSmall() && among.isSmall()) {
      lineageHere(table, from, among, message, findings);
      return;
    }
    Dataset<Row> to = among.union();
    String[] there = to.columns();
    Dataset<Row> left = table.rows();
    Column same = lit(true);
    for (int i = 0; i < there.length; i++) {
      same = same.and(left.col(from.get(i)).eqNullSafe(to.col(there[i])));
    }
    Dataset<Row> loose =
        left.join(to, same, "left_anti")
            .select(col(TableFiles.FILE), col(TableFiles.AT), expr(message).as(WRONG));
    tell(loose, false, findings);
  }

  private static void lineageHere(
      TableFiles table, List<String> from, Among among, String message, Findings findings) {
    Set<List<Object>> there = new HashSet<>();
    for (Dataset<Row> part : among.parts()) {
      part.collectAsList().forEach(row -> there.add(values(row, from.size())));
    }
    Column[] columns =
        Stream.concat(Stream.of(columns(from)), Stream.of(expr(message).as(WRONG)))
            .toArray(Column[]::new);
    List<Row> loose =
        table.rows().select(columns).collectAsList().stream()
            .filter(row -> !there.contains(values(row, from.size())))
            .map(
                row ->
                    RowFactory.create(
                        row.get(from.size()), row.get(from.size() + 1), row.get(from.size() + 2)))
            .toList();
    tell(loose, loose.size(), findings);
  }

  private static void tell(Dataset<Row> bad, boolean isSmall, Findings findings) {
    List<Row> found = isSmall ? bad.collectAsList() : bad.takeAsList(TOLD);
    tell(found, !isSmall && found.size() == TOLD ? bad.count() : found.size(), findings);
  }

  private static void tell(List<Row> bad, long all, Findings findings) {
    List<Row> told = bad.subList(0, Math.min(TOLD, bad.size()));
    for (Row row : told) {
      findings.add(
          row.getString(0) + (row.getLong(1) > 0 ? ", row " + row.getLong(1) : ""),
          row.getString(2));
    }
    findings.addUntold(all - told.size());
  }
}
