package io.cria.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template has. */
final class Globals {
  /** The most numbers of one range: the sandbox's own bound. */
  private static final int RANGE = 100_000;

  private Globals() {}

  static void put(Frame frame) {
    frame.set("raise_exception", (Callable) Globals::raise);
    frame.set("strftime_now", (Callable) Globals::now);
    frame.set("namespace", (Callable) Globals::namespace);
    frame.set("dict", (Callable) Globals::dict);
    frame.set("range", (Callable) Globals::range);
  }

  private static Object raise(Run run, Arguments arguments) {
    throw new Fault(Text.of(arguments.bind("raise_exception", "message").need("message")));
  }

  private static Object now(Run run, Arguments arguments) {
    Object format = arguments.bind("strftime_now", "format").need("format");
    return Dates.format(run.now(), Values.text(format));
  }

  private static Object namespace(Run run, Arguments arguments) {
    Namespace namespace = new Namespace();
    entries("namespace", arguments)
        .forEach((name, value) -> namespace.set(Values.text(name), value));
    return namespace;
  }

  private static Object dict(Run run, Arguments arguments) {
    return entries("dict", arguments);
  }

  /** The entries of a dict or of a list of pairs, and those given by name. */
  private static Map<Object, Object> entries(String function, Arguments arguments) {
    Map<Object, Object> entries = new LinkedHashMap<>();
    if (arguments.positional().size() > 1) {
      throw new Fault(function + " takes at most one argument without a name");
    }
    for (Object given : arguments.positional()) {
      if (given instanceof Map<?, ?> map) {
        entries.putAll(map);
        continue;
      }
      for (Object element : Values.elements(given)) {
        List<Object> pair = Values.elements(element);
        if (pair.size() != 2) {
          throw new Fault(function + " needs pairs of a key and a value");
        }
        Dicts.put(entries, pair.get(0), pair.get(1));
      }
    }
    entries.putAll(arguments.named());
    return entries;
  }

  private static Object range(Run run, Arguments arguments) {
    List<Object> bounds = arguments.positional();
    if (bounds.isEmpty() || bounds.size() > 3 || !arguments.named().isEmpty()) {
      throw new Fault("range takes one to three integers");
    }
    long start = bounds.size() == 1 ? 0 : Numbers.index(bounds.get(0));
    long end = Numbers.index(bounds.get(bounds.size() == 1 ? 0 : 1));
    long step = bounds.size() == 3 ? Numbers.index(bounds.get(2)) : 1;
    if (step == 0) {
      throw new Fault("range by steps of zero");
    }
    if ((end - start) / step > RANGE) {
      throw new Fault("range of more than " + RANGE + " numbers");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < end : i > end; i += step) {
      numbers.add(i);
    }
    return numbers;
  }
}
