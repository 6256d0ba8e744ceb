package io.cria.llm.fake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;

/**
 * What {@link ScriptedServer} does with a request. Immutable; the {@code with} methods give changed
 * copies.
 *
 * @param status HTTP status
 * @param headers header lines beside length and, unless it is among them, type (JSON)
 * @param body the body's text
 * @param wire from that text to the bytes that are sent
 * @param fault what goes wrong on the connection
 * @param delay wait before the answer, or between the bytes of a {@link Fault#TRICKLE}
 */
public record Reply(
    int status,
    Map<String, String> headers,
    String body,
    Function<String, byte[]> wire,
    Fault fault,
    Duration delay) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What goes wrong on the connection. */
  public enum Fault {
    /** Nothing. */
    NONE,
    /**
     * The answer is whole, then the connection is closed without a word: a stale kept-alive
     * connection.
     */
    CLOSE_AFTER,
    /** No answer until the client goes away or the server ends. */
    HANG,
    /** The connection is reset in place of an answer. */
    RESET,
    /** The connection is reset after half the body. */
    RESET_IN_BODY,
    /** The connection is closed after half the body. */
    TRUNCATE,
    /** The body comes byte by byte. */
    TRICKLE
  }

  public Reply {
    headers = Map.copyOf(headers);
  }

  /** A JSON or other body under a status. */
  public static Reply of(int status, String body) {
    return new Reply(status, Map.of(), body, Reply::utf8, Fault.NONE, Duration.ZERO);
  }

  /** Bytes of any kind under a status. */
  public static Reply ofBytes(int status, byte[] body) {
    byte[] copy = body.clone();
    return new Reply(status, Map.of(), "", text -> copy.clone(), Fault.NONE, Duration.ZERO);
  }

  /** The answer {@code text}, in the dialect of the request, finished by itself. */
  public static Reply text(ScriptedServer.Call call, String text) {
    return text(call, text, "stop");
  }

  /**
   * The answer {@code text}, in the dialect of the request. Usage counts white-space words; the
   * model is the one asked.
   */
  public static Reply text(ScriptedServer.Call call, String text, String finishReason) {
    ObjectNode root = JSON.createObjectNode();
    root.put("id", "answer-" + call.keyDigest() + "-" + call.timesSeen());
    root.put("model", call.body().path("model").asText());
    ObjectNode choice = root.putArray("choices").addObject();
    choice.put("index", 0);
    if (call.isChat()) {
      choice.putObject("message").put("role", "assistant").put("content", text);
    } else {
      choice.put("text", text);
    }
    choice.put("finish_reason", finishReason);
    ObjectNode usage = root.putObject("usage");
    usage.put("prompt_tokens", words(call.promptText()));
    usage.put("completion_tokens", words(text));
    return of(200, root.toString());
  }

  /** An error object as OpenAI writes it. */
  public static Reply error(int status, String type, String code, String message) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("error").put("message", message).put("type", type).put("code", code);
    return of(status, root.toString());
  }

  public Reply withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, more, body, wire, fault, delay);
  }

  public Reply withFault(Fault value) {
    return new Reply(status, headers, body, wire, value, delay);
  }

  public Reply withDelay(Duration value) {
    return new Reply(status, headers, body, wire, fault, value);
  }

  /** The same body, compressed, with the header that says so; again for each call. */
  public Reply withGzip() {
    String before = headers.getOrDefault("Content-Encoding", "");
    Function<String, byte[]> inner = wire;
    return new Reply(status, headers, body, text -> gzip(inner.apply(text)), fault, delay)
        .withHeader("Content-Encoding", before.isEmpty() ? "gzip" : before + ", gzip");
  }

  /** The bytes that are sent for a body. */
  byte[] bytes() {
    return wire.apply(body);
  }

  /** Compressed. */
  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int words(String text) {
    String stripped = text.strip();
    return stripped.isEmpty() ? 0 : stripped.split("\\s+").length;
  }
}
