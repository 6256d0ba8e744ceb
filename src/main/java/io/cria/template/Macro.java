package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A macro, or the body of a call block. */
record Macro(String name, List<Parameter> parameters, Statement.Block body) {
  record Parameter(String name, @Nullable Expression otherwise) {}

  /** The macro as a value, seeing the variables of where it is defined. */
  Callable bind(Frame definedIn) {
    return (run, arguments) -> call(definedIn.inner(), arguments);
  }

  private String call(Frame frame, Arguments arguments) {
    List<String> accepted = new ArrayList<>();
    parameters.forEach(parameter -> accepted.add(parameter.name()));
    accepted.add("caller");
    if (arguments.positional().size() > parameters.size()) {
      throw new Fault("macro '" + name + "' takes at most " + parameters.size() + " arguments");
    }
    Arguments.Bound bound = arguments.bind("macro '" + name + "'", accepted);
    Object caller = bound.get("caller");
    if (caller != null) {
      frame.set("caller", caller);
    }
    for (Parameter parameter : parameters) {
      frame.set(parameter.name(), value(parameter, bound, frame));
    }
    Output output = new Output();
    body.execute(frame, output);
    return output.toString();
  }

  private static Object value(Parameter parameter, Arguments.Bound bound, Frame frame) {
    Object given = bound.get(parameter.name());
    if (given != null) {
      return given;
    }
    Expression otherwise = parameter.otherwise();
    return otherwise != null
        ? otherwise.evaluate(frame)
        : new Undefined("parameter '" + parameter.name() + "' was not provided");
  }
}
