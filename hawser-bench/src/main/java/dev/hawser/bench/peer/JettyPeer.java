package dev.hawser.bench.peer;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.PathRequestContent;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;

/** Jetty's client: asynchronous sends, the pool wide enough, one selector per core. */
final class JettyPeer implements Peer.Async {
  private final HttpClient client;
  private final URI uri;

  JettyPeer(Target target) throws Exception {
    int selectors = Runtime.getRuntime().availableProcessors();
    client = new HttpClient(target.http2() ? http2(selectors) : http1(selectors));
    client.setMaxConnectionsPerDestination(target.http2() ? 1 : target.callers());
    client.setMaxRequestsQueuedPerDestination(Math.max(1024, 2 * target.callers()));
    client.start();
    uri = target.uri();
  }

  private static HttpClientTransport http1(int selectors) {
    return new HttpClientTransportOverHTTP(selectors);
  }

  private static HttpClientTransport http2(int selectors) {
    var connector = new ClientConnector();
    connector.setSelectors(selectors);
    return new HttpClientTransportOverHTTP2(new HTTP2Client(connector));
  }

  @Override
  public void get(Answer answer) {
    client
        .newRequest(uri)
        .send(
            new BufferingResponseListener() {
              @Override
              public void onComplete(Result result) {
                if (result.isFailed()) {
                  answer.failed(result.getFailure());
                } else {
                  answer.done(result.getResponse().getStatus(), getContent());
                }
              }
            });
  }

  @Override
  public long download(URI uri) throws Exception {
    LongAdder bytes = new LongAdder();
    CompletableFuture<Integer> status = new CompletableFuture<>();
    client
        .newRequest(uri)
        .onResponseContent((response, content) -> bytes.add(consume(content)))
        .send(result -> settle(result, status));
    Peer.ok(status.get());
    return bytes.sum();
  }

  @Override
  public int upload(URI uri, Path file) throws Exception {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    client
        .newRequest(uri)
        .method(HttpMethod.PUT)
        .body(new PathRequestContent("application/octet-stream", file))
        .send(result -> settle(result, status));
    return status.get();
  }

  private static int consume(ByteBuffer content) {
    int n = content.remaining();
    content.position(content.limit());
    return n;
  }

  private static void settle(Result result, CompletableFuture<Integer> status) {
    if (result.isFailed()) {
      status.completeExceptionally(result.getFailure());
    } else {
      status.complete(result.getResponse().getStatus());
    }
  }

  @Override
  public void close() throws Exception {
    client.stop();
  }
}
