package io.cria.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Names for the columns of a result, which may have several of one name, as keys of JSON objects,
 * which may not: the second {@code a} is {@code a_2}. The same of the structs in them.
 */
final class UniqueKeys {
  private final Consumer<String> notes;

  /**
   * @param notes is told of each name that is another now
   */
  UniqueKeys(Consumer<String> notes) {
    this.notes = notes;
  }

  /** The same columns, each under a name of its own; their order stays. */
  StructType of(StructType columns) {
    return of("", columns);
  }

  private StructType of(String path, StructType columns) {
    Set<String> all = new HashSet<>(List.of(columns.fieldNames()));
    Set<String> taken = new HashSet<>();
    List<StructField> fields = new ArrayList<>();
    for (StructField field : columns.fields()) {
      String name = field.name();
      if (!taken.add(name)) {
        name = free(name, all);
        taken.add(name);
        notes.accept(
            "two columns are called "
                + path
                + field.name()
                + ": one is "
                + path
                + name
                + " here; name it with AS for another name");
      }
      fields.add(
          DataTypes.createStructField(
              name, of(path + name, field.dataType()), field.nullable(), field.metadata()));
    }
    return DataTypes.createStructType(fields);
  }

  private static String free(String name, Set<String> all) {
    int number = 2;
    while (!all.add(name + "_" + number)) {
      number++;
    }
    return name + "_" + number;
  }

  private DataType of(String path, DataType type) {
    if (type instanceof StructType struct) {
      return of(path + ".", struct);
    }
    if (type instanceof ArrayType array) {
      return DataTypes.createArrayType(of(path, array.elementType()), array.containsNull());
    }
    if (type instanceof MapType map) {
      return DataTypes.createMapType(
          map.keyType(), of(path, map.valueType()), map.valueContainsNull());
    }
    return type;
  }
}
