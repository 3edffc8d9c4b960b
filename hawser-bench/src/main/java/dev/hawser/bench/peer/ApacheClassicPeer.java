package dev.hawser.bench.peer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.PathEntity;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;

/**
 * Apache HttpClient 5, classic: blocking calls, the pool wide enough and of its concurrent kind.
 */
final class ApacheClassicPeer implements Peer.Blocking {
  private final CloseableHttpClient client;
  private final URI uri;

  ApacheClassicPeer(Target target) {
    client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(target.callers())
                    .setMaxConnTotal(target.callers())
                    .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                    .build())
            .build();
    uri = target.uri();
  }

  @Override
  public byte[] get() throws IOException {
    return client.execute(
        new HttpGet(uri),
        response -> {
          Peer.ok(response.getCode());
          return EntityUtils.toByteArray(response.getEntity());
        });
  }

  @Override
  public long download(URI uri) throws IOException {
    return client.execute(
        new HttpGet(uri),
        response -> {
          Peer.ok(response.getCode());
          return Peer.drain(response.getEntity().getContent());
        });
  }

  @Override
  public int upload(URI uri, Path file) throws IOException {
    HttpPut put = new HttpPut(uri);
    put.setEntity(new PathEntity(file, ContentType.APPLICATION_OCTET_STREAM));
    return client.execute(put, response -> response.getCode());
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
