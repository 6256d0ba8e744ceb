package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values come out as they went in, from each format in each. */
class DedupTablesTest extends DedupFixture {
  @Test
  void aColumnOfTwoTypesIsRefusedWithBoth() throws IOException {
    String table = parquet("t.parquet", "select 'a b c' as text, 9L as id");
    String lines = file("in.jsonl", "{\"text\": \"d e f\", \"id\": \"007\"}");
    refusesInputs(
        new String[] {table, lines},
        lines + ": column \"id\" is string, and bigint in " + table,
        "give inputs whose columns of one name have one type");
    String nested = parquet("n.parquet", "select 'g' as text, array(named_struct('k', 1)) as m");
    String other = file("other.jsonl", "{\"text\": \"d e f\", \"m\": [{\"k\": true}]}");
    refusesInputs(
        new String[] {nested, other}, "column \"m[].k\" is boolean, and int in " + nested);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\": 7} | {\"id\": \"seven\"} | id | a text | a number",
        "{\"id\": {\"k\": 1}} | {\"id\": [1]} | id | an array | an object",
        "{\"m\": [{\"k\": true}]} | {\"m\": [{\"k\": null}, {\"k\": 0.5}]} | m[].k | a number | a truth value",
        "{\"a.b\": 1} | {\"a.b\": \"x\", \"a\": {\"b\": 1}} | dotted | a text | a number"
      })
  void aColumnOfTwoTypesWithinJsonIsRefusedWithTheFirstRecordsOfBoth(
      String one, String other, String place, String second, String first) throws IOException {
    String column = place.replace("dotted", "`a.b`");
    String common = "{\"text\": \"a b c\", ";
    String lines =
        file(
            "in.jsonl",
            "",
            common + one.substring(1),
            common + other.substring(1),
            common + "\"x\": 1}");
    refusesInputs(
        new String[] {lines},
        lines
            + ":3: column \""
            + column
            + "\" is "
            + second
            + ", and "
            + first
            + " in "
            + lines
            + ":2: give a column values of one type");
    String others = file("other.jsonl", common + other.substring(1));
    refusesInputs(
        new String[] {file("one.jsonl", common + one.substring(1)), others},
        others + ":1: column \"" + column + "\" is " + second + ", and " + first + " in ");
  }

  @Test
  void aColumnOfTwoTypesFarApartIsToldByLine() throws IOException {
    String[] lines = new String[30_000];
    Arrays.fill(lines, "{\"text\": \"the same again\", \"n\": 1}");
    lines[27_000] = "{\"text\": \"the same again\", \"n\": \"1\"}";
    String file = file("in.jsonl", lines);
    refusesInputs(
        new String[] {file},
        file + ":27001: column \"n\" is a text, and a number in " + file + ":1:");
  }

  @Test
  void nullIsOfEveryType() throws IOException {
    run(
        file(
            "in.jsonl",
            "{\"text\": \"a b c\", \"n\": null, \"m\": {\"k\": 1}}",
            "{\"text\": \"d e f\", \"n\": [1, null], \"m\": null}",
            "{\"text\": \"g h i\", \"m\": {\"k\": 0.5}}"));
    assertThat(table("kept").count()).isEqualTo(3);
  }

  @Test
  void timesKeepTheirZoneAndTheirLackOfOne() throws IOException {
    String table =
        parquet(
            "t.parquet",
            "select 'a b c' as text, timestamp'2024-02-03 04:05:06.123456' as t,"
                + " timestamp_ntz'2024-02-03 04:05:06.123456' as n");
    run(table);
    for (String column : List.of("t", "n")) {
      assertThat(annotation(directory.resolve("out/kept/part-00000.parquet"), column))
          .isEqualTo(annotation(Path.of(table), column))
          .startsWith("TIMESTAMP(MICROS," + column.equals("t"));
    }
  }

  private static String annotation(Path file, String column) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
      return String.valueOf(
          reader.getFileMetaData().getSchema().getType(column).getLogicalTypeAnnotation());
    }
  }

  @Test
  void wholeNumbersBeyondADoubleAreNotPutBesideDoubles() throws IOException {
    String table = parquet("t.parquet", "select 'a b c' as text, 0.5D as id");
    String lines = file("in.jsonl", "{\"text\": \"d e f\", \"id\": 1234567890123456789}");
    refusesInputs(new String[] {table, lines}, "column \"id\" is bigint, and double in " + table);
  }

  @Test
  void typesThatHoldTheSameValuesMakeOneTable() throws IOException {
    String table =
        parquet("t.parquet", "select 'a b c' as text, 7L as n, 0.5D as s, 3S as w, array(1) as l");
    String lines =
        file(
            "in.jsonl",
            "{\"text\": \"d e f\", \"n\": null, \"s\": 2, \"w\": 4, \"l\": null}",
            "{\"text\": \"g h i\", \"n\": null, \"s\": 3}");
    run(lines, table);
    assertThat(kept()).hasSize(3);
    assertThat(table("kept").schema().apply("n").dataType()).isEqualTo(DataTypes.LongType);
    Row row = table("kept").filter("text = 'd e f'").select("n", "s", "w").head();
    assertThat(row.isNullAt(0)).isTrue();
    assertThat(row.getDouble(1)).isEqualTo(2);
    assertThat(row.getLong(2)).isEqualTo(4);
  }

  @Test
  void jsonValuesAreTheSameInParquet() throws IOException {
    run(
        file(
            "in.jsonl",
            "{\"text\": \"a b c\", \"id\": 1234567890123456789, \"_corrupt_record\": \"mine\"}",
            "{\"text\": \"d e f\", \"id\": 12345678901234567890, \"s\": 0.5}"));
    Row row = table("kept").filter("text = 'a b c'").select("id", "_corrupt_record").head();
    assertThat(row.getDecimal(0)).isEqualByComparingTo(new BigDecimal("1234567890123456789"));
    assertThat(row.getString(1)).isEqualTo("mine");
  }

  @Test
  void wholeNumbersThatWouldBecomeDoublesAreRefused() throws IOException {
    String lines =
        file(
            "in.jsonl",
            "{\"text\": \"a b c\", \"m\": {\"id\": [1234567890123456789]}}",
            "{\"text\": \"d e f\", \"m\": {\"id\": [0.5]}}");
    refusesInputs(
        new String[] {lines},
        lines + ": column \"m.id[]\" holds whole numbers that no double equals");
  }

  @Test
  void parquetValuesAreTheSameInJson() throws IOException {
    String table =
        parquet(
            "t.parquet",
            "select 'a b c' as text, timestamp'2024-02-03 04:05:06.123456' as t,"
                + " timestamp_ntz'2024-02-03 04:05:06.123456' as n, double('NaN') as d");
    run(table);
    assertThat(kept().get(0))
        .contains(
            "\"t\":\"2024-02-03T04:05:06.123456Z\"",
            "\"n\":\"2024-02-03T04:05:06.123456\"",
            "\"d\":\"NaN\"");
  }

  @Test
  void columnsMayBeCalledAsSparksOwn() throws IOException {
    String table = parquet("t.parquet", "select 'a b c' as text, 'mine' as _metadata");
    run(table);
    assertThat(kept()).containsExactly("{\"text\":\"a b c\",\"_metadata\":\"mine\"}");
    assertThat(table("kept").count()).isEqualTo(1);
  }

  @Test
  void parquetFilesOfDifferingTypesAreRefused() throws IOException {
    parquet("d/a.parquet", "select 'a b c' as text, 1 as n");
    parquet("d/b.parquet", "select 'a b c' as text, 'one' as n");
    Path folder = directory.resolve("d");
    refusesInputs(new String[] {folder.toString()}, folder + ": its files do not make one table");
  }

  @Test
  void deepRecordsGoIntoParquet() throws IOException {
    String deep = "{\"k\":".repeat(62) + "1" + "}".repeat(62);
    String lists = "[".repeat(62) + "1" + "]".repeat(62);
    run(
        file(
            "in.jsonl", "{\"text\": \"a b c\", \"deep\": " + deep + ", \"lists\": " + lists + "}"));
    assertThat(kept().get(0)).contains(deep, lists);
    assertThat(table("kept").count()).isEqualTo(1);
  }

  @Test
  void theHeapAloneLimitsWhatIsCollected() {
    assertThat(SPARK.sparkContext().getConf().get("spark.driver.maxResultSize")).isEqualTo("0");
  }
}
