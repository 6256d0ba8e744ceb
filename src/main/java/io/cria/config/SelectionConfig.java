package io.cria.config;

import io.cria.task.Key;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which examples the dataset has, by what was judged of them. The tables stay whole. */
public record SelectionConfig(
    @Key(
            value =
                "valid keeps what the run's one review found valid, valid:NAME what the"
                    + " review of that name did; without it all",
            form = "valid(:.+)?")
        @Nullable String only,
    @Key("Leaves out what cria decontaminate found near an evaluation set")
        Boolean decontaminated) {
  public static final SelectionConfig NONE = new SelectionConfig(null, false);

  private static final String VALID = "valid";

  public SelectionConfig {
    decontaminated = Defaults.or(decontaminated, false);
    if (only != null && !only.equals(VALID) && !only.matches(VALID + ":.+")) {
      throw new IllegalArgumentException("only must be valid or valid:NAME, not '" + only + "'");
    }
  }

  /** Whether examples are left out. */
  public boolean selects() {
    return onlyValid() || decontaminated;
  }

  /** Whether only reviewed examples are wanted that are valid. */
  public boolean onlyValid() {
    return only != null;
  }

  /** The review's name, where one is given. */
  public Optional<String> review() {
    return only == null || only.equals(VALID)
        ? Optional.empty()
        : Optional.of(only.substring(VALID.length() + 1));
  }
}
