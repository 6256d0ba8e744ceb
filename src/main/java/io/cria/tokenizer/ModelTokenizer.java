package io.cria.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import io.cria.template.ChatTemplate;
import io.cria.weights.AtomicFile;
import io.cria.weights.Gguf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A model's tokenizer: Hugging Face's own library in this process, offline. Never truncates, never
 * pads. Safe to share between threads.
 */
public final class ModelTokenizer implements AutoCloseable {
  private final byte[] json;
  private final String hash;
  private final TokenizerSettings settings;
  private final Vocabulary vocabulary;
  private final ControlTokens control;
  private @Nullable TokenTexts texts;

  /** Whether only the text that a sequence begins with gets a space before it. */
  private final boolean onlyAtStart;

  private final HuggingFaceTokenizer whole;
  private final HuggingFaceTokenizer plain;

  /** For text that goes on from other text; the same as {@code plain} where that is all one. */
  private final HuggingFaceTokenizer inner;

  private ModelTokenizer(
      byte[] json,
      TokenizerSettings settings,
      Vocabulary vocabulary,
      HuggingFaceTokenizer whole,
      HuggingFaceTokenizer plain,
      HuggingFaceTokenizer inner) {
    this.json = json;
    this.hash = Ids.sha256(json);
    this.settings = settings;
    this.vocabulary = vocabulary;
    this.onlyAtStart = vocabulary.putsSpaceOnlyFirst();
    this.control =
        new ControlTokens(
            vocabulary.control(), vocabulary.flagged("lstrip"), vocabulary.flagged("rstrip"));
    this.whole = whole;
    this.plain = plain;
    this.inner = inner;
  }

  /**
   * Opens a model's tokenizer.
   *
   * @param path a directory with tokenizer.json (and the files beside it), that file itself, or a
   *     GGUF file
   * @throws CriaException (bad input) when there is none, it does not load, or a token with a role
   *     is not in it
   */
  public static ModelTokenizer open(Path path) {
    if (path.getFileName() != null && path.getFileName().toString().endsWith(".gguf")) {
      return GgufTokenizer.read(Gguf.open(path));
    }
    Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    byte[] json;
    try {
      json = Files.readAllBytes(file);
    } catch (IOException e) {
      throw CriaException.badInput(
          "no tokenizer at " + file + ": give a directory with tokenizer.json, or a GGUF file");
    }
    Vocabulary vocabulary = Vocabulary.parse(json, file.toString());
    Path directory = file.toAbsolutePath().getParent();
    TokenizerSettings settings =
        directory == null
            ? new TokenizerSettings(null, null, null, null, false, null)
            : TokenizerSettings.read(directory, vocabulary.json().path("post_processor"))
                .completedBy(directory, vocabulary::textOf);
    return load(json, settings, vocabulary, file.toString());
  }

  /** A tokenizer from the text of a tokenizer.json; {@code where} names it in errors. */
  public static ModelTokenizer of(byte[] tokenizerJson, TokenizerSettings settings, String where) {
    return load(tokenizerJson.clone(), settings, Vocabulary.parse(tokenizerJson, where), where);
  }

  private static ModelTokenizer load(
      byte[] json, TokenizerSettings settings, Vocabulary vocabulary, String where) {
    for (String token :
        Arrays.asList(settings.bos(), settings.eos(), settings.pad(), settings.unk())) {
      if (token != null && !vocabulary.ids().containsKey(token)) {
        throw CriaException.badInput(
            where
                + " has no token '"
                + token
                + "', which its settings name: take both files from the same model");
      }
    }
    List<String> steering = new ArrayList<>(settings.tokens().values());
    steering.addAll(
        ChatTemplate.steering(
            vocabulary.added(), settings.chatTemplate(), settings.toolTemplate()));
    Vocabulary steered = vocabulary.steeredBy(steering);
    HuggingFaceTokenizer whole = Natives.load(json, where);
    HuggingFaceTokenizer plain = Natives.load(steered.withoutControl(), where);
    HuggingFaceTokenizer inner =
        steered.withoutLeadingSpace().map(bytes -> Natives.load(bytes, where)).orElse(plain);
    return new ModelTokenizer(json, settings, steered, whole, plain, inner);
  }

  /**
   * The ids of a text in which the texts of control tokens mean these tokens: for prompts that are
   * wholly a layout's. Text that a user or a model wrote goes through {@link #encode(List)}.
   *
   * @param addSpecial whether a sequence is begun here: puts bos before it if this model wants that
   */
  public int[] encode(String text, boolean addSpecial) {
    int[] ids = encode(List.of(TextPiece.layout(text)));
    return addSpecial ? begun(ids) : ids;
  }

  /**
   * The ids of pieces in order: control tokens count in a layout's pieces alone; the text between
   * them is one text.
   */
  public int[] encode(List<TextPiece> pieces) {
    return new Encoding().of(pieces);
  }

  /**
   * The ids of an example's segments, each encoded by itself: no token spans two. A segment that
   * goes on from text gets no space before its first word, as it would have none in the whole text;
   * the first segment and one after a control token are encoded as {@link #encode(List)} does.
   *
   * @return one array for each segment
   */
  public List<int[]> encodeSegments(List<Segment> segments) {
    List<int[]> parts = new ArrayList<>();
    Encoding encoding = new Encoding();
    for (Segment segment : segments) {
      parts.add(encoding.of(segment.pieces()));
    }
    return parts;
  }

  /** The ids of pieces, and how the text goes on behind them. */
  private final class Encoding {
    private final StringBuilder run = new StringBuilder();
    private IntStream.Builder ids = IntStream.builder();

