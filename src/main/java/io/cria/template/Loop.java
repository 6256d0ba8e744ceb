package io.cria.template;

import java.util.List;

/** The variable {@code loop}: where a loop is. */
final class Loop {
  private final List<Object> elements;
  private int index = -1;
  private Object seen = new Undefined("nothing seen yet");

  Loop(List<Object> elements) {
    this.elements = elements;
  }

  boolean next() {
    return ++index < elements.size();
  }

  Object current() {
    return elements.get(index);
  }

  Object attribute(String name) {
    int size = elements.size();
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) size - index;
      case "revindex0" -> size - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == size - 1;
      case "length" -> (long) size;
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" ->
          index > 0 ? elements.get(index - 1) : new Undefined("there is no previous item");
      case "nextitem" ->
          index < size - 1 ? elements.get(index + 1) : new Undefined("there is no next item");
      case "cycle" -> (Callable) (run, arguments) -> cycle(arguments);
      case "changed" -> (Callable) (run, arguments) -> changed(arguments);
      default -> new Undefined("loop has no attribute '" + name + "'");
    };
  }

  private Object cycle(Arguments arguments) {
    List<Object> values = arguments.positional();
    if (values.isEmpty()) {
      throw new Fault("loop.cycle needs values");
    }
    return values.get(index % values.size());
  }

  private Object changed(Arguments arguments) {
    Object values = new Tuple(arguments.positional());
    boolean changed = !Comparison.equal(seen, values);
    seen = values;
    return changed;
  }
}
