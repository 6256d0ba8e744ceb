package io.cria.sft.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.KernelTrial;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.NativeErrors;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Speed of optimizer steps on a GPU, on random weights made there: {@code GpuBench [device=cuda]
 * [cases=135M,1B,7B-lora,7B] [lengths=2048,4096] [seconds=6] [until=S] [plan=FILE]}. Prints a row
 * of a Markdown table for each case as it comes; FILE takes what a peer needs to do the same. A
 * case that would not fit the free memory, or begins after S seconds, is skipped and said so.
 *
 * <p>MFU counts 6 operations a matrix parameter and token (4 where the base is frozen) and those of
 * causal attention, nothing that is computed twice, against 989 TFLOP/s.
 */
public final class GpuBench {
  private static final double PEAK = 989e12;
  private static final int BATCH_TOKENS = 16384;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, String> options = new HashMap<>();
  private final Device device;
  private final long begun = System.nanoTime();

  private GpuBench(String[] arguments) {
    for (String argument : arguments) {
      int at = argument.indexOf('=');
      if (at < 1) {
        throw new IllegalArgumentException("give key=value, not " + argument);
      }
      options.put(argument.substring(0, at), argument.substring(at + 1));
    }
    device = Device.choose(options.getOrDefault("device", "cuda")).device();
  }

  public static void main(String[] arguments) throws IOException {
    new GpuBench(arguments).run();
    System.exit(0);
  }

  /**
   * @param weights SftConfig.FLOAT32 or BFLOAT16
   */
  private record Case(
      String name, ModelConfig shape, SftConfig.@Nullable Lora lora, String weights) {
    static Case named(String name) {
      SftConfig.Lora lora = new SftConfig.Lora(16, 32.0, 0.0, List.of("all-linear"), false);
      return switch (name) {
        case "135M" -> new Case("135M full", GpuShapes.small(), null, SftConfig.FLOAT32);
        case "1B" -> new Case("1B full", GpuShapes.one(), null, SftConfig.FLOAT32);
        case "7B-lora" -> new Case("7B LoRA", GpuShapes.seven(), lora, SftConfig.FLOAT32);
        case "7B" -> new Case("7B full", GpuShapes.seven(), null, SftConfig.BFLOAT16);
        case "tiny" -> new Case("tiny full", GpuShapes.tiny(), null, SftConfig.FLOAT32);
        case "tiny-lora" -> new Case("tiny LoRA", GpuShapes.tiny(), lora, SftConfig.FLOAT32);
        case "tiny-half" -> new Case("tiny half", GpuShapes.tiny(), null, SftConfig.BFLOAT16);
        default -> throw new IllegalArgumentException("no case " + name);
      };
    }
  }

  private void run() throws IOException {
    print("| case | length | engine | tokens/s | MFU | peak GiB | remarks |");
    print("|---|---|---|---|---|---|---|");
    for (String name : options.getOrDefault("cases", "135M,1B,7B-lora,7B").split(",", -1)) {
      for (String length : options.getOrDefault("lengths", "2048,4096").split(",", -1)) {
        Case one = Case.named(name);
        String head = "| " + one.name + " | " + length + " | cria | ";
        String skipped = " | | | skipped: ";
        if (secondsSince(begun) > Double.parseDouble(options.getOrDefault("until", "1e9"))) {
          print(head + skipped + "the time is over |");
          continue;
        }
        try {
          print(head + measure(one, Integer.parseInt(length)));
        } catch (RuntimeException e) {
          print(head + skipped + NativeErrors.firstLine(e) + " |");
        }
      }
    }
  }