    /** Whether anything stands before what comes now. */
    private boolean begun;

    /** Whether text that comes now goes on from text. */
    private boolean goesOn;

    /** Whether white space that comes now belongs to the control token before it. */
    private boolean takesSpace;

    int[] of(List<TextPiece> pieces) {
      ids = IntStream.builder();
      for (TextPiece piece : pieces) {
        if (piece.fromLayout()) {
          layout(piece.text());
        } else {
          append(piece.text());
        }
      }
      flush();
      return ids.build().toArray();
    }

    private void layout(String text) {
      int at = 0;
      for (ControlTokens.Found found = control.next(text, 0);
          found != null;
          found = control.next(text, at)) {
        append(text.substring(at, found.start()));
        if (found.token().takesLeft()) {
          String kept = ControlTokens.withoutTrailingSpace(run.toString());
          run.setLength(kept.length());
        }
        flush();
        ids.add(found.token().id());
        begun = true;
        goesOn = false;
        takesSpace = found.token().takesRight();
        at = found.end();
      }
      append(text.substring(at));
    }

    private void append(String text) {
      String kept = takesSpace ? ControlTokens.withoutLeadingSpace(text) : text;
      takesSpace &= kept.isEmpty();
      run.append(kept);
    }

    private void flush() {
      if (run.length() > 0) {
        HuggingFaceTokenizer encoder = goesOn || (begun && onlyAtStart) ? inner : plain;
        for (long id : encoder.encode(run.toString(), false, false).getIds()) {
          ids.add((int) id);
        }
        run.setLength(0);
        goesOn = true;
        begun = true;
      }
    }
  }

  /**
   * The ids with bos before them, where this model begins sequences so and they do not begin so
   * already.
   */
  public int[] begun(int[] ids) {
    OptionalInt bos = bosId();
    if (!settings.addsBos() || bos.isEmpty() || (ids.length > 0 && ids[0] == bos.getAsInt())) {
      return ids;
    }
    return IntStream.concat(IntStream.of(bos.getAsInt()), Arrays.stream(ids)).toArray();
  }

  /**
   * The text of ids.
   *
   * @param skipSpecial whether control tokens are left out
   */
  public String decode(int[] ids, boolean skipSpecial) {
    return whole.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
  }

  /**
   * Whether a token's text begins with a space that a decoded text which begins with it has not.
   */
  public boolean losesSpace(int id) {
    int[] alone = {id};
    List<Integer> bytes = tokenTexts().of(id).bytes();
    int own = 0;
    while (own < bytes.size() && bytes.get(own) == ' ') {
      own++;
    }
    return own > 0 && !decode(alone, false).startsWith(" ".repeat(own));
  }

  /** What each token adds to a text; made when first asked for. */
  public synchronized TokenTexts tokenTexts() {
    if (texts == null) {
      texts = TokenTexts.of(vocabulary);
    }
    return texts;
  }

  /** One more than the largest id; a model's embedding may have more rows. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  public OptionalInt idOf(@Nullable String token) {
    Integer id = token == null ? null : vocabulary.ids().get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  public OptionalInt bosId() {
    return idOf(settings.bos());
  }

  public OptionalInt eosId() {
    return idOf(settings.eos());
  }

  public OptionalInt padId() {
    return idOf(settings.pad());
  }

  public TokenizerSettings settings() {
    return settings;
  }

  /** Lower-case hexadecimal SHA-256 of tokenizer.json. */
  public String hash() {
    return hash;
  }

  /** The text of tokenizer.json, UTF-8. */
  public byte[] json() {
    return json.clone();
  }

  /** The texts of all tokens that steer the model. */
  public List<String> controlTokens() {
    return List.copyOf(vocabulary.control().keySet());
  }

  Map<String, Integer> ids() {
    return vocabulary.ids();
  }

  /** Whether a text's first word gets a space before it that the text does not have. */
  boolean putsSpaceBefore() {
    return vocabulary.putsSpaceBefore();
  }

  ObjectNode tree() {
    return vocabulary.json();
  }

  /** Writes tokenizer.json and tokenizer_config.json into a checkpoint's directory. */
  public void writeTo(Path directory) {
    AtomicFile.write(directory.resolve("tokenizer.json"), json);
    AtomicFile.write(directory.resolve("tokenizer_config.json"), settings.toJson());
  }

  @Override
  public void close() {
    whole.close();
    plain.close();
    if (inner != plain) {
      inner.close();
    }
  }

  /** The native library: where it is unpacked, and that it stays at home. */
  private static final class Natives {
    static {
      Map<String, String> environment = System.getenv();
      if (environment.get("DJL_CACHE_DIR") == null && System.getProperty("DJL_CACHE_DIR") == null) {
        System.setProperty("DJL_CACHE_DIR", cache(environment).resolve("natives").toString());
      }
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private Natives() {}

    private static Path cache(Map<String, String> environment) {
      String own = environment.get("CRIA_CACHE");
      if (own != null) {
        return Path.of(own);
      }
      String shared = environment.get("XDG_CACHE_HOME");
      Path caches =
          shared == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(shared);
      return caches.resolve("cria");
    }

    static HuggingFaceTokenizer load(byte[] json, String where) {
      Map<String, String> options =
          Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");
      try {
        return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
      } catch (IOException | RuntimeException e) {
        throw new CriaException(
            ExitCode.BAD_INPUT,
            where
                + " does not load as a tokenizer ("
                + e.getMessage()
                + "): take tokenizer.json again from the model",
            e);
      }
    }
  }
}
