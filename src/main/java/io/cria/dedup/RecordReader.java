package io.cria.dedup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.cria.task.NotJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  private final List<Wanted> texts;
  private final @Nullable Wanted order;

  /** All of them. */
  private final List<Wanted> wanted;

  /** Whether a record may lack a text. */
  private final boolean skipsMissing;

  private final Kinds kinds = new Kinds();
  private long line;

  RecordReader(String column, @Nullable String orderBy) {
    this(List.of(column), orderBy, false);
  }

  /**
   * @param columns of the texts
   * @param orderBy column of the order key; null without one
   * @param skipsMissing whether a record may be without a text, or have null in its place
   */
  RecordReader(List<String> columns, @Nullable String orderBy, boolean skipsMissing) {
    this.skipsMissing = skipsMissing;
    this.texts = columns.stream().map(column -> new Wanted(column, false)).toList();
    this.order = orderBy == null ? null : new Wanted(orderBy, true);
    this.wanted = new ArrayList<>(texts);
    if (order != null) {
      wanted.add(order);
    }
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

    boolean isMissing() {
      return kind == JsonToken.NOT_AVAILABLE || kind == JsonToken.VALUE_NULL;
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

  /** Reads a record of the first line. */
  void read(String record) throws Unusable {
    read(record, 1);
  }

  /**
   * Reads a record; {@link #text} and {@link #order} are its values then, unless it {@link
   * #isMissing}.
   *
   * @param at its line
   */
  void read(String record, long at) throws Unusable {
    line = at;
    wanted.forEach(Wanted::clear);
    try (JsonParser parser = JSON.createParser(record)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Unusable("not a JSON object: give one record {…} a line, or an array of them");
      }
      object(parser, kinds.root(), 0, (1 << wanted.size()) - 1);
      if (parser.nextToken() != null) {
        throw new Unusable(
            "more than one value where a record is expected: put a line break, or a comma in an"
                + " array, between records");
      }
      if (!isMissing()) {
        for (Wanted one : wanted) {
          Comparable<?> unused = one.get(record);
        }
      }
    } catch (StreamConstraintsException e) {
      throw new Unusable(limit(String.valueOf(e.getOriginalMessage())));
    } catch (JsonProcessingException e) {
      String why =
          NotJson.why(String.valueOf(e.getOriginalMessage()))
              .orElse("write one whole JSON object, each key once");
      throw new Unusable(
          "not valid JSON at column "
              + (e.getLocation() == null ? 1 : e.getLocation().getColumnNr())
              + ": "
              + why);
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

  /** Whether the record is one without a text, of those that may be. */
  boolean isMissing() {
    return skipsMissing && texts.stream().anyMatch(Wanted::isMissing);
  }

  /** Of the first column. */
  String text() {
    return texts().get(0);
  }

  /** One a column. */
  List<String> texts() {
    return texts.stream()
        .map(text -> (String) Objects.requireNonNull(text.value, "no record was read"))
        .toList();
  }

  /** A {@link BigDecimal} or a string; null without an order column. */
  @Nullable Comparable<?> order() {
    return order == null ? null : order.value;
  }

  /**
   * Where, in all that was read, whole numbers are that no double equals; as of {@link OneTable}.
   */
  Set<String> wide() {
    return kinds.wide();
  }

  /** Kinds of values that no record before the last asking had. */
  List<Kinds.First> news() {
    return kinds.news();
  }

  /**
   * Goes through an object whose opening brace was read.
   *
   * @param on bit by bit, to which of the wanted columns the keys above lead
   */
  private void object(JsonParser parser, Kinds.Place place, int depth, int on)
      throws IOException, Unusable {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = named(parser);
      JsonToken token = parser.nextToken();
      int deeper = 0;
      for (int i = 0; i < wanted.size(); i++) {
        boolean onPath = (on & (1 << i)) != 0;
        wanted.get(i).see(parser, token, key, depth, onPath);
        deeper |= onPath && wanted.get(i).leads(key, depth) ? 1 << i : 0;
      }
      if (token == JsonToken.START_OBJECT && deeper != 0) {
        Kinds.Place below = place.key(key);
        below.see(token, line);
        object(parser, below, depth + 1, deeper);
      } else {
        value(parser, token, place.key(key));
      }
    }
  }

  /** Goes over a value, which began with a token, with all that is in it. */
  private void value(JsonParser parser, JsonToken first, Kinds.Place place)
      throws IOException, Unusable {
    place.see(first, line);
    if (first == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        Kinds.Place below = place.key(named(parser));
        value(parser, parser.nextToken(), below);
      }
    } else if (first == JsonToken.START_ARRAY) {
      Kinds.Place elements = place.elements();
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        value(parser, token, elements);
      }
    } else if (first == JsonToken.VALUE_NUMBER_INT
        && parser.getTextLength() > EXACT_DIGITS
        && !isDouble(parser)) {
      place.seeWide();
    }
  }

  private static boolean isDouble(JsonParser parser) throws IOException {
    if (parser.getNumberType() != JsonParser.NumberType.LONG) {
      return false;
    }
    long value = parser.getLongValue();
    return Math.abs(value) <= DOUBLES;
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
