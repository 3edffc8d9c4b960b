package dev.hawser.bench.peer;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Reactor Netty: native epoll, one event loop per core, the pool wide enough. */
final class ReactorNettyPeer implements Peer.Async {
  private final ConnectionProvider pool;
  private final LoopResources loops;
  private final HttpClient client;
  private final Mono<byte[]> get;

  ReactorNettyPeer(Target target) {
    pool =
        ConnectionProvider.builder("bench")
            .maxConnections(target.http2() ? 1 : target.callers())
            .pendingAcquireMaxCount(-1)
            .lifo()
            .build();
    loops = LoopResources.create("bench", Runtime.getRuntime().availableProcessors(), true);
    client = http(target, HttpClient.create(pool).runOn(loops, true));
    get =
        client
            .get()
            .uri(target.uri().toString())
            .responseSingle(
                (response, body) ->
                    response.status().code() == 200
                        ? body.asByteArray()
                        : Mono.error(new IOException("status " + response.status().code())));
  }

  private static HttpClient http(Target target, HttpClient client) {
    HttpClient secured = target.secure() ? client.secure() : client;
    return target.http2()
        ? secured.protocol(target.secure() ? HttpProtocol.H2 : HttpProtocol.H2C)
        : secured;
  }

  @Override
  public void get(Answer answer) {
    get.subscribe(body -> answer.done(200, body), answer::failed);
  }

  @Override
  public long download(URI uri) throws IOException {
    return known(
        client
            .get()
            .uri(uri.toString())
            .responseContent()
            .map(buffer -> (long) buffer.readableBytes())
            .reduce(0L, Long::sum)
            .block());
  }

  @Override
  public int upload(URI uri, Path file) throws IOException {
    long length = Files.size(file);
    return known(
        client
            .headers(headers -> headers.set(HttpHeaderNames.CONTENT_LENGTH, length))
            .put()
            .uri(uri.toString())
            .send((request, out) -> out.sendFile(file))
            .responseSingle(
                (response, body) ->
                    body.asByteArray()
                        .map(bytes -> response.status().code())
                        .defaultIfEmpty(response.status().code()))
            .block());
  }

  private static <T> T known(@Nullable T value) throws IOException {
    if (value == null) {
      throw new IOException("no answer");
    }
    return value;
  }

  @Override
  public void close() {
    pool.dispose();
    loops.dispose();
  }
}
