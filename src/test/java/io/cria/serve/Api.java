package io.cria.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A client for tests: sends a request and keeps status, headers and JSON of the answer. */
public final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String root;

  /**
   * @param baseUrl with its {@code /v1}
   */
  public Api(String baseUrl) {
    this.root = baseUrl.substring(0, baseUrl.length() - "/v1".length());
  }

  public Reply get(String path) {
    return send("GET", path, new byte[0]);
  }

  /** Posts {@code json}, with ' standing for ". */
  public Reply post(String path, String json) {
    return send("POST", path, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  public Reply complete(String json) {
    return post("/v1/completions", json);
  }

  public Reply chat(String json) {
    return post("/v1/chat/completions", json);
  }

  /**
   * Sends a request whose answer the caller reads, or leaves: {@code json} as in {@link #post}.
   *
   * @return the connection, open
   */
  public static Socket leavable(int port, String path, String json) throws IOException {
    byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    client.getOutputStream().write(body);
    return client;
  }

  Reply send(String method, String path, byte[] body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(root + path))
            .method(
                method,
                body.length == 0 && !method.equals("POST")
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(body))
            .build();
    try {
      HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
      return new Reply(
          response.statusCode(),
          JSON.readTree(response.body()),
          response.headers().firstValue("Retry-After").orElse(""),
          response.headers().firstValue("Allow").orElse(""),
          response.headers().allValues("Warning"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The data of each event that comes back, the last mark too. */
  public List<String> events(String path, String json) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(root + path))
            .POST(BodyPublishers.ofString(json.replace('\'', '"')))
            .build();
    try {
      HttpResponse<Stream<String>> response = http.send(request, BodyHandlers.ofLines());
      String type = response.headers().firstValue("Content-Type").orElse("");
      try (Stream<String> lines = response.body()) {
        if (!type.startsWith("text/event-stream")) {
          throw new IllegalStateException(lines.collect(Collectors.joining("\n")));
        }
        return lines
            .filter(line -> line.startsWith("data: "))
            .map(line -> line.substring("data: ".length()))
            .toList();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The data of an event. */
  public static JsonNode event(String data) {
    try {
      return JSON.readTree(data);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What came back. */
  public record Reply(
      int status, JsonNode body, String retryAfter, String allow, List<String> warnings) {
    public String text() {
      return choice().path("text").asText();
    }

    public JsonNode choice() {
      return body.path("choices").path(0);
    }

    public String error(String field) {
      return body.path("error").path(field).asText();
    }
  }
}
