package io.cria.task;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Under which terms a dataset or a model is handed on, as whoever makes it states them: they go
 * into its cards, manifests and files' metadata. Nothing is taken for granted where nothing is
 * stated.
 */
public record Terms(
    @Key(
            "A licence as Hugging Face and SPDX name it, such as cc-by-4.0, or in words;"
                + " without it not stated")
        @Nullable String license,
    @Key(
            "What the provider of the model that wrote the texts asks of whoever uses them;"
                + " without it not stated")
        @Nullable String teacherTerms,
    @Key("What it is meant for, and what not; without it not stated") @Nullable String intendedUse,
    @Key("Whom to name; without it not stated") @Nullable String attribution) {
  public static final Terms NONE = new Terms(null, null, null, null);

  /** What is said where nothing is stated. */
  public static final String NOT_STATED = "not stated";

  /** The key of the licence in {@link #stated}. */
  public static final String LICENSE = "license";

  private static final int LONGEST = 2000;

  public Terms {
    check(LICENSE, license);
    check("teacherTerms", teacherTerms);
    check("intendedUse", intendedUse);
    check("attribution", attribution);
  }

  private static void check(String key, @Nullable String value) {
    if (value != null && value.isBlank()) {
      throw new IllegalArgumentException(
          "terms." + key + " is blank: leave it out where nothing is to be stated");
    }
    if (value != null && value.length() > LONGEST) {
      throw new IllegalArgumentException(
          "terms."
              + key
              + " has more than "
              + LONGEST
              + " characters: name where the whole text is to be found");
    }
  }

  /** Whether anything is stated. */
  public boolean areStated() {
    return !stated().isEmpty();
  }

  /** What is stated, by key. */
  public SortedMap<String, String> stated() {
    SortedMap<String, String> stated = told();
    stated.values().removeIf(NOT_STATED::equals);
    return stated;
  }

  /** All keys, in the words of what is stated or {@link #NOT_STATED}. */
  public SortedMap<String, String> told() {
    return new TreeMap<>(
        Map.of(
            LICENSE,
            or(license),
            "teacher_terms",
            or(teacherTerms),
            "intended_use",
            or(intendedUse),
            "attribution",
            or(attribution)));
  }

  /** What {@link #told} told. */
  public static Terms ofTold(Map<String, String> told) {
    return new Terms(
        stated(told, LICENSE),
        stated(told, "teacher_terms"),
        stated(told, "intended_use"),
        stated(told, "attribution"));
  }

  private static @Nullable String stated(Map<String, String> told, String key) {
    String value = told.get(key);
    return NOT_STATED.equals(value) ? null : value;
  }

  private static String or(@Nullable String value) {
    return value == null ? NOT_STATED : value;
  }
}
