package io.cria.cli;

import io.cria.storage.Location;
import io.cria.task.CriaException;

/** A file that a command makes and nobody is to lose. */
final class NewFile {
  private NewFile() {}

  /**
   * Refuses a name that is taken.
   *
   * @throws CriaException (bad input) where something is there
   */
  static void require(Location file) {
    if (file.exists()) {
      throw CriaException.badInput(file + " is there already: give --force, or another name");
    }
  }
}
