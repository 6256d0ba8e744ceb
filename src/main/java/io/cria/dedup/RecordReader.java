package io.cria.dedup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes text and order key out of one JSON record, and checks that it is one. A column's name is a
 * key of the record, or else keys joined by dots that lead into nested objects. Not thread-safe.
 */
final class RecordReader {
  static final int LONGEST_STRING = Integer.MAX_VALUE;

  /** Much deeper ones are beyond what Spark compiles to write Parquet with. */
  private static final int DEEPEST = 64;

  private static final int LONGEST_NUMBER = 1_000;

  /** Whole numbers of so many digits are doubles. */
  private static final int EXACT_DIGITS = 15;

  /** And those up to this one. */
  private static final long DOUBLES = 1L << 53;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(LONGEST_STRING)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxNestingDepth(DEEPEST)
                  .build())
          .build();

  private final Wanted text;
  private final @Nullable Wanted order;
  private final Set<String> wide = new HashSet<>();

  RecordReader(String column, @Nullable String orderBy) {
    this.text = new Wanted(column, false);
    this.order = orderBy == null ? null : new Wanted(orderBy, true);
  }

  /** A record that cannot be used; the message is what and remedy, without the place. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  /** The value of one column. */
  private static final class Wanted {
    private final String name;
    private final String[] path;
    private final boolean orders;
    private @Nullable Comparable<?> value;
    private JsonToken kind = JsonToken.NOT_AVAILABLE;
    private boolean literal;

    Wanted(String name, boolean orders) {
      this.name = name;
      this.path = name.split("\\.", -1);
      this.orders = orders;
    }

    void clear() {
      value = null;
      kind = JsonToken.NOT_AVAILABLE;
      literal = false;
    }

    /** Whether keys down to this one lead to it, given that those above did. */
    boolean leads(String key, int depth) {
      return depth < path.length && path[depth].equals(key);
    }

    /** Looks at a value; a key of the whole name goes before a path of that name. */
    void see(JsonParser parser, JsonToken token, String key, int depth, boolean onPath)
        throws IOException {
      boolean whole = depth == 0 && key.equals(name);
      if (whole || (!literal && onPath && depth == path.length - 1 && leads(key, depth))) {
        literal = whole;
        kind = token;
        value = value(parser, token);
      }
    }

    private @Nullable Comparable<?> value(JsonParser parser, JsonToken token) throws IOException {
      return switch (token) {
        case VALUE_STRING -> parser.getText();
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> orders ? parser.getDecimalValue() : null;
        default -> null;
      };
    }

    Comparable<?> get(String record) throws Unusable, IOException {
      if (kind == JsonToken.NOT_AVAILABLE) {
        throw new Unusable(
            "no column \"" + name + "\": the record has " + String.join(", ", keys(record)));
      }
      if (value == null) {
        throw new Unusable(
            "column \""
                + name
                + "\" is "
                + shown(kind)
                + (orders
                    ? ": every record needs a number or a text to be ordered by"
                    : ": every record needs a text there"));
      }
      return value;
    }

    /** The record's keys, and those of the objects on the path. */
    private List<String> keys(String record) throws IOException {
      List<String> keys = new ArrayList<>();
      try (JsonParser parser = JSON.createParser(record)) {
        parser.nextToken();
        keys(parser, "", 0, keys);
      }
      return keys;
    }

    private void keys(JsonParser parser, String prefix, int depth, List<String> keys)
        throws IOException {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        keys.add(prefix + key);
        if (parser.nextToken() == JsonToken.START_OBJECT && leads(key, depth)) {
          keys(parser, prefix + key + ".", depth + 1, keys);
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  /** Reads a record; {@link #text} and {@link #order} are its values then. */
  void read(String record) throws Unusable {
    text.clear();
    if (order != null) {
      order.clear();
    }
    try (JsonParser parser = JSON.createParser(record)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Unusable("not a JSON object: give one record {…} a line, or an array of them");
      }
      object(parser, 0, true, true);
      if (parser.nextToken() != null) {
        throw new Unusable(
            "more than one value where a record is expected: put a line break, or a comma in an"
                + " array, between records");
      }
      text.get(record);
      if (order != null) {
        order.get(record);
      }
    } catch (StreamConstraintsException e) {
      throw new Unusable(limit(String.valueOf(e.getOriginalMessage())));
    } catch (JsonProcessingException e) {
      throw new Unusable(
          "not valid JSON at column "
              + (e.getLocation() == null ? 1 : e.getLocation().getColumnNr())
              + ": write one whole JSON object, each key once");
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot be read", e);
    }
  }

  private static String limit(String message) {
    if (message.contains("nesting")) {
      return "objects and arrays lie more than " + DEEPEST + " deep in one another: flatten them";
    }
    if (message.contains("Number")) {
      return "a number has more than " + LONGEST_NUMBER + " digits: write it as a text";
    }
    return "a key is too long: shorten it";
  }

  String text() {
    return (String) java.util.Objects.requireNonNull(text.value, "no record was read");
  }

  /** A {@link BigDecimal} or a string; null without an order column. */
  @Nullable Comparable<?> order() {
    return order == null ? null : order.value;
  }

  /**
   * Where, in all that was read, whole numbers are that no double equals; as of {@link OneTable}.
   */
  Set<String> wide() {
    return wide;
  }

  /**
   * Goes through an object whose opening brace was read.
   *
   * @param onText whether the keys above lead to the text
   * @param onOrder whether they lead to the order key
   */
  private void object(JsonParser parser, int depth, boolean onText, boolean onOrder)
      throws IOException, Unusable {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = named(parser);
      JsonToken token = parser.nextToken();
      text.see(parser, token, key, depth, onText);
      if (order != null) {
        order.see(parser, token, key, depth, onOrder);
      }
      boolean toText = onText && text.leads(key, depth);
      boolean toOrder = onOrder && order != null && order.leads(key, depth);
      if (token == JsonToken.START_OBJECT && (toText || toOrder)) {
        object(parser, depth + 1, toText, toOrder);
      } else {
        skip(parser, token);
      }
    }
  }

  /** Goes over a value with all that is in it. */
  private void skip(JsonParser parser, JsonToken first) throws IOException, Unusable {
    int depth = 0;
    JsonToken token = first;
    while (true) {
      switch (token) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case FIELD_NAME -> named(parser);
        case VALUE_NUMBER_INT -> {
          if (parser.getTextLength() > EXACT_DIGITS && !isDouble(parser)) {
            StringBuilder path = new StringBuilder();
            path(parser.getParsingContext(), path);
            wide.add(path.toString());
          }
        }
        default -> {}
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  private static boolean isDouble(JsonParser parser) throws IOException {
    if (parser.getNumberType() != JsonParser.NumberType.LONG) {
      return false;
    }
    long value = parser.getLongValue();
    return Math.abs(value) <= DOUBLES;
  }

  private static void path(JsonStreamContext place, StringBuilder path) {
    JsonStreamContext above = place.getParent();
    if (above == null) {
      return;
    }
    path(above, path);
    if (place.inArray()) {
      path.append(OneTable.ELEMENT);
    } else {
      path.append(path.isEmpty() ? "" : ".").append(place.getCurrentName());
    }
  }

  /** The key, which a table's column must have. */
  private static String named(JsonParser parser) throws IOException, Unusable {
    String key = parser.currentName();
    if (key.isEmpty()) {
      throw new Unusable("a key is empty, \"\": name it, as the columns of Parquet have names");
    }
    return key;
  }

  private static String shown(JsonToken value) {
    return switch (value) {
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case START_ARRAY -> "an array";
      case START_OBJECT -> "an object";
      default -> "a text";
    };
  }
}
