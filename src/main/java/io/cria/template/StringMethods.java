package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The methods of strings. */
final class StringMethods {
  /** What a method makes of its string and arguments. */
  @FunctionalInterface
  private interface Method {
    Object call(String text, Arguments.Bound arguments);
  }

  private record Signature(Method method, List<String> parameters) {}

  private static final Map<String, Signature> METHODS =
      Map.ofEntries(
          method("strip", stripping(true, true), "chars"),
          method("lstrip", stripping(true, false), "chars"),
          method("rstrip", stripping(false, true), "chars"),
          method("split", StringMethods::split, "sep", "maxsplit"),
          method("rsplit", StringMethods::splitFromRight, "sep", "maxsplit"),
          method("splitlines", (s, a) -> Strings.lines(s, a.flag("keepends")), "keepends"),
          method("startswith", (s, a) -> affix(a, s::startsWith), "prefix"),
          method("endswith", (s, a) -> affix(a, s::endsWith), "suffix"),
          method("removeprefix", StringMethods::withoutPrefix, "prefix"),
          method("removesuffix", StringMethods::withoutSuffix, "suffix"),
          method("upper", (s, a) -> Strings.upper(s)),
          method("lower", (s, a) -> Strings.lower(s)),
          method("title", (s, a) -> Strings.title(s)),
          method("capitalize", (s, a) -> Strings.capitalize(s)),
          method("replace", StringMethods::replace, "old", "new", "count"),
          method("join", StringMethods::join, "iterable"),
          method("find", (s, a) -> place(s, s.indexOf(needed(a, "sub"))), "sub"),
          method("rfind", (s, a) -> place(s, s.lastIndexOf(needed(a, "sub"))), "sub"),
          method("count", (s, a) -> Strings.count(s, needed(a, "sub")), "sub"),
          method("isdigit", (s, a) -> all(s, Character::isDigit)),
          method("isalpha", (s, a) -> all(s, Character::isLetter)),
          method("isalnum", (s, a) -> all(s, Character::isLetterOrDigit)),
          method("isspace", (s, a) -> all(s, Strings::isSpace)),
          method("isupper", (s, a) -> cased(s) && s.equals(Strings.upper(s))),
          method("islower", (s, a) -> cased(s) && s.equals(Strings.lower(s))));

  private StringMethods() {}

  private static Map.Entry<String, Signature> method(
      String name, Method method, String... parameters) {
    return Map.entry(name, new Signature(method, List.of(parameters)));
  }

  /** The method of that name for this text, or null. */
  static @Nullable Callable find(String text, String name) {
    Signature signature = METHODS.get(name);
    if (signature == null) {
      return null;
    }
    return (run, arguments) ->
        signature.method().call(text, arguments.bind(name, signature.parameters()));
  }

  private static String needed(Arguments.Bound arguments, String name) {
    return Values.text(arguments.need(name));
  }

  private static Method stripping(boolean left, boolean right) {
    return (text, arguments) -> {
      String characters = arguments.text("chars");
      return Strings.strip(text, characters, left, right);
    };
  }

  private static Object split(String text, Arguments.Bound arguments) {
    String separator = arguments.text("sep");
    int most = arguments.integer("maxsplit", -1);
    return separator == null ? Strings.words(text, most) : Strings.split(text, separator, most);
  }

  private static Object splitFromRight(String text, Arguments.Bound arguments) {
    String separator = arguments.text("sep");
    int most = arguments.integer("maxsplit", -1);
    return separator == null
        ? Strings.wordsFromRight(text, most)
        : Strings.splitFromRight(text, separator, most);
  }

  private static boolean affix(Arguments.Bound arguments, Predicate<String> holds) {
    Object affix = arguments.values().values().stream().findFirst().orElse(None.NONE);
    return affix instanceof Tuple several
        ? several.stream().anyMatch(one -> holds.test(Values.text(one)))
        : holds.test(Values.text(affix));
  }

  private static Object withoutPrefix(String text, Arguments.Bound arguments) {
    String prefix = needed(arguments, "prefix");
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  private static Object withoutSuffix(String text, Arguments.Bound arguments) {
    String suffix = needed(arguments, "suffix");
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }

  private static Object replace(String text, Arguments.Bound arguments) {
    return Strings.replace(
        text, needed(arguments, "old"), needed(arguments, "new"), arguments.integer("count", -1));
  }

  private static Object join(String separator, Arguments.Bound arguments) {
    List<String> parts = new ArrayList<>();
    for (Object part : Values.elements(arguments.need("iterable"))) {
      parts.add(Values.text(part));
    }
    return Strings.join(separator, parts);
  }

  private static Object place(String text, int index) {
    return index < 0 ? -1L : (long) text.codePointCount(0, index);
  }

  private static boolean all(String text, IntPredicate kind) {
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  private static boolean cased(String text) {
    return text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
  }
}
