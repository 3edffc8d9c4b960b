package dev.hawser.compat;

import dev.hawser.faults.OriginServer;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/**
 * A client, the JDK's or Hawser, and servers that behave: over HTTP/1.1 in clear text, over HTTP/2
 * by ALPN. What a test says holds for both clients; where they differ it asks {@link Difference}
 * what each of them does.
 */
abstract class WithBothClients {
  static final TestAuthority ROOT = TestAuthority.create();

  private static OriginServer clear;
  private static OriginServer secure;

  @Parameter Subject subject;
  HttpClient client;

  @BeforeAll
  static void startServers() throws IOException {
    clear = OriginServer.start();
    secure = OriginServer.builder().tls(ROOT.localhost().serverContext()).http2().start();
  }

  @AfterAll
  static void stopServers() throws IOException {
    clear.close();
    secure.close();
  }

  @BeforeEach
  void openClient() {
    client = builder().build();
  }

  @AfterEach
  void closeClient() {
    client.shutdownNow();
  }

  HttpClient.Builder builder() {
    return subject.builder().sslContext(ROOT.clientContext());
  }

  /** The server that speaks the subject's protocol. */
  OriginServer origin() {
    return subject.version() == Version.HTTP_2 ? secure : clear;
  }

  /** The same server over http and https. */
  static URI clear(String path) {
    return clear.uri(path);
  }

  static URI secure(String path) {
    return secure.uri(path);
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(origin().uri(path));
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(to(path));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** The header fields that the server of {@code /headers} has received, by this name. */
  static List<String> received(HttpResponse<String> response, String name) {
    return response
        .body()
        .lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }

  /** What the origin's letters are, from the first. */
  static String letters(int count) {
    var letters = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      letters.append((char) ('a' + i % 26));
    }
    return letters.toString();
  }
}
