package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An {@link Authenticator}, and servers and proxies that want a password. */
@Timeout(60)
class AuthenticationTest extends WithClient {
  private static final String BASIC = "Basic dXNlcjpzZXNhbWU="; // user:sesame

  private final Asked asked = new Asked();
  private volatile Proxy proxy = Proxy.NO_PROXY;

  /** Knows a password, and notes for what it is asked. */
  private static final class Asked extends Authenticator {
    final Queue<String> prompts = new ConcurrentLinkedQueue<>();
    final Queue<String> passwords = new ConcurrentLinkedQueue<>();

    @Override
    protected PasswordAuthentication getPasswordAuthentication() {
      prompts.add(
          String.join(
              " ",
              getRequestorType().toString(),
              getRequestingProtocol(),
              getRequestingHost() + ":" + getRequestingPort(),
              getRequestingScheme(),
              getRequestingPrompt(),
              String.valueOf(getRequestingURL())));
      String password = passwords.isEmpty() ? "sesame" : passwords.remove();
      return password.isEmpty() ? null : new PasswordAuthentication("user", password.toCharArray());
    }
  }

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .authenticator(asked)
        .followRedirects(Redirect.ALWAYS)
        .proxy(
            new ProxySelector() {
              @Override
              public List<Proxy> select(URI uri) {
                return List.of(uri.getHost().endsWith(".test") ? proxy : Proxy.NO_PROXY);
              }

              @Override
              public void connectFailed(URI uri, SocketAddress address, IOException reason) {}
            });
  }

  /** Wants these credentials in every request, and answers with what it was asked for. */
  private FaultServer guarded(String challenge, String... accepted) throws IOException {
    return server(wanting("401", "Authorization", "WWW-Authenticate: " + challenge, accepted));
  }

  private static Script wanting(String status, String field, String challenge, String... accepted) {
    return peer -> {
      while (true) {
        Received request = peer.readRequest();
        if (request.header(field).stream().anyMatch(List.of(accepted)::contains)) {
          peer.ok("welcome to " + request.target());
        } else {
          peer.send(
              "HTTP/1.1 %s No\r\n%s\r\nContent-Length: 2\r\n\r\nno".formatted(status, challenge));
        }
      }
    };
  }

  private HawserResponse<String> get(FaultServer server, String path)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(server.uri(path)));
  }

  // ---- Basic

  @Test
  void theUserIsAskedOnceAndTheSpaceBelowKnowsThePassword() throws Exception {
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);

    HawserResponse<String> response = get(server, "/a/b?c");

    assertThat(response.body()).isEqualTo("welcome to /a/b?c");
    HttpResponse<String> before = response.previousResponse().orElseThrow();
    assertThat(before.statusCode()).isEqualTo(401);
    assertThat(asked.prompts)
        .containsExactly(
            "SERVER http 127.0.0.1:%d basic vault %s"
                .formatted(server.port(), server.uri("/a/b?c")));
    assertThat(get(server, "/a/c/d").previousResponse()).as("sent at once").isEmpty();
    assertThat(get(server, "/elsewhere").previousResponse())
        .as("not known to be the same space")
        .isPresent();
    assertThat(asked.prompts).as("it was").hasSize(1);
    assertThat(server.connections()).isEqualTo(1);
    for (ExchangeEvent event : witness.all(ExchangeEvent.class)) {
      assertThat(event.toString()).doesNotContain("sesame").doesNotContain("dXNlcjpzZXNhbWU=");
    }
  }

  @Test
  void anotherOriginIsShownNothing() throws Exception {
    FaultServer other = server(Script.ok("plain"));
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);

    get(server, "/");
    get(other, "/");

    assertThat(other.requests().getFirst().header("authorization")).isEmpty();
  }

  @Test
  void aRedirectToAnotherOriginTakesNoPasswordAlong() throws Exception {
    FaultServer other = server(Script.ok("plain"));
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.send(
                  "HTTP/1.1 401 No\r\n"
                      + "WWW-Authenticate: Basic realm=x\r\n"
                      + "Content-Length: 0\r\n\r\n");
              peer.readRequest();
              peer.send(
                  "HTTP/1.1 302 Found\r\nLocation: "
                      + other.uri("/")
                      + "\r\nContent-Length: 0\r\n\r\n");
            });

    assertThat(get(server, "/").body()).isEqualTo("plain");

    assertThat(server.requests().getLast().header("authorization")).containsExactly(BASIC);
    assertThat(other.requests().getFirst().header("authorization")).isEmpty();
  }

  @Test
  void aWrongPasswordIsAskedForAnew() throws Exception {
    asked.passwords.addAll(List.of("wrong", "worse"));
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);

    assertThat(get(server, "/").statusCode()).isEqualTo(200);

    assertThat(asked.prompts).hasSize(3);
    assertThat(server.requests()).hasSize(4);
  }

  @Test
  void itIsSentFourTimesAtMost() throws Exception {
    FaultServer server = guarded("Basic realm=\"vault\"");

    assertThatThrownBy(() -> get(server, "/"))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("too many authentication attempts. Limit: 3")
        .message()
        .doesNotContain("sesame");

    assertThat(server.requests()).hasSize(5);
  }

  @Test
  void withoutAPasswordThereIsNoAnswer() throws Exception {
    asked.passwords.add("");
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);

    assertThatThrownBy(() -> get(server, "/"))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("No credentials provided");
  }

  @Test
  void aChangedPasswordIsForgotten() throws Exception {
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);
    FaultServer later = guarded("Basic realm=\"vault\"", "Basic dXNlcjpuZXc="); // user:new
    get(server, "/");
    server.close();
    asked.passwords.add("new");

    try (FaultServer successor =
        FaultServer.start(
            server.address(),
            wanting(
                "401",
                "Authorization",
                "WWW-Authenticate: Basic realm=vault",
                "Basic dXNlcjpuZXc="))) {
      assertThat(get(successor, "/").statusCode()).isEqualTo(200);
      assertThat(successor.requests()).hasSize(2);
      assertThat(get(successor, "/").previousResponse()).isEmpty();
    }
    assertThat(later.requests()).isEmpty();
  }

  @Test
  void theCallersOwnHeaderIsHisBusiness() throws Exception {
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);

    HawserResponse<String> response =
        send(HttpRequest.newBuilder(server.uri("/")).header("Authorization", "Bearer mine"));

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(asked.prompts).isEmpty();
    assertThat(server.requests().getFirst().header("authorization")).containsExactly("Bearer mine");
  }

  @Test
  void aBodyThatCannotBeSentTwiceLeavesThe401() throws Exception {
    FaultServer server = guarded("Basic realm=\"vault\"", BASIC);

    HawserResponse<String> once =
        send(
            HttpRequest.newBuilder(server.uri("/"))
                .POST(
                    BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[] {1}))));
    HawserResponse<String> twice =
        send(HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofString("again")));

    assertThat(once.statusCode()).isEqualTo(401);
    assertThat(once.body()).isEqualTo("no");
    assertThat(twice.statusCode()).isEqualTo(200);
    assertThat(server.requests().getLast().text()).isEqualTo("again");
  }

  @Test
  void whatCannotBeAnsweredIsTheCallers() throws Exception {
    for (String challenge :
        List.of("Negotiate", "Bearer realm=x", "Digest realm=x, nonce=y, qop=\"auth-int\"", "")) {
      FaultServer server = guarded(challenge, BASIC);
      assertThat(get(server, "/").statusCode()).isEqualTo(401);
    }
    assertThat(asked.prompts).isEmpty();
  }

  // ---- Digest

  @Test
  void aNonceIsUsedAgainAndAStaleOneReplacedWithoutAskingTheUser() throws Exception {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    FaultServer server =
        server(
            peer -> {
              for (int i = 0; ; i++) {
                Received request = peer.readRequest();
                seen.add(String.join("", request.header("authorization")));
                String challenge =
                    "Digest realm=\"vault\", qop=\"auth\", algorithm=SHA-256, nonce=\"n%d\"%s"
                        .formatted(i, i == 0 ? "" : ", stale=true");
                if (i == 0 || i == 3) {
                  peer.send(
                      "HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n"
                          .formatted(challenge));
                } else {
                  peer.ok("fine");
                }
              }
            });

    get(server, "/a");
    get(server, "/b?c");
    get(server, "/");

    assertThat(asked.prompts).hasSize(1);
    assertThat(seen)
        .satisfiesExactly(
            first -> assertThat(first).isEmpty(),
            second ->
                assertThat(second)
                    .startsWith(
                        "Digest username=\"user\", realm=\"vault\", nonce=\"n0\", uri=\"/a\"")
                    .contains("nc=00000001"),
            third -> assertThat(third).contains("uri=\"/b?c\"").contains("nc=00000002"),
            stale -> assertThat(stale).contains("nonce=\"n0\"").contains("nc=00000003"),
            fresh -> assertThat(fresh).contains("nonce=\"n3\"").contains("nc=00000001"));
  }

  // ---- proxies

  @Test
  void aProxyThatPassesOnRequests() throws Exception {
    FaultServer server =
        server(
            wanting(
                "407",
                "Proxy-Authorization",
                "Proxy-Authenticate: Basic realm=\"way out\"",
                BASIC));
    proxy = new Proxy(Proxy.Type.HTTP, server.address());

    HawserResponse<String> response = send(HttpRequest.newBuilder(URI.create("http://one.test/x")));
    send(HttpRequest.newBuilder(URI.create("http://two.test/y")));

    assertThat(response.body()).isEqualTo("welcome to http://one.test/x");
    assertThat(response.previousResponse().orElseThrow().statusCode()).isEqualTo(407);
    assertThat(asked.prompts)
        .containsExactly(
            "PROXY http localhost:%d basic way out http://one.test/x".formatted(server.port()));
    assertThat(server.requests()).hasSize(3);
    assertThat(server.requests()).allMatch(request -> request.header("authorization").isEmpty());
  }

  @Test
  void aServerThatPlaysTheProxyGetsNothing() throws Exception {
    FaultServer server =
        server(
            wanting("407", "Proxy-Authorization", "Proxy-Authenticate: Basic realm=\"x\"", BASIC));

    assertThat(get(server, "/").statusCode()).isEqualTo(407);
    assertThat(asked.prompts).isEmpty();
  }

  @Test
  void aTunnelIsNotWorthAPasswordInTheClear() throws Exception {
    FaultServer server =
        server(
            wanting("407", "Proxy-Authorization", "Proxy-Authenticate: Basic realm=\"x\"", BASIC));
    proxy = new Proxy(Proxy.Type.HTTP, server.address());

    assertThatThrownBy(() -> send(HttpRequest.newBuilder(URI.create("https://one.test/"))))
        .isInstanceOf(ProxyFailedException.class)
        .hasMessageContaining("jdk.http.auth.tunneling.disabledSchemes");
    assertThat(asked.prompts).isEmpty();
  }

  @Test
  void aTunnelAsksWithADigestAlsoOverAnotherConnection() throws Exception {
    for (String connection : List.of("keep-alive", "close")) {
      FaultServer server =
          server(
              peer -> {
                for (int i = 0; i < 2; i++) {
                  Received request = peer.readRequest();
                  if (!request.header("proxy-authorization").isEmpty()) {
                    peer.send("HTTP/1.1 502 Far enough\r\nContent-Length: 0\r\n\r\n");
                    return;
                  }
                  peer.send(
                      """
                      HTTP/1.1 407 No\r
                      Proxy-Authenticate: Digest realm="way out", nonce="n", qop="auth"\r
                      Connection: %s\r
                      Content-Length: 2\r
                      \r
                      no\
                      """
                          .formatted(connection));
                  if (connection.equals("close")) {
                    return;
                  }
                }
              });
      proxy = new Proxy(Proxy.Type.HTTP, server.address());
      asked.prompts.clear();

      assertThatThrownBy(() -> send(HttpRequest.newBuilder(URI.create("https://one.test/"))))
          .isInstanceOfSatisfying(
              ProxyFailedException.class, e -> assertThat(e.status()).hasValue(502));

      assertThat(server.connections()).isEqualTo(connection.equals("close") ? 2 : 1);
      assertThat(server.requests().getLast().header("proxy-authorization").getFirst())
          .startsWith("Digest username=\"user\", realm=\"way out\"")
          .contains("uri=\"one.test:443\"");
      assertThat(asked.prompts)
          .containsExactly("PROXY http localhost:%d digest way out null".formatted(server.port()));
    }
  }

  @Test
  void aTunnelIsAskedForFourTimesAtMost() throws Exception {
    FaultServer server =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        """
                        HTTP/1.1 407 No\r
                        Proxy-Authenticate: Digest realm="x", nonce="n", qop="auth"\r
                        Content-Length: 0\r
                        \r
                        """)));
    proxy = new Proxy(Proxy.Type.HTTP, server.address());

    assertThatThrownBy(() -> send(HttpRequest.newBuilder(URI.create("https://one.test/"))))
        .isInstanceOfSatisfying(
            ProxyFailedException.class, e -> assertThat(e.status()).hasValue(407))
        .hasMessageContaining("too many authentication attempts");
    assertThat(server.requests()).hasSize(5);
  }
}
