package io.cria.llm;

import io.cria.task.UserText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;

/**
 * A value that must not be seen, read on the host that uses it. Messages and {@link #toString} name
 * its place only. Thread-safe.
 */
final class Secret {
  private final String what;
  private final String place;
  private final @Nullable Path file;
  private final boolean isKey;
  private volatile String value;

  /** An answer on its way may still repeat a value that was replaced since. */
  private final Set<String> everHeld = new CopyOnWriteArraySet<>();

  /**
   * @param what it is, for messages: {@code the key}
   * @param isKey a key has no spaces; a header's value may
   */
  private Secret(String what, String place, @Nullable Path file, boolean isKey, String value) {
    this.what = what;
    this.place = place;
    this.file = file;
    this.isKey = isKey;
    this.value = value;
    everHeld.add(value);
  }

  /**
   * The value of an environment variable.
   *
   * @throws MissingSecretException when it is not set or cannot be used
   */
  static Secret ofVariable(
      String what, String variable, Map<String, String> environment, boolean isKey) {
    String place = "environment variable " + variable;
    String value = environment.get(variable);
    if (value == null || value.isBlank()) {
      throw new MissingSecretException(
          what, place, value == null ? "is not set" : "is empty", "export it", null);
    }
    return new Secret(what, place, null, isKey, checked(what, place, value, isKey));
  }

  /**
   * The content of a file, white space around it removed.
   *
   * @throws MissingSecretException when it cannot be read or used
   */
  static Secret ofFile(String what, Path file, boolean isKey) {
    String place = "file " + file;
    return new Secret(what, place, file, isKey, read(what, place, file, isKey));
  }

  private static String read(String what, String place, Path file, boolean isKey) {
    try {
      return checked(what, place, UserText.read(file), isKey);
    } catch (IOException e) {
      throw new MissingSecretException(what, place, "cannot be read", "make it readable", e);
    }
  }

  private static String checked(String what, String place, String value, boolean isKey) {
    String bare = value.strip();
    int least = isKey ? 0x21 : 0x20;
    if (bare.isEmpty() || !bare.chars().allMatch(c -> c >= least && c < 0x7f)) {
      throw new MissingSecretException(
          what, place, "holds none that can be sent", "put it there, alone on one line", null);
    }
    return bare;
  }

  String value() {
    return value;
  }

  /** Every value that it has had. */
  Set<String> everHeld() {
    return everHeld;
  }

  /** Reads it again where it may have changed: from its file. */
  synchronized void refresh() {
    if (file != null) {
      String other = read(what, place, file, isKey);
      everHeld.add(other);
      value = other;
    }
  }

  /** Where it stands, for messages. */
  String place() {
    return place;
  }

  @Override
  public String toString() {
    return what + " of " + place;
  }
}
