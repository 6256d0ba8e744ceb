package io.cria.serve.embedded;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.TextGenerator;
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
    return goOn(plainText.of(prompt), decoding);
  }

  /** Goes on from a prompt in which the names of control tokens mean these tokens. */
  Generated generateLaidOut(String prompt, Decoding decoding) {
    return goOn(prompt, decoding);
  }

  @Override
  public void close() {
    model.close();
  }

  private Generated goOn(String prompt, Decoding decoding) {
    int promptTokens = model.encode(prompt).length + (addsBos ? 1 : 0);
    if (promptTokens >= contextLength) {
      throw new PromptTooLongException(promptTokens, contextLength);
    }
    if (decoding.maxTokens() > contextLength - promptTokens) {
      throw new PromptTooLongException(promptTokens, decoding.maxTokens(), contextLength);
    }
    LlamaIterator pieces = model.generate(parameters(prompt, decoding)).iterator();
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
      int stop = firstStop(text, seen, decoding.stop());
      if (stop >= 0) {
        pieces.cancel();
        return new Generated(
            text.substring(0, stop), STOP, promptTokens, Math.min(tokens, decoding.maxTokens()));
      }
    }
    String reason = tokens == 0 || lastPiece.isEmpty() ? STOP : LENGTH;
    return new Generated(
        text.toString(),
        reason,
        promptTokens,
        reason.equals(LENGTH) ? decoding.maxTokens() : tokens);
  }

  private InferenceParameters parameters(String prompt, Decoding decoding) {
    InferenceParameters parameters =
        new InferenceParameters(prompt)
            .setCachePrompt(false)
            .setNPredict(decoding.maxTokens())
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
