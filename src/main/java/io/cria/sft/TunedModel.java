package io.cria.sft;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.sft.train.LoraFiles;
import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.LogitsHook;
import io.cria.task.Message;
import io.cria.task.TextGenerator.Generated;
import io.cria.tokenizer.ModelChat;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.PromptTemplate;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TextPiece;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that is asked in the layout it was taught. What a user writes is text: control
 * tokens written in it have no effect. Not thread-safe. Interrupting the thread ends an answer
 * between two tokens with a {@link java.util.concurrent.CancellationException}.
 */
public final class TunedModel implements AutoCloseable {
  private final CheckpointGenerator generator;
  private final PromptTemplate template;

  private final Optional<String> notice;
  private final List<String> stops;

  private TunedModel(
      CheckpointGenerator generator,
      PromptTemplate template,
      Optional<String> notice,
      List<String> stops) {
    this.generator = generator;
    this.template = template;
    this.notice = notice;
    this.stops = stops;
  }

  /**
   * Opens a checkpoint.
   *
   * @param checkpoint a model's directory or an adapter's
   * @param adapter a PEFT adapter of the model, or null
   * @param layout how to ask it; null for the layout it was taught here, or else the model's own
   *     chat form, or the plain one where it has none
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
    Path directory = adapter == null ? checkpoint : adapter;
    Optional<TemplateSource> source =
        layout == null ? CheckpointCard.template(directory) : Optional.of(layout);
    CheckpointGenerator generator =
        adapter == null
            ? CheckpointGenerator.open(checkpoint, hook)
            : CheckpointGenerator.open(checkpoint, adapter, hook);
    try {
      TemplateSource named = source.orElse(TemplateSource.OWN_CHAT);
      boolean taught = CheckpointCard.template(directory).equals(Optional.of(named));
      ModelTokenizer tokenizer = generator.tokenizer();
      if (taught || !named.equals(TemplateSource.OWN_CHAT)) {
        return new TunedModel(generator, named.template(tokenizer), Optional.empty(), List.of());
      }
      // A model that was not taught here is told today's date, as it is by others.
      ModelChat chat = ModelChat.of(tokenizer, Clock.system(ZoneId.systemDefault()));
      return new TunedModel(generator, chat, chat.notice(), chat.stops());
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

  /** What whoever asks should know before: one line, or none. */
  public Optional<String> notice() {
    return notice;
  }

  /** Whether its chats may name tools, and its answers call them. */
  public boolean callsTools() {
    return template.callsTools();
  }

  /**
   * What the model is asked.
   *
   * @param input may be empty
   */
  public record Question(String instruction, String input) {}

  /** Answers questions, all side by side. */
  public List<Generated> answer(List<Question> questions, Decoding decoding) {
    List<List<TextPiece>> prompts =
        questions.stream()
            .map(question -> template.prompt(question.instruction(), question.input()))
            .toList();
    return generator.generateLaidOut(prompts, template.end(), ending(decoding));
  }

  /** Why a question cannot be asked: its prompt is too long. Empty where it can. */
  public Optional<String> refusal(Question question, Decoding decoding) {
    return generator.refusal(
        template.prompt(question.instruction(), question.input()), decoding.maxTokens());
  }

  /** Why there is no going on from a text: it is empty or too long. Empty where there is. */
  public Optional<String> refusalOfText(String text, Decoding decoding) {
    return generator.refusalOfText(text, decoding.maxTokens());
  }

  /** Answers the last of the messages. */
  public Generated chat(List<Message> messages, Decoding decoding) {
    List<TextPiece> prompt = template.prompt(Conversation.of(messages));
    return generator.generateLaidOut(List.of(prompt), template.end(), ending(decoding)).get(0);
  }

  /** Answers a question of any kind, heard while the answers are written. */
  public List<Choice> answer(io.cria.decoding.Question question, ChoiceListener listener) {
    List<int[]> prompts = new ArrayList<>();
    String end = null;
    List<String> endings = List.of();
    for (Prompt prompt : question.prompts()) {
      if (prompt instanceof Prompt.Chat chat) {
        prompts.add(generator.tokenizer().encode(template.prompt(chat.conversation())));
        end = template.end();
        // what keeps to a grammar does not fall out of its turn
        endings = question.grammar() == null ? stops : List.of();
      } else if (prompt instanceof Prompt.Text text) {
        prompts.add(generator.textIds(text.text()));
      } else if (prompt instanceof Prompt.Ids ids) {
        prompts.add(generator.knownIds(ids.ids()));
      }
    }
    return generator.answer(prompts, end, endings, question, listener);
  }

  private Decoding ending(Decoding decoding) {
    return decoding.withStop(Stream.concat(decoding.stop().stream(), stops.stream()).toList());
  }

  /** Goes on from a text, without any layout. */
  public Generated complete(String text, Decoding decoding) {
    return generator.generateText(text, decoding);
  }

  /** As of {@link CheckpointGenerator#logLikelihood}, without any layout. */
  public double logLikelihood(String text) {
    return generator.logLikelihood(text);
  }

  /** Why a text cannot be scored: it is empty or too long. Empty where it can. */
  public Optional<String> refusalToScore(String text) {
    return generator.refusalOfText(text, 0);
  }

  @Override
  public void close() {
    generator.close();
  }
}
