package io.cria.dedup;

import io.cria.task.CriaException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The records of several inputs in one table, where no value changes by it. The place of a value is
 * its keys with dots between, each array on the way marked {@code []}.
 */
final class OneTable {
  static final String ELEMENT = "[]";

  private static final Set<DataType> WHOLE =
      Set.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

  private OneTable() {}

  /** Two types of one column. */
  private record Clash(String column, DataType one, DataType other) {}

  /**
   * Brings the schemas together: columns of JSON that hold nothing but null have no type of their
   * own.
   *
   * @throws CriaException (bad input) when a column has types that make no one type, or a name that
   *     dropped records need
   */
  static void requireOne(List<Input> inputs) {
    List<JsonInput> json =
        inputs.stream().filter(JsonInput.class::isInstance).map(JsonInput.class::cast).toList();
    JsonInput.requireOneKind(json);
    JsonInput.shareSchema(json);
    inputs.forEach(OneTable::requireNames);
    json.forEach(input -> requireExact(input, "", input.schema()));
    for (int i = 1; i < inputs.size(); i++) {
      for (int j = 0; j < i; j++) {
        requireOne(inputs.get(j), inputs.get(i), json);
      }
    }
  }

  private static void requireNames(Input input) {
    for (String column : Verdicts.COLUMNS) {
      if (Arrays.asList(input.schema().fieldNames()).contains(column)) {
        throw CriaException.badInput(
            input.name()
                + ": it has a column \""
                + column
                + "\", which dropped records get: rename it");
      }
    }
  }

  /** Spark makes doubles of whole numbers that stand beside fractions. */
  private static void requireExact(JsonInput input, String path, DataType type) {
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        requireExact(input, join(path, field.name()), field.dataType());
      }
    } else if (type instanceof ArrayType array) {
      requireExact(input, path + ELEMENT, array.elementType());
    } else if (type.equals(DataTypes.DoubleType) && input.wide().contains(path)) {
      throw CriaException.badInput(
          input.name()
              + ": column \""
              + path
              + "\" holds whole numbers that no double equals, and fractions or numbers of more"
              + " than 38 digits: write its numbers as texts");
    }
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static void requireOne(Input one, Input other, List<JsonInput> json) {
    Optional<Clash> clash = clash(one, other);
    while (clash.isPresent()) {
      Clash found = clash.get();
      if (!isNothing(one, found.column(), found.one(), json)
          && !isNothing(other, found.column(), found.other(), json)) {
        throw CriaException.badInput(
            other.name()
                + ": column \""
                + found.column()
                + "\" is "
                + found.other().simpleString()
                + ", and "
                + found.one().simpleString()
                + " in "
                + one.name()
                + ": they do not make one table; give inputs whose columns of one name have one"
                + " type");
      }
      JsonInput.drop(json, found.column());
      clash = clash(one, other);
    }
  }

  /** Spark takes a column without values for one of texts. */
  private static boolean isNothing(
      Input input, String column, DataType type, List<JsonInput> json) {
    return input instanceof JsonInput
        && type.equals(DataTypes.StringType)
        && Arrays.asList(input.schema().fieldNames()).contains(column)
        && json.stream().allMatch(one -> one.isEmpty(column));
  }

  private static Optional<Clash> clash(Input one, Input other) {
    return clash("", one.schema(), doubles(one), other.schema(), doubles(other));
  }

  /** In which places all whole numbers are doubles as well. */
  private static Predicate<String> doubles(Input input) {
    return path -> input instanceof JsonInput json && !json.wide().contains(path);
  }

  private static Optional<Clash> clash(
      String path,
      DataType one,
      Predicate<String> oneDoubles,
      DataType other,
      Predicate<String> otherDoubles) {
    if (one instanceof StructType a && other instanceof StructType b) {
      for (StructField field : a.fields()) {
        if (Arrays.asList(b.fieldNames()).contains(field.name())) {
          DataType inOther = b.apply(field.name()).dataType();
          Optional<Clash> clash =
              clash(join(path, field.name()), field.dataType(), oneDoubles, inOther, otherDoubles);
          if (clash.isPresent()) {
            return clash;
          }
        }
      }
      return Optional.empty();
    }
    if (one instanceof ArrayType a && other instanceof ArrayType b) {
      return clash(path + ELEMENT, a.elementType(), oneDoubles, b.elementType(), otherDoubles);
    }
    return one.catalogString().equals(other.catalogString())
            || isWider(one, other, otherDoubles.test(path))
            || isWider(other, one, oneDoubles.test(path))
        ? Optional.empty()
        : Optional.of(new Clash(path, one, other));
  }

  /** Whether every value of a type has its equal in the wide one, to which Spark turns both. */
  private static boolean isWider(DataType wide, DataType type, boolean doubles) {
    if (type instanceof NullType) {
      return true;
    }
    if (WHOLE.contains(wide)) {
      return WHOLE.contains(type);
    }
    return wide.equals(DataTypes.DoubleType)
        && (type.equals(DataTypes.FloatType)
            || (WHOLE.contains(type) && (doubles || !type.equals(DataTypes.LongType))));
  }

  /** Kept or dropped records of all inputs under one schema. */
  static Dataset<Row> union(List<Dataset<Row>> tables) {
    Dataset<Row> all = tables.get(0);
    for (Dataset<Row> table : tables.subList(1, tables.size())) {
      all = all.unionByName(table, true);
    }
    return all;
  }
}
