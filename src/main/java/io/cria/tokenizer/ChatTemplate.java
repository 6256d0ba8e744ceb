package io.cria.tokenizer;

import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.Ids;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The chat form a model brings along. Models bring it as a Jinja program; these programs fall into
 * a few families, each known by its control tokens, and a family is laid out here without running
 * the program. A program that does more than its family (tools, dates, reasoning) is refused: a
 * layout that is nearly the model's own would teach it a wrong one.
 */
public final class ChatTemplate implements PromptTemplate {
  /** The families. */
  private enum Family {
    CHATML("<|im_end|>"),
    LLAMA3("<|eot_id|>"),
    LLAMA2(""),
    ZEPHYR("");

    /** Empty where the model's end token ends an answer. */
    private final String end;

    Family(String end) {
      this.end = end;
    }
  }

  private static final Pattern DEFAULT_SYSTEM =
      Pattern.compile("<\\|im_start\\|>system(?:\\\\n|\\R)((?:[^<{}'\\\\]|\\\\')*)<\\|im_end\\|>");

  private final Family family;
  private final String bos;
  private final String end;
  private final @Nullable String defaultSystem;

  private ChatTemplate(Family family, String bos, String end, @Nullable String defaultSystem) {
    this.family = family;
    this.bos = bos;
    this.end = end;
    this.defaultSystem = defaultSystem;
  }

  /**
   * The chat form of this model.
   *
   * @throws CriaException (bad input) when it has none, or one of another family
   */
  public static ChatTemplate of(ModelTokenizer tokenizer) {
    String jinja = tokenizer.settings().chatTemplate();
    if (jinja == null) {
      throw CriaException.badInput(
          "the model brings no chat form: use a template file, such as conf/templates/alpaca.yaml");
    }
    String bosToken = tokenizer.settings().bos();
    String eosToken = tokenizer.settings().eos();
    Family family = familyOf(jinja);
    String end = family.end.isEmpty() && eosToken != null ? eosToken : family.end;
    if (tokenizer.encode(end, false).length != 1) {
      throw CriaException.badInput(
          "the model's chat form ends with '"
              + end
              + "', which is no token of it: use a template file");
    }
    String bos = jinja.contains("bos_token") && bosToken != null ? bosToken : "";
    Matcher system = DEFAULT_SYSTEM.matcher(jinja);
    boolean hasDefault = family == Family.CHATML && system.find();
    return new ChatTemplate(
        family, bos, end, hasDefault ? system.group(1).replace("\\'", "'") : null);
  }

  private static Family familyOf(String jinja) {
    for (String more :
        List.of(
            "strftime_now",
            "Cutting Knowledge",
            "reasoning_content",
            "<think>",
            "enable_thinking")) {
      if (jinja.contains(more)) {
        throw unsupported("has '" + more + "' in it");
      }
    }
    if (jinja.contains("<|im_start|>")) {
      return Family.CHATML;
    }
    if (jinja.contains("<|start_header_id|>")) {
      return Family.LLAMA3;
    }
    if (jinja.contains("[INST]") && jinja.contains("<<SYS>>")) {
      return Family.LLAMA2;
    }
    if (jinja.contains("<|user|>")
        && jinja.contains("<|assistant|>")
        && jinja.contains("eos_token")) {
      return Family.ZEPHYR;
    }
    throw unsupported("is of another kind");
  }

  private static CriaException unsupported(String why) {
    return CriaException.badInput(
        "the model's chat form "
            + why
            + ": ChatML, Llama 2, Llama 3 and Zephyr are supported; use a template file");
  }

  @Override
  public List<Segment> training(Example example) {
    List<Message> messages = example.messages();
    if (messages.isEmpty()) {
      messages =
          List.of(
              new Message(Message.USER, question(example.instruction(), example.input())),
              new Message(Message.ASSISTANT, example.output()));
    }
    return segments(messages);
  }