  private static void print(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private SftConfig settings(Case one, int microTokens) {
    SftConfig d = SftConfig.DEFAULT;
    return new SftConfig(
        "",
        "",
        null,
        "",
        one.lora,
        1.0,
        1,
        null,
        1,
        microTokens,
        d.optimizer(),
        d.schedule(),
        1.0,
        false,
        SftConfig.BFLOAT16,
        one.weights,
        SftConfig.CPU,
        1,
        1L,
        1,
        1,
        1,
        d.guards(),
        d.shardOptimizer());
  }

  /** The most tokens at once, up to a batch's, that nine tenths of the free memory are for. */
  private int microTokens(Case one, int length) {
    for (int tokens = Math.max(BATCH_TOKENS, length); tokens >= length; tokens /= 2) {
      MemoryEstimate estimate =
          MemoryEstimate.of(
              settings(one, tokens),
              one.shape,
              new MemoryEstimate.Plan(device.isCuda(), true, 1, 1, tokens));
      if (estimate.bytes() < 0.9 * device.freeBytes()) {
        return tokens;
      }
    }
    throw new IllegalStateException(
        "about "
            + MemoryEstimate.of(
                    settings(one, length),
                    one.shape,
                    new MemoryEstimate.Plan(device.isCuda(), true, 1, 1, length))
                .total()
            + " of memory are needed");
  }

  private String measure(Case one, int length) throws IOException {
    if (device.isCuda()) {
      torch.emptyCache(); // what the case before took counts as free again
    }
    int micro = microTokens(one, length);
    int batches = Math.max(1, BATCH_TOKENS / micro);
    plan(one, length, micro, batches);
    device.resetPeak();
    try (ModelWeights weights = random(one);
        Rotary rotary = Rotary.of(one.shape, device)) {
      LoraAdapter adapter = one.lora == null ? null : LoraAdapter.create(weights, one.lora, 1);
      try {
        Map<String, Tensor> trained = adapter == null ? weights.named() : adapter.named();
        KernelTrial.Choice kernel = KernelTrial.choose(one.shape, device, ScalarType.BFloat16);
        Decoder decoder =
            new Decoder(
                one.shape,
                adapter == null ? weights : adapter.attach(weights),
                rotary,
                ScalarType.BFloat16,
                kernel.kernel());
        return timed(one, length, micro, batches, decoder, trained)
            + kernel.words()
            + ", "
            + micro
            + " tokens at once |";
      } finally {
        if (adapter != null) {
          adapter.close();
        }
      }
    }
  }

  private String timed(
      Case one, int length, int micro, int batches, Decoder decoder, Map<String, Tensor> trained) {
    List<PackedBatch> work = new ArrayList<>();
    SeededRandom random = new SeededRandom(2);
    for (int i = 0; i < batches; i++) {
      work.add(batch(random, micro, length, one.shape.vocabularySize()));
    }
    try (AdamW optimizer = new AdamW(trained, SftConfig.Optimizer.DEFAULT)) {
      Backpropagation backpropagation = new Backpropagation(decoder, false);
      step(work, backpropagation, optimizer, trained);
      step(work, backpropagation, optimizer, trained);
      device.await();
      double limit = Double.parseDouble(options.getOrDefault("seconds", "6"));
      long start = System.nanoTime();
      int steps = 0;
      while (steps < 3 || (secondsSince(start) < limit && steps < 50)) {
        step(work, backpropagation, optimizer, trained);
        steps++;
      }
      device.await();
      double rate = (double) steps * batches * micro / secondsSince(start);
      return String.format(
          Locale.ROOT,
          "%.0f | %.1f %% | %.1f | ",
          rate,
          100 * rate * operations(one, length) / PEAK,
          device.peakBytes() / (double) (1L << 30));
    }
  }

  /** One optimizer step; the GPU is waited for at the losses, and the norm is there by then. */
  private static void step(
      List<PackedBatch> work,
      Backpropagation backpropagation,
      AdamW optimizer,
      Map<String, Tensor> trained) {
    double targets = work.stream().mapToInt(batch -> batch.targets().length).sum();
    List<Tensor> losses = new ArrayList<>();
    for (PackedBatch batch : work) {
      losses.add(backpropagation.runAhead(batch, 1 / targets, group -> {}));
    }
    double norm = GradientNorm.of(trained.values());
    double loss = 0;
    for (double part : Tensors.toDoubles(losses)) {
      loss += part / targets;
    }
    losses.forEach(Tensors::release);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new IllegalStateException("loss " + loss + " and norm " + norm);
    }
    optimizer.step(1e-5, GradientNorm.clipFactor(norm, 1));
    optimizer.clearGradients();
  }

  private static PackedBatch batch(SeededRandom random, int tokens, int length, int vocabulary) {
    List<TrainingRow> rows = new ArrayList<>();
    for (int at = 0; at < tokens; at += length) {
      int[] row = new int[Math.min(length, tokens - at)];
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(vocabulary);
      }
      rows.add(TrainingRow.single(row, row));
    }
    return PackedBatch.of(rows);
  }

  private static double operations(Case one, int length) {
    ModelConfig m = one.shape;
    double attended = (double) m.heads() * m.headDimension();
    double shared = (double) m.keyValueHeads() * m.headDimension();
    double layer =
        m.hiddenSize() * (2 * attended + 2 * shared) + 3.0 * m.hiddenSize() * m.intermediateSize();
    double matrices = layer * m.layers() + (double) m.vocabularySize() * m.hiddenSize();
    double attention = 6.0 * m.layers() * length * attended;
    return (one.lora == null ? 6 : 4) * matrices + attention;
  }

  /** Weights as a trained model's lie in memory: what an adapter leaves alone is bfloat16. */
  private ModelWeights random(Case one) {
    boolean half = one.lora != null || one.weights.equals(SftConfig.BFLOAT16);
    device.seed(1);
    ModelWeights weights =
        ModelWeights.from(
            one.shape,
            (name, shape) ->
                Scoped.withoutGradients(
                    () -> {
                      boolean small = half && shape.length > 1;
                      Tensor made =
                          torch.empty(
                              shape,
                              device.options(small ? ScalarType.BFloat16 : ScalarType.Float),
                              new MemoryFormatOptional());
                      return Tensors.keep(
                          shape.length == 1
                              ? made.fill_(new Scalar(1.0))
                              : made.normal_().mul_(new Scalar(0.02)));
                    }));
    if (one.lora == null) {
      weights.named().values().forEach(tensor -> tensor.requires_grad_(true));
    }
    return weights;
  }

  /** What a peer does the same by. */
  private void plan(Case one, int length, int micro, int batches) throws IOException {
    String file = options.get("plan");
    if (file == null) {
      return;
    }
    ModelConfig m = one.shape;
    ObjectNode line = JSON.createObjectNode();
    line.put("case", one.name).put("length", length).put("micro", micro).put("batches", batches);
    line.put("lora", one.lora != null).put("half", one.weights.equals(SftConfig.BFLOAT16));
    line.put("operations", operations(one, length));
    line.put("vocab_size", m.vocabularySize()).put("hidden_size", m.hiddenSize());
    line.put("intermediate_size", m.intermediateSize()).put("num_hidden_layers", m.layers());
    line.put("num_attention_heads", m.heads()).put("num_key_value_heads", m.keyValueHeads());
    line.put("tie_word_embeddings", m.tiedEmbeddings());
    Files.writeString(
        Path.of(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
