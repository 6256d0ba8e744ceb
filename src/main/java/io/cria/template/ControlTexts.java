package io.cria.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the tokens that steer a model. Where somebody has written one, a mark after its
 * first character keeps it apart from those that the template puts.
 */
public final class ControlTexts {
  /** Noncharacters: no text that is interchanged holds one, and no template looks for one. */
  private static final char FIRST_MARK = '\uFDD0';

  private static final char LAST_MARK = '\uFDEF';

  /** By their first unit, longest first. */
  private final Map<Character, List<String>> byStart = new HashMap<>();

  public ControlTexts(Collection<String> texts) {
    texts.stream()
        .filter(text -> !text.isEmpty())
        .sorted(Comparator.comparingInt(String::length).reversed())
        .forEach(
            text -> byStart.computeIfAbsent(text.charAt(0), start -> new ArrayList<>()).add(text));
  }

  /**
   * A mark that none of the texts holds.
   *
   * @throws Fault if they hold all of them
   */
  static char markFor(Collection<String> texts) {
    for (char mark = FIRST_MARK; mark <= LAST_MARK; mark++) {
      int wanted = mark;
      if (texts.stream().noneMatch(text -> text.indexOf(wanted) >= 0)) {
        return mark;
      }
    }
    throw new Fault("the messages hold every noncharacter from U+FDD0 to U+FDEF");
  }

  /**
   * {@code text} with a mark in each control text that somebody has written in it, behind its first
   * character.
   */
  public String marked(String text, char mark) {
    StringBuilder marked = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); ) {
      int width = Character.charCount(text.codePointAt(at));
      marked.append(text, at, at + width);
      if (at(text, at) != null) {
        marked.append(mark);
      }
      at += width;
    }
    return marked.toString();
  }

  /**
   * {@code text} with a mark behind every character that a control text begins with: of what
   * templates make of it none can be one.
   */
  String guarded(String text, char mark) {
    StringBuilder guarded = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); ) {
      int width = Character.charCount(text.codePointAt(at));
      guarded.append(text, at, at + width);
      if (byStart.containsKey(text.charAt(at))) {
        guarded.append(mark);
      }
      at += width;
    }
    return guarded.toString();
  }

  /** Whether {@link #guarded} changes the text. */
  boolean mayBegin(String text) {
    return text.chars().anyMatch(unit -> byStart.containsKey((char) unit));
  }

  /** The longest control text that begins there, or null. */
  @Nullable String at(String text, int at) {
    for (String control : byStart.getOrDefault(text.charAt(at), List.of())) {
      if (text.startsWith(control, at)) {
        return control;
      }
    }
    return null;
  }

  /** The control texts of a text, in order. */
  List<String> of(String text) {
    return from(text, 0).stream().map(found -> text.substring(found.start(), found.end())).toList();
  }

  /** The control texts from there on, from the left, none within another. */
  List<Range> from(String text, int from) {
    List<Range> found = new ArrayList<>();
    for (Range next = next(text, from); next != null; next = next(text, next.end())) {
      found.add(next);
    }
    return found;
  }

  /** The first one from there, the longest that begins at its place; null where there is none. */
  public @Nullable Range next(String text, int from) {
    for (int at = from; at < text.length(); at++) {
      String control = at(text, at);
      if (control != null) {
        return new Range(at, at + control.length());
      }
    }
    return null;
  }
}
