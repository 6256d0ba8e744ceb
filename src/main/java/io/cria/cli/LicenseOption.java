package io.cria.cli;

import io.cria.config.NearestWord;
import io.cria.task.CriaException;
import io.cria.task.HubLicense;
import org.jspecify.annotations.Nullable;

/** The option {@code --license}. */
final class LicenseOption {
  private LicenseOption() {}

  /**
   * Refuses a single word that is no licence's name.
   *
   * @param given null where it was not given
   */
  static void require(@Nullable String given) {
    if (given != null && !HubLicense.isName(given)) {
      throw CriaException.badInput(
          "--license "
              + given
              + ": no licence of that name is known: "
              + NearestWord.of(given, HubLicense.names())
                  .map(near -> "did you mean " + near + "? Else ")
                  .orElse("")
              + "give LicenseRef-NAME, or say it in several words");
    }
  }
}
