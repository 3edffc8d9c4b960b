package dev.hawser.bench.peer;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SSLEngineOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Vert.x: native epoll, one event loop per core, and every call made on the event loop, as code in
 * a verticle does: from another thread each call would cost two hand-overs more.
 */
final class VertxPeer implements Peer.Async {
  private final Vertx vertx;
  private final Context context;
  private final HttpClient client;
  private final RequestOptions request;

  VertxPeer(Target target, SSLEngineOptions engine) {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()));
    if (!vertx.isNativeTransportEnabled()) {
      System.err.println("vertx: no native transport: " + vertx.unavailableNativeTransportCause());
    }
    context = vertx.getOrCreateContext();
    client =
        vertx.createHttpClient(
            options(target).setSslEngineOptions(engine),
            new PoolOptions().setHttp1MaxSize(target.callers()).setEventLoopSize(0));
    request = options(target.uri(), HttpMethod.GET);
  }

  /** One HTTP/2 connection is Vert.x's default; its window of 64 KiB is left alone, too. */
  private static HttpClientOptions options(Target target) {
    return target.http2()
        ? new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setUseAlpn(target.secure())
            .setHttp2ClearTextUpgrade(false)
        : new HttpClientOptions();
  }

  private static RequestOptions options(URI uri, HttpMethod method) {
    return new RequestOptions()
        .setMethod(method)
        .setHost(uri.getHost())
        .setPort(uri.getPort())
        .setSsl("https".equals(uri.getScheme()))
        .setURI(uri.getRawPath());
  }

  @Override
  public void get(Answer answer) {
    if (context.equals(Vertx.currentContext())) {
      send(answer);
    } else {
      context.runOnContext(nothing -> send(answer));
    }
  }

  private void send(Answer answer) {
    client
        .request(request)
        .compose(HttpClientRequest::send)
        .compose(
            response ->
                response.statusCode() == 200
                    ? response.body()
                    : Future.failedFuture("status " + response.statusCode()))
        .onComplete(body -> answer.done(200, body.getBytes()), answer::failed);
  }

  @Override
  public long download(URI uri) throws Exception {
    CompletableFuture<Long> done = new CompletableFuture<>();
    context.runOnContext(
        nothing ->
            client
                .request(options(uri, HttpMethod.GET))
                .compose(HttpClientRequest::send)
                .onComplete(response -> count(response, done), done::completeExceptionally));
    return done.get();
  }

  private static void count(HttpClientResponse response, CompletableFuture<Long> done) {
    long[] bytes = {0};
    response.handler(buffer -> bytes[0] += buffer.length());
    response.exceptionHandler(done::completeExceptionally);
    response.endHandler(
        nothing -> done.complete(response.statusCode() == 200 ? bytes[0] : -response.statusCode()));
  }

  @Override
  public int upload(URI uri, Path file) throws Exception {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    context.runOnContext(
        nothing ->
            client
                .request(options(uri, HttpMethod.PUT))
                .compose(put -> send(put, file))
                .compose(response -> response.end().map(ended -> response.statusCode()))
                .onComplete(done::complete, done::completeExceptionally));
    return done.get();
  }

  private Future<HttpClientResponse> send(HttpClientRequest put, Path file) {
    String name = file.toString();
    return vertx
        .fileSystem()
        .props(name)
        .compose(
            props -> {
              put.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(props.size()));
              return vertx.fileSystem().open(name, new OpenOptions().setWrite(false));
            })
        .compose(put::send);
  }

  @Override
  public void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }
}
