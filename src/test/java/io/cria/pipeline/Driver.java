package io.cria.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A driver in a process of its own, started as the launcher starts it. */
final class Driver {
  /** The key that drivers find in their environment: it must stay there. */
  static final String KEY = "sk-canary-driver-77ab12c3";

  private static final long MINUTES = 3;

  private final Process process;
  private final Path log;

  private Driver(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** {@code cria run conf/RECIPE.yaml --run DIR} with the run's overrides, on that master. */
  static Driver start(LineRun run, String recipe, String master, Path log) {
    Path home = LineRun.home().toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + home.resolve("conf/java-options"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx1g", "-Dspark.master=" + master));
    command.add("-Dspark.sql.shuffle.partitions=2");
    command.add("-Dlog4j2.configurationFile=" + home.resolve("conf/log4j2.properties"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.cria.cli.Main"));
    command.addAll(List.of("run", home.resolve("conf/" + recipe + ".yaml").toString()));
    command.addAll(List.of("--run", run.directory().toString(), "--yes"));
    for (Map.Entry<String, String> override : run.overrides().entrySet()) {
      command.addAll(List.of("--set", override.getKey() + "=" + override.getValue()));
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put(LineRun.KEY_VARIABLE, KEY);
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
