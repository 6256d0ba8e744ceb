package io.cria.serve.embedded;

import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.template.ChatTemplate;
import io.cria.template.PlainForm;
import io.cria.template.TemplateException;
import io.cria.template.ToolCalls;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chats of a GGUF file's model, laid out by the template that the file brings, or in the plain
 * form. Threads may share one.
 */
final class GgufChat {
  private final @Nullable ChatTemplate template;
  private final String problem;
  private final boolean plain;

  /** What llama.cpp puts before every prompt, which the prompt must not begin with again. */
  private final String bos;

  private GgufChat(@Nullable ChatTemplate template, String problem, boolean plain, String bos) {
    this.template = template;
    this.problem = problem;
    this.plain = plain;
    this.bos = bos;
  }

  /** The file's chats; a template that cannot be used refuses them and nothing else. */
  static GgufChat of(GgufHeader header, Clock clock) {
    String given = header.chatTemplate();
    String bos = header.addsBos() ? header.tokens().getOrDefault("bos_token", "") : "";
    try {
      ChatTemplate template =
          ChatTemplate.of(
              given == null ? PlainForm.template(false) : given,
              null,
              header.tokens(),
              header.controlTexts(),
              clock);
      return new GgufChat(template, "", given == null, bos);
    } catch (TemplateException e) {
      return new GgufChat(null, String.valueOf(e.getMessage()), false, bos);
    }
  }

  /** What whoever serves the model should know: one line, or none. */
  Optional<String> notice() {
    if (template == null) {
      return Optional.of("its chat template cannot be used, so chats are refused: " + problem);
    }
    return plain ? Optional.of(PlainForm.SAID) : Optional.empty();
  }

  /**
   * The text up to where the next answer begins; names of control tokens that a message holds are
   * broken by a space.
   *
   * @throws CriaException (bad input) when the template does not take such a chat
   */
  String prompt(Conversation chat) {
    if (template == null) {
      throw CriaException.badInput(
          "the model's chat template cannot be used (" + problem + "): use /v1/completions");
    }
    try {
      String prompt = template.prompt(chat.messages(), chat.tools()).with(" ");
      return !bos.isEmpty() && prompt.startsWith(bos) ? prompt.substring(bos.length()) : prompt;
    } catch (TemplateException e) {
      throw CriaException.badInput(
          "the model's chat template does not take these messages ("
              + e.getMessage()
              + "): change them");
    }
  }

  /** Whether it may name tools, and answers call them. */
  boolean callsTools() {
    return template != null && ToolCalls.areIn(template);
  }

  /** Where an answer ends, beside the model's own end. */
  List<String> stops() {
    return plain ? PlainForm.stops() : List.of();
  }
}