  /**
   * A whole chat: what the assistant says is learnt, with the token that ends it.
   *
   * @throws CriaException (bad input) when the roles do not take turns as the form wants
   */
  public List<Segment> segments(List<Message> messages) {
    List<Segment> segments = new ArrayList<>();
    List<TextPiece> context = new ArrayList<>();
    begin(messages, context);
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (message.role().equals(Message.ASSISTANT)) {
        openAnswer(context);
        segments.add(new Segment(context, false));
        segments.add(Segment.answer(answerText(message.content()), end));
        context = new ArrayList<>();
        afterAnswer(context);
      } else {
        put(message, i, messages, context);
      }
    }
    return List.copyOf(segments);
  }

  @Override
  public List<TextPiece> prompt(String instruction, String input) {
    return prompt(List.of(new Message(Message.USER, question(instruction, input))));
  }

  /** A chat up to where the next answer begins; its last message is the user's. */
  public List<TextPiece> prompt(List<Message> messages) {
    List<TextPiece> context = new ArrayList<>();
    begin(messages, context);
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (message.role().equals(Message.ASSISTANT)) {
        openAnswer(context);
        context.add(TextPiece.user(answerText(message.content())));
        context.add(TextPiece.layout(end));
        afterAnswer(context);
      } else {
        put(message, i, messages, context);
      }
    }
    openAnswer(context);
    return List.copyOf(context);
  }

  @Override
  public String end() {
    return end;
  }

  @Override
  public String hash() {
    return Ids.sha256(
        String.join(
            "\u0000",
            "chat-2",
            family.name(),
            bos,
            end,
            defaultSystem == null ? "" : defaultSystem));
  }

  private static String question(String instruction, String input) {
    return input.isEmpty() ? instruction : instruction + "\n\n" + input;
  }

  /** Llama's forms strip what was said; ChatML and Zephyr keep it. */
  private String content(String text) {
    return family == Family.LLAMA2 || family == Family.LLAMA3 ? text.strip() : text;
  }

  private String answerText(String text) {
    return family == Family.LLAMA2 ? " " + text.strip() + " " : content(text);
  }

  private void begin(List<Message> messages, List<TextPiece> context) {
    if (family != Family.LLAMA2 && !bos.isEmpty()) {
      context.add(TextPiece.layout(bos));
    }
    boolean own = !messages.isEmpty() && messages.get(0).role().equals(Message.SYSTEM);
    if (defaultSystem != null && !own) {
      context.add(TextPiece.layout("<|im_start|>system\n" + defaultSystem + "<|im_end|>\n"));
    }
  }

  private void put(Message message, int index, List<Message> messages, List<TextPiece> context) {
    String text = content(message.content());
    switch (family) {
      case CHATML -> add(context, "<|im_start|>" + message.role() + "\n", text, "<|im_end|>\n");
      case LLAMA3 ->
          add(
              context,
              "<|start_header_id|>" + message.role() + "<|end_header_id|>\n\n",
              text,
              "<|eot_id|>");
      case ZEPHYR -> add(context, "<|" + message.role() + "|>\n", text, end + "\n");
      case LLAMA2 -> putLlama2(message, index, messages, context);
    }
  }

  /** The system's words stand inside the first question. */
  private void putLlama2(
      Message message, int index, List<Message> messages, List<TextPiece> context) {
    if (message.role().equals(Message.SYSTEM)) {
      if (index != 0 || messages.size() < 2 || !messages.get(1).role().equals(Message.USER)) {
        throw CriaException.badInput(
            "a Llama 2 chat has its system message first, then the user's: reorder the messages");
      }
      return;
    }
    context.add(TextPiece.layout(bos + "[INST] "));
    String text = message.content().stripTrailing();
    if (index == 1 && messages.get(0).role().equals(Message.SYSTEM)) {
      add(context, "<<SYS>>\n", messages.get(0).content(), "\n<</SYS>>\n\n");
    } else {
      text = text.strip();
    }
    add(context, "", text, " [/INST]");
  }

  private void openAnswer(List<TextPiece> context) {
    switch (family) {
      case CHATML -> context.add(TextPiece.layout("<|im_start|>assistant\n"));
      case LLAMA3 ->
          context.add(TextPiece.layout("<|start_header_id|>assistant<|end_header_id|>\n\n"));
      case ZEPHYR -> context.add(TextPiece.layout("<|assistant|>\n"));
      case LLAMA2 -> {
        // The answer follows [/INST] directly.
      }
    }
  }

  private void afterAnswer(List<TextPiece> context) {
    if (family == Family.CHATML || family == Family.ZEPHYR) {
      context.add(TextPiece.layout("\n"));
    }
  }

  private static void add(List<TextPiece> context, String before, String text, String after) {
    if (!before.isEmpty()) {
      context.add(TextPiece.layout(before));
    }
    context.add(TextPiece.user(text));
    context.add(TextPiece.layout(after));
  }
}
