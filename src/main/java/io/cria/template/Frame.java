package io.cria.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables of a block, and behind them those of the blocks around it. */
final class Frame {
  private final Run run;
  private final @Nullable Frame outer;
  private final Map<String, Object> variables = new HashMap<>();

  private Frame(Run run, @Nullable Frame outer) {
    this.run = run;
    this.outer = outer;
  }

  static Frame outermost(Run run) {
    return new Frame(run, null);
  }

  Frame inner() {
    return new Frame(run, this);
  }

  Run run() {
    return run;
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  Object get(String name) {
    for (Frame frame = this; frame != null; frame = frame.outer) {
      Object value = frame.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Undefined("'" + name + "' is undefined");
  }
}
