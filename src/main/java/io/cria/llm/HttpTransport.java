package io.cria.llm;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 with kept-alive connections on one I/O thread. Retries, redirects and cookies of the
 * library are off: what is sent again, and when, is the client's own decision. It sets no answer
 * timeout either; deadlines cancel.
 */
final class HttpTransport implements Exchange, AutoCloseable {
  /** How the message of a failure begins where the host has no address. */
  static final String HOST_NOT_KNOWN = "host name not known";

  /** How it begins where TLS cannot be agreed upon. */
  static final String NOT_SECURE = "no secure connection";

  private static final String RUNTIME = "cria.runtime";
  private static final int BUFFER_BYTES = 8 * 1024;
  private static final int MAX_CONNECTIONS = 4096;

  private final CloseableHttpAsyncClient client;

  HttpTransport() {
    client =
        HttpAsyncClients.custom()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setMaxConnTotal(MAX_CONNECTIONS)
                    .setMaxConnPerRoute(MAX_CONNECTIONS)
                    .setDefaultTlsConfig(
                        TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1).build())
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(Timeout.ofSeconds(10))
                            .setSocketTimeout(Timeout.DISABLED)
                            .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                            .build())
                    .useSystemProperties()
                    .build())
            .setIOReactorConfig(
                IOReactorConfig.custom()
                    .setIoThreadCount(1)
                    .setTcpNoDelay(true)
                    .setSoTimeout(Timeout.DISABLED)
                    .build())
            .setHttp1Config(
                Http1Config.custom()
                    .setBufferSize(BUFFER_BYTES)
                    .setChunkSizeHint(BUFFER_BYTES)
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(Timeout.DISABLED)
                    .setConnectionRequestTimeout(Timeout.DISABLED)
                    .build())
            .addExecInterceptorFirst("cancelling", HttpTransport::remember)
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .useSystemProperties()
            .setUserAgent("cria")
            .build();
    client.start();
  }

  /** The transport that all clients of this process share; lives as long as the process. */
  static HttpTransport shared() {
    return Shared.INSTANCE;
  }

  private static final class Shared {
    static final HttpTransport INSTANCE = new HttpTransport();
  }

  @Override
  public CompletableFuture<HttpReply> post(String url, Map<String, String> headers, byte[] body) {
    return send(
        Method.POST,
        url,
        headers,
        new BasicAsyncEntityProducer(body, ContentType.APPLICATION_JSON));
  }

  @Override
  public CompletableFuture<HttpReply> get(String url, Map<String, String> headers) {
    return send(Method.GET, url, headers, null);
  }

  private CompletableFuture<HttpReply> send(
      Method method,
      String url,
      Map<String, String> headers,
      @Nullable AsyncEntityProducer entity) {
    CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    org.apache.hc.core5.http.message.BasicHttpRequest head =
        new org.apache.hc.core5.http.message.BasicHttpRequest(method, URI.create(url));
    headers.forEach(head::setHeader);
    ReplyConsumer consumer = new ReplyConsumer(BodyDecoder.LIMIT_BYTES);
    AtomicReference<AsyncExecRuntime> runtime = new AtomicReference<>();
    HttpClientContext context = HttpClientContext.create();
    context.setAttribute(RUNTIME, runtime);
    Future<?> exchange =
        client.execute(
            new BasicRequestProducer(head, entity),
            consumer,
            context,
            new Completion(url, consumer, reply));
    CompletableFuture<HttpReply> unused =
        reply.whenComplete(
            (ignored, error) -> {
              if (reply.isCancelled()) {
                exchange.cancel(true);
                discard(runtime.get());
              }
            });
    return reply;
  }

  /**
   * The library's future forgets what it would have to cancel when an exchange begins faster than
   * the call that begins it returns, as over a kept-alive connection: the connection would stay
   * open for as long as the server likes.
   */
  private static void discard(@Nullable AsyncExecRuntime runtime) {
    if (runtime != null) {
      runtime.discardEndpoint();
    }
  }

  @SuppressWarnings("unchecked")
  private static void remember(
      HttpRequest request,
      @Nullable AsyncEntityProducer entity,
      AsyncExecChain.Scope scope,
      AsyncExecChain chain,
      AsyncExecCallback callback)
      throws HttpException, IOException {
    Object runtime = scope.clientContext.getAttribute(RUNTIME);
    ((AtomicReference<AsyncExecRuntime>) runtime).set(scope.execRuntime);
    chain.proceed(request, entity, scope, callback);
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }

  private static final class Completion implements FutureCallback<HttpReply> {
    private final String url;
    private final ReplyConsumer consumer;
    private final CompletableFuture<HttpReply> reply;

    Completion(String url, ReplyConsumer consumer, CompletableFuture<HttpReply> reply) {
      this.url = url;
      this.consumer = consumer;
      this.reply = reply;
    }

    @Override
    public void completed(HttpReply answer) {
      reply.complete(answer);
    }

    @Override
    public void failed(Exception e) {
      Optional<HttpReply> tooLong = consumer.tooLong();
      if (tooLong.isPresent()) {
        reply.complete(tooLong.get());
        return;
      }
      TransportException.Reached reached =
          e instanceof ConnectException
                  || e instanceof ConnectTimeoutException
                  || e instanceof UnknownHostException
                  || e instanceof NoRouteToHostException
                  || e instanceof SSLHandshakeException
                  || e instanceof SSLPeerUnverifiedException
              ? TransportException.Reached.NOTHING
              : TransportException.Reached.SERVER;
      reply.completeExceptionally(new TransportException(reached, describe(e), e));
    }

    @Override
    public void cancelled() {
      reply.completeExceptionally(
          new TransportException(TransportException.Reached.SERVER, "the exchange was cancelled"));
    }

    private String describe(Exception e) {
      String message = e.getMessage() == null ? "" : e.getMessage();
      if (e instanceof UnknownHostException) {
        return HOST_NOT_KNOWN + ": " + URI.create(url).getHost();
      }
      if (e instanceof ConnectException || e instanceof ConnectTimeoutException) {
        return "no connection: " + message;
      }
      if (e instanceof SSLHandshakeException || e instanceof SSLPeerUnverifiedException) {
        return NOT_SECURE + ": " + message;
      }
      return (e instanceof IOException ? "connection failed" : e.getClass().getSimpleName())
          + (message.isEmpty() ? "" : ": " + message);
    }
  }
}
