package io.cria.task;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build of Cria this is: provenance for every artefact and for {@code cria --version}.
 *
 * @param version of the jar; {@code development} where the classes come from no jar
 * @param commit git commit in full, with {@code -dirty} where the working tree had changes; {@code
 *     unknown} where it was built outside a checkout
 */
public record Build(String version, String commit) {
  private static final String PROPERTIES = "/io/cria/git.properties";

  /** The build this class belongs to. */
  public static Build current() {
    String version = Build.class.getPackage().getImplementationVersion();
    return new Build(version == null ? "development" : version, commit(properties()));
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream(PROPERTIES)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the resource " + PROPERTIES + " cannot be read", e);
    }
    return properties;
  }

  static String commit(Properties git) {
    String commit = git.getProperty("git.commit.id.full", git.getProperty("git.commit.id", ""));
    if (commit.isBlank()) {
      return "unknown";
    }
    return Boolean.parseBoolean(git.getProperty("git.dirty")) ? commit + "-dirty" : commit;
  }
}
