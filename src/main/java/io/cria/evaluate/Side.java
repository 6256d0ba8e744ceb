package io.cria.evaluate;

/** What a judge chose of two answers shown side by side. */
public enum Side {
  LEFT,
  RIGHT,
  NEITHER;

  public Side opposite() {
    return switch (this) {
      case LEFT -> RIGHT;
      case RIGHT -> LEFT;
      case NEITHER -> NEITHER;
    };
  }
}
