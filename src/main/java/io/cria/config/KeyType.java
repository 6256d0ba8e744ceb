package io.cria.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What kind of value a key takes.
 *
 * @param kind the kind
 * @param of of a list or map, what is in it
 * @param section of a section, its record
 */
public record KeyType(Kind kind, @Nullable KeyType of, @Nullable Class<?> section) {
  private static final Set<Type> WHOLE = Set.of(int.class, Integer.class, long.class, Long.class);
  private static final Set<Type> NUMBER = Set.of(double.class, Double.class, BigDecimal.class);

  /** Kinds of values, in words for one and for several. */
  public enum Kind {
    TEXT("text", "texts"),
    WHOLE("whole number", "whole numbers"),
    NUMBER("number", "numbers"),
    FLAG("true or false", "truth values"),
    DATE("date", "dates"),
    ANY("any value", "any values"),
    SECTION("section", "sections"),
    LIST("list", "lists"),
    MAP("section of your own keys", "sections of your own keys");

    private final String one;
    private final String several;

    Kind(String one, String several) {
      this.one = one;
      this.several = several;
    }
  }

  static KeyType of(Type type) {
    if (WHOLE.contains(type)) {
      return simple(Kind.WHOLE);
    }
    if (NUMBER.contains(type)) {
      return simple(Kind.NUMBER);
    }
    if (type == Boolean.class || type == boolean.class) {
      return simple(Kind.FLAG);
    }
    if (type == String.class) {
      return simple(Kind.TEXT);
    }
    if (type == LocalDate.class) {
      return simple(Kind.DATE);
    }
    if (type == Object.class) {
      return simple(Kind.ANY);
    }
    if (type instanceof Class<?> section && section.isRecord()) {
      return new KeyType(Kind.SECTION, null, section);
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      return new KeyType(Kind.LIST, of(generic.getActualTypeArguments()[0]), null);
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
      return new KeyType(Kind.MAP, of(generic.getActualTypeArguments()[1]), null);
    }
    throw new IllegalStateException("no key of a run file has the type " + type);
  }

  static KeyType listOf(Class<?> section) {
    return new KeyType(Kind.LIST, of(section), null);
  }

  private static KeyType simple(Kind kind) {
    return new KeyType(kind, null, null);
  }

  /** The record whose keys are below: the section's own, or that of each in a list or map. */
  @Nullable Class<?> below() {
    return of == null ? section : of.below();
  }

  /** For people. */
  public String words() {
    return of == null || (kind == Kind.MAP && of.kind == Kind.ANY)
        ? kind.one
        : kind.one + (kind == Kind.MAP ? " with " : " of ") + of.kind.several;
  }
}
