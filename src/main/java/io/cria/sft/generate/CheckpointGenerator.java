package io.cria.sft.generate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Question;
import io.cria.decoding.grammar.Grammar;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.NativeErrors;
import io.cria.sft.natives.Natives;
import io.cria.sft.train.LoraAdapter;
import io.cria.sft.train.LoraFiles;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.LogitsHook;
import io.cria.task.SeededRandom;
import io.cria.task.TextGenerator;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TextPiece;
import io.cria.weights.BasePlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Text from a model's directory or an adapter's, in float32. Without a seed in the {@link Decoding}
 * the seed is 0, so the same request has the same answer. Not thread-safe. Interrupting the thread
 * ends a generation between two tokens with a {@link CancellationException}.
 */
public final class CheckpointGenerator implements TextGenerator {
  private final String name;
  private final ModelConfig config;
  private final ModelTokenizer tokenizer;
  private final TokenRows rows;
  private final ModelWeights weights;
  private final @Nullable LoraAdapter adapter;
  private final Rotary rotary;
  private final Decoder decoder;
  private final BatchGenerator generator;
  private final @Nullable LogitsHook hook;
  private @Nullable TokenTrie trie;

  private CheckpointGenerator(
      String name,
      ModelConfig config,
      ModelTokenizer tokenizer,
      TokenRows rows,
      ModelWeights weights,
      ModelWeights whole,
      @Nullable LoraAdapter adapter,
      @Nullable LogitsHook hook) {
    this.name = name;
    this.config = config;
    this.tokenizer = tokenizer;
    this.rows = rows;
    this.weights = weights;
    this.adapter = adapter;
    this.hook = hook;
    this.rotary = Rotary.of(config);
    this.decoder = new Decoder(config, whole, rotary, ScalarType.Float);
    this.generator = new BatchGenerator(decoder);
  }

  /**
   * Opens a checkpoint.
   *
   * @param directory a model's (config.json, safetensors, tokenizer.json), or a PEFT adapter's,
   *     whose base is found by its adapter_config.json
   * @param hook changes every token's logits, or null
   * @throws CriaException when a file is missing or does not fit the others
   */
  public static CheckpointGenerator open(Path directory, @Nullable LogitsHook hook) {
    return open(modelOf(directory), isAdapter(directory) ? directory : null, hook);
  }

  private static boolean isAdapter(Path directory) {
    return Files.exists(directory.resolve(LoraFiles.CONFIG));
  }

  /**
   * The directory of a checkpoint's model: itself, or the base that an adapter names.
   *
   * @throws CriaException when an adapter's cannot be read, or its base is not there
   */
  public static Path modelOf(Path directory) {
    return isAdapter(directory) ? baseOf(directory) : directory;
  }

  /**
   * Opens a model with an adapter, wherever the adapter says that its base lies. An adapter that
   * came with a tokenizer is asked with that one.
   *
   * @param base a model's directory
   * @param adapterDirectory a PEFT adapter's, or null for the model alone
   * @param hook changes every token's logits, or null
   * @throws CriaException when a file is missing or does not fit the others
   */
  public static CheckpointGenerator open(
      Path base, @Nullable Path adapterDirectory, @Nullable LogitsHook hook) {
    Natives.load();
    ModelConfig baseConfig = ModelConfigJson.read(base);
    Path tokenizerHome =
        adapterDirectory == null ? base : LoraFiles.tokenizerHome(adapterDirectory, base);
    ModelTokenizer tokenizer = ModelTokenizer.open(tokenizerHome);
    ModelWeights weights = ModelFiles.load(base, baseConfig);
    LoraAdapter adapter =
        adapterDirectory == null ? null : LoraFiles.load(adapterDirectory, weights);
    ModelWeights whole = adapter == null ? weights : adapter.attach(weights);
    ModelConfig config = whole.fitted(baseConfig);
    TokenRows rows = TokenRows.of(tokenizer, config.vocabularySize(), tokenizerHome);
    Path fileName =
        (adapterDirectory == null ? base : adapterDirectory)
            .toAbsolutePath()
            .normalize()
            .getFileName();
    return new CheckpointGenerator(
        fileName == null ? "model" : fileName.toString(),
        config,
        tokenizer,
        rows,
        weights,
        whole,
        adapter,
        hook);
  }

