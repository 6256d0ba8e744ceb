package io.cria.sft.ranks;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.sft.train.ProcessGroup;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ranks by libtorch's c10d: tensors go through Gloo between processors and through NCCL between
 * GPUs, numbers of control through Gloo on the processors always.
 *
 * <p>None of its operations can be interrupted, and each waits long for the other ranks, by Gloo
 * half an hour: how long a step or a checkpoint takes another rank is nobody's business here. Who
 * notices lost ranks ({@link Heartbeats}) ends the process.
 */
public final class TorchProcessGroup implements ProcessGroup, AutoCloseable {
  /**
   * How long ranks may take to connect to each other once each has been heard of. Every connection
   * of c10d looks up the other side's name, and a name server that is slow or loses questions costs
   * 5 s a question.
   */
  static final int CONNECT_SECONDS = 120;

  private static final long LONG_MILLIS = 30L * 60 * 1000;
  private static final long NEVER_MILLIS = 30L * 24 * 3600 * 1000;

  private final int rank;
  private final int size;
  private final Backend control;
  private final Backend tensors;

  private TorchProcessGroup(int rank, int size, Backend control, Backend tensors) {
    this.rank = rank;
    this.size = size;
    this.control = control;
    this.tensors = tensors;
  }

  /**
   * Joins the group; returns when all ranks have.
   *
   * @param host this rank's own address, by which the others reach it
   * @param device on which the tensors lie
   * @param seconds within which all ranks must have come
   * @throws CriaException when they have not
   */
  static TorchProcessGroup join(
      RankStore store, int rank, int size, String host, Device device, int seconds) {
    return Scoped.call(
        () -> {
          Backend control = gloo(store, rank, size, host, seconds);
          control.retainReference();
          Backend tensors = control;
          if (!device.equals(Device.CPU)) {
            tensors =
                NcclBackend.create(store.named("nccl"), rank, size, new Milliseconds(NEVER_MILLIS));
          }
          tensors.retainReference();
          return new TorchProcessGroup(rank, size, control, tensors);
        });
  }

  /**
   * Gloo's own limit holds for every operation that waits for another rank, whatever is set later:
   * it is a long one, since a rank may be busy with a checkpoint for minutes. Whether the ranks
   * find each other is watched from here.
   */
  private static Backend gloo(RankStore store, int rank, int size, String host, int least) {
    int seconds = Math.max(least, CONNECT_SECONDS);
    Store named = store.named("gloo");
    FutureTask<Backend> joined =
        new FutureTask<>(
            () -> {
              ProcessGroupGloo.Options options =
                  ProcessGroupGloo.Options.create(new Milliseconds(LONG_MILLIS));
              GlooDeviceVector devices = new GlooDeviceVector();
              devices.push_back(ProcessGroupGloo.createDeviceForHostname(host, false));
              options.devices(devices);
              return new ProcessGroupGloo(named, rank, size, options);
            });
    Thread thread = new Thread(joined, "gloo-connect");
    thread.setDaemon(true);
    thread.start();
    try {
      return joined.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw apart(rank, host, seconds, e.getCause() instanceof Exception cause ? cause : e);
    } catch (TimeoutException e) {
      throw apart(rank, host, seconds, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw apart(rank, host, seconds, e);
    }
  }

  private static CriaException apart(int rank, String host, int seconds, Exception why) {
    return new CriaException(
        ExitCode.FAULT,
        "rank "
            + rank
            + " on "
            + host
            + " and the other ranks cannot connect within "
            + seconds
            + " s"
            + (why instanceof TimeoutException ? "" : " (" + RankStore.firstLine(why) + ")")
            + ": every rank must reach every other on any port",
        why);
  }

  /** How long an operation of control waits for another rank. */
  Duration patience() {
    return Scoped.call(() -> Duration.ofMillis(control.getBackendOptions().timeout().count()));
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public double[][] gather(double... values) {
    int count = values.length;
    double[] all = new double[size * count];
    Scoped.run(
        () -> {
          Tensor gathered = empty(ScalarType.Double, (long) size * count);
          Tensor own;
          try (DoublePointer pointer = new DoublePointer(values)) {
            own =
                torch
                    .from_blob(pointer, new long[] {count}, new TensorOptions(ScalarType.Double))
                    .clone();
          }
          end(() -> control._allgather_base(gathered, own));
          gathered.data_ptr_double().get(all);
        });
    double[][] byRank = new double[size][];
    Arrays.setAll(byRank, i -> Arrays.copyOfRange(all, i * count, (i + 1) * count));
    return byRank;
  }

  @Override
  public byte[] ofFirst(byte[] bytes) {
    int length = (int) ofFirst((double) bytes.length)[0];
    if (length == 0) {
      return new byte[0];
    }
    return Scoped.call(
        () -> {
          Tensor values = rank == 0 ? Tensors.bytes(bytes) : empty(ScalarType.Byte, length);
          broadcast(control, values, 0);
          return Tensors.toBytes(values);
        });
  }

  private static Tensor empty(ScalarType type, long count) {
    return torch.empty(new long[] {count}, new TensorOptions(type), new MemoryFormatOptional());
  }

  @Override
  public Tensor exchange(Tensor values, long[] counts) {
    long[] theirs = new long[size];
    Arrays.fill(theirs, counts[rank]);
    Tensor received =
        torch.empty(new long[] {size * counts[rank]}, values.options(), new MemoryFormatOptional());
    end(
        () ->
            tensors.alltoall_base(
                received, values, new LongVector(theirs), new LongVector(counts)));
    return received.view(size, counts[rank]);
  }

  @Override
  public void broadcast(Tensor values, int from) {
    broadcast(tensors, values, from);
  }

  private static void broadcast(Backend backend, Tensor values, int from) {
    end(() -> backend.broadcast(new TensorVector(values), new BroadcastOptions().rootRank(from)));
  }

  @Override
  public void send(Tensor values, int to) {
    end(() -> tensors.send(new TensorVector(values), to, 0));
  }

  @Override
  public void receive(Tensor values, int from) {
    end(() -> tensors.recv(new TensorVector(values), from, 0));
  }

  private static void end(Supplier<Work> operation) {
    Scoped.run(
        () -> {
          try {
            operation.get()._wait();
          } catch (RuntimeException e) {
            throw new Broken("an operation with the other ranks broke off", e);
          }
        });
  }

  @Override
  public void close() {
    // the tensors' may be the control's: each is held once for each name
    tensors.releaseReference();
    control.releaseReference();
  }
}
