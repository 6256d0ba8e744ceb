package io.cria.template;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The state of one rendering: what it has used up, where it is, what it marked. */
final class Run {
  private final LocalDateTime now;
  private final List<Range> generated = new ArrayList<>();
  private long steps;
  private int depth;
  private int line = 1;

  Run(LocalDateTime now) {
    this.now = now;
  }

  /** Begins a node; {@link #leave} ends it. */
  void enter() {
    Limits.depth(++depth);
    spend(1);
  }

  void leave() {
    depth--;
  }

  /** Charges for a value by its size. */
  void made(Object value) {
    if (value instanceof String text) {
      spend(text.length() / Limits.UNITS_PER_STEP);
    } else if (value instanceof Collection<?> list) {
      spend(list.size());
    } else if (value instanceof Map<?, ?> map) {
      spend(map.size());
    }
  }

  private void spend(long cost) {
    steps += cost;
    if (steps > Limits.STEPS) {
      throw new Fault("more than " + Limits.STEPS + " steps");
    }
  }

  void at(int line) {
    this.line = line;
  }

  int line() {
    return line;
  }

  LocalDateTime now() {
    return now;
  }

  void mark(int start, int end) {
    generated.add(new Range(start, end));
  }

  List<Range> generated() {
    return generated;
  }
}
