package io.cria.ask;

import io.cria.run.Pace;
import io.cria.task.Amount;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.spark.sql.SparkSession;

/**
 * A local session with the plugin and whatever Spark properties the process was given, which prints
 * what its user interface answers under each path in the arguments. A process of its own, because
 * there is one session a process.
 */
final class MetricsProbe {
  private MetricsProbe() {}

  public static void main(String[] paths) throws Exception {
    try (SparkSession spark =
        SparkSession.builder().config(AskPlugin.KEY, AskPlugin.class.getName()).getOrCreate()) {
      AskMetrics.DRIVER.update(
          new Pace(
              48.25,
              12_345.5,
              0.03,
              60,
              64,
              Double.POSITIVE_INFINITY,
              new Amount(1234, 2_000_000, 1_250_000_000L),
              new Amount(60, 90_000, 400_000_000L),
              new Amount(Amount.NO_BOUND, 5_000_000, 5_000_000_000L),
              "the endpoint, down since 12:03"));
      AskMetrics.EXECUTOR.update(7, 5, 2, 900, 0.5);
      AskMetrics.EXECUTOR.update(1, 1, 0, 100, 0.25);
      String address = spark.sparkContext().uiWebUrl().get();
      HttpClient client = HttpClient.newHttpClient();
      for (String path : paths) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path)).build();
        System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
      }
    }
  }
}
