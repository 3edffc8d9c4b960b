package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.ProxyFailedException;
import dev.hawser.TlsFile;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Frame;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** By a real proxy: squid, with its own checks of passwords. */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class SquidTest {
  private static final TestAuthority ROOT = TestAuthority.create();

  private static final String BASIC =
      """
      auth_param basic program /usr/lib/squid/basic_ncsa_auth DIR/hashed
      auth_param basic realm way out
      acl known proxy_auth REQUIRED
      http_access allow known
      """;

  private static final String DIGEST =
      """
      auth_param digest program /usr/lib/squid/digest_file_auth DIR/plain
      auth_param digest realm way out
      """
          + BASIC;

  @TempDir private Path dir;
  private final AtomicInteger asked = new AtomicInteger();

  @BeforeEach
  void passwords() throws Exception {
    // Squid's helpers run as another user than root.
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(dir.resolve("plain"), "user:sesame\n");
    var openssl =
        new ProcessBuilder("openssl", "passwd", "-apr1", "-salt", "saltsalt", "sesame").start();
    String hash = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    Files.writeString(dir.resolve("hashed"), "user:" + hash);
  }

  private HawserClient.Builder by(RealServer squid, String password) throws Exception {
    Path root = ROOT.writePem(dir.resolve("root.pem"));
    return Hawser.newBuilder()
        .tls(t -> t.onlyRoots(TlsFile.of(root)))
        .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", squid.port())))
        .authenticator(
            new Authenticator() {
              @Override
              protected PasswordAuthentication getPasswordAuthentication() {
                asked.incrementAndGet();
                return new PasswordAuthentication("user", password.toCharArray());
              }
            });
  }

  private static HawserResponse<String> get(HawserClient client, URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  void passesOnRequestsAndOpensTunnels() throws Exception {
    try (var plain = FaultServer.start(Script.ok("plain"));
        var secure =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()).alpn("http/1.1"))
                .start(Script.ok("secure"));
        var squid = RealServer.squid(dir, "http_access allow all");
        var client = by(squid, "").build()) {
      for (int i = 0; i < 50; i++) {
        HawserResponse<String> passedOn = get(client, plain.uri("/" + i));
        assertThat(passedOn.body()).isEqualTo("plain");
        assertThat(passedOn.headers().firstValue("Via").orElse("")).contains("squid");
        assertThat(get(client, secure.uri("/")).body()).isEqualTo("secure");
      }
      // One to squid, one through it. On a slow machine, where this takes more than the half second
      // between two sweeps, there was a third: see LedgerTest.whoMeetsTheSweep…
      assertThat(client.snapshot().counters().opened()).isEqualTo(2);
      assertThat(secure.connections()).isEqualTo(1);
    }
  }

  @Test
  void wantsAPasswordInTheClear() throws Exception {
    try (var plain = FaultServer.start(Script.ok("plain"));
        var squid = RealServer.squid(dir, BASIC);
        var client = by(squid, "sesame").build()) {
      for (int i = 0; i < 5; i++) {
        assertThat(get(client, plain.uri("/")).body()).isEqualTo("plain");
      }
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void wantsADigest() throws Exception {
    try (var plain = FaultServer.start(Script.ok("plain"));
        var secure =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()).alpn("http/1.1"))
                .start(Script.closeAfter(1, peer -> peer.ok("secure")));
        var squid = RealServer.squid(dir, DIGEST);
        var client = by(squid, "sesame").build()) {
      for (int i = 0; i < 5; i++) {
        assertThat(get(client, plain.uri("/a?b=" + i)).body()).isEqualTo("plain");
        assertThat(get(client, secure.uri("/")).body()).isEqualTo("secure");
      }
      assertThat(asked).as("the tunnels know the password, too").hasValue(1);
    }
  }

  @Test
  void carriesWebSocketsWithAndWithoutTls() throws Exception {
    Script greeting =
        peer -> {
          Frame.accept(peer);
          peer.send(Frame.text("hello").bytes());
          peer.stall();
        };
    try (var plain = FaultServer.start(greeting);
        var secure =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()).alpn("http/1.1"))
                .start(greeting);
        var squid = RealServer.squid(dir, DIGEST);
        var client = by(squid, "sesame").build()) {
      for (FaultServer server : List.of(plain, secure)) {
        var heard = new CompletableFuture<CharSequence>();
        var listener =
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                heard.complete(data);
                return null;
              }
            };
        WebSocket webSocket =
            client
                .newWebSocketBuilder()
                .buildAsync(
                    URI.create(server.uri("/").toString().replaceFirst("^http", "ws")), listener)
                .get(20, TimeUnit.SECONDS);
        assertThat(heard.get(20, TimeUnit.SECONDS)).hasToString("hello");
        webSocket.abort();
      }
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void refusesAWrongPasswordAndAnUnreachableOrigin() throws Exception {
    try (var squid = RealServer.squid(dir, DIGEST);
        var mistaken = by(squid, "abracadabra").build();
        var client = by(squid, "sesame").build()) {
      URI nobody = URI.create("https://127.0.0.1:" + RealServer.freePort() + "/");

      assertThatThrownBy(() -> get(mistaken, nobody))
          .isInstanceOfSatisfying(
              ProxyFailedException.class, e -> assertThat(e.status()).hasValue(407));
      assertThatThrownBy(() -> get(client, nobody))
          .isInstanceOfSatisfying(
              ProxyFailedException.class, e -> assertThat(e.status()).hasValue(503));
    }
  }
}
