package io.cria.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a page asks for.
 *
 * @param query names to values; of a name that comes twice the last value
 * @param body a JSON object; empty of a GET
 * @param client the address of whoever asks
 * @param cookies names to values
 */
public record PageRequest(
    Map<String, String> query, JsonNode body, String client, Map<String, String> cookies) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public PageRequest {
    query = Map.copyOf(query);
    cookies = Map.copyOf(cookies);
  }

  static PageRequest of(@Nullable String rawQuery, byte[] body, String client, Headers headers) {
    return new PageRequest(query(rawQuery), body(body), client, cookies(headers));
  }

  private static Map<String, String> cookies(Headers headers) {
    Map<String, String> cookies = new LinkedHashMap<>();
    for (String line : headers.getOrDefault("Cookie", List.of())) {
      for (String pair : line.split(";")) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          // a value may stand in quotes (RFC 6265, section 4.1.1)
          String value = pair.substring(equals + 1).strip().replaceFirst("^\"(.*)\"$", "$1");
          cookies.put(pair.substring(0, equals).strip(), value);
        }
      }
    }
    return cookies;
  }

  private static Map<String, String> query(@Nullable String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String part : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
      int equals = part.indexOf('=');
      query.put(
          decoded(equals < 0 ? part : part.substring(0, equals)),
          equals < 0 ? "" : decoded(part.substring(equals + 1)));
    }
    return query;
  }

  private static String decoded(String word) {
    return URLDecoder.decode(word, StandardCharsets.UTF_8);
  }

  private static JsonNode body(byte[] body) {
    if (body.length == 0) {
      return JSON.createObjectNode();
    }
    JsonNode node;
    try {
      node = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw PageException.badRequest("the body is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw PageException.badRequest("the body cannot be read: " + e.getMessage());
    }
    if (!node.isObject()) {
      throw PageException.badRequest("the body is no JSON object");
    }
    return node;
  }

  /** A value of the query that is there and not empty. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
  }

  /** A cookie that the browser brings. */
  public Optional<String> cookie(String name) {
    return Optional.ofNullable(cookies.get(name));
  }

  /** A number of the query. */
  public int number(String name, int otherwise) {
    Optional<String> value = value(name);
    try {
      return value.map(Integer::parseInt).orElse(otherwise);
    } catch (NumberFormatException e) {
      throw PageException.badRequest(name + "=" + value.orElse("") + " is no whole number");
    }
  }

  /** A text of the body; empty where there is none. */
  public String text(String name) {
    return body.path(name).asText("");
  }

  /** A whole number of the body. */
  public int bodyNumber(String name) {
    if (!body.path(name).canConvertToInt()) {
      throw PageException.badRequest("the body lacks the number '" + name + "'");
    }
    return body.path(name).asInt();
  }
}
