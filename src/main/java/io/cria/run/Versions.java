package io.cria.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which Cria this is: version, and the commit it was built from. */
public final class Versions {
  private static final String VERSION = "0.7.0";

  private Versions() {}

  /** The version, without the commit: what a dataset may name and stay the same. */
  public static String cria() {
    String packaged = Versions.class.getPackage().getImplementationVersion();
    return packaged == null ? VERSION : packaged;
  }

  /** The commit this was built from; {@code unknown} outside a checkout. */
  public static String commit() {
    try (InputStream in = Versions.class.getResourceAsStream("/io/cria/git.properties")) {
      if (in == null) {
        return "unknown";
      }
      Properties git = new Properties();
      git.load(in);
      return git.getProperty("git.commit.id.full", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException("git.properties in the jar cannot be read", e);
    }
  }
}
