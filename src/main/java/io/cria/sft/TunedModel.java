package io.cria.sft;

import io.cria.sft.generate.CheckpointGenerator;
import io.cria.sft.train.LoraFiles;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.LogitsHook;
import io.cria.task.Message;
import io.cria.task.TextGenerator.Generated;
import io.cria.tokenizer.ChatTemplate;
import io.cria.tokenizer.PromptTemplate;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TextPiece;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that is asked in the layout it was taught. What a user writes is text: control
 * tokens written in it have no effect. Not thread-safe. Interrupting the thread ends an answer
 * between two tokens with a {@link java.util.concurrent.CancellationException}.
 */
public final class TunedModel implements AutoCloseable {
  private final CheckpointGenerator generator;
  private final @Nullable PromptTemplate template;

  private TunedModel(CheckpointGenerator generator, @Nullable PromptTemplate template) {
    this.generator = generator;
    this.template = template;
  }

  /**
   * Opens a checkpoint.
   *
   * @param checkpoint a model's directory or an adapter's
   * @param adapter a PEFT adapter of the model, or null
   * @param layout how to ask it; null for the layout it was taught here, or else the model's own
   *     chat form
   * @param hook changes every token's logits, or null
   * @throws CriaException (bad input) when files are missing or do not fit one another
   */
  public static TunedModel open(
      Path checkpoint,
      @Nullable Path adapter,
      @Nullable TemplateSource layout,
      @Nullable LogitsHook hook) {
    if (!Files.isDirectory(checkpoint)) {
      throw CriaException.badInput(
          "no checkpoint at " + checkpoint + ": give a model's directory or an adapter's");
    }
    if (adapter != null && !Files.exists(adapter.resolve(LoraFiles.CONFIG))) {
      throw CriaException.badInput(
          "no adapter at " + adapter + ": give a directory with " + LoraFiles.CONFIG);
    }
    Path taught = adapter == null ? checkpoint : adapter;
    Optional<TemplateSource> source =
        layout == null ? CheckpointCard.template(taught) : Optional.of(layout);
    CheckpointGenerator generator =
        adapter == null
            ? CheckpointGenerator.open(checkpoint, hook)
            : CheckpointGenerator.open(checkpoint, adapter, hook);
    try {
      if (source.isEmpty() && generator.tokenizer().settings().chatTemplate() != null) {
        source = Optional.of(TemplateSource.OWN_CHAT);
      }
      return new TunedModel(
          generator, source.map(known -> known.template(generator.tokenizer())).orElse(null));
    } catch (CriaException e) {
      generator.close();
      throw e;
    }
  }

  public String modelName() {
    return generator.modelName();
  }

  public int contextLength() {
    return generator.contextLength();
  }

  /** Whether there is a layout to ask it in; without one only {@link #complete} works. */
  public boolean hasLayout() {
    return template != null;
  }

  /**
   * What the model is asked.
   *
   * @param input may be empty
   */
  public record Question(String instruction, String input) {}

  /** Answers questions, all side by side. */
  public List<Generated> answer(List<Question> questions, Decoding decoding) {
    PromptTemplate layout = layout();
    List<List<TextPiece>> prompts =
        questions.stream()
            .map(question -> layout.prompt(question.instruction(), question.input()))
            .toList();
    return generator.generateLaidOut(prompts, layout.end(), decoding);
  }

  /** Why a question cannot be asked: its prompt is too long. Empty where it can. */
  public Optional<String> refusal(Question question, Decoding decoding) {
    return generator.refusal(
        layout().prompt(question.instruction(), question.input()), decoding.maxTokens());
  }

  /** Why there is no going on from a text: it is empty or too long. Empty where there is. */
  public Optional<String> refusalOfText(String text, Decoding decoding) {
    return generator.refusalOfText(text, decoding.maxTokens());
  }

  /** Answers the last of the messages. */
  public Generated chat(List<Message> messages, Decoding decoding) {
    PromptTemplate layout = layout();
    List<TextPiece> prompt =
        layout instanceof ChatTemplate chat
            ? chat.prompt(messages)
            : layout.prompt(asOneTask(messages), "");
    return generator.generateLaidOut(List.of(prompt), layout.end(), decoding).get(0);
  }

  /** A layout for single tasks gets the whole chat as one; a lone question stands for itself. */
  private static String asOneTask(List<Message> messages) {
    if (messages.size() == 1) {
      return messages.get(0).content();
    }
    StringBuilder task = new StringBuilder();
    for (Message message : messages) {
      task.append(task.isEmpty() ? "" : "\n\n");
      if (!message.role().equals(Message.SYSTEM)) {
        task.append(message.role().equals(Message.USER) ? "User: " : "Assistant: ");
      }
      task.append(message.content());
    }
    return task.toString();
  }

  /** Goes on from a text, without any layout. */
  public Generated complete(String text, Decoding decoding) {
    return generator.generateText(text, decoding);
  }

  private PromptTemplate layout() {
    if (template == null) {
      throw CriaException.badInput(
          "no layout is known for "
              + modelName()
              + ": name one with --template, or go on from plain text with --raw");
    }
    return template;
  }

  @Override
  public void close() {
    generator.close();
  }
}
