package io.cria.cli;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;

/** Cria's own folder, with scripts/ and conf/: the launcher names it in {@code -Dcria.home}. */
final class Home {
  static final String PROPERTY = "cria.home";

  private Home() {}

  /**
   * A file of the installation.
   *
   * @param relative for example {@code scripts/fetch-model}
   * @throws CriaException when there is none
   */
  static Path file(String relative) {
    String home = System.getProperty(PROPERTY);
    if (home == null) {
      throw new CriaException(
          ExitCode.FAULT,
          "Cria's folder is not known, -D" + PROPERTY + ": start Cria with scripts/cria");
    }
    Path file = Path.of(home, relative);
    if (!Files.exists(file)) {
      throw new CriaException(
          ExitCode.FAULT, file + ": it belongs to Cria and is not there: get a whole checkout");
    }
    return file;
  }
}
