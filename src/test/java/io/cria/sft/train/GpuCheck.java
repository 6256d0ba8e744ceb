package io.cria.sft.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.KernelFaults;
import io.cria.sft.model.KernelTrial;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.PackedKernel;
import io.cria.sft.model.Placement;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.NativeErrors;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The engine on a GPU against its reference: {@code GpuCheck [DEVICE]} (cuda). Each check prints a
 * line when it is done; the last line counts them, and the exit code is 1 when one failed. Run by
 * scripts/gpu-check; with the device cpu it tries itself.
 */
public final class GpuCheck {
  private static final List<String> MODELS =
      List.of("gqa_tied", "qwen3", "phi3_mini", "rope_llama3", "mistral_window");

  private final Device device;
  private int done;
  private int failed;

  private GpuCheck(Device device) {
    this.device = device;
  }

  public static void main(String[] arguments) {
    try {
      check(Device.choose(arguments.length > 0 ? arguments[0] : "cuda"));
    } catch (CriaException e) {
      System.err.println("cria: " + e.getMessage());
      System.exit(e.exitCode().code());
    }
  }

  private static void check(Device.Choice choice) {
    System.out.printf(
        Locale.ROOT,
        "device %s, libtorch %s, %.1f of %.1f GiB free%n",
        choice.device(),
        Natives.torchVersion(),
        choice.device().freeBytes() / (double) (1L << 30),
        choice.device().totalBytes() / (double) (1L << 30));
    GpuCheck check = new GpuCheck(choice.device());
    check.kernels();
    check.goldens();
    check.row("20 steps as on the processor, float32", check::steps);
    check.row("NCCL, one rank", () -> NcclRank.sum(check.device));
    System.out.println("checks " + check.done + " failed " + check.failed);
    System.exit(check.failed == 0 ? 0 : 1);
  }

  /** A check's finding, or what failed. */
  private void row(String name, Supplier<String> check) {
    done++;
    long start = System.nanoTime();
    String line;
    try {
      line = "ok     " + name + ": " + check.get();
    } catch (RuntimeException | LinkageError e) {
      failed++;
      line =
          "FAILED " + name + ": " + e.getClass().getSimpleName() + " " + NativeErrors.firstLine(e);
    }
    System.out.printf(Locale.ROOT, "%s (%.1f s)%n", line, (System.nanoTime() - start) / 1e9);
    System.out.flush();
  }

  private static void require(boolean holds, String found) {
    if (!holds) {
      throw new IllegalStateException(found);
    }
  }

  private void kernels() {
    List<ModelConfig> shapes =
        List.of(
            GpuShapes.heads(9, 3, 64, null),
            GpuShapes.heads(32, 8, 64, null),
            GpuShapes.heads(32, 32, 128, null),
            GpuShapes.heads(32, 8, 128, 64));
    for (PackedKernel kernel : List.of(PackedKernel.FLASH, PackedKernel.EFFICIENT)) {
      for (ScalarType type : List.of(ScalarType.BFloat16, ScalarType.Float)) {
        if (kernel == PackedKernel.FLASH && type == ScalarType.Float) {
          continue; // it has no float32
        }
        for (ModelConfig shape : shapes) {
          row(
              kernel.words() + " is attention by segments, " + describe(shape) + ", " + type,
              () -> {
                String fault = KernelFaults.of(kernel, shape, device, type);
                require(fault.isEmpty() || !device.isCuda(), fault);
                return fault.isEmpty() ? "equal" : "not here (" + fault + ")";
              });
        }
      }
    }
  }

  private static String describe(ModelConfig shape) {
    return shape.heads()
        + "/"
        + shape.keyValueHeads()
        + "x"
        + shape.headDimension()
        + (shape.slidingWindow() == null ? "" : " with a window");
  }

  private void goldens() {
    for (String model : MODELS) {
      for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
        row("golden " + model + ", " + type, () -> golden(model, type));
      }
    }
  }

  private Decoder decoder(String model, Device where, ScalarType type) {
    Path directory = Golden.path("models/" + model);
    ModelConfig config = ModelConfigJson.read(directory);
    ModelWeights weights = ModelFiles.load(directory, config, Placement.plain(where));
    weights.named().values().forEach(tensor -> tensor.requires_grad_(true));
    KernelTrial.Choice kernel = KernelTrial.choose(config, where, type);
    return new Decoder(config, weights, Rotary.of(config, where), type, kernel.kernel());
  }

  private String golden(String model, ScalarType type) {
    Decoder decoder = decoder(model, device, type);
    Safetensors golden = Golden.tensors("models/" + model + "/golden.safetensors");
    JsonNode expected = Golden.json("models/" + model + "/golden.json");
    PackedBatch batch = PackedBatch.of(Golden.rows(golden, "", 0));
    int targets = batch.targets().length;
    double loss = new Backpropagation(decoder, false).run(batch, 1.0 / targets) / targets;
    double off = Math.abs(loss - expected.path("loss").asDouble());
    double worst = 0;
    for (Map.Entry<String, Tensor> weight : decoder.weights().named().entrySet()) {
      worst =
          Math.max(
              worst,
              distance(
                  Tensors.toFloats(weight.getValue().grad()),
                  golden.tensor("grad." + weight.getKey()).floats()));
    }
    String found = String.format(Locale.ROOT, "loss off by %.1e, gradients by %.1e", off, worst);
    require(type == ScalarType.Float ? off <= 1e-5 && worst <= 1e-4 : off <= 2e-2, found);
    return found;
  }

  /** The distance of two vectors as a share of the second's length. */
  private static double distance(float[] actual, float[] expected) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      length += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference) / Math.max(1e-12, Math.sqrt(length));
  }

  private String steps() {
    double[] here = losses(device);
    double[] there = losses(Device.CPU);
    double worst = 0;
    for (int i = 0; i < here.length; i++) {
      worst = Math.max(worst, Math.abs(here[i] - there[i]));
    }
    String found =
        String.format(
            Locale.ROOT, "losses %.4f to %.4f, off by %.1e", here[0], here[here.length - 1], worst);
    require(worst <= 1e-4 && here[here.length - 1] < here[0], found);
    return found;
  }

  private double[] losses(Device where) {
    Decoder decoder = decoder("gqa_tied", where, ScalarType.Float);
    Safetensors golden = Golden.tensors("models/gqa_tied/golden.safetensors");
    PackedBatch batch = PackedBatch.of(Golden.rows(golden, "", 0));
    double[] losses = new double[20];
    try (AdamW optimizer = new AdamW(decoder.weights().named(), SftConfig.Optimizer.DEFAULT)) {
      Backpropagation backpropagation = new Backpropagation(decoder, false);
      int targets = batch.targets().length;
      for (int step = 0; step < losses.length; step++) {
        losses[step] = backpropagation.run(batch, 1.0 / targets) / targets;
        double norm = GradientNorm.of(decoder.weights().named().values());
        optimizer.step(1e-3, GradientNorm.clipFactor(norm, 1));
        optimizer.clearGradients();
      }
    }
    return losses;
  }
}
