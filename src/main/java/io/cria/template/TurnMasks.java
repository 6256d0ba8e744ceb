package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of a chat are learnt: what the assistant says, from where the prompt ends to the
 * token that ends the turn, and nothing else.
 *
 * <p>For a turn, P is the chat before it with the generation prompt, F the chat up to it, and Full
 * the whole. Where each P begins its F and each F begins Full, the chat is one sequence; where some
 * F does not begin Full (earlier thinking is dropped, tools move on), every turn is a sequence by
 * itself, its F; where a P does not begin its F, generation would start from another text than is
 * taught, and the chat is refused. {@code generation} blocks narrow a turn's part down; its end is
 * always learnt. What is learnt holds the answer, or the names of the tools that the turn calls.
 */
public final class TurnMasks {
  private static final String END_OF_THINKING = "</think>";

  /** What the assistant says to learn how turns end. */
  private static final String ANSWER = "answer";

  private final ChatTemplate template;
  private final @Nullable String end;

  /**
   * @param template what the chats are rendered with
   * @throws TemplateException if the template refuses a chat of one question and its answer
   */
  public TurnMasks(ChatTemplate template) {
    this.template = template;
    this.end = endOfTurn(template);
  }

  /** What becomes of a chat. */
  public sealed interface Masked {}

  /** The chat is learnt, as one sequence or as several. */
  public record Learnt(List<Sequence> sequences) implements Masked {
    public Learnt {
      sequences = List.copyOf(sequences);
    }
  }

  /**
   * The chat is not learnt.
   *
   * @param detail more than the reason, for a person
   */
  public record Refused(Refusal reason, String detail) implements Masked {}

  /**
   * A text, and what of it is learnt.
   *
   * @param learnt in order and apart from each other, in the marked text; the text ends with the
   *     last
   */
  public record Sequence(ChatText text, List<Range> learnt) {
    public Sequence {
      learnt = List.copyOf(learnt);
    }
  }

  /** The text of the token that ends a turn; empty where turns end without one. */
  public Optional<String> end() {
    return Optional.ofNullable(end);
  }

  /**
   * The first control token behind an answer; where others follow it directly and the end of text
   * is one of them, at the end of a chat as in its middle, then that: models stop there.
   */
  private static @Nullable String endOfTurn(ChatTemplate template) {
    Map<String, String> question = Map.of("role", "user", "content", "question");
    Map<String, String> answer = Map.of("role", "assistant", "content", ANSWER);
    ChatTemplate.Chat chat = template.chat(List.of(question, answer, question), List.of());
    List<String> last = behindAnswer(template, chat, 2);
    String eos = template.token("eos_token");
    int place = last.indexOf(eos);
    if (place > 0 && behindAnswer(template, chat, 3).indexOf(eos) == place) {
      return eos;
    }
    return last.isEmpty() ? null : last.get(0);
  }

  private static List<String> behindAnswer(
      ChatTemplate template, ChatTemplate.Chat chat, int messages) {
    String text = chat.render(messages, false).text().marked();
    Turn turn = new Turn(template.controls(), text, 0);
    int said = turn.endOf(ANSWER);
    return said < 0 ? List.of() : turn.controlsFrom(said);
  }

  /** The chat's sequences, or why it has none. What follows its last answer is left out. */
  public Masked mask(List<? extends Map<String, ?>> messages, List<?> tools) {
    int count = messages.size();
    while (count > 0 && !isAssistant(messages.get(count - 1))) {
      count--;
    }
    if (count == 0) {
      return new Refused(Refusal.NO_ANSWER, "no message of the assistant");
    }
    try {
      return mask(template.chat(messages.subList(0, count), tools), messages.subList(0, count));
    } catch (TemplateException e) {
      return new Refused(Refusal.TEMPLATE, String.valueOf(e.getMessage()));
    } catch (NotLearnable e) {
      return new Refused(e.reason, String.valueOf(e.getMessage()));
    }
  }

