package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private final ChatTemplate template;
  private final @Nullable String end;

  /**
   * @param template what the chats are rendered with
   */
  public TurnMasks(ChatTemplate template) {
    this.template = template;
    this.end = EndOfTurn.of(template);
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

  /** As the other, with every answer learnt. */
  public Masked mask(List<? extends Map<String, ?>> messages, List<?> tools) {
    return mask(messages, tools, Set.of());
  }

  /**
   * The chat's sequences, or why it has none. What follows its last answer is left out.
   *
   * @param context places of messages of the assistant that are read and not learnt
   */
  public Masked mask(List<? extends Map<String, ?>> messages, List<?> tools, Set<Integer> context) {
    int count = messages.size();
    while (count > 0 && !isLearnt(messages, count - 1, context)) {
      count--;
    }
    if (count == 0) {
      return new Refused(Refusal.NO_ANSWER, "no message of the assistant is to be learnt");
    }
    List<? extends Map<String, ?>> read = messages.subList(0, count);
    try {
      return mask(template.chat(read, tools), read, tools, context);
    } catch (TemplateException e) {
      return new Refused(Refusal.TEMPLATE, String.valueOf(e.getMessage()));
    } catch (NotLearnable e) {
      return new Refused(e.reason, String.valueOf(e.getMessage()));
    }
  }

  private static boolean isLearnt(
      List<? extends Map<String, ?>> messages, int index, Set<Integer> context) {
    return "assistant".equals(messages.get(index).get("role")) && !context.contains(index);
  }

  private Masked mask(
      ChatTemplate.Chat chat,
      List<? extends Map<String, ?>> messages,
      List<?> tools,
      Set<Integer> context)
      throws NotLearnable {
    ChatTemplate.Rendering full = chat.render(messages.size(), false);
    boolean narrowed = template.marksGenerated(tools);
    List<Learned> turns = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      if (isLearnt(messages, i, context)) {
        boolean last = i == messages.size() - 1;
        ChatTemplate.Rendering upTo = last ? full : chat.render(i + 1, false);
        turns.add(turn(chat, messages.get(i), i, upTo.text().marked(), full.text().marked()));
      }
    }
    List<Sequence> sequences = new ArrayList<>();
    if (turns.stream().allMatch(Learned::beginsFull)) {
      sequences.add(sequence(full, turns, narrowed));
    } else {
      for (Learned turn : turns) {
        sequences.add(sequence(chat.render(turn.index + 1, false), List.of(turn), narrowed));
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
   * One turn of the assistant. It holds places and no text: a long chat has many, of which each is
   * as long as the chat before it.
   *
   * @param index of its message
   * @param beginsFull whether the chat up to it, F, begins the whole chat
   * @param start where the prompt ends in F
   * @param endToken the token that ends the turn, in F
   */
  private record Learned(int index, boolean beginsFull, int start, Range endToken, Said said) {}

  /**
   * @param text F
   */
  private Learned turn(
      ChatTemplate.Chat chat, Map<String, ?> message, int index, String text, String full)
      throws NotLearnable {
    String place = "message " + (index + 1) + ": ";
    String prompt = chat.render(index, true).text().marked();
    if (!text.startsWith(prompt)) {
      throw new NotLearnable(
          Refusal.PROMPT_DIFFERS,
          place + "the chat with the answer does not begin with its prompt");
    }
    // Nothing predicts the token that a text begins with.
    String bos = template.token("bos_token");
    String rest = bos != null && prompt.startsWith(bos) ? prompt.substring(bos.length()) : prompt;
    if (Strings.isBlank(rest)) {
      throw new NotLearnable(Refusal.ALL_LEARNT, place + "nothing stands before the answer");
    }
    Turn turn = new Turn(template.controls(), text, prompt.length());
    Said said = Said.by(message, chat::markedText);
    int saidEnd = said.calls() ? turn.endOfText() : turn.endOf(said.answer(), end);
    if (saidEnd < 0 || !said.isIn(text.substring(prompt.length(), saidEnd))) {
      throw new NotLearnable(Refusal.ANSWER_CHANGED, place + "the template changes the answer");
    }
    Range endToken = turn.endToken(saidEnd, end, said.calls());
    if (endToken == null) {
      throw new NotLearnable(Refusal.NO_END, place + "no token ends the answer");
    }
    // A template that knows no generation prompt may put one behind every chat.
    boolean alwaysPrompts = prompt.equals(chat.render(index, false).text().marked());
    boolean cut = alwaysPrompts && turn.firstControlFrom(endToken.end()) != null;
    boolean beginsFull = full.startsWith(cut ? text.substring(0, endToken.end()) : text);
    return new Learned(index, beginsFull, prompt.length(), endToken, said);
  }

  private static Sequence sequence(
      ChatTemplate.Rendering rendering, List<Learned> turns, boolean narrowed) throws NotLearnable {
    List<Range> learnt = new ArrayList<>();
    int end = 0;
    for (Learned turn : turns) {
      Range whole = new Range(turn.start, turn.endToken.end());
      List<Range> parts = narrowed ? generated(rendering, turn, whole) : List.of(whole);
      learnt.addAll(parts);
      end = parts.isEmpty() ? end : turn.endToken.end();
    }
    return new Sequence(rendering.text().part(0, end), learnt);
  }

  /** What of a turn stands in generation blocks, with its end; nothing where nothing does. */
  private static List<Range> generated(ChatTemplate.Rendering rendering, Learned turn, Range whole)
      throws NotLearnable {
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
    if (!parts.isEmpty() && !turn.said.isIn(text.toString())) {
      throw new NotLearnable(
          Refusal.ANSWER_CHANGED, "the template's generation blocks cut the answer");
    }
    return parts.isEmpty() ? parts : withEnd(parts, turn.endToken);
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
