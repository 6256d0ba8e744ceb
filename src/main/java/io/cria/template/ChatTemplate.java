package io.cria.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model's chat template with what it is rendered with beside the messages: the texts of the
 * tokens with a role, as transformers passes them. What messages and tools say never becomes a
 * control token. Threads may share one.
 */
public final class ChatTemplate {
  private static final String TOOLS = "tools";

  /** What templates compare with words of their own. */
  private static final Set<String> NAMES = Set.of("role", "type");

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

  /** Whether the template that a chat with these tools takes marks what is generated. */
  boolean marksGenerated(List<?> tools) {
    return (tools.isEmpty() ? template : toolTemplate).marksGenerated();
  }

  /**
   * Of the tokens added to a vocabulary that are not called special, those that steer the model all
   * the same: the template writes them. A tag that has its closing partner among them, such as for
   * thinking, is no such: models write these themselves.
   *
   * @param added the texts of added tokens
   * @param templates texts of templates; null where there is none
   */
  public static List<String> steering(Collection<String> added, @Nullable String... templates) {
    Set<String> all = Set.copyOf(added);
    return added.stream()
        .filter(text -> !text.isBlank() && !isTag(text, all))
        .filter(
            text ->
                Arrays.stream(templates)
                    .anyMatch(template -> template != null && template.contains(text)))
        .toList();
  }

  private static boolean isTag(String text, Set<String> all) {
    return text.startsWith("</")
        ? all.contains("<" + text.substring(2))
        : text.startsWith("<") && all.contains("</" + text.substring(1));
  }

  /** A chat whose written control texts are marked, all with the same mark. */
  public final class Chat {
    private final Form written;
    private final Form marked;
    private final Form guarded;
    private final char mark;

    private Chat(List<? extends Map<String, ?>> given, List<?> givenTools) {
      this.written =
          new Form(
              given.stream().map(ChatTemplate::normal).toList(),
              givenTools.isEmpty() ? null : givenTools);
      List<String> texts = new ArrayList<>();
      collect(written.messages, texts);
      collect(givenTools, texts);
      this.mark = ControlTexts.markFor(texts);
      this.marked =
          texts.stream().anyMatch(text -> !markedText(text).equals(text))
              ? written.with(this::markedText, this::markedText)
              : written;
      this.guarded =
          texts.stream().anyMatch(controls::mayBegin)
              ? written.with(text -> controls.guarded(text, mark), this::markedText)
              : written;
    }

    /**
     * Renders the first messages.
     *
     * @param generationPrompt whether the next answer's beginning follows
     * @throws TemplateException if the template refuses them, or makes a control token of what one
     *     of them says
     */
    Rendering render(int count, boolean generationPrompt) {
      Rendered rendered = marked.render(count, generationPrompt);
      ChatText text = new ChatText(rendered.text(), mark);
      if (marked != written
          && !text.plain().equals(written.render(count, generationPrompt).text())) {
        throw new TemplateException(
            1, "a message holds " + writtenControls() + ", which the template takes for its own");
      }
      // cutting, joining and replacing may make one of texts that were none
      if (guarded != written
          && !controls
              .of(text.marked())
              .equals(controls.of(guarded.render(count, generationPrompt).text()))) {
        throw new TemplateException(1, "the template makes a control text of what a message holds");
      }
      return new Rendering(text, rendered.generated());
    }

    private String writtenControls() {
      List<String> texts = new ArrayList<>();
      collect(written.messages, texts);
      return texts.stream()
          .flatMap(text -> controls.of(text).stream())
          .distinct()
          .collect(Collectors.joining(", "));
    }

    /** A part of a message as it stands in the rendered text. */
    String markedText(String text) {
      return controls.marked(text, mark);
    }
  }

  /** The messages in one spelling. */
  private final class Form {
    private final List<Map<String, @Nullable Object>> messages;
    private final @Nullable Object tools;

    Form(List<Map<String, @Nullable Object>> messages, @Nullable Object tools) {
      this.messages = messages;
      this.tools = tools;
    }

    Rendered render(int count, boolean generationPrompt) {
      Map<String, @Nullable Object> variables = new HashMap<>(tokens);
      variables.put("messages", messages.subList(0, count));
      variables.put(TOOLS, tools);
      variables.put("documents", null);
      variables.put("add_generation_prompt", generationPrompt);
      return (tools == null ? template : toolTemplate).render(variables);
    }

    /** Every text spelled otherwise. */
    Form with(UnaryOperator<String> spelling, UnaryOperator<String> spellingOfNames) {
      Speller speller = new Speller(spelling, spellingOfNames);
      return new Form(messages.stream().map(speller::message).toList(), speller.spelled(tools));
    }
  }

  /**
   * Spells the texts in values.
   *
   * @param ofNames of texts that templates compare with words of their own
   */
  private record Speller(UnaryOperator<String> ofTexts, UnaryOperator<String> ofNames) {
    Map<String, @Nullable Object> message(Map<String, @Nullable Object> message) {
      Map<String, @Nullable Object> spelled = new LinkedHashMap<>();
      message.forEach((key, value) -> spelled.put(key, under(key, value)));
      return spelled;
    }

    private @Nullable Object under(@Nullable Object key, @Nullable Object value) {
      return value instanceof String text && key instanceof String name && NAMES.contains(name)
          ? ofNames.apply(text)
          : spelled(value);
    }

    @Nullable Object spelled(@Nullable Object value) {
      if (value instanceof String text) {
        return ofTexts.apply(text);
      }
      if (value instanceof List<?> list) {
        List<@Nullable Object> spelled = new ArrayList<>();
        list.forEach(element -> spelled.add(spelled(element)));
        return spelled;
      }
      if (value instanceof Map<?, ?> map) {
        Map<Object, @Nullable Object> spelled = new LinkedHashMap<>();
        map.forEach(
            (key, each) ->
                spelled.put(
                    key instanceof String text ? ofTexts.apply(text) : key, under(key, each)));
        return spelled;
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
