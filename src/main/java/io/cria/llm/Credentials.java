package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint's key, read on the host that uses it, from an environment variable or a file. Made
 * anew on each executor: never travels in a configuration, a closure or a message; {@link
 * #toString} names its place only. Thread-safe.
 */
public final class Credentials {
  private final String place;
  private final @Nullable Path file;
  private volatile @Nullable String key;

  private Credentials(String place, @Nullable Path file, @Nullable String key) {
    this.place = place;
    this.file = file;
    this.key = key;
  }

  /** No key: nothing is sent for it. */
  public static Credentials none() {
    return new Credentials("no key", null, null);
  }

  /**
   * The value of an environment variable.
   *
   * @throws CriaException ({@link ExitCode#ENDPOINT}) when it is not set or no key
   */
  public static Credentials fromEnvironment(String variable) {
    return fromEnvironment(variable, System.getenv());
  }

  static Credentials fromEnvironment(String variable, Map<String, String> environment) {
    String place = "environment variable " + variable;
    String value = environment.get(variable);
    if (value == null || value.isBlank()) {
      throw new CriaException(
          ExitCode.ENDPOINT, "no key for the endpoint, " + place + " is not set: export it");
    }
    return new Credentials(place, null, checked(value, place));
  }

  /**
   * The content of a file, white space around it removed.
   *
   * @throws CriaException ({@link ExitCode#ENDPOINT}) when it cannot be read or holds no key
   */
  public static Credentials fromFile(Path file) {
    String place = "file " + file;
    return new Credentials(place, file, read(file, place));
  }

  private static String read(Path file, String place) {
    try {
      return checked(Files.readString(file), place);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.ENDPOINT, "cannot read the key, " + place + ": make it readable", e);
    }
  }

  private static String checked(String value, String place) {
    String key = value.strip();
    if (key.isEmpty() || !key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw new CriaException(
          ExitCode.ENDPOINT, "no usable key, " + place + ": put the key there, alone on one line");
    }
    return key;
  }

  /** The key, if there is one. */
  Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /** After {@code used} was refused: reads the file again. Whether there is another key now. */
  synchronized boolean renewed(@Nullable String used) {
    if (file != null && Objects.equals(used, key)) {
      key = read(file, place);
    }
    return !Objects.equals(used, key);
  }

  /** Where the key stands, for messages. */
  public String place() {
    return place;
  }

  @Override
  public String toString() {
    return "Credentials[" + place + "]";
  }
}
