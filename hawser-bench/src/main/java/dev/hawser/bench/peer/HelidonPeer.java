package dev.hawser.bench.peer;

import io.helidon.http.HeaderNames;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webclient.http1.Http1ClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Helidon 4: blocking calls on virtual threads, as many connections cached as there are callers.
 */
final class HelidonPeer implements Peer.Blocking {
  private final Http1Client client;
  private final String path;

  HelidonPeer(Target target) {
    URI uri = target.uri();
    client =
        Http1Client.builder()
            .baseUri("http://" + uri.getAuthority())
            .connectionCacheSize(target.callers())
            .shareConnectionCache(false)
            .build();
    path = uri.getRawPath();
  }

  @Override
  public byte[] get() throws IOException {
    try (Http1ClientResponse response = client.get(path).request()) {
      Peer.ok(response.status().code());
      return response.as(byte[].class);
    }
  }

  @Override
  public long download(URI uri) throws IOException {
    try (Http1ClientResponse response = client.get(uri.getRawPath()).request();
        InputStream body = response.inputStream()) {
      Peer.ok(response.status().code());
      return Peer.drain(body);
    }
  }

  @Override
  public int upload(URI uri, Path file) throws IOException {
    long length = Files.size(file);
    try (Http1ClientResponse response =
        client
            .put(uri.getRawPath())
            .header(HeaderNames.CONTENT_LENGTH, Long.toString(length))
            .outputStream(
                out -> {
                  try (out) {
                    Files.copy(file, out);
                  }
                })) {
      return response.status().code();
    }
  }

  @Override
  public void close() {
    client.closeResource();
  }
}
