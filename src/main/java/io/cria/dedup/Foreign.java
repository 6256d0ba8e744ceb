package io.cria.dedup;

import io.cria.task.CriaException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Files of records that are neither JSON nor Parquet: each is refused by its own name. */
final class Foreign {
  private static final Pattern SEPARATED =
      Pattern.compile(".*[.](?:csv|tsv)(?:[.](?:gz|bz2))?", Pattern.CASE_INSENSITIVE);

  private static final String AS_PARQUET = "write it as Parquet or JSON lines";

  /** What files begin with, and what such a file is. */
  private static final Map<String, String> MARKS = new LinkedHashMap<>();

  static {
    MARKS.put("PARE", "it is Parquet with an encrypted footer: decrypt it first");
    MARKS.put("ARROW1", "it is an Arrow or Feather file: " + AS_PARQUET);
    MARKS.put("ORC", "it is ORC: " + AS_PARQUET);
    MARKS.put("PK\u0003\u0004", "it is a zip archive, or a sheet of Excel: " + AS_PARQUET);
    MARKS.put("SQLite format 3", "it is an SQLite database: " + AS_PARQUET);
    MARKS.put("\u00FF\u00FE", "it is in UTF-16: save it in UTF-8");
    MARKS.put("\u00FE\u00FF", "it is in UTF-16: save it in UTF-8");
  }

  private Foreign() {}

  /**
   * @param name of the file
   * @param head its first bytes, a character each
   * @throws CriaException (bad input) when it is known for something else
   */
  static void refuse(String name, String head) {
    if (SEPARATED.matcher(name).matches()) {
      throw CriaException.badInput(
          name
              + ": it is CSV by its name, in which a text and a number look alike: "
              + AS_PARQUET
              + ", for example with pandas (pandas.read_csv(…).to_parquet(…)) or DuckDB (copy"
              + " (from 'in.csv') to 'out.parquet')");
    }
    for (Map.Entry<String, String> mark : MARKS.entrySet()) {
      if (head.startsWith(mark.getKey())) {
        throw CriaException.badInput(name + ": " + mark.getValue());
      }
    }
  }
}
