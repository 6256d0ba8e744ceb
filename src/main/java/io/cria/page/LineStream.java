package io.cria.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import io.cria.task.CriaException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** An answer of JSON lines, each of which the page has as soon as it is sent. */
final class LineStream implements Routes.Lines {
  private static final int OK = 200;

  private final HttpExchange exchange;
  private final ObjectMapper json;
  private boolean begun;

  private LineStream(HttpExchange exchange, ObjectMapper json) {
    this.exchange = exchange;
    this.json = json;
  }

  /** Has a handler answer; what it refuses before its first line is thrown on. */
  static void answer(
      HttpExchange exchange, ObjectMapper json, Routes.Streaming handler, PageRequest request)
      throws IOException {
    LineStream lines = new LineStream(exchange, json);
    try {
      handler.answer(request, lines);
      lines.end();
    } catch (Routes.GoneException e) {
      System.getLogger(LineStream.class.getName())
          .log(System.Logger.Level.DEBUG, "{0}: nobody reads any more", request.client());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      lines.refuse(PageException.unavailable("The server is closing.", 1));
    } catch (RuntimeException e) {
      lines.refuse(e);
    }
  }

  @Override
  public void send(Object value) {
    byte[] line = line(value);
    try {
      if (!begun) {
        begun = true;
        exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson; charset=utf-8");
        // for a proxy that would collect lines before it hands them on
        exchange.getResponseHeaders().set("X-Accel-Buffering", "no");
        exchange.sendResponseHeaders(OK, 0);
      }
      OutputStream out = exchange.getResponseBody();
      out.write(line);
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      throw new Routes.GoneException(e);
    }
  }

  private byte[] line(Object value) {
    try {
      return json.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      // an IOException too, and not one of the reader's
      throw new IllegalArgumentException("no JSON can be made of a " + value.getClass(), e);
    }
  }

  private void end() throws IOException {
    if (begun) {
      exchange.getResponseBody().close();
    }
  }

  private void refuse(RuntimeException e) throws IOException {
    if (!begun) {
      throw e;
    }
    boolean meant = e instanceof PageException || e instanceof CriaException;
    if (!meant) {
      System.getLogger(LineStream.class.getName())
          .log(System.Logger.Level.ERROR, exchange.getRequestURI().getPath(), e);
    }
    try {
      send(Map.of("error", meant ? String.valueOf(e.getMessage()) : "a fault of Cria: " + e));
      end();
    } catch (Routes.GoneException gone) {
      e.addSuppressed(gone);
    }
  }
}
