package io.cria.train;

import io.cria.task.CriaException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.jspecify.annotations.Nullable;

/** The command line and the environment of a rank's process. */
final class ChildCommand {
  /** Names the jars of training on the driver's host, set by whoever starts the driver. */
  static final String CLASS_PATH = "cria.train.classpath";

  /**
   * Two thread pools below one another are many times slower than one; and large tensors come and
   * go every step, whose pages the C library is to keep.
   */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "OMP_NUM_THREADS", "1",
          "OPENBLAS_NUM_THREADS", "1",
          "MALLOC_MMAP_MAX_", "0",
          "MALLOC_TRIM_THRESHOLD_", "100000000000",
          "MALLOC_TOP_PAD_", "268435456",
          "MALLOC_ARENA_MAX", "1");

  private ChildCommand() {}

  /**
   * @param natives where native libraries are unpacked; null for where they usually are
   * @param gpus addresses that Spark gave to the task
   */
  static ProcessBuilder of(
      RankSpec.Child child, Path job, @Nullable Path natives, List<String> gpus) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + child.heap(),
            "-XX:+UseSerialGC",
            "-XX:ActiveProcessorCount=" + child.cpus(),
            "-Dfile.encoding=UTF-8",
            "-Dslf4j.internal.verbosity=ERROR",
            // native memory is the model's; the heap says nothing about it
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            classPath(child),
            child.mainClass(),
            job.toString());
    if (natives != null) {
      builder.command().add(1, "-Dorg.bytedeco.javacpp.cachedir=" + natives);
      builder.environment().putIfAbsent("DJL_CACHE_DIR", natives.toString());
    }
    ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
    // options meant for Spark's own processes
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    if (!gpus.isEmpty()) {
      builder.environment().put("CUDA_VISIBLE_DEVICES", String.join(",", gpus));
    }
    builder.environment().putAll(child.environment());
    return builder;
  }

  private static String classPath(RankSpec.Child child) {
    if (!child.classPath().isEmpty()) {
      return child.classPath();
    }
    List<String> shipped = shipped(Path.of(SparkFiles.getRootDirectory()));
    if (!shipped.isEmpty()) {
      return String.join(File.pathSeparator, shipped);
    }
    if (child.driverClassPath().isEmpty()) {
      throw CriaException.badInput(
          "the ranks' jars are not there (neither among Spark's files nor in "
              + CLASS_PATH
              + "): start Cria with scripts/cria, or set cluster.classPath");
    }
    return child.driverClassPath();
  }

  /** The jars that Spark brought to this executor; none where the engine is not among them. */
  private static List<String> shipped(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<String> jars =
          files
              .filter(file -> file.toString().endsWith(".jar"))
              .map(Path::toString)
              .sorted()
              .collect(Collectors.toList());
      boolean whole =
          jars.stream().anyMatch(jar -> name(jar).startsWith("pytorch-"))
              && jars.stream().anyMatch(ChildCommand::isOurs);
      return whole ? jars : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("Spark's files in " + directory + " cannot be listed", e);
    }
  }

  /** YARN links an application's own jar under a name of its choice. */
  private static boolean isOurs(String jar) {
    return name(jar).startsWith("cria") || name(jar).equals("__app__.jar");
  }

  private static String name(String jar) {
    return jar.substring(jar.lastIndexOf(File.separatorChar) + 1);
  }
}
