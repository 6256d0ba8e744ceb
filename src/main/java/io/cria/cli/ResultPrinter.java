package io.cria.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Prints the result of a query. */
final class ResultPrinter {
  /** How results are written; lower case on the command line. */
  enum Format {
    /** For a person: cells cut, the first rows. */
    TABLE,
    /** One JSON object a line, nulls included, every row. */
    JSONL,
    /** RFC 4180 with a head, every row; a null is an empty field, an empty text {@code ""}. */
    CSV
  }

  private final PrintWriter out;
  private final int tableRows;
  private final int maxCell;

  /**
   * @param tableRows rows of a table that are shown
   * @param maxCell characters of a table's cell
   */
  ResultPrinter(PrintWriter out, int tableRows, int maxCell) {
    this.out = out;
    this.tableRows = tableRows;
    this.maxCell = maxCell;
  }

  void print(Dataset<Row> result, Format format) {
    switch (format) {
      case TABLE -> table(result);
      case JSONL -> jsonLines(result);
      case CSV -> csv(result);
    }
  }

  private void table(Dataset<Row> result) {
    TextTable table = new TextTable(List.of(result.columns()), maxCell);
    List<Row> rows = asText(result).takeAsList(tableRows + 1);
    rows.stream().limit(tableRows).forEach(row -> table.add(cells(row)));
    out.print(table.render());
    if (rows.size() > tableRows) {
      line("… more than " + tableRows + " rows: --rows N shows more, --format jsonl or csv all");
    } else {
      line("(" + rows.size() + (rows.size() == 1 ? " row)" : " rows)"));
    }
  }

  private void jsonLines(Dataset<Row> result) {
    Column object = to_json(struct(col("*")), Map.of("ignoreNullFields", "false"));
    result.select(object).toLocalIterator().forEachRemaining(row -> line(row.getString(0)));
  }

  private void csv(Dataset<Row> result) {
    line(
        Arrays.stream(result.columns()).map(ResultPrinter::field).collect(Collectors.joining(",")));
    Iterator<Row> rows = asText(result).toLocalIterator();
    while (rows.hasNext()) {
      line(
          cells(rows.next()).stream()
              .map(cell -> cell == null ? "" : field(cell))
              .collect(Collectors.joining(",")));
    }
  }

  private static String field(String text) {
    boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private void line(String text) {
    out.print(text);
    out.print('\n');
  }

  /** Every column as text: nested ones as JSON, the others as SQL casts them. */
  private static Dataset<Row> asText(Dataset<Row> result) {
    // by position: a result may have two columns of one name
    String[] names = new String[result.columns().length];
    Arrays.setAll(names, i -> "c" + i);
    Dataset<Row> renamed = result.toDF(names);
    StructField[] fields = renamed.schema().fields();
    Column[] columns =
        Arrays.stream(fields)
            .map(field -> isNested(field) ? to_json(col(field.name())) : text(field))
            .toArray(Column[]::new);
    return renamed.select(columns);
  }

  private static Column text(StructField field) {
    return col(field.name()).cast(DataTypes.StringType);
  }

  private static boolean isNested(StructField field) {
    return field.dataType() instanceof StructType
        || field.dataType() instanceof ArrayType
        || field.dataType() instanceof MapType;
  }

  private static List<@Nullable String> cells(Row row) {
    List<@Nullable String> cells = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      cells.add(row.isNullAt(i) ? null : row.getString(i));
    }
    return cells;
  }
}
