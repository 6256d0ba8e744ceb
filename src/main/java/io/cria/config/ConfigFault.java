package io.cria.config;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.cria.task.CriaException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a configuration, in words for people who know its keys and nothing of how they
 * are read.
 *
 * @param path dotted key; empty for the whole
 * @param what what is wrong with it, and what is allowed
 * @param isUnknownKey whether the key itself is the fault
 */
record ConfigFault(String path, String what, boolean isUnknownKey) {
  private static final int SHOWN = 40;
  private static final Pattern DUPLICATE = Pattern.compile("uplicate [^'\"]*['\"]([^'\"]+)['\"]");

  /**
   * @param tree what was read; null when it could not be read at all
   */
  static ConfigFault of(JsonProcessingException e, @Nullable JsonNode tree) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return new ConfigFault(
          path(unknown), remedy(unknown.getPropertyName(), unknown.getKnownPropertyIds()), true);
    }
    Matcher duplicate = DUPLICATE.matcher(e.getOriginalMessage());
    if (duplicate.find()) {
      return new ConfigFault(
          "", "the key '" + duplicate.group(1) + "' stands twice: remove one", false);
    }
    if (e instanceof JsonMappingException mapping) {
      return new ConfigFault(path(mapping), refused(mapping, tree), false);
    }
    return new ConfigFault(
        "",
        "this is not YAML ("
            + e.getOriginalMessage().lines().findFirst().orElse("it does not read")
            + "): look at brackets, quotes and indentation",
        false);
  }

  /** Told of a place in a file. */
  String in(String where) {
    if (isUnknownKey) {
      return where + ": unknown key '" + path + "': " + what;
    }
    return where + (path.isEmpty() ? "" : ": " + path) + ": " + what;
  }

  /** Told of an override; what its key says already is not said again. */
  String ofOverride(String key) {
    if (isUnknownKey) {
      return "unknown key" + (path.equals(key) ? "" : " '" + path + "'") + ": " + what;
    }
    boolean said = path.isEmpty() || key.equals(path) || key.startsWith(path + ".");
    return said ? what : path + ": " + what;
  }

  /** Where the exception points, from the root. */
  static JsonPointer pointer(JsonMappingException e) {
    JsonPointer pointer = JsonPointer.empty();
    for (JsonMappingException.Reference step : e.getPath()) {
      pointer =
          step.getFieldName() != null
              ? pointer.appendProperty(step.getFieldName())
              : pointer.appendIndex(step.getIndex());
    }
    return pointer;
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() != null) {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      } else {
        path.append('[').append(step.getIndex()).append(']');
      }
    }
    return path.toString();
  }

  private static String remedy(String key, Collection<Object> known) {
    List<String> names = known.stream().map(String::valueOf).sorted().toList();
    return NearestWord.of(key, names)
        .map(name -> "did you mean '" + name + "'?")
        .orElseGet(() -> "known here are " + String.join(", ", names));
  }

  private static String refused(JsonMappingException e, @Nullable JsonNode tree) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof IllegalArgumentException || cause instanceof CriaException) {
      // a record's own words
      return String.valueOf(cause.getMessage());
    }
    if (cause instanceof InputCoercionException tooLarge) {
      boolean isLong =
          tooLarge.getTargetType() == long.class || tooLarge.getTargetType() == Long.class;
      return "must be a whole number of at most " + (isLong ? Long.MAX_VALUE : Integer.MAX_VALUE);
    }
    JsonNode given = tree == null ? null : tree.at(pointer(e));
    return e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null
        ? "must be " + wanted(mismatch.getTargetType()) + not(given)
        : "cannot be used" + not(given) + ": the examples in conf/ show its form";
  }

  private static String wanted(Class<?> type) {
    if (List.of(Integer.class, int.class, Long.class, long.class).contains(type)) {
      return "a whole number";
    }
    if (Number.class.isAssignableFrom(type) || type == double.class) {
      return "a number";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a text";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list, such as [one, two]";
    }
    if (Map.class.isAssignableFrom(type)) {
      return "keys with values, such as {key: value}";
    }
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants());
    }
    return type.isRecord()
        ? "keys below it ("
            + Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.joining(", "))
            + ")"
        : "a value of another kind";
  }

  /** A number or truth value is shown as it is; of a block only that it is one. */
  private static String not(@Nullable JsonNode given) {
    if (given == null || given.isMissingNode()) {
      return "";
    }
    if (given.isArray()) {
      return ", not a list";
    }
    if (given.isObject()) {
      return ", not keys with values";
    }
    String text = given.isTextual() ? "'" + given.textValue() + "'" : given.toString();
    return ", not " + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
  }
}
