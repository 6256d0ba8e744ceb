package io.cria.stage.dedup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes text and order key out of one JSON record, and checks that it is one. A column's name is a
 * key, or keys joined by dots that lead into nested objects. Not thread-safe.
 */
final class RecordReader {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String column;
  private final @Nullable String orderBy;
  private @Nullable String text;
  private @Nullable Comparable<?> order;
  private boolean textSeen;
  private boolean orderSeen;
  private final Set<String> known = new LinkedHashSet<>();

  RecordReader(String column, @Nullable String orderBy) {
    this.column = column;
    this.orderBy = orderBy;
  }

  /** A record that cannot be used; the message is what and remedy, without the place. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  /** Reads a record; {@link #text} and {@link #order} are its values then. */
  void read(String record) throws Unusable {
    text = null;
    order = null;
    textSeen = false;
    orderSeen = false;
    known.clear();
    try (JsonParser parser = JSON.createParser(record)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Unusable("not a JSON object: give one record {…} a line, or an array of them");
      }
      object(parser, "", column, orderBy, true);
      if (parser.nextToken() != null) {
        throw new Unusable(
            "more than one value where a record is expected: put a line break, or a comma in an"
                + " array, between records");
      }
    } catch (JsonProcessingException e) {
      throw new Unusable(
          "not valid JSON at column "
              + (e.getLocation() == null ? 1 : e.getLocation().getColumnNr())
              + ": write one whole JSON object, each key once");
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot be read", e);
    }
    if (!textSeen) {
      throw missing(column);
    }
    if (orderBy != null && !orderSeen) {
      throw missing(orderBy);
    }
  }

  String text() {
    return java.util.Objects.requireNonNull(text, "no record was read");
  }

  /** A {@link BigDecimal} or a string; null without an order column. */
  @Nullable Comparable<?> order() {
    return order;
  }

  private Unusable missing(String name) {
    return new Unusable("no column \"" + name + "\": the record has " + String.join(", ", known));
  }

  /** Goes through an object whose opening brace was read; what is wanted is below {@code path}. */
  private void object(
      JsonParser parser,
      String path,
      @Nullable String textPath,
      @Nullable String orderPath,
      boolean wanted)
      throws IOException, Unusable {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (wanted) {
        known.add(path + key);
      }
      if (key.equals(textPath)) {
        text = string(parser, value);
        textSeen = true;
      }
      if (key.equals(orderPath)) {
        order = orderKey(parser, value);
        orderSeen = true;
      }
      if (value == JsonToken.START_OBJECT) {
        String innerText = below(key, textPath);
        String innerOrder = below(key, orderPath);
        object(
            parser,
            path + key + ".",
            innerText,
            innerOrder,
            innerText != null || innerOrder != null);
      } else if (value == JsonToken.START_ARRAY) {
        parser.skipChildren();
      }
    }
  }

  private static @Nullable String below(String key, @Nullable String path) {
    return path != null
            && path.length() > key.length() + 1
            && path.startsWith(key)
            && path.charAt(key.length()) == '.'
        ? path.substring(key.length() + 1)
        : null;
  }

  private String string(JsonParser parser, JsonToken value) throws IOException, Unusable {
    if (value != JsonToken.VALUE_STRING) {
      throw new Unusable(
          "column \"" + column + "\" is " + kind(value) + ": every record needs a text there");
    }
    return parser.getText();
  }

  private Comparable<?> orderKey(JsonParser parser, JsonToken value) throws IOException, Unusable {
    return switch (value) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
      default ->
          throw new Unusable(
              "column \""
                  + orderBy
                  + "\" is "
                  + kind(value)
                  + ": every record needs a number or a text to be ordered by");
    };
  }

  private static String kind(JsonToken value) {
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
