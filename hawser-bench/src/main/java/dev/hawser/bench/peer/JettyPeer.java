package dev.hawser.bench.peer;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.PathRequestContent;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpMethod;

/** Jetty's client: asynchronous sends, the pool wide enough, one selector per core. */
final class JettyPeer implements Peer.Async {
  private final HttpClient client;
  private final URI uri;

  JettyPeer(Target target) throws Exception {
    client =
        new HttpClient(new HttpClientTransportOverHTTP(Runtime.getRuntime().availableProcessors()));
    client.setMaxConnectionsPerDestination(target.callers());
    client.setMaxRequestsQueuedPerDestination(Math.max(1024, 2 * target.callers()));
    client.start();
    uri = target.uri();
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
