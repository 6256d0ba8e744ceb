package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/** Hadoop without a Spark session: its configuration, and file systems that may be missing. */
public final class Hadoop {
  /**
   * The environment's variable with further settings, {@code KEY=VALUE} a line: what stands on a
   * command line is seen by everybody on the machine.
   */
  static final String VARIABLE = "CRIA_HADOOP_SETTINGS";

  private static final String OF_SPARK = "spark.hadoop.";

  private Hadoop() {}

  /**
   * What Hadoop's own files on the class path say, and over them what a Spark session would hand
   * on: each {@code spark.hadoop.KEY} as {@code KEY}, of the variable {@value #VARIABLE} and,
   * before it, of the system properties.
   */
  public static Configuration configuration() {
    return configuration(System.getProperties(), System.getenv());
  }

  static Configuration configuration(Properties properties, Map<String, String> environment) {
    Configuration hadoop = new Configuration();
    sparkSettings(environment)
        .forEach((key, value) -> hadoop.set(key.substring(OF_SPARK.length()), value));
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(OF_SPARK) && name.length() > OF_SPARK.length()) {
        hadoop.set(name.substring(OF_SPARK.length()), properties.getProperty(name));
      }
    }
    return hadoop;
  }

  /** The settings of the environment's variable, as Spark names them. */
  public static Map<String, String> sparkSettings(Map<String, String> environment) {
    Map<String, String> settings = new TreeMap<>();
    environment
        .getOrDefault(VARIABLE, "")
        .lines()
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              if (line.startsWith(OF_SPARK) && equals > OF_SPARK.length()) {
                settings.put(line.substring(0, equals), line.substring(equals + 1));
              }
            });
    return settings;
  }

  /**
   * The file system of a path.
   *
   * @throws CriaException (bad input) when the class path has none for it
   * @throws IOException when there is one, and it cannot be opened
   */
  public static FileSystem files(Path path, Configuration hadoop) throws IOException {
    try {
      return path.getFileSystem(hadoop);
    } catch (UnsupportedFileSystemException | LinkageError e) {
      throw lacking(path, e);
    } catch (RuntimeException e) {
      // Configuration wraps it so when it is told a class that is not there
      if (e.getCause() instanceof ClassNotFoundException) {
        throw lacking(path, e);
      }
      throw e;
    }
  }

  /** What is told when the class path lacks a file system, or a part of it. */
  static CriaException lacking(Path path, Throwable cause) {
    String scheme = String.valueOf(path.toUri().getScheme());
    Throwable root = cause.getCause() instanceof ClassNotFoundException lost ? lost : cause;
    return new CriaException(
        ExitCode.BAD_INPUT,
        path
            + ": cannot be reached, the class path has no whole file system for "
            + scheme
            + ":// ("
            + String.valueOf(root.getMessage()).lines().findFirst().orElse("")
            + "): "
            + remedy(scheme),
        cause);
  }

  private static String remedy(String scheme) {
    return scheme.equals("s3a")
        ? S3_REMEDY
        : "give a path or URI that Hadoop can open, or add the jars of that file system";
  }

  /** What to do where the classes of S3 are missing. */
  public static final String S3_REMEDY =
      "add the jars of lib/s3; scripts/cria does so itself when a path begins with s3a://";
}
