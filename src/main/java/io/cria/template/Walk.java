package io.cria.template;

/** Bounds a walk through values within values, which may share parts and so be huge. */
final class Walk {
  private int depth;
  private int parts;

  void enter() {
    Limits.depth(++depth);
    Limits.parts(++parts);
  }

  void leave() {
    depth--;
  }
}