  /**
   * The directory of an adapter's base.
   *
   * @throws CriaException when it cannot be read, or the base is not there
   */
  public static Path baseOf(Path adapter) {
    return baseAtHand(adapter)
        .orElseThrow(
            () ->
                CriaException.badInput(
                    adapter.resolve(LoraFiles.CONFIG)
                        + " names the base model "
                        + nameOfBase(adapter)
                        + ", which is no directory here: give the model's as --checkpoint, and this"
                        + " as --adapter"));
  }

  /**
   * The same where it is there: the directory that the adapter's training tells, or else the one
   * that the adapter itself names.
   *
   * @throws CriaException when the adapter cannot be read
   */
  public static Optional<Path> baseAtHand(Path adapter) {
    return BasePlace.modelOf(adapter)
        .or(
            () ->
                Optional.of(nameOfBase(adapter))
                    .filter(name -> !name.isEmpty())
                    .map(Path::of)
                    .filter(Files::isDirectory));
  }

  private static String nameOfBase(Path adapter) {
    Path file = adapter.resolve(LoraFiles.CONFIG);
    try {
      return new ObjectMapper()
          .readTree(Files.readString(file))
          .path("base_model_name_or_path")
          .asText();
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " (" + e.getMessage() + "): check the file");
    }
  }

  @Override
  public Generated generate(String prompt, Decoding decoding) {
    return generateAll(List.of(prompt), decoding).get(0);
  }

  /**
   * Goes on from each prompt, all side by side; prompt i draws from the stream (seed, i).
   *
   * @throws PromptTooLongException when a prompt and its answer do not fit the model's context
   */
  public List<Generated> generateAll(List<String> prompts, Decoding decoding) {
    List<int[]> ids = new ArrayList<>();
    prompts.forEach(prompt -> ids.add(tokenizer.encode(prompt, true)));
    return generateIds(ids, OptionalInt.empty(), decoding);
  }

  /**
   * As {@link #generateAll}, from laid out prompts: control tokens count in the layout's pieces
   * alone, and the layout decides whether a sequence begins with bos, as it does in training.
   *
   * @param end the token that ends an answer in this layout, besides the model's own
   */
  public List<Generated> generateLaidOut(
      List<List<TextPiece>> prompts, String end, Decoding decoding) {
    List<int[]> ids = new ArrayList<>();
    prompts.forEach(prompt -> ids.add(tokenizer.encode(prompt)));
    return generateIds(ids, tokenizer.idOf(end), decoding);
  }

  /**
   * As {@link #generate}, from a user's text: control tokens written in it are letters. It begins
   * with bos where the model begins every sequence so.
   */
  public Generated generateText(String text, Decoding decoding) {
    return generateIds(List.of(textIds(text)), OptionalInt.empty(), decoding).get(0);
  }

  /** The ids that {@link #generateText} goes on from. */
  public int[] textIds(String text) {
    return tokenizer.begun(tokenizer.encode(List.of(TextPiece.user(text))));
  }

  /**
   * Ids of somebody else's making.
   *
   * @throws CriaException (bad input) when the model has no such token
   */
  public int[] knownIds(List<Integer> ids) {
    for (int id : ids) {
      if (id < 0 || id >= config.vocabularySize()) {
        throw CriaException.badInput(
            "there is no token "
                + id
                + ": the model's are 0 to "
                + (config.vocabularySize() - 1)
                + "; take the ids of its own tokenizer");
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Why {@link #generateLaidOut} would not take this prompt: it is empty, or does not fit. Empty
   * where it would.
   */
  public Optional<String> refusal(List<TextPiece> prompt, int maxTokens) {
    return refusal(tokenizer.encode(prompt), maxTokens);
  }

  /** As the other, for {@link #generateText}. */
  public Optional<String> refusalOfText(String text, int maxTokens) {
    return refusal(textIds(text), maxTokens);
  }

  private Optional<String> refusal(int[] ids, int maxTokens) {
    try {
      requireRoom(ids, maxTokens);
      return Optional.empty();
    } catch (PromptTooLongException | CriaException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The natural logarithm of a user's text's probability, token by token; it begins with bos as of
   * {@link #generateText}, and where the model has none nothing is expected of its first token.
   *
   * @throws PromptTooLongException when it does not fit the model's context
   */
  public double logLikelihood(String text) {
    int[] ids = textIds(text);
    requireRoom(ids, 0);
    try {
      return LogLikelihood.of(decoder, ids);
    } catch (CriaException | CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw NativeErrors.explain(e, "the text's length");
    }
  }

  private List<Generated> generateIds(List<int[]> prompts, OptionalInt end, Decoding decoding) {
    List<Answer> answers = new ArrayList<>();
    Ending ending = new Ending(tokenizer, config, end, decoding.stop());
    for (int i = 0; i < prompts.size(); i++) {
      int[] ids = prompts.get(i);
      requireRoom(ids, decoding.maxTokens());
      answers.add(
          new Answer(
              tokenizer,
              ending,
              sampler(decoding, i),
              ids,
              decoding.maxTokens(),
              null,
              null,
              null));
    }
    run(answers);
    return answers.stream().map(Answer::generated).toList();
  }

  Sampler sampler(Decoding decoding, int stream) {
    long seed = decoding.seed() == null ? 0 : decoding.seed();
    return new Sampler(decoding, hook, SeededRandom.of(seed, "generate", 0, stream));
  }

  void run(List<Answer> answers) {
    try {
      generator.run(answers);
    } catch (CriaException | CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw NativeErrors.explain(e, "the number of prompts at once, or maxTokens");
    }
  }

  /**
   * Answers a question whose prompts are laid out: choice i draws from the stream (seed, i).
   *
   * @param prompts the ids of the question's prompts
   * @param end the token that ends an answer in the prompts' layout, besides the model's own
   * @param stops texts that end an answer besides the question's own
   * @throws PromptTooLongException when a prompt and its answer do not fit the model's context
   */
  public List<Choice> answer(
      List<int[]> prompts,
      @Nullable String end,
      List<String> stops,
      Question question,
      ChoiceListener listener) {
    List<String> allStops =
        Stream.concat(question.decoding().stop().stream(), stops.stream()).toList();
    Ending ending = new Ending(tokenizer, config, tokenizer.idOf(end), allStops);
    return new Choices(this, ending, question, listener).of(prompts);
  }

  /** Adds all tokens of a prompt to its scores. */
  void score(int[] ids, Scores scores) {
    try {
      LogLikelihood.score(decoder, ids, scores);
    } catch (CriaException | CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw NativeErrors.explain(e, "the text's length");
    }
  }

  /** What the keys and values of one token of one text take. */
  long cacheBytesPerToken() {
    return 2L * config.layers() * config.keyValueHeads() * config.headDimension() * Float.BYTES;
  }

  /** What a grammar makes of this vocabulary. */
  Constraint.Rules rules(Grammar grammar) {
    if (trie == null) {
      trie = TokenTrie.of(tokenizer.tokenTexts(), config.vocabularySize());
    }
    return new Constraint.Rules(grammar, trie, tokenizer.tokenTexts());
  }

  void requireRoom(int[] ids, int maxTokens) {
    if (ids.length == 0) {
      throw CriaException.badInput("the prompt is empty: give at least one character");
    }
    rows.require(ids);
    if (ids.length >= contextLength()) {
      throw new PromptTooLongException(ids.length, contextLength());
    }
    if (maxTokens > contextLength() - ids.length) {
      throw new PromptTooLongException(ids.length, maxTokens, contextLength());
    }
  }

  @Override
  public String modelName() {
    return name;
  }

  @Override
  public int contextLength() {
    return config.contextLength();
  }

  /** The tokenizer of the checkpoint; closed with it. */
  public ModelTokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public void close() {
    weights.close();
    if (adapter != null) {
      adapter.close();
    }
    rotary.close();
    tokenizer.close();
  }
}
