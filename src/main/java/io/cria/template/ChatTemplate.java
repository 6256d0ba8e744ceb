package io.cria.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's chat template with what it is rendered with beside the messages: the texts of the
 * tokens with a role, as transformers passes them. What messages and tools say never becomes a
 * control token. Threads may share one.
 */
public final class ChatTemplate {
  private static final String TOOLS = "tools";
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  private final JinjaTemplate template;
  private final JinjaTemplate toolTemplate;
  private final Map<String, String> tokens;
  private final ControlTexts controls;

  private ChatTemplate(
      JinjaTemplate template,
      JinjaTemplate toolTemplate,
      Map<String, String> tokens,
      ControlTexts controls) {
    this.template = template;
    this.toolTemplate = toolTemplate;
    this.tokens = tokens;
    this.controls = controls;
  }

  /**
   * @param template its text
   * @param toolTemplate another text for chats with tools, or null
   * @param tokens the tokens with a role that the model has, such as {@code bos_token}
   * @param controlTexts the texts of all tokens that steer the model
   * @param clock what {@code strftime_now} reads
   * @throws TemplateException if a text is no template
   */
  public static ChatTemplate of(
      String template,
      @Nullable String toolTemplate,
      Map<String, String> tokens,
      Collection<String> controlTexts,
      Clock clock) {
    JinjaTemplate parsed = JinjaTemplate.parse(template, clock);
    return new ChatTemplate(
        parsed,
        toolTemplate == null ? parsed : JinjaTemplate.parse(toolTemplate, clock),
        Map.copyOf(tokens),
        new ControlTexts(controlTexts));
  }

  /**
   * A chat to render, once or message by message.
   *
   * @param messages oldest first, each with its {@code role}, and values as JSON has them: texts,
   *     numbers, truth values, null, lists, and maps by text
   * @param tools what the model may call, in the same kind of values; empty for none
   * @throws TemplateException if no mark is left to tell written control texts by
   */
  public Chat chat(List<? extends Map<String, ?>> messages, List<?> tools) {
    try {
      return new Chat(messages, tools);
    } catch (Fault fault) {
      throw new TemplateException(1, fault);
    }
  }

  /** The last message's answer is to follow: the text up to where it begins. */
  public ChatText prompt(List<? extends Map<String, ?>> messages, List<?> tools) {
    return chat(messages, tools).render(messages.size(), true).text();
  }

  ControlTexts controls() {
    return controls;
  }

  /** The text of a token with a role, or null. */
  @Nullable String token(String role) {
    return tokens.get(role);
  }

  /**
   * A rendered text.
   *
   * @param generated what the template says the model has generated, in the marked text
   */
  record Rendering(ChatText text, List<Range> generated) {}

  /** A chat whose written control texts are marked, all with the same mark. */
  public final class Chat {
    private final List<Map<String, @Nullable Object>> written;
    private final List<Map<String, @Nullable Object>> messages;
    private final @Nullable Object writtenTools;
    private final @Nullable Object tools;
    private final char mark;
    private final boolean marks;

    private Chat(List<? extends Map<String, ?>> given, List<?> givenTools) {
      this.written = given.stream().map(ChatTemplate::normal).toList();
      this.writtenTools = givenTools.isEmpty() ? null : givenTools;
      List<String> texts = new ArrayList<>();
      collect(written, texts);
      collect(givenTools, texts);
      this.mark = ControlTexts.markFor(texts);
      this.marks = texts.stream().anyMatch(text -> !controls.marked(text, mark).equals(text));
      this.messages = marks ? written.stream().map(this::markedMessage).toList() : written;
      this.tools = marks ? marked(writtenTools) : writtenTools;
    }

    /**
     * Renders the first messages.
     *
     * @param generationPrompt whether the next answer's beginning follows
     * @throws TemplateException if the template refuses them, or works on a control text within one
     *     as if it were its own
     */
    Rendering render(int count, boolean generationPrompt) {
      Rendered rendered = render(messages.subList(0, count), tools, generationPrompt);
      ChatText text = new ChatText(rendered.text(), mark);
      if (marks) {
        String plain = render(written.subList(0, count), writtenTools, generationPrompt).text();
        if (!text.plain().equals(plain)) {
          throw new TemplateException(
              1, "a message holds a control text that the template takes for its own");
        }
      }
      return new Rendering(text, rendered.generated());
    }

    /** A part of a message as it stands in the rendered text. */
    String markedText(String text) {
      return controls.marked(text, mark);
    }

    private Rendered render(
        List<Map<String, @Nullable Object>> some, @Nullable Object someTools, boolean prompt) {
      Map<String, @Nullable Object> variables = new HashMap<>(tokens);
      variables.put("messages", some);
      variables.put(TOOLS, someTools);
      variables.put("documents", null);
      variables.put("add_generation_prompt", prompt);
      return (someTools == null ? template : toolTemplate).render(variables);
    }

    private Map<String, @Nullable Object> markedMessage(Map<String, @Nullable Object> message) {
      Map<String, @Nullable Object> marked = new LinkedHashMap<>();
      message.forEach((key, value) -> marked.put(key, marked(value)));
      return marked;
    }

    private @Nullable Object marked(@Nullable Object value) {
      if (value instanceof String text) {
        return controls.marked(text, mark);
      }
      if (value instanceof List<?> list) {
        List<@Nullable Object> marked = new ArrayList<>();
        list.forEach(element -> marked.add(marked(element)));
        return marked;
      }
      if (value instanceof Map<?, ?> map) {
        Map<Object, @Nullable Object> marked = new LinkedHashMap<>();
        map.forEach(
            (key, each) ->
                marked.put(
                    key instanceof String text ? controls.marked(text, mark) : key, marked(each)));
        return marked;
      }
      return value;
    }
  }

  /**
   * A message as transformers hands it on: without keys that have no value, and with its reasoning
   * under every name that templates know.
   */
  private static Map<String, @Nullable Object> normal(Map<String, ?> message) {
    Map<String, @Nullable Object> present = new LinkedHashMap<>();
    message.forEach(
        (key, value) -> {
          if (value != null) {
            present.put(key, value);
          }
        });
    for (String name : REASONING) {
      Object reasoning = present.get(name);
      if (reasoning != null) {
        // in the order of transformers: some templates print messages whole
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        named.put("thinking", reasoning);
        named.putAll(present);
        named.put("reasoning_content", reasoning);
        return named;
      }
    }
    return present;
  }

  private static void collect(@Nullable Object value, List<String> texts) {
    if (value instanceof String text) {
      texts.add(text);
    } else if (value instanceof List<?> list) {
      list.forEach(element -> collect(element, texts));
    } else if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, each) -> {
            collect(key, texts);
            collect(each, texts);
          });
    }
  }
}
