package io.cria.tokenizer;

import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import io.cria.task.TrainingExample;
import io.cria.template.ChatTemplate;
import io.cria.template.ChatText;
import io.cria.template.PlainForm;
import io.cria.template.Range;
import io.cria.template.TemplateException;
import io.cria.template.ToolCalls;
import io.cria.template.TurnMasks;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chat form that a model brings along, its chat template; a model without one has the plain
 * form, {@link PlainForm}. Immutable.
 */
public final class ModelChat implements PromptTemplate {
  /**
   * The date that templates are told in training, and in asking a model that was trained here: a
   * day of one's own would make other tokens of the same data.
   */
  public static final LocalDate TAUGHT_DATE = LocalDate.of(2024, 7, 26);

  private final ChatTemplate template;
  private final TurnMasks masks;
  private final String end;
  private final String hash;
  private final boolean plain;

  private ModelChat(
      ChatTemplate template, TurnMasks masks, String end, String hash, boolean plain) {
    this.plain = plain;
    this.template = template;
    this.masks = masks;
    this.end = end;
    this.hash = hash;
  }

  /**
   * The chat form of this model, with {@link #TAUGHT_DATE}.
   *
   * @throws CriaException (bad input) when its template cannot be used
   */
  public static ModelChat of(ModelTokenizer tokenizer) {
    return of(
        tokenizer,
        Clock.fixed(TAUGHT_DATE.atStartOfDay(ZoneOffset.UTC).toInstant(), ZoneOffset.UTC));
  }

  /** As {@link #of(ModelTokenizer)}, with the clock that a template reads. */
  public static ModelChat of(ModelTokenizer tokenizer, Clock clock) {
    TokenizerSettings settings = tokenizer.settings();
    String given = settings.chatTemplate();
    String text = given == null ? PlainForm.template(settings.addsBos()) : given;
    Map<String, String> tokens = settings.tokens();
    try {
      ChatTemplate template =
          ChatTemplate.of(text, settings.toolTemplate(), tokens, tokenizer.controlTokens(), clock);
      TurnMasks masks = new TurnMasks(template);
      String eos = settings.eos() == null ? "" : settings.eos();
      String hash =
          Ids.sha256(
              String.join(
                  "\u0000",
                  "chat-3",
                  PlainForm.unmarked(text),
                  settings.toolTemplate() == null ? "" : settings.toolTemplate(),
                  tokens.toString(),
                  TAUGHT_DATE.toString()));
      return new ModelChat(template, masks, masks.end().orElse(eos), hash, given == null);
    } catch (TemplateException e) {
      throw CriaException.badInput(
          "the model's own chat form cannot be used ("
              + e.getMessage()
              + "): use a template file, such as conf/templates/alpaca.yaml");
    }
  }

  /** One line for a person where the model brings no chat form and has the plain one. */
  public Optional<String> notice() {
    return plain ? Optional.of(PlainForm.SAID) : Optional.empty();
  }

  /** As {@link #notice()}, of the chat form that a model with these settings has. */
  static Optional<String> notice(TokenizerSettings settings) {
    return settings.chatTemplate() == null ? Optional.of(PlainForm.SAID) : Optional.empty();
  }

  /** Where answers end of a model that has the plain form without having been taught it. */
  public List<String> stops() {
    return plain ? PlainForm.stops() : List.of();
  }

  /**
   * The settings of a model that has been taught the plain form, which it then brings itself, with
   * the marks of what is learnt.
   */
  public static TokenizerSettings withPlainForm(TokenizerSettings settings) {
    return settings.withChatTemplate(PlainForm.marked(settings.addsBos()));
  }

  @Override
  public TrainingText training(TrainingExample example) {
    Conversation chat = example.conversation();
    TurnMasks.Masked masked = masks.mask(chat.messages(), chat.tools(), chat.context());
    if (masked instanceof TurnMasks.Learnt learnt) {
      return new TrainingText(
          learnt.sequences().stream().map(ModelChat::segments).toList(), null, "");
    }
    TurnMasks.Refused refused = (TurnMasks.Refused) masked;
    return TrainingText.refused(refused.reason(), refused.detail());
  }

  private static List<Segment> segments(TurnMasks.Sequence sequence) {
    List<Segment> segments = new ArrayList<>();
    int at = 0;
    for (Range learnt : sequence.learnt()) {
      if (learnt.start() > at) {
        segments.add(new Segment(pieces(sequence.text().part(at, learnt.start())), false));
      }
      segments.add(new Segment(pieces(sequence.text().part(learnt.start(), learnt.end())), true));
      at = learnt.end();
    }
    return segments;
  }

  private static List<TextPiece> pieces(ChatText text) {
    return text.pieces().stream()
        .map(piece -> new TextPiece(piece.text(), !piece.written()))
        .toList();
  }

  @Override
  public List<TextPiece> prompt(Conversation conversation) {
    try {
      return pieces(template.prompt(conversation.messages(), conversation.tools()));
    } catch (TemplateException e) {
      throw CriaException.badInput(
          "the model's chat form does not take this chat ("
              + e.getMessage()
              + "): change its messages");
    }
  }

  @Override
  public List<TextPiece> prompt(String instruction, String input) {
    return prompt(Conversation.question(instruction, input));
  }

  @Override
  public String end() {
    return end;
  }

  @Override
  public boolean callsTools() {
    return ToolCalls.areIn(template);
  }

  @Override
  public String hash() {
    return hash;
  }
}
