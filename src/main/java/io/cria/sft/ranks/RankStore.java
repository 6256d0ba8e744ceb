package io.cria.sft.ranks;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * The place at rank 0 where ranks find one another's addresses.
 *
 * <p>Native code shares the ownership of a store, but of one that Java has made it does not know:
 * both would free it. What is handed to native code is therefore always a clone, which is native
 * code's own.
 */
final class RankStore implements AutoCloseable {
  private static final Pattern SOURCE = Pattern.compile("^\\[/\\S+:\\d+]\\s*");

  private final TCPStore store;
  private final int port;

  private RankStore(TCPStore store, int port) {
    this.store = store;
    this.port = port;
  }

  /**
   * Opens the store on any free port.
   *
   * @param host this machine's own address
   */
  static RankStore open(String host) {
    try (TCPStoreOptions options = new TCPStoreOptions()) {
      options.port((short) 0).isServer(true).waitWorkers(false);
      TCPStore store = new TCPStore(host, options);
      return new RankStore(store, Short.toUnsignedInt(store.getPort()));
    } catch (RuntimeException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot open a port for the other ranks on "
              + host
              + " ("
              + firstLine(e)
              + "): this machine must be reached by that name",
          e);
    }
  }

  /**
   * Reaches rank 0's store.
   *
   * @throws CriaException when it is not reached in that time
   */
  static RankStore reach(String host, int port, int seconds) {
    try (TCPStoreOptions options = new TCPStoreOptions()) {
      // as the store's own: 16 bits without a sign
      options.port((short) port).isServer(false).waitWorkers(false);
      options.timeout(new Milliseconds(seconds * 1000L));
      return new RankStore(new TCPStore(host, options), port);
    } catch (RuntimeException e) {
      throw Heartbeats.unreachable(host, port, seconds, e);
    }
  }

  /**
   * The store for one kind of ranks' traffic, another connection to it; it belongs to the caller's
   * scope.
   *
   * @param kind keeps its keys apart from others'
   */
  Store named(String kind) {
    Store own = store.clone();
    return new PrefixStore(kind, own).clone();
  }

  int port() {
    return port;
  }

  /** What a failure says, without the place in libtorch's sources that it begins with. */
  static String firstLine(Throwable e) {
    String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return SOURCE.matcher(line).replaceFirst("");
  }

  @Override
  public void close() {
    store.close();
  }
}
