package dev.hawser.bench.peer;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.SplitHttpResponse;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.common.stream.SubscriptionOption;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Armeria: one protocol, which the scheme says, native epoll, one event loop per core. */
final class ArmeriaPeer implements Peer.Async {
  private final ClientFactory factory;
  private final WebClient client;
  private final String path;

  ArmeriaPeer(Target target) {
    URI uri = target.uri();
    factory =
        ClientFactory.builder().workerGroup(Runtime.getRuntime().availableProcessors()).build();
    client =
        WebClient.builder(scheme(target) + uri.getAuthority())
            .factory(factory)
            .maxResponseLength(0)
            .responseTimeout(Duration.ZERO)
            .build();
    path = uri.getRawPath();
  }

  private static String scheme(Target target) {
    return (target.http2() ? "h2" : "h1") + (target.secure() ? "://" : "c://");
  }

  @Override
  public void get(Answer answer) {
    var _ =
        client
            .get(path)
            .aggregate()
            .handle(
                (response, failure) -> {
                  if (failure != null) {
                    answer.failed(failure);
                  } else {
                    answer.done(response.status().code(), response.content().array());
                  }
                  return null;
                });
  }

  @Override
  public long download(URI uri) {
    SplitHttpResponse response = client.get(uri.getRawPath()).split();
    Counting bytes = new Counting();
    response.body().subscribe(bytes, SubscriptionOption.WITH_POOLED_OBJECTS);
    return bytes.total.join();
  }

  @Override
  public int upload(URI uri, Path file) throws Exception {
    RequestHeaders head =
        RequestHeaders.of(
            HttpMethod.PUT, uri.getRawPath(), HttpHeaderNames.CONTENT_LENGTH, Files.size(file));
    HttpResponse response = client.execute(HttpRequest.of(head, StreamMessage.of(file)));
    return response.aggregate().join().status().code();
  }

  @Override
  public void close() {
    factory.close();
  }

  /** Counts and releases the chunks as they come. */
  private static final class Counting implements Subscriber<HttpData> {
    private final CompletableFuture<Long> total = new CompletableFuture<>();
    private long bytes;

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(HttpData data) {
      try (data) {
        bytes += data.length();
      }
    }

    @Override
    public void onError(Throwable cause) {
      total.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
      total.complete(bytes);
    }
  }
}
