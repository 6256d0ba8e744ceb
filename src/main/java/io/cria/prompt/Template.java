package io.cria.prompt;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text with named slots, written {@code {{name}}}: lower-case letters and underscores between
 * double braces. Other braces are ordinary text.
 *
 * <p>Line ends are read as {@code \n}, and the line end that closes the file is not part of the
 * text, so that a template can end in the middle of a line. Values are put in as they are: a value
 * that looks like a slot stays what it is.
 */
public final class Template {
  private static final Pattern SLOT = Pattern.compile("\\{\\{([A-Za-z][A-Za-z0-9_-]*)\\}\\}");

  private final String name;
  private final List<Part> parts;
  private final Set<String> slots;

  private Template(String name, List<Part> parts, Set<String> slots) {
    this.name = name;
    this.parts = parts;
    this.slots = slots;
  }

  /** A piece of literal text, or a slot's name. */
  private record Part(boolean isSlot, String text) {}

  /**
   * Reads a template.
   *
   * @param name what errors call it: the file's path
   * @param text its content
   * @param slots the slots it must have, each once at least; no other is allowed
   * @throws CriaException bad input, naming the slot that is unknown or missing
   */
  public static Template parse(String name, String text, Set<String> slots) {
    String body = withoutLastLineEnd(text.replace("\r\n", "\n"));
    List<Part> parts = new ArrayList<>();
    Set<String> found = new LinkedHashSet<>();
    Matcher matcher = SLOT.matcher(body);
    int end = 0;
    while (matcher.find()) {
      String slot = Objects.requireNonNull(matcher.group(1));
      if (!slots.contains(slot)) {
        throw CriaException.badInput(
            "unknown slot {{"
                + slot
                + "}}, "
                + name
                + ":"
                + lineOf(body, matcher.start())
                + ": this template has "
                + braced(slots));
      }
      parts.add(new Part(false, body.substring(end, matcher.start())));
      parts.add(new Part(true, slot));
      found.add(slot);
      end = matcher.end();
    }
    parts.add(new Part(false, body.substring(end)));
    Set<String> missing = new TreeSet<>(slots);
    missing.removeAll(found);
    if (!missing.isEmpty()) {
      throw CriaException.badInput(
          "missing slot "
              + braced(missing)
              + ", "
              + name
              + ": write it where its text belongs in the prompt");
    }
    return new Template(name, List.copyOf(parts), Set.copyOf(slots));
  }

  /** The text with every slot filled; {@code values} has exactly the template's slots. */
  public String render(Map<String, String> values) {
    if (!values.keySet().equals(slots)) {
      throw new IllegalArgumentException(
          name + " has the slots " + braced(slots) + ", not " + braced(values.keySet()));
    }
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      out.append(part.isSlot() ? Objects.requireNonNull(values.get(part.text())) : part.text());
    }
    return out.toString();
  }

  @Override
  public String toString() {
    return name;
  }

  private static String withoutLastLineEnd(String text) {
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private static long lineOf(String text, int offset) {
    return 1 + text.substring(0, offset).chars().filter(c -> c == '\n').count();
  }

  private static String braced(Set<String> names) {
    return names.isEmpty()
        ? "no slots"
        : new TreeSet<>(names)
            .stream().map(slot -> "{{" + slot + "}}").collect(Collectors.joining(", "));
  }
}
