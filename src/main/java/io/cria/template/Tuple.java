package io.cria.template;

import java.util.AbstractList;
import java.util.List;

/** A list that prints in parentheses, is no list to Python, and can be a key. */
final class Tuple extends AbstractList<Object> {
  private final List<Object> elements;

  Tuple(List<?> elements) {
    this.elements = List.copyOf(elements);
  }

  static Tuple of(Object... elements) {
    return new Tuple(List.of(elements));
  }

  @Override
  public Object get(int index) {
    return elements.get(index);
  }

  @Override
  public int size() {
    return elements.size();
  }
}
