package io.cria.sft.natives;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch once and refuses one that does not fit the Java bindings. */
public final class Natives {
  private static final Pattern BUILT_AS = Pattern.compile("TORCH_VERSION=([0-9]+(?:\\.[0-9]+)*)");
  private static final Pattern LEADING_VERSION = Pattern.compile("[0-9]+(?:\\.[0-9]+)*");

  private static final String MEMORY_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

  private Natives() {}

  /**
   * Loads the native libraries and compares versions. Cheap after the first call. Where the
   * environment says nothing else, they compute on the thread that calls them alone (the engine
   * uses the cores by its own workers; threads within threads make it many times slower) and
   * JavaCPP's limit on the process's memory is off (it would count the model as the Java heap's).
   *
   * @throws CriaException when the platform has no libraries on the class path, one is missing, or
   *     libtorch is of another version than the bindings: such a pair may load and compute wrong
   *     values
   */
  public static void load() {
    Holder.LOADED.require();
  }

  /** Version of the libtorch in use, such as 2.10.0. */
  public static String torchVersion() {
    load();
    return Holder.LOADED.nativeVersion;
  }

  /** What libtorch says of how it was built. */
  static String buildReport() {
    load();
    return Scoped.call(() -> torch.show_config().getString());
  }

  /** The outcome of the one attempt to load; later calls tell the same. */
  private record Loaded(String nativeVersion, String failure) {
    void require() {
      if (!failure.isEmpty()) {
        throw new CriaException(ExitCode.BAD_INPUT, failure);
      }
    }
  }

  private static final class Holder {
    static final Loaded LOADED = attempt();

    private Holder() {}

    private static Loaded attempt() {
      String nativeVersion;
      try {
        if (System.getProperty(MEMORY_LIMIT) == null) {
          System.setProperty(MEMORY_LIMIT, "0"); // read once, while the next line runs
        }
        Loader.load(torch.class);
        computeOnCallingThreads();
        nativeVersion = nativeVersion(Scoped.call(() -> torch.show_config().getString()));
      } catch (LinkageError e) {
        return new Loaded(
            "",
            CudaLibraries.buildOnClassPath() && !CudaLibraries.missing().isEmpty()
                ? CudaLibraries.loadFault() + ": " + CudaLibraries.REMEDY
                : explainMissing(e));
      }
      try {
        requireSameVersion(bindingsVersion(), nativeVersion);
      } catch (CriaException e) {
        return new Loaded("", String.valueOf(e.getMessage()));
      }
      return new Loaded(nativeVersion, "");
    }
  }

  private static void computeOnCallingThreads() {
    if (System.getenv("OMP_NUM_THREADS") == null) {
      torch.set_num_threads(1);
    }
    if (System.getenv("OPENBLAS_NUM_THREADS") == null) {
      openblas_nolapack.blas_set_num_threads(1);
    }
  }

  /** The version that libtorch's own build report states; empty when it states none. */
  static String nativeVersion(String buildReport) {
    Matcher matcher = BUILT_AS.matcher(buildReport);
    return matcher.find() ? matcher.group(1) : "";
  }

  /** The libtorch version that the Java bindings were generated from, from their jar's manifest. */
  static String bindingsVersion() {
    String version = null;
    try {
      version = Loader.getVersion("org.bytedeco", "pytorch");
    } catch (java.io.IOException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          "cannot read the version of org.bytedeco:pytorch: use its unchanged jar",
          e);
    }
    if (version == null) {
      // A jar without Maven's descriptor, such as a shaded one: its name is the last witness.
      version =
          jarVersion(
              String.valueOf(torch.class.getProtectionDomain().getCodeSource().getLocation()));
    }
    Matcher matcher = LEADING_VERSION.matcher(version);
    return matcher.lookingAt() ? matcher.group() : version;
  }

  private static String jarVersion(String location) {
    Matcher matcher = Pattern.compile("pytorch-([0-9]+(?:\\.[0-9]+)*)").matcher(location);
    return matcher.find() ? matcher.group(1) : "unknown";
  }

  static void requireSameVersion(String bindings, String natives) {
    if (!bindings.equals(natives)) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          "the Java bindings are for libtorch "
              + bindings
              + " and the native library is "
              + (natives.isEmpty() ? "of unknown version" : natives)
              + ": give both the same version (jars org.bytedeco:pytorch, or -Djava.library.path)");
    }
  }

  static String explainMissing(LinkageError error) {
    String platform = Loader.getPlatform();
    String detail = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    if (detail.toLowerCase(Locale.ROOT).contains("glibc")) {
      return "libtorch needs a newer system library ("
          + detail
          + "): use a system with glibc 2.28 or later";
    }
    return "libtorch cannot be loaded on "
        + platform
        + " ("
        + detail
        + "): put the "
        + platform
        + " jars of org.bytedeco:pytorch, openblas and javacpp on the class path";
  }
}
