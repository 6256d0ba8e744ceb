package io.cria.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Real texts and reference results that lie beside a developer's checkout and are no part of the
 * project. A test that asks for one is skipped, with a word, where it is not at hand.
 */
public final class Fixtures {
  private static final Path ROOT = Path.of(System.getProperty("cria.fixtures", "../shared"));

  private Fixtures() {}

  /**
   * The fixture at {@code path} below the fixtures' folder; skips the calling test when it is
   * absent.
   */
  public static Path file(String path) {
    Path file = ROOT.resolve(path);
    Assumptions.assumeTrue(
        Files.exists(file),
        () -> "skipped: fixture " + path + " is not at hand (-Dcria.fixtures=DIR)");
    return file;
  }

  /** Whether the fixture is at hand. */
  public static boolean has(String path) {
    return Files.exists(ROOT.resolve(path));
  }
}
