package io.cria.llm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentTooLongException;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Takes in one answer, up to the bound of {@link BodyDecoder}: what is longer breaks its connection
 * off.
 */
final class ReplyConsumer implements AsyncResponseConsumer<HttpReply> {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final BodyDecoder decoder;
  private final int limitBytes;
  private volatile @Nullable HttpResponse head;
  private volatile @Nullable FutureCallback<HttpReply> callback;
  private volatile boolean tooLong;

  ReplyConsumer(int limitBytes) {
    this.limitBytes = limitBytes;
    this.decoder = new BodyDecoder(limitBytes);
  }

  @Override
  public void consumeResponse(
      HttpResponse response,
      @Nullable EntityDetails entity,
      HttpContext context,
      FutureCallback<HttpReply> resultCallback) {
    head = response;
    callback = resultCallback;
    if (entity == null) {
      complete(response, resultCallback);
    }
  }

  @Override
  public void informationResponse(HttpResponse response, HttpContext context) {
    // An answer before the answer says nothing that is of use.
  }

  @Override
  public void updateCapacity(CapacityChannel channel) throws IOException {
    channel.update(Integer.MAX_VALUE);
  }

  @Override
  public void consume(ByteBuffer bytes) throws IOException {
    if (body.size() + (long) bytes.remaining() > limitBytes) {
      tooLong = true;
      throw new ContentTooLongException("the answer is longer than " + limitBytes + " bytes");
    }
    byte[] chunk = new byte[bytes.remaining()];
    bytes.get(chunk);
    body.writeBytes(chunk);
  }

  @Override
  public void streamEnd(@Nullable List<? extends Header> trailers) {
    HttpResponse response = head;
    FutureCallback<HttpReply> result = callback;
    if (response != null && result != null) {
      complete(response, result);
    }
  }

  private void complete(HttpResponse response, FutureCallback<HttpReply> result) {
    Map<String, List<String>> headers = headers(response);
    List<String> encodings = headers.getOrDefault("content-encoding", List.of());
    BodyDecoder.Decoded decoded = decoder.decode(body.toByteArray(), encodings);
    result.completed(
        new HttpReply(response.getCode(), headers, decoded.text(), decoded.unreadable()));
  }

  /** The answer whose body was longer than it may be; empty where that is not why it failed. */
  Optional<HttpReply> tooLong() {
    HttpResponse response = head;
    return tooLong && response != null
        ? Optional.of(
            new HttpReply(
                response.getCode(), headers(response), "", decoder.tooLong().unreadable()))
        : Optional.empty();
  }

  private static Map<String, List<String>> headers(HttpResponse response) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (Header header : response.getHeaders()) {
      headers.computeIfAbsent(header.getName(), name -> new ArrayList<>()).add(header.getValue());
    }
    return headers;
  }

  @Override
  public void failed(Exception cause) {
    // The exchange's own callback is told too.
  }

  @Override
  public void releaseResources() {
    body.reset();
  }
}
