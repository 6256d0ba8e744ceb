package io.cria.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A driver in a process of its own, started as the launcher starts it. */
final class Driver {
  /** The key that drivers find in their environment: it must stay there. */
  static final String KEY = "sk-canary-driver-77ab12c3";

  private static final long MINUTES = 3;

  /** It would be a third of a small run's time; with options of its own a driver writes it. */
  private static final List<String> WITHOUT_REPORT = List.of("--no-report");

  private final Process process;
  private final Path log;

  private Driver(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** {@code cria run conf/RECIPE.yaml --run DIR} with the run's overrides, on that master. */
  static Driver start(LineRun run, String recipe, String master, Path log) {
    return start(run, recipe, Map.of("spark.master", master), Map.of(), WITHOUT_REPORT, log);
  }

  /**
   * The same with executor processes of their own: two, of two cores each, on {@code
   * local-cluster}.
   *
   * @param home an empty folder, which stands for Spark's
   * @param more further properties of Spark
   */
  static Driver onCluster(
      LineRun run, String recipe, Path home, Map<String, String> more, Path log) {
    Map<String, String> conf = clusterConf(home);
    conf.putAll(more);
    return start(run, recipe, conf, Map.of(), WITHOUT_REPORT, log);
  }

  /** What {@link #onCluster} sets; may be changed. */
  static Map<String, String> clusterConf(Path home) {
    Map<String, String> conf = new TreeMap<>();
    conf.put("spark.master", "local-cluster[2,2,1024]");
    conf.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    conf.put("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1");
    conf.put("spark.ui.enabled", "false");
    conf.put("cria.test.home", home.toString());
    return conf;
  }

  /**
   * With properties of Spark, environment variables and options of the command.
   *
   * @param conf with {@code cria.test.home} in it, a folder that stands for Spark's
   */
  static Driver start(
      LineRun run,
      String recipe,
      Map<String, String> conf,
      Map<String, String> environment,
      List<String> options,
      Path log) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "run", LineRun.home().toAbsolutePath().resolve("conf/" + recipe + ".yaml").toString()));
    arguments.addAll(List.of("--run", run.directory().toAbsolutePath().toString(), "--yes"));
    for (Map.Entry<String, String> override : run.overrides().entrySet()) {
      arguments.addAll(List.of("--set", override.getKey() + "=" + override.getValue()));
    }
    arguments.addAll(options);
    return of(arguments, conf, environment, log);
  }

  /** {@code cria} with any arguments; its paths are absolute. */
  static Driver of(
      List<String> arguments, Map<String, String> conf, Map<String, String> environment, Path log) {
    return of("io.cria.cli.Main", arguments, conf, environment, log);
  }

  /** Likewise another main class, which is a test's. */
  static Driver of(
      String main,
      List<String> arguments,
      Map<String, String> conf,
      Map<String, String> environment,
      Path log) {
    Path home = LineRun.home().toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + home.resolve("conf/java-options"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx1g"));
    command.addAll(List.of("-Dspark.sql.shuffle.partitions=2", "-Dcria.home=" + home));
    conf.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("-Dlog4j2.configurationFile=" + home.resolve("conf/log4j2.properties"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    String sparkHome = conf.get("cria.test.home");
    if (sparkHome != null) {
      builder.directory(Path.of(sparkHome).toFile());
      builder.environment().put("SPARK_HOME", sparkHome);
      builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    }
    builder.environment().put(LineRun.KEY_VARIABLE, KEY);
    builder.environment().putAll(environment);
    try {
      return new Driver(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it as a machine failure would: SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** The executor processes it has started: the only ones that a cluster of one machine starts. */
  List<ProcessHandle> executors() {
    return process.children().toList();
  }

  /** Itself, then its executors. */
  List<ProcessHandle> processes() {
    List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
    all.addAll(executors());
    return all;
  }

  /** Asks it to end: SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Waits for its end. Returns its exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("the driver does not end: " + output());
    }
    return process.exitValue();
  }

  /** All it said. */
  String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