  private Masked mask(ChatTemplate.Chat chat, List<? extends Map<String, ?>> messages)
      throws NotLearnable {
    ChatTemplate.Rendering full = chat.render(messages.size(), false);
    List<Learned> turns = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      if (isAssistant(messages.get(i))) {
        turns.add(turn(chat, messages.get(i), i));
      }
    }
    boolean whole =
        turns.stream().allMatch(turn -> full.text().marked().startsWith(turn.beginning));
    List<Sequence> sequences = new ArrayList<>();
    if (whole) {
      sequences.add(sequence(full, turns));
    } else {
      for (Learned turn : turns) {
        sequences.add(sequence(turn.rendering, List.of(turn)));
      }
    }
    sequences.removeIf(sequence -> sequence.learnt().isEmpty());
    if (sequences.isEmpty()) {
      throw new NotLearnable(
          Refusal.NOTHING_LEARNT, "the template's generation blocks hold nothing of the answers");
    }
    return new Learnt(sequences);
  }

  /**
   * One turn of the assistant.
   *
   * @param rendering the chat up to it, F
   * @param beginning what of F must begin the whole chat
   * @param start where the prompt ends in F
   * @param saidEnd where the answer's text ends in F
   * @param endToken the token that ends the turn, in F
   * @param said what its learnt text must hold
   */
  private record Learned(
      ChatTemplate.Rendering rendering,
      String beginning,
      int start,
      int saidEnd,
      Range endToken,
      List<String> said) {}

  private Learned turn(ChatTemplate.Chat chat, Map<String, ?> message, int index)
      throws NotLearnable {
    String prompt = chat.render(index, true).text().marked();
    ChatTemplate.Rendering upTo = chat.render(index + 1, false);
    String text = upTo.text().marked();
    if (!text.startsWith(prompt)) {
      throw new NotLearnable(
          Refusal.PROMPT_DIFFERS,
          "message " + (index + 1) + ": the chat with the answer does not begin with its prompt");
    }
    if (prompt.isEmpty()) {
      throw new NotLearnable(
          Refusal.ALL_LEARNT, "message " + (index + 1) + ": nothing stands before the answer");
    }
    Turn turn = new Turn(template.controls(), text, prompt.length());
    List<String> called = calledBy(message).stream().map(chat::markedText).toList();
    boolean calls = message.get("tool_calls") instanceof List<?> list && !list.isEmpty();
    String answer = chat.markedText(answer(message));
    int said = calls ? turn.endOfText() : turn.endOf(answer);
    if (said < 0 || !called.stream().allMatch(text.substring(prompt.length(), said)::contains)) {
      throw new NotLearnable(
          Refusal.ANSWER_CHANGED, "message " + (index + 1) + ": the template changes the answer");
    }
    Range endToken = turn.endToken(said, end, calls);
    if (endToken == null) {
      throw new NotLearnable(
          Refusal.NO_END, "message " + (index + 1) + ": no token ends the answer");
    }
    // A template that knows no generation prompt may put one behind every chat.
    boolean alwaysPrompts = prompt.equals(chat.render(index, false).text().marked());
    boolean cut = alwaysPrompts && turn.firstControlFrom(endToken.end()) != null;
    String beginning = cut ? text.substring(0, endToken.end()) : text;
    return new Learned(
        upTo, beginning, prompt.length(), said, endToken, calls ? called : List.of(answer));
  }

  private static Sequence sequence(ChatTemplate.Rendering rendering, List<Learned> turns)
      throws NotLearnable {
    List<Range> learnt = new ArrayList<>();
    int end = 0;
    for (Learned turn : turns) {
      List<Range> parts = parts(rendering, turn);
      learnt.addAll(parts);
      end = parts.isEmpty() ? end : turn.endToken.end();
    }
    return new Sequence(rendering.text().part(0, end), learnt);
  }

  /** What of one turn is learnt. */
  private static List<Range> parts(ChatTemplate.Rendering rendering, Learned turn)
      throws NotLearnable {
    Range whole = new Range(turn.start, turn.endToken.end());
    if (rendering.generated().isEmpty()) {
      return List.of(whole);
    }
    List<Range> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (Range generated : rendering.generated()) {
      int start = Math.max(generated.start(), whole.start());
      int end = Math.min(generated.end(), whole.end());
      if (start < end) {
        parts.add(new Range(start, end));
        text.append(rendering.text().marked(), start, end);
      }
    }
    if (parts.isEmpty()) {
      return parts;
    }
    if (turn.said.stream().anyMatch(said -> text.indexOf(said) < 0)) {
      throw new NotLearnable(
          Refusal.ANSWER_CHANGED, "the template's generation blocks cut the answer");
    }
    return withEnd(parts, turn.endToken);
  }

  private static List<Range> withEnd(List<Range> parts, Range endToken) {
    Range last = parts.get(parts.size() - 1);
    if (last.end() >= endToken.end()) {
      return parts;
    }
    int start = Math.max(last.end(), endToken.start());
    if (start == last.end()) {
      parts.set(parts.size() - 1, new Range(last.start(), endToken.end()));
    } else {
      parts.add(new Range(start, endToken.end()));
    }
    return parts;
  }

  private static boolean isAssistant(Map<String, ?> message) {
    return "assistant".equals(message.get("role"));
  }

  /** The names of the tools that a message calls. */
  private static List<String> calledBy(Map<String, ?> message) {
    List<String> names = new ArrayList<>();
    if (message.get("tool_calls") instanceof List<?> calls) {
      for (Object call : calls) {
        if (call instanceof Map<?, ?> map) {
          Object function = map.get("function") instanceof Map<?, ?> inner ? inner : map;
          if (function instanceof Map<?, ?> named && named.get("name") instanceof String name) {
            names.add(name);
          }
        }
      }
    }
    return names;
  }

  /**
   * What the assistant says for others to read, without the white space that templates take off.
   */
  private static String answer(Map<String, ?> message) {
    StringBuilder said = new StringBuilder();
    if (message.get("content") instanceof String text) {
      said.append(text);
    } else if (message.get("content") instanceof List<?> parts) {
      for (Object part : parts) {
        if (part instanceof Map<?, ?> map && map.get("text") instanceof String text) {
          said.append(text);
        }
      }
    }
    int thinking = said.lastIndexOf(END_OF_THINKING);
    String answer =
        thinking < 0 ? said.toString() : said.substring(thinking + END_OF_THINKING.length());
    return Strings.strip(answer, null, true, true);
  }

  /** Ends the look at a chat. */
  private static final class NotLearnable extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;

    NotLearnable(Refusal reason, String detail) {
      super(detail);
      this.reason = reason;
    }
  }
}
