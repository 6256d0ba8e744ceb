package io.cria.pipeline;

import io.cria.config.Operation.Endpoint;
import io.cria.llm.Credentials;
import io.cria.llm.MissingSecretException;
import io.cria.task.CriaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * Keys among Spark's properties. These are written to the event log and shown in the UI, and
 * Spark's redaction goes by names alone: a key under any other name would stand there in clear.
 */
final class KeysInSpark {
  /** Properties of these beginnings and a variable's name hold the variable's value. */
  private static final List<String> ENVIRONMENTS =
      List.of("spark.executorEnv.", "spark.yarn.appMasterEnv.", "spark.kubernetes.driverEnv.");

  private static final String FROM_ENVIRONMENT = "env:";
  private static final String FROM_FILE = "file:";

  /** Names that people give to what nobody should see, beside those that Spark's default knows. */
  static final String NAMES =
      "(?i)secret|passw|token|credential|authorization|access[._-]?key|api[._-]?key"
          + "|[._-]key[._-]|key$";

  private final Endpoint endpoint;
  private final Map<String, String> environment;
  private final List<Credentials> known = new ArrayList<>();

  private KeysInSpark(Endpoint endpoint, Map<String, String> environment) {
    this.endpoint = endpoint;
    this.environment = environment;
  }

  /**
   * @param environment this process's
   * @throws CriaException (bad input) naming the property, where one holds a key of the endpoint's
   */
  static void refuse(SparkConf conf, Endpoint endpoint, Map<String, String> environment) {
    if (!endpoint.isEmbedded()) {
      new KeysInSpark(endpoint, environment).refuse(conf);
    }
  }

  private void refuse(SparkConf conf) {
    readHere();
    Set<String> names = new TreeSet<>();
    for (String variable : variables()) {
      ENVIRONMENTS.forEach(beginning -> names.add(beginning + variable));
    }
    for (Tuple2<String, String> property : conf.getAll()) {
      String value = property._2();
      boolean named = names.contains(property._1()) && isSecret(value);
      if (named || known.stream().anyMatch(credentials -> credentials.isSeenIn(value))) {
        throw CriaException.badInput(
            property._1()
                + ": this Spark property holds a key, and properties are written to the event log:"
                + " take it out, and give endpoint.keyFile, a file on each host, or set the variable"
                + " for the workers' daemons");
      }
    }
  }

  private Set<String> variables() {
    Set<String> variables = new TreeSet<>();
    if (endpoint.hasKey() && endpoint.keyEnv() != null) {
      variables.add(endpoint.keyEnv());
    }
    for (String value : endpoint.headers().values()) {
      if (value.startsWith(FROM_ENVIRONMENT)) {
        variables.add(value.substring(FROM_ENVIRONMENT.length()));
      }
    }
    return variables;
  }

  private void readHere() {
    for (String variable : variables()) {
      ifThere(() -> Credentials.fromEnvironment(variable, environment)).ifPresent(known::add);
    }
    String keyFile = endpoint.keyFile();
    if (keyFile != null) {
      ifThere(() -> Credentials.fromFile(Path.of(keyFile))).ifPresent(known::add);
    }
    endpoint.headers().entrySet().stream()
        .filter(header -> header.getValue().startsWith(FROM_FILE))
        .forEach(
            header ->
                ifThere(
                        () ->
                            Credentials.none()
                                .withHeaders(Map.of(header.getKey(), header.getValue())))
                    .ifPresent(known::add));
  }

  /** The driver need not have what executors send. */
  private static Optional<Credentials> ifThere(Supplier<Credentials> read) {
    try {
      return Optional.of(read.get());
    } catch (MissingSecretException e) {
      return Optional.empty();
    }
  }

  /** Words such as {@code none}, which local servers are given for a key, are no secrets. */
  private static boolean isSecret(String value) {
    return ifThere(() -> Credentials.fromEnvironment("it", Map.of("it", value)))
        .filter(credentials -> credentials.isSeenIn(value))
        .isPresent();
  }
}
