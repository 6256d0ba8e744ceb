package io.cria.template;

import java.util.ArrayList;
import java.util.List;

/** Filters that make texts. */
final class TextFilters {
  private TextFilters() {}

  static Object trim(Run run, Object value, Arguments arguments) {
    return Strings.strip(Text.of(value), arguments.bind("trim", "chars").text("chars"), true, true);
  }

  static Object replace(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
    return Strings.replace(
        Text.of(value),
        Text.of(bound.need("old")),
        Text.of(bound.need("new")),
        bound.integer("count", -1));
  }

  static Object join(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("join", "d", "attribute");
    Object attribute = bound.or("attribute", None.NONE);
    List<String> parts = new ArrayList<>();
    for (Object element : Values.elements(value)) {
      Object part = attribute == None.NONE ? element : Access.path(element, attribute);
      parts.add(Text.of(part));
    }
    return Strings.join(Text.of(bound.or("d", "")), parts);
  }

  /** Indents the lines behind the first, empty ones only if asked. */
  static Object indent(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("indent", "width", "first", "blank");
    String indent = indentation(bound.or("width", 4L));
    List<Object> lines = Strings.lines(Text.of(value) + "\n", false);
    Output output = new Output();
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      boolean indented = i == 0 ? bound.flag("first") : bound.flag("blank") || !line.isEmpty();
      output.append(i == 0 ? "" : "\n").append(indented ? indent : "").append(line);
    }
    return output.toString();
  }

  private static String indentation(Object width) {
    return width instanceof String text
        ? text
        : new Output().repeat(" ", Numbers.index(width)).toString();
  }

  /** As transformers has it: nothing of HTML escaped, other scripts kept, keys in their order. */
  static Object toJson(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound =
        arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
    Object indentWidth = bound.or("indent", None.NONE);
    boolean oneLine = indentWidth == None.NONE;
    int indent = oneLine ? -1 : Math.max(0, Numbers.index(indentWidth));
    List<Object> separators = Values.elements(separators(bound, oneLine));
    if (separators.size() != 2) {
      throw new Fault("tojson takes two separators, not " + separators.size());
    }
    return new Json(
            bound.flag("ensure_ascii"),
            indent,
            Values.text(separators.get(0)),
            Values.text(separators.get(1)),
            bound.flag("sort_keys"))
        .write(value);
  }

  private static Object separators(Arguments.Bound bound, boolean oneLine) {
    Object given = bound.or("separators", None.NONE);
    return given == None.NONE ? Tuple.of(oneLine ? ", " : ",", ": ") : given;
  }
}
