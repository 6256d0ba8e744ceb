package io.cria.run;

import java.util.ArrayList;
import java.util.List;

/**
 * Why the line ends short of its target because of a cap, stage by stage; without a cause it does
 * not. A stage that a cap cut leaves the later ones with less than it was to give them: they do
 * what can be done with that. A stage that ended early by itself, so that the later ones can be
 * paid, is done. Used by the driver's thread only.
 */
public final class Shortfall {
  private final List<Cause> causes;

  /**
   * What a cap did to a stage.
   *
   * @param stage its name
   * @param reason one line for people: what, where, remedy
   * @param cut whether it broke off; else it ended early
   */
  public record Cause(String stage, String reason, boolean cut) {}

  /**
   * @param causes that an earlier invocation left
   */
  public Shortfall(List<Cause> causes) {
    this.causes = new ArrayList<>(causes);
  }

  /**
   * Forgets what a stage that is begun said before. The line begins anew with its first stage: that
   * one forgets all.
   */
  public void begin(String stage) {
    if (stage.equals(Line.GENERATE.name())) {
      causes.clear();
    } else {
      causes.removeIf(cause -> cause.stage().equals(stage));
    }
  }

  /** A stage ended early, and is done. */
  public void endedEarly(String stage, String reason) {
    causes.add(new Cause(stage, reason, false));
  }

  /** A cap broke a stage off. */
  public void cut(String stage, String reason) {
    causes.add(new Cause(stage, reason, true));
  }

  /** Whether that stage was. */
  public boolean hasCut(String stage) {
    return causes.stream().anyMatch(cause -> cause.cut() && cause.stage().equals(stage));
  }

  /** What an invocation leaves for the next. */
  public List<Cause> causes() {
    return List.copyOf(causes);
  }

  public boolean isThere() {
    return !causes.isEmpty();
  }

  /** Whether a stage was cut: what it was to make is not whole. */
  public boolean hasCut() {
    return causes.stream().anyMatch(Cause::cut);
  }

  /** The latest cause's line: what stands in the way last. Empty without one. */
  public String reason() {
    return causes.isEmpty() ? "" : causes.get(causes.size() - 1).reason();
  }
}
