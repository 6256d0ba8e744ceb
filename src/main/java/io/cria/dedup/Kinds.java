package io.cria.dedup;

import com.fasterxml.jackson.core.JsonToken;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Of which kinds the values of JSON records are, place by place, as far as they were read. A place
 * is the keys that lead to it; see {@link OneTable}. Null is of no kind. Not thread-safe.
 */
final class Kinds {
  /** What a column's values may be of: one of them. */
  enum Kind {
    TEXT("a text"),
    NUMBER("a number"),
    TRUTH("a truth value"),
    OBJECT("an object"),
    ARRAY("an array");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** With an article. */
    String word() {
      return word;
    }

    private static @Nullable Kind of(JsonToken token) {
      return switch (token) {
        case VALUE_STRING -> TEXT;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> NUMBER;
        case VALUE_TRUE, VALUE_FALSE -> TRUTH;
        case START_OBJECT -> OBJECT;
        case START_ARRAY -> ARRAY;
        default -> null;
      };
    }
  }

  /**
   * The first value of a kind at a place.
   *
   * @param place keys with dots between, those with dots in them in back quotes, arrays marked
   * @param line as the record's
   */
  record First(String place, Kind kind, long line) implements Serializable {}

  private final Place root = new Place(null, "");
  private final Set<String> wide = new HashSet<>();
  private final List<First> untold = new ArrayList<>();

  /** Where values stand that are reached by the same keys. */
  final class Place {
    private final @Nullable Place above;
    private final String key;
    private final Map<String, Place> below = new HashMap<>();
    private @Nullable Place elements;
    private final Set<Kind> seen = EnumSet.noneOf(Kind.class);
    private boolean isWide;

    private Place(@Nullable Place above, String key) {
      this.above = above;
      this.key = key;
    }

    Place key(String name) {
      return below.computeIfAbsent(name, each -> new Place(this, each));
    }

    Place elements() {
      Place there = elements;
      if (there == null) {
        there = new Place(this, OneTable.ELEMENT);
        elements = there;
      }
      return there;
    }

    /** A value begins here. */
    void see(JsonToken token, long line) {
      Kind kind = Kind.of(token);
      if (kind != null && seen.add(kind)) {
        untold.add(new First(path(true), kind, line));
      }
    }

    /** A whole number that no double equals stands here. */
    void seeWide() {
      if (!isWide) {
        isWide = true;
        wide.add(path(false));
      }
    }

    private String path(boolean quoting) {
      if (above == null) {
        return "";
      }
      String before = above.path(quoting);
      if (key.equals(OneTable.ELEMENT) && above.elements == this) {
        return before + key;
      }
      String shown = quoting && (key.contains(".") || key.contains("[")) ? "`" + key + "`" : key;
      return before.isEmpty() ? shown : before + "." + shown;
    }
  }

  /** Of whole records. */
  Place root() {
    return root;
  }

  /** Where whole numbers are that no double equals; as of {@link OneTable}. */
  Set<String> wide() {
    return wide;
  }

  /** What was first seen since this was last asked. */
  List<First> news() {
    List<First> news = List.copyOf(untold);
    untold.clear();
    return news;
  }
}
