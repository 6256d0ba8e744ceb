package io.cria.serve.embedded;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import io.cria.decoding.Told;
import io.cria.serve.embedded.Wire.Ask;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.TextGenerator;
import io.cria.task.TextListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF model in this process: one slot, one thread, one caller. The name of a control token in
 * plain text is no control token. With a seed the same request gives the same text, whatever ran
 * before.
 *
 * <p>One instance in the life of a process: llama.cpp's binding frees no memory on close, and a JVM
 * that has used it does not end by itself ({@code System.exit}, {@code Runtime.halt}).
 *
 * <p>The binding tells neither usage nor why an answer ended, so answers are read token by token: a
 * piece is a token (one with characters beyond ASCII may be several and is counted by encoding it),
 * stop texts are found here, and a last piece without text is the end-of-text token.
 */
final class LlamaGenerator implements TextGenerator {
  /** Context taken when none is asked for, if the model was trained for as much. */
  static final int DEFAULT_CONTEXT = 4096;

  private static final String STOP = "stop";
  private static final String LENGTH = "length";
  private static final int NO_TOP_K = 0;

  private final SecureRandom seeds = new SecureRandom();
  private final LlamaModel model;
  private final String modelName;
  private final int contextLength;
  private final boolean addsBos;
  private final PlainText plainText;

  /**
   * Loads the model. The caller has set {@code de.kherud.llama.tmpdir} to a folder of its own: the
   * binding puts its library there under a fixed name.
   *
   * @throws CriaException when llama.cpp cannot use the file
   */
  LlamaGenerator(Path gguf, GgufHeader header, String modelName, int contextLength) {
    this.modelName = modelName;
    this.contextLength = contextLength;
    this.addsBos = header.addsBos();
    this.plainText = new PlainText(header.controlTexts());
    ModelParameters parameters =
        new ModelParameters()
            .setModel(gguf.toString())
            .setCtxSize(contextLength)
            // prompts come laid out; the file's own template, which llama.cpp would try out without
            // any limit when it loads, is not for it
            .setChatTemplate("chatml")
            .setParallel(1)
            .setThreads(1)
            .setThreadsBatch(1)
            .disableContextShift()
            .disableLog();
    try {
      this.model = new LlamaModel(parameters);
    } catch (RuntimeException e) {
      throw CriaException.badInput(
          "llama.cpp cannot load the model, "
              + gguf
              + " ("
              + e.getMessage()
              + "): give another GGUF file");
    }
  }

  @Override
  public String modelName() {
    return modelName;
  }

  @Override
  public int contextLength() {
    return contextLength;
  }

  @Override
  public Generated generate(String prompt, Decoding decoding) {
    return generate(new Ask(prompt, false, decoding, false, null), more -> true);
  }

  /**
   * Answers, heard while it is written.
   *
   * @param listener called for every token; once it wants no more, the answer ends there
   */
  Generated generate(Ask ask, TextListener listener) {
    String prompt = ask.laidOut() ? ask.prompt() : plainText.of(ask.prompt());
    int promptTokens = model.encode(prompt).length + (addsBos ? 1 : 0);
    int maxTokens = limit(ask, promptTokens);
    Told told = new Told(listener, ask.decoding().stop());
    LlamaIterator pieces = model.generate(parameters(prompt, ask, maxTokens)).iterator();
    StringBuilder text = new StringBuilder();
    String lastPiece = "";
    int tokens = 0;
    while (pieces.hasNext()) {
      LlamaOutput output = pieces.next();
      if (!pieces.hasNext()) {
        break; // the closing message of a stream, without a token
      }
      lastPiece = output.text;
      tokens += tokensOf(lastPiece);
      int seen = text.length();
      text.append(lastPiece);
      int stop = firstStop(text, seen, ask.decoding().stop());
      if (stop >= 0) {
        text.setLength(stop);
      }
      if (stop >= 0 || !told.soFar(text.toString())) {
        pieces.cancel();
        told.whole(text.toString());
        return new Generated(text.toString(), STOP, promptTokens, Math.min(tokens, maxTokens));
      }
    }
    told.whole(text.toString());
    String reason = tokens == 0 || lastPiece.isEmpty() ? STOP : LENGTH;
    return new Generated(
        text.toString(), reason, promptTokens, reason.equals(LENGTH) ? maxTokens : tokens);
  }

  @Override
  public void close() {
    model.close();
  }

  private int limit(Ask ask, int promptTokens) {
    int most = ask.decoding().maxTokens();
    int room = contextLength - promptTokens;
    if (room <= 0) {
      throw new PromptTooLongException(promptTokens, contextLength);
    }
    if (most > room && !ask.fitted()) {
      throw new PromptTooLongException(promptTokens, most, contextLength);
    }
    return Math.min(most, room);
  }

  private InferenceParameters parameters(String prompt, Ask ask, int maxTokens) {
    Decoding decoding = ask.decoding();
    InferenceParameters parameters =
        new InferenceParameters(prompt)
            .setCachePrompt(false)
            .setNPredict(maxTokens)
            .setTopK(NO_TOP_K)
            .setTemperature(floatOr(decoding.temperature(), 1))
            .setTopP(floatOr(decoding.topP(), 1))
            .setMinP(floatOr(decoding.minP(), 0))
            .setPresencePenalty(floatOr(decoding.presencePenalty(), 0))
            .setFrequencyPenalty(floatOr(decoding.frequencyPenalty(), 0))
            .setRepeatPenalty(floatOr(decoding.repeatPenalty(), 1))
            .setSeed(nativeSeed(decoding));
    if (!decoding.logitBias().isEmpty()) {
      Map<Integer, Float> biases = new HashMap<>();
      decoding
          .logitBias()
          .forEach((token, bias) -> biases.put(Integer.valueOf(token), bias.floatValue()));
      parameters.setTokenIdBias(biases);
    }
    if (ask.grammar() != null) {
      parameters.setGrammar(ask.grammar());
    }
    return parameters;
  }

  /** llama.cpp takes 32 bits, of which all ones mean "any seed": 31 of ours are left. */
  private int nativeSeed(Decoding decoding) {
    Long seed = decoding.seed();
    long bits = seed == null ? seeds.nextLong() : seed;
    return (int) (bits ^ (bits >>> 32)) & Integer.MAX_VALUE;
  }

  private int tokensOf(String piece) {
    boolean isAscii = StandardCharsets.US_ASCII.newEncoder().canEncode(piece);
    return isAscii ? 1 : Math.max(1, model.encode(piece).length);
  }

  /** Where the earliest stop text begins that ends after {@code seen}; -1 when there is none. */
  private static int firstStop(StringBuilder text, int seen, List<String> stops) {
    int first = -1;
    for (String stop : stops) {
      int at = text.indexOf(stop, Math.max(0, seen - stop.length() + 1));
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
  }

  private static float floatOr(@Nullable Double value, float otherwise) {
    return value == null ? otherwise : value.floatValue();
  }
}
