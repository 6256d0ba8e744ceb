package io.cria.train;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of all ranks are told.
 *
 * @param id of this invocation's training
 * @param run root of the run's directory
 * @param training root of the training's directory
 * @param epoch of the driver's lock
 * @param conf the run file, self-contained but for its layout
 * @param template the layout's text; null for one that needs no file
 * @param base where the base model lies
 * @param baseName how the user called it
 * @param basePrint tells it from others ({@link BaseFiles#print})
 * @param shards the manifest of the run's shards, as JSON
 * @param keepCheckpoints how many stay
 * @param ranks how many there are
 * @param overrides laid over the run file
 * @param child how their processes are started
 * @param hadoop the settings of the file systems
 */
record RankSpec(
    String id,
    String run,
    String training,
    long epoch,
    String conf,
    @Nullable String template,
    String base,
    String baseName,
    String basePrint,
    String shards,
    int keepCheckpoints,
    int ranks,
    Map<String, String> overrides,
    Child child,
    SerializableConfiguration hadoop)
    implements Serializable {
  RankSpec {
    overrides = new TreeMap<>(overrides);
  }

  /**
   * How the process of a rank is started.
   *
   * @param mainClass its program
   * @param cpus that Spark gave to it: not those of the whole machine are what it may use
   * @param memory bytes that it may take in all
   * @param memoryIsGranted whether Spark's own limits were held against it: then the host's free
   *     memory says nothing
   * @param heap of its Java virtual machine, as {@code -Xmx} takes it
   * @param classPath given by the run file; empty without
   * @param driverClassPath of the driver's host; empty where it names none
   * @param environment variables beside those it inherits
   * @param silentSeconds after which other ranks count as lost
   * @param readySeconds it may take until it has found its device
   */
  record Child(
      String mainClass,
      int cpus,
      long memory,
      boolean memoryIsGranted,
      String heap,
      String classPath,
      String driverClassPath,
      Map<String, String> environment,
      int silentSeconds,
      int readySeconds)
      implements Serializable {
    Child {
      environment = new TreeMap<>(environment);
    }
  }
}
