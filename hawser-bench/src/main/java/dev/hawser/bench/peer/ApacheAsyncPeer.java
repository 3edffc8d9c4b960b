package dev.hawser.bench.peer;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.hc.client5.http.async.methods.AbstractBinResponseConsumer;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.entity.PathEntityProducer;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.jspecify.annotations.Nullable;

/**
 * Apache HttpClient 5, async: as many I/O threads as the process has cores, callbacks that issue
 * the next call.
 */
final class ApacheAsyncPeer implements Peer.Async {
  private final CloseableHttpAsyncClient client;
  private final URI uri;

  ApacheAsyncPeer(Target target) {
    IOReactorConfig reactor =
        IOReactorConfig.custom()
            .setIoThreadCount(Runtime.getRuntime().availableProcessors())
            .build();
    client = target.http2() ? http2(reactor) : http1(target, reactor);
    client.start();
    uri = target.uri();
  }

  /** The client that has HTTP/2 only, and multiplexes. */
  private static CloseableHttpAsyncClient http2(IOReactorConfig reactor) {
    return HttpAsyncClients.customHttp2().setIOReactorConfig(reactor).build();
  }

  private static CloseableHttpAsyncClient http1(Target target, IOReactorConfig reactor) {
    return HttpAsyncClients.custom()
        .setIOReactorConfig(reactor)
        .setConnectionManager(
            PoolingAsyncClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(target.callers())
                .setMaxConnTotal(target.callers())
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                .setDefaultTlsConfig(
                    TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1).build())
                .build())
        .build();
  }

  @Override
  public void get(Answer answer) {
    var _ =
        client.execute(
            SimpleRequestBuilder.get(uri).build(),
            new FutureCallback<SimpleHttpResponse>() {
              @Override
              public void completed(SimpleHttpResponse response) {
                answer.done(response.getCode(), response.getBodyBytes());
              }

              @Override
              public void failed(Exception cause) {
                answer.failed(cause);
              }

              @Override
              public void cancelled() {
                answer.failed(new IOException("cancelled"));
              }
            });
  }

  @Override
  public long download(URI uri) throws Exception {
    AsyncRequestProducer get = AsyncRequestBuilder.get(uri).build();
    return client.execute(get, new Counting(), null).get().bytes();
  }

  @Override
  public int upload(URI uri, Path file) throws Exception {
    AsyncRequestProducer put =
        AsyncRequestBuilder.put(uri)
            .setEntity(new PathEntityProducer(file, ContentType.APPLICATION_OCTET_STREAM))
            .build();
    return client.execute(put, new Counting(), null).get().status();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private record Counted(int status, long bytes) {}

  /** Counts the body's bytes as they come. */
  private static final class Counting extends AbstractBinResponseConsumer<Counted> {
    private int status;
    private long bytes;

    @Override
    protected void start(HttpResponse response, @Nullable ContentType type) {
      status = response.getCode();
    }

    @Override
    protected int capacityIncrement() {
      return Integer.MAX_VALUE;
    }

    @Override
    protected void data(ByteBuffer data, boolean last) {
      bytes += data.remaining();
      data.position(data.limit());
    }

    @Override
    protected Counted buildResult() {
      return new Counted(status, bytes);
    }

    @Override
    public void releaseResources() {}
  }
}
