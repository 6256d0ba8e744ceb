package io.cria.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Whether a chat template has the model call tools in the form that can be read here: a JSON object
 * of {@code name} and {@code arguments} between {@code <tool_call>} and {@code </tool_call>}. It is
 * seen from how the template writes a call.
 */
public final class ToolCalls {
  public static final String OPEN = "<tool_call>";
  public static final String CLOSE = "</tool_call>";

  private static final String NAME = "look_up_river";
  private static final String ARGUMENT = "river_name";
  private static final String VALUE = "Rhine";
  private static final Pattern WRITTEN =
      Pattern.compile(
          OPEN
              + "\\s*\\{\\s*\"name\":\\s*\""
              + NAME
              + "\",\\s*\"arguments\":\\s*\\{\\s*\""
              + ARGUMENT
              + "\":\\s*\""
              + VALUE
              + "\"\\s*\\}\\s*\\}\\s*"
              + CLOSE);

  private ToolCalls() {}

  /** Whether it tells the model of tools, and writes calls in that form. */
  public static boolean areIn(ChatTemplate template) {
    if (!template.controls().of(OPEN + CLOSE).isEmpty()) {
      return false; // the tags would not be among what is written
    }
    Map<String, ?> asked = Map.of("role", "user", "content", "Where is the Rhine?");
    // in the order of the interface: a template may write a call as it comes
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("name", NAME);
    call.put("arguments", Map.of(ARGUMENT, VALUE));
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", "call00001");
    entry.put("type", "function");
    entry.put("function", call);
    Map<String, ?> called =
        Map.of("role", "assistant", "content", "", "tool_calls", List.of(entry));
    try {
      String told = template.prompt(List.of(asked), List.of(tool())).plain();
      String untold = template.prompt(List.of(asked), List.of()).plain();
      String whole =
          template.chat(List.of(asked, called), List.of(tool())).render(2, false).text().plain();
      return told.contains(NAME) && !untold.contains(NAME) && WRITTEN.matcher(whole).find();
    } catch (TemplateException e) {
      return false; // it takes no tools
    }
  }

  private static Map<String, ?> tool() {
    Map<String, ?> river = Map.of("type", "string", "description", "its name");
    Map<String, ?> parameters =
        Map.of(
            "type", "object", "properties", Map.of(ARGUMENT, river), "required", List.of(ARGUMENT));
    return Map.of(
        "type",
        "function",
        "function",
        Map.of("name", NAME, "description", "finds a river", "parameters", parameters));
  }
}
