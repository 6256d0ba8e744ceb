package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the turns of a template end, as a small chat shows it. */
final class EndOfTurn {
  private static final String ANSWER = "answer";

  private EndOfTurn() {}

  /**
   * The first control token behind an answer; where others follow it directly and the end of text
   * is one of them, at the end of a chat as in its middle, then that: models stop there. Null where
   * no chat of a question and its answer, with or without a system message, shows one.
   */
  static @Nullable String of(ChatTemplate template) {
    Map<String, String> system = Map.of("role", "system", "content", "rules");
    Map<String, String> question = Map.of("role", "user", "content", "question");
    Map<String, String> answer = Map.of("role", "assistant", "content", ANSWER);
    for (List<Map<String, String>> begin : List.of(List.of(question), List.of(system, question))) {
      List<Map<String, String>> messages = new ArrayList<>(begin);
      messages.add(answer);
      messages.add(question);
      List<String> last = behindAnswer(template, messages, messages.size() - 1);
      if (!last.isEmpty()) {
        String eos = template.token("eos_token");
        int place = eos == null ? -1 : last.indexOf(eos);
        return place > 0 && behindAnswer(template, messages, messages.size()).indexOf(eos) == place
            ? eos
            : last.get(0);
      }
    }
    return null;
  }

  /** Empty where the template refuses such a chat. */
  private static List<String> behindAnswer(
      ChatTemplate template, List<Map<String, String>> messages, int count) {
    try {
      String text = template.chat(messages, List.of()).render(count, false).text().marked();
      Turn turn = new Turn(template.controls(), text, 0);
      int said = turn.endOf(ANSWER, null);
      return said < 0 ? List.of() : turn.controlsFrom(said);
    } catch (TemplateException e) {
      return List.of();
    }
  }
}
