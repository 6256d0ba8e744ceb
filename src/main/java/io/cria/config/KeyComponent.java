package io.cria.config;

import io.cria.task.Decides;
import io.cria.task.Key;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A component of a run file's record, with what is said of it.
 *
 * @param read of the record that a file is read into
 * @param told where it is described: at the component of the same name of a view, or at itself
 */
record KeyComponent(RecordComponent read, RecordComponent told) {
  /** Those of a record, in its order. */
  static List<KeyComponent> of(Class<?> type) {
    KeysOf views = type.getAnnotation(KeysOf.class);
    List<RecordComponent> told =
        Stream.of(views == null ? new Class<?>[] {type} : views.value())
            .flatMap(view -> Arrays.stream(view.getRecordComponents()))
            .toList();
    return Arrays.stream(type.getRecordComponents())
        .map(
            each ->
                new KeyComponent(
                    each,
                    told.stream()
                        .filter(one -> one.getName().equals(each.getName()))
                        .findFirst()
                        .orElse(each)))
        .toList();
  }

  String name() {
    return read.getName();
  }

  KeyType type() {
    return KeyType.of(read.getGenericType());
  }

  /**
   * What is said of it.
   *
   * @throws IllegalStateException when nothing is
   */
  Key key() {
    Key key = told.getAnnotation(Key.class);
    if (key == null) {
      throw new IllegalStateException(
          "the key "
              + name()
              + " has no meaning: put @Key(\"…\") before it in "
              + told.getDeclaringRecord().getSimpleName());
    }
    return key;
  }

  /** Whether it must be given; a component that is no key need not. */
  boolean isNeeded() {
    Key key = told.getAnnotation(Key.class);
    return key != null && !key.needed().isEmpty();
  }

  /** Whether it decides what a directory holds; empty where neither it nor its record says so. */
  Optional<Boolean> decides() {
    return Stream.of(
            told.getAnnotation(Decides.class),
            told.getDeclaringRecord().getAnnotation(Decides.class))
        .flatMap(Stream::ofNullable)
        .map(Decides::value)
        .findFirst();
  }

  /** The texts allowed; none where any is. */
  List<String> allowed() {
    String constant = key().oneOf();
    return constant.isEmpty() ? List.of() : constant(told.getDeclaringRecord(), constant);
  }

  /** Its value in a record. */
  @Nullable Object of(Object record) {
    try {
      return read.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(read + " cannot be read", e);
    }
  }

  private static List<String> constant(Class<?> type, String name) {
    int dot = name.lastIndexOf('.');
    Class<?> inside = dot < 0 ? type : neighbour(type, name.substring(0, dot));
    for (Class<?> each = inside; each != null; each = each.getDeclaringClass()) {
      for (Field field : each.getDeclaredFields()) {
        if (field.getName().equals(name.substring(dot + 1))) {
          return texts(field);
        }
      }
    }
    throw new IllegalStateException(inside + " has no list " + name + ", nor has one around it");
  }

  private static Class<?> neighbour(Class<?> type, String name) {
    try {
      return Class.forName(type.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name + " is no class beside " + type, e);
    }
  }

  private static List<String> texts(Field field) {
    try {
      return ((List<?>) field.get(null)).stream().map(String::valueOf).toList();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " must be public", e);
    }
  }
}
