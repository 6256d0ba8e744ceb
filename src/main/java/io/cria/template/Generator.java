package io.cria.template;

import java.util.List;

/**
 * What Python makes lazily: its elements can be gone through once. It is true even without
 * elements, and has no length.
 */
final class Generator {
  private List<Object> elements;

  Generator(List<Object> elements) {
    this.elements = elements;
  }

  /** The elements; none from the second time on. */
  List<Object> take() {
    List<Object> taken = elements;
    elements = List.of();
    return taken;
  }
}
