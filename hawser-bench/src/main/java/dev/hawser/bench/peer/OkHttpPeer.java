package dev.hawser.bench.peer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Okio;

/**
 * OkHttp: blocking calls, with as many idle connections kept as there are callers (its default
 * keeps five).
 */
final class OkHttpPeer implements Peer.Blocking {
  private final OkHttpClient client;
  private final Request request;

  OkHttpPeer(Target target) {
    client =
        new OkHttpClient.Builder()
            .connectionPool(new ConnectionPool(target.callers(), 5, TimeUnit.MINUTES))
            .protocols(protocols(target))
            .build();
    request = new Request.Builder().url(target.uri().toString()).build();
  }

  private static List<Protocol> protocols(Target target) {
    if (!target.http2()) {
      return List.of(Protocol.HTTP_1_1);
    }
    return target.secure()
        ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) // OkHttp wants this one offered, too
        : List.of(Protocol.H2_PRIOR_KNOWLEDGE);
  }

  @Override
  public byte[] get() throws IOException {
    try (Response response = client.newCall(request).execute()) {
      Peer.ok(response.code());
      return response.body().bytes();
    }
  }

  @Override
  public long download(URI uri) throws IOException {
    try (Response response =
        client.newCall(new Request.Builder().url(uri.toString()).build()).execute()) {
      Peer.ok(response.code());
      return response.body().source().readAll(Okio.blackhole());
    }
  }

  @Override
  public int upload(URI uri, Path file) throws IOException {
    Request put =
        new Request.Builder()
            .url(uri.toString())
            .put(RequestBody.create(file.toFile(), null))
            .build();
    try (Response response = client.newCall(put).execute()) {
      return response.code();
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
