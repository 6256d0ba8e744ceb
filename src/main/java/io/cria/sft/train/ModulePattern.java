package io.cria.sft.train;

import io.cria.task.CriaException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of an adapter_config.json, matched against the names of modules. Adapters
 * are passed around, and an expression may take longer than anyone lives: a match that looks at
 * more than {@value #LOOKS_LIMIT} characters is given up. Immutable.
 */
final class ModulePattern {
  static final int LOOKS_LIMIT = 1_000_000;

  private static final int SHOWN = 80;
  private static final String REMEDY = ": list the modules by their names";

  private final Path file;
  private final String key;
  private final String written;
  private final Pattern pattern;

  private ModulePattern(Path file, String key, String written, Pattern pattern) {
    this.file = file;
    this.key = key;
    this.written = written;
    this.pattern = pattern;
  }

  /**
   * @param file where it stands
   * @param key under which key
   * @param written what stands there, for messages
   * @param expression what is matched
   * @throws CriaException (bad input) when it is no expression that can be read here
   */
  static ModulePattern of(Path file, String key, String written, String expression) {
    try {
      return new ModulePattern(file, key, written, Pattern.compile(expression));
    } catch (PatternSyntaxException e) {
      throw unread(file, key, written, e.getDescription());
    } catch (StackOverflowError e) {
      throw unread(file, key, written, "it is too deep");
    }
  }

  private static CriaException unread(Path file, String key, String written, String reason) {
    return CriaException.badInput(
        file
            + " has a regular expression in "
            + key
            + " that is not read here ("
            + shown(written)
            + ": "
            + reason.lines().findFirst().orElse("")
            + ")"
            + REMEDY);
  }

  private static String shown(String written) {
    String line = written.replaceAll("\\p{Cntrl}", " ");
    return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
  }

  /** Whether it matches the whole name. */
  boolean matches(String module) {
    return guarded(matcher(module), true);
  }

  /** Whether it matches the name's beginning. */
  boolean matchesStart(String module) {
    return guarded(matcher(module), false);
  }

  /**
   * What the group of that name has matched at the name's beginning.
   *
   * @return empty where the expression does not match, or without that group
   */
  String groupAtStart(String module, String group) {
    Matcher matcher = matcher(module);
    return guarded(matcher, false) ? Objects.requireNonNullElse(matcher.group(group), "") : "";
  }

  private Matcher matcher(String module) {
    return pattern.matcher(new Counted(module));
  }

  private boolean guarded(Matcher matcher, boolean whole) {
    try {
      return whole ? matcher.matches() : matcher.lookingAt();
    } catch (LooksExceededException | StackOverflowError e) {
      throw CriaException.badInput(
          file
              + " has a regular expression in "
              + key
              + " that takes too long on the names of modules ("
              + shown(written)
              + ")"
              + REMEDY);
    }
  }

  private static final class LooksExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LooksExceededException() {
      super("looked at more than " + LOOKS_LIMIT + " characters", null, false, false);
    }
  }

  /** A name that counts how often it is looked at. */
  private static final class Counted implements CharSequence {
    private final String name;
    private int looks;

    Counted(String name) {
      this.name = name;
    }

    @Override
    public int length() {
      return name.length();
    }

    @Override
    public char charAt(int index) {
      if (++looks > LOOKS_LIMIT) {
        throw new LooksExceededException();
      }
      return name.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return name.subSequence(start, end);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
