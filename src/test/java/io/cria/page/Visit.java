package io.cria.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A browser with a page open, as far as its requests go. It remembers all that it was sent. */
public final class Visit {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .build();
  private final String url;
  private final List<String> received = new ArrayList<>();

  /** An answer. */
  public record Reply(int status, Map<String, List<String>> headers, String text) {
    /** The body as JSON. */
    public JsonNode json() {
      try {
        return JSON.readTree(text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public String header(String name) {
      return String.join(", ", headers.getOrDefault(name, List.of()));
    }
  }

  /**
   * @param url the server's, with a slash at its end
   */
  public Visit(String url) {
    this.url = url;
  }

  /** Reads from a path. */
  public Reply get(String path) {
    return send(HttpRequest.newBuilder(at(path)).GET());
  }

  /** Has something done, as a page of the server does. */
  public Reply post(String path, Map<String, Object> body) {
    String token = get("/api/token").json().path("token").asText();
    return post(path, body, Map.of("Origin", url.replaceFirst("/$", ""), Visitors.TOKEN, token));
  }

  /** Has something done that is told of line by line; the lines, as they come. */
  public CompletableFuture<Stream<JsonNode>> stream(String path, Map<String, Object> body) {
    String token = get("/api/token").json().path("token").asText();
    HttpRequest request =
        HttpRequest.newBuilder(at(path))
            .header("Content-Type", "application/json")
            .header("Origin", url.replaceFirst("/$", ""))
            .header(Visitors.TOKEN, token)
            .POST(BodyPublishers.ofString(JSON.valueToTree(body).toString()))
            .build();
    return http.sendAsync(request, BodyHandlers.ofLines())
        .thenApply(response -> response.body().map(Visit::line));
  }

  private static JsonNode line(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with other headers. */
  public Reply post(String path, Map<String, Object> body, Map<String, String> headers) {
    Map<String, String> all = new TreeMap<>(Map.of("Content-Type", "application/json"));
    all.putAll(headers);
    HttpRequest.Builder request = HttpRequest.newBuilder(at(path));
    all.forEach(request::header);
    return send(request.POST(BodyPublishers.ofString(JSON.valueToTree(body).toString())));
  }

  Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      received.add(response.headers().map() + "\n" + response.body());
      return new Reply(response.statusCode(), response.headers().map(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  URI at(String path) {
    return URI.create(url.replaceFirst("/$", "") + path);
  }

  /** All that came, headers and bodies. */
  public List<String> received() {
    return List.copyOf(received);
  }

  /** A word as addresses code it. */
  public static String coded(String word) {
    return URLEncoder.encode(word, StandardCharsets.UTF_8);
  }
}
