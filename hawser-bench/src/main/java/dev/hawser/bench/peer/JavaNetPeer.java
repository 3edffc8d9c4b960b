package dev.hawser.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

/**
 * Any {@link HttpClient}: the JDK's own and Hawser are the same code here, save for the factory.
 */
final class JavaNetPeer implements Peer.Blocking {
  /** How a file becomes a body. */
  interface FileBodies {
    BodyPublisher of(Path file) throws IOException;
  }

  private final HttpClient client;
  private final FileBodies bodies;
  private final HttpClient.Version version;
  private final HttpRequest request;

  JavaNetPeer(Target target, HttpClient client) {
    this(target, client, BodyPublishers::ofFile);
  }

  JavaNetPeer(Target target, HttpClient client, FileBodies bodies) {
    this.client = client;
    this.bodies = bodies;
    this.version = target.http2() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
    this.request = request(target.uri()).build();
  }

  // Said on the request: the JDK's client would else offer h2c with an Upgrade header.
  private HttpRequest.Builder request(URI uri) {
    return HttpRequest.newBuilder(uri).version(version);
  }

  @Override
  public byte[] get() throws IOException, InterruptedException {
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    Peer.ok(response.statusCode());
    return response.body();
  }

  @Override
  public long download(URI uri) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        client.send(request(uri).build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      Peer.ok(response.statusCode());
      return Peer.drain(body);
    }
  }

  @Override
  public int upload(URI uri, Path file) throws IOException, InterruptedException {
    HttpRequest put = request(uri).PUT(bodies.of(file)).build();
    return client.send(put, BodyHandlers.discarding()).statusCode();
  }

  @Override
  public void close() {
    client.close();
  }
}
