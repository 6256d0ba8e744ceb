package io.cria.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import io.cria.run.Line;
import io.cria.stage.AnswersGiven;
import io.cria.storage.AskedTotals;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;

/** What manifests count against the rows that they stand for. One file is held at a time. */
final class Counts {
  private static final String KEY = "_key";

  /** The tables whose manifests count by reason, and SQL of what is counted. */
  private static final Map<String, String> COUNTED =
      Map.of(
          Line.GENERATE.table().name(),
          "coalesce(reason, 'kept')",
          Line.INSTANCES.table().name(),
          "coalesce(reason, 'kept')",
          Line.CLASSIFY.table().name(),
          "coalesce(reason, if(is_classification, 'classification', 'other'))",
          Line.MODERATIONS.table().name(),
          "coalesce(fault, if(flagged, 'flagged', 'unflagged'))",
          AnswersGiven.TABLE.name(),
          "case when reason is null then 'answered' when reason rlike '^[a-z_]+$' then reason"
              + " else 'refused' end");

  /** The same of a judge's. */
  private static final String JUDGED = "coalesce(fault, concat(question, ' ', verdict))";

  private final Units units;
  private final Findings findings;

  Counts(Units units, Findings findings) {
    this.units = units;
    this.findings = findings;
  }

  void check(Tables tables) {
    Map<String, String> unitOfFile = new HashMap<>();
    units
        .all()
        .forEach(
            (unit, manifest) -> {
              sums(unit, manifest);
              manifest.files().forEach(file -> unitOfFile.put(file.name(), unit));
            });
    tables
        .all()
        .forEach(
            (name, table) -> counted(name).ifPresent(what -> byReason(table, what, unitOfFile)));
    won(tables.of(Line.ANSWERS), unitOfFile);
  }

  private Optional<String> counted(String table) {
    return Optional.ofNullable(COUNTED.get(table))
        .or(() -> units.beside().contains(table) ? Optional.of(JUDGED) : Optional.empty());
  }

  /** Each manifest against itself. */
  private void sums(String unit, Manifest manifest) {
    String table = Units.top(unit);
    if (counted(table).isPresent()) {
      long counted = manifest.counts().values().stream().mapToLong(Long::longValue).sum();
      if (counted != manifest.rows()) {
        wrong(unit, "counts " + counted + " rows by reason, and has " + manifest.rows());
      }
    }
    Long flagged = manifest.counts().get("flagged");
    if (table.equals(Line.MODERATE.table().name())
        && flagged != null
        && flagged + manifest.counts().getOrDefault("unflagged", 0L) != manifest.rows()) {
      wrong(unit, "counts other than the " + manifest.rows() + " rows as flagged and unflagged");
    }
    Long planned = manifest.counts().get("planned");
    if (planned != null && planned != manifest.rows()) {
      wrong(unit, "counts " + planned + " planned requests, and has " + manifest.rows());
    }
    AskedTotals asked = manifest.asked();
    if (asked != null && asked.requests() != manifest.rows()) {
      wrong(unit, "counts " + asked.requests() + " requests, and has " + manifest.rows());
    }
  }

  private void wrong(String unit, String what) {
    findings.add(Commits.path(unit), what);
  }

  private void byReason(TableFiles table, String what, Map<String, String> unitOfFile) {
    String file = "";
    Map<String, Long> counted = new TreeMap<>();
    for (Iterator<Row> rows = counts(table, what); rows.hasNext(); ) {
      Row row = rows.next();
      if (!row.getString(0).equals(file)) {
        compare(unitOfFile.get(file), counted);
        counted.clear();
        file = row.getString(0);
      }
      counted.put(String.valueOf(row.getString(1)), row.getLong(2));
    }
    compare(unitOfFile.get(file), counted);
  }

  /** File, what is counted, how often; by file. */
  private static Iterator<Row> counts(TableFiles table, String what) {
    Dataset<Row> keyed = table.rows().select(col(TableFiles.FILE), expr(what).as(KEY));
    if (!table.isSmall()) {
      return keyed.groupBy(TableFiles.FILE, KEY).count().orderBy(TableFiles.FILE).toLocalIterator();
    }
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    for (Row row : keyed.collectAsList()) {
      counts
          .computeIfAbsent(row.getString(0), file -> new TreeMap<>())
          .merge(String.valueOf(row.getString(1)), 1L, Long::sum);
    }
    return counts.entrySet().stream()
        .flatMap(
            file ->
                file.getValue().entrySet().stream()
                    .map(key -> RowFactory.create(file.getKey(), key.getKey(), key.getValue())))
        .iterator();
  }

  private void compare(@org.jspecify.annotations.Nullable String unit, Map<String, Long> counted) {
    if (unit == null) {
      return;
    }
    Map<String, Long> told = new TreeMap<>(Objects.requireNonNull(units.all().get(unit)).counts());
    told.values().removeIf(count -> count == 0);
    Map<String, Long> all = new TreeMap<>(told);
    counted.forEach(all::putIfAbsent);
    for (String reason : all.keySet()) {
      long there = counted.getOrDefault(reason, 0L);
      long said = told.getOrDefault(reason, 0L);
      if (there != said) {
        wrong(unit, "counts " + said + " rows '" + reason + "', and there are " + there);
      }
    }
  }

  /** What the answers that count took. */
  private void won(TableFiles answers, Map<String, String> unitOfFile) {
    for (Iterator<Row> rows = taken(answers); rows.hasNext(); ) {
      Row row = rows.next();
      String unit = unitOfFile.get(row.getString(0));
      AskedTotals asked =
          unit == null ? null : Objects.requireNonNull(units.all().get(unit)).asked();
      if (unit != null && asked != null) {
        same(unit, "answers", asked.won().answers(), row.getLong(1));
        same(unit, "prompt tokens", asked.won().promptTokens(), row.getLong(2));
        same(unit, "completion tokens", asked.won().completionTokens(), row.getLong(3));
      }
    }
  }

  /** File, answers, tokens of prompts, tokens of answers. */
  private static Iterator<Row> taken(TableFiles answers) {
    Dataset<Row> each =
        answers
            .rows()
            .select(
                col(TableFiles.FILE),
                expr("if(segment is null, 0L, 1L)").as("n"),
                expr("coalesce(prompt_tokens, 0L)").as("prompt"),
                expr("coalesce(completion_tokens, 0L)").as("completion"));
    if (!answers.isSmall()) {
      return each.groupBy(TableFiles.FILE)
          .agg(functions.sum("n"), functions.sum("prompt"), functions.sum("completion"))
          .toLocalIterator();
    }
    Map<String, long[]> sums = new TreeMap<>();
    for (Row row : each.collectAsList()) {
      long[] sum = sums.computeIfAbsent(row.getString(0), file -> new long[3]);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += row.getLong(i + 1);
      }
    }
    return sums.entrySet().stream()
        .map(
            file ->
                RowFactory.create(
                    file.getKey(), file.getValue()[0], file.getValue()[1], file.getValue()[2]))
        .iterator();
  }

  private void same(String unit, String what, long told, long found) {
    if (told != found) {
      wrong(unit, "counts " + told + " " + what + " that are in use, and its rows " + found);
    }
  }
}
