package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.Safetensors;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.StoredTensor;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The optimizer's moments on the disk, a file for each group of parameters. Rank 0 writes and reads
 * all of them: a moment that another rank owns comes, or goes, when its turn in the file is there,
 * so that no rank ever holds more than its share and one tensor.
 */
final class OptimizerFiles {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final ProcessGroup group;
  private final ParameterGroups parameters;
  private final Shares shares;
  private final AdamW optimizer;
  private @Nullable Tensor received;

  OptimizerFiles(ProcessGroup group, ParameterGroups parameters, Shares shares, AdamW optimizer) {
    this.group = group;
    this.parameters = parameters;
    this.shares = shares;
    this.optimizer = optimizer;
  }

  /** One moment of a parameter. */
  private record Moment(String name, String parameter, boolean first) {}

  /** The names of the files, for the trainer's state. */
  List<String> names() {
    return filled().stream().map(OptimizerFiles::file).toList();
  }

  private List<ParameterGroups.Group> filled() {
    return parameters.groups().stream().filter(each -> !each.parameters().isEmpty()).toList();
  }

  private static String file(ParameterGroups.Group of) {
    return "optimizer-" + of.name() + ".safetensors";
  }

  /** The moments of a group in the order in which the file has them: by name. */
  private static List<Moment> moments(ParameterGroups.Group of) {
    List<Moment> moments = new ArrayList<>();
    for (String parameter : of.parameters().keySet()) {
      moments.add(new Moment(FIRST + parameter, parameter, true));
      moments.add(new Moment(SECOND + parameter, parameter, false));
    }
    moments.sort(Comparator.comparing(Moment::name));
    return moments;
  }

  /** Writes all files; every other rank calls {@link #hand} meanwhile. */
  void write(Path directory) {
    for (ParameterGroups.Group each : filled()) {
      List<TensorContent> contents = new ArrayList<>();
      for (Moment moment : moments(each)) {
        contents.add(content(moment));
      }
      try {
        SafetensorsWriter.write(directory.resolve(file(each)), contents, Map.of());
      } finally {
        release();
      }
    }
  }

  private TensorContent content(Moment moment) {
    int owner = shares.owner(moment.parameter());
    if (owner == group.rank()) {
      return Tensors.content(moment.name(), own(moment), TensorType.F32);
    }
    long[] shape = parameters.parameter(moment.parameter()).shape();
    return new TensorContent(moment.name(), TensorType.F32, shape, () -> received(moment, owner));
  }

  /** The bytes of a moment that comes from its owner now; they live until the next one comes. */
  private List<ByteBuffer> received(Moment moment, int owner) {
    release();
    Tensor values = Scoped.keep(() -> AdamW.moment(parameters.parameter(moment.parameter())));
    received = values;
    group.receive(values, owner);
    return Tensors.content(moment.name(), values, TensorType.F32).bytes().get();
  }

  private void release() {
    if (received != null) {
      Tensors.release(received);
      received = null;
    }
  }

  /** Sends this rank's moments to rank 0, which writes them. */
  void hand() {
    for (ParameterGroups.Group each : filled()) {
      for (Moment moment : moments(each)) {
        if (shares.isMine(moment.parameter())) {
          group.send(own(moment), 0);
        }
      }
    }
  }

  /**
   * Fills the optimizer's moments from a checkpoint; every other rank calls {@link #take}
   * meanwhile.
   *
   * @param names the files of the checkpoint
   */
  void read(Path directory, List<String> names) {
    Map<String, StoredTensor> stored = new HashMap<>();
    for (String name : names) {
      Safetensors file = Safetensors.open(directory.resolve(name));
      file.names().forEach(tensor -> stored.put(tensor, file.tensor(tensor)));
    }
    eachMoment(
        moment -> {
          int owner = shares.owner(moment.parameter());
          Tensor target =
              owner == group.rank()
                  ? own(moment)
                  : AdamW.moment(parameters.parameter(moment.parameter()));
          copy(stored.get(moment.name()), moment, target, directory);
          if (owner != group.rank()) {
            group.send(target, owner);
          } else if (!shares.isSharded()) {
            group.broadcast(target, group.rank());
          }
        });
  }

  /** Takes this rank's moments from rank 0, which reads them. */
  void take() {
    eachMoment(
        moment -> {
          if (!shares.isSharded()) {
            group.broadcast(own(moment), 0);
          } else if (shares.isMine(moment.parameter())) {
            group.receive(own(moment), 0);
          }
        });
  }

  private void eachMoment(Consumer<Moment> work) {
    for (ParameterGroups.Group each : filled()) {
      for (Moment moment : moments(each)) {
        Scoped.withoutGradients(
            () -> {
              work.accept(moment);
              return true;
            });
      }
    }
  }

  private static void copy(@Nullable StoredTensor from, Moment moment, Tensor to, Path checkpoint) {
    if (from == null || !Arrays.equals(from.shape(), to.shape())) {
      throw CriaException.badInput(
          "tensor "
              + moment.name()
              + " of checkpoint "
              + checkpoint
              + (from == null ? " is missing" : " has another shape")
              + ": give its own base model");
    }
    to.copy_(Tensors.of(from));
  }

  private Tensor own(Moment moment) {
    AdamW.Moments moments = Objects.requireNonNull(optimizer.moments().get(moment.parameter()));
    return moment.first() ? moments.first() : moments.second();
  }
}
