package io.cria.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import com.univocity.parsers.csv.CsvWriter;
import com.univocity.parsers.csv.CsvWriterSettings;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
    /** For a person: the first rows, cells cut at the edge of a terminal. */
    TABLE,
    /**
     * One JSON object a line, nulls included, every row; of two columns of one name, a second name.
     */
    JSONL,
    /** RFC 4180 with a head, every row; a null is an empty field, an empty text {@code ""}. */
    CSV,
    /** A table of GitHub's Markdown, every row. */
    MD
  }

  private static final String NULL = "NULL";

  /** Rows between two looks at whether they are written: each look writes what is held back. */
  private static final int LOOK = 64;

  private final PrintWriter out;
  private final Terminal terminal;
  private final int tableRows;
  private final boolean full;
  private final boolean vertical;
  private final Consumer<String> notes;

  /**
   * @param tableRows rows of a table that are shown
   * @param full whether cells are never cut
   * @param vertical whether a table has a line a column in place of a line a row
   * @param notes is told what is not as the statement has it
   */
  ResultPrinter(
      PrintWriter out,
      Terminal terminal,
      int tableRows,
      boolean full,
      boolean vertical,
      Consumer<String> notes) {
    this.notes = notes;
    this.out = out;
    this.terminal = terminal;
    this.tableRows = tableRows;
    this.full = full;
    this.vertical = vertical;
  }

  void print(Dataset<Row> result, Format format) {
    switch (format) {
      case TABLE -> table(result);
      case JSONL -> jsonLines(result);
      case CSV -> csv(result);
      case MD -> markdown(result);
    }
    LostOutput.check(out);
  }

  private void table(Dataset<Row> result) {
    List<String> head = Arrays.stream(result.columns()).map(TextTable::oneLine).toList();
    List<Row> rows = asText(result).takeAsList((int) Math.min(Integer.MAX_VALUE, tableRows + 1L));
    List<Row> shown = rows.subList(0, Math.min(tableRows, rows.size()));
    int edge = full ? Integer.MAX_VALUE : terminal.edge();
    TextTable table = new TextTable(head, Integer.MAX_VALUE);
    shown.forEach(row -> table.add(cells(row)));
    if (vertical || !table.fits(edge)) {
      below(head, shown);
    } else {
      out.print(table.render(edge, terminal.paint()));
    }
    if (rows.size() > tableRows) {
      line(
          "… more than " + tableRows + " rows: --rows N shows more, --format jsonl, csv or md all");
    } else {
      line("(" + rows.size() + (rows.size() == 1 ? " row)" : " rows)"));
    }
  }

  /** A line a column; further lines of a text stand below its first. */
  private void below(List<String> head, List<Row> rows) {
    int width = head.stream().mapToInt(DisplayWidth::of).max().orElse(0) + 2;
    Paint paint = terminal.paint();
    for (int i = 0; i < rows.size(); i++) {
      line(paint.bold("── row " + (i + 1) + " ──"));
      List<@Nullable String> cells = cells(rows.get(i));
      for (int column = 0; column < head.size(); column++) {
        String cell = cells.get(column);
        line(
            paint.faint(DisplayWidth.padded(head.get(column), width))
                + (cell == null ? NULL : Visible.of(cell).replace("\n", "\n" + " ".repeat(width))));
      }
    }
  }

  private void jsonLines(Dataset<Row> result) {
    StructType unique = new UniqueKeys(notes).of(result.schema());
    // by position: a result may have two columns of one name
    Dataset<Row> renamed = result.toDF(positions(result));
    Column[] columns = new Column[unique.size()];
    for (int i = 0; i < columns.length; i++) {
      StructField field = unique.fields()[i];
      Column column = col(renamed.columns()[i]);
      boolean same = field.dataType().equals(result.schema().fields()[i].dataType());
      columns[i] = (same ? column : column.cast(field.dataType())).as(field.name());
    }
    Column object = to_json(struct(columns), Map.of("ignoreNullFields", "false"));
    each(renamed.select(object), row -> line(row.getString(0)));
  }

  private void csv(Dataset<Row> result) {
    CsvWriterSettings settings = new CsvWriterSettings();
    settings.getFormat().setLineSeparator("\n");
    // a text that begins with # is no comment, and spaces around one are its own
    settings.getFormat().setComment('\0');
    settings.trimValues(false);
    settings.setQuoteEscapingEnabled(true);
    settings.setNormalizeLineEndingsWithinQuotes(false);
    // a row of one null is an empty line
    settings.setSkipEmptyLines(false);
    settings.setNullValue("");
    settings.setEmptyValue("\"\"");
    settings.setMaxColumns(Math.max(1, result.columns().length));
    CsvWriter writer = new CsvWriter(out, settings);
    writer.writeRow((Object[]) result.columns());
    each(asText(result), row -> writer.writeRow(cells(row).toArray()));
    writer.flush();
  }

  private void markdown(Dataset<Row> result) {
    String[] head = result.columns();
    markdown(Arrays.asList(head));
    line("|" + " --- |".repeat(head.length));
    each(asText(result), row -> markdown(cells(row)));
  }

  /** Every row, as long as somebody gets them. */
  private void each(Dataset<Row> rows, Consumer<Row> write) {
    Iterator<Row> all = rows.toLocalIterator();
    for (long written = 1; all.hasNext(); written++) {
      write.accept(all.next());
      if (written % LOOK == 0) {
        LostOutput.check(out);
      }
    }
  }

  private void markdown(List<@Nullable String> cells) {
    StringBuilder row = new StringBuilder("|");
    cells.forEach(cell -> row.append(' ').append(cell == null ? NULL : escaped(cell)).append(" |"));
    line(row.toString());
  }

  /** Nothing in a cell ends it, begins another or is taken for HTML. */
  private static String escaped(String cell) {
    return cell.replace("&", "&amp;")
        .replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("<", "&lt;")
        .replace("\r\n", "<br>")
        .replace("\n", "<br>")
        .replace("\r", "<br>");
  }

  private void line(String text) {
    out.print(text);
    out.print('\n');
  }

  /** Every column as text: nested ones as JSON, the others as SQL casts them. */
  private static Dataset<Row> asText(Dataset<Row> result) {
    // by position: a result may have two columns of one name
    Dataset<Row> renamed = result.toDF(positions(result));
    StructField[] fields = renamed.schema().fields();
    Column[] columns =
        Arrays.stream(fields)
            .map(field -> isNested(field) ? to_json(col(field.name())) : text(field))
            .toArray(Column[]::new);
    return renamed.select(columns);
  }

  private static String[] positions(Dataset<Row> result) {
    String[] names = new String[result.columns().length];
    Arrays.setAll(names, i -> "c" + i);
    return names;
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
