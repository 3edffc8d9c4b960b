package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code java.net.http} documents of proxies and authenticators, of both clients. */
@Timeout(60)
class ProxyContractTest {
  /** A way to begin a client. */
  private enum Maker {
    JDK,
    HAWSER;

    HttpClient.Builder builder() {
      HttpClient.Builder builder = this == JDK ? HttpClient.newBuilder() : Hawser.newBuilder();
      return builder.version(HttpClient.Version.HTTP_1_1);
    }
  }

  private final List<AutoCloseable> opened = new ArrayList<>();

  static Stream<Maker> makers() {
    return Stream.of(Maker.values());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private FaultServer server(Script script) throws IOException {
    FaultServer server = FaultServer.start(script);
    opened.add(server);
    return server;
  }

  private HttpClient client(HttpClient.Builder builder) {
    HttpClient client = builder.build();
    opened.add(client);
    return client;
  }

  private static HttpResponse<String> get(HttpClient client, String uri, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** Notes for what it is asked, and knows one password. */
  private static final class Asked extends Authenticator {
    final List<String> prompts = new ArrayList<>();

    @Override
    protected PasswordAuthentication getPasswordAuthentication() {
      prompts.add(
          "%s %s %s %d %s %s %s %s"
              .formatted(
                  getRequestorType(),
                  getRequestingProtocol(),
                  getRequestingHost(),
                  getRequestingPort(),
                  getRequestingSite(),
                  getRequestingScheme(),
                  getRequestingPrompt(),
                  getRequestingURL()));
      return new PasswordAuthentication("user", "sesame".toCharArray());
    }
  }

  private static Script wanting(int status, String field, String challenge) {
    return Script.keepAlive(
        peer ->
            peer.send(
                "HTTP/1.1 %d No\r\n%s: %s\r\nContent-Length: 2\r\n\r\nno"
                    .formatted(status, field, challenge)));
  }

  @ParameterizedTest
  @MethodSource("makers")
  void aRequestByAProxyIsInAbsoluteForm(Maker maker) throws Exception {
    FaultServer proxy = server(Script.ok("by the proxy"));
    HttpClient client = client(maker.builder().proxy(ProxySelector.of(proxy.address())));

    assertThat(get(client, "http://one.test/a?b").body()).isEqualTo("by the proxy");

    Received request = proxy.requests().getFirst();
    assertThat(request.requestLine()).isEqualTo("GET http://one.test/a?b HTTP/1.1");
    assertThat(request.header("host")).containsExactly("one.test");
  }

  @ParameterizedTest
  @MethodSource("makers")
  void noProxyIsDirect(Maker maker) throws Exception {
    FaultServer server = server(Script.ok("direct"));
    HttpClient client = client(maker.builder().proxy(HttpClient.Builder.NO_PROXY));

    assertThat(get(client, server.uri("/").toString()).body()).isEqualTo("direct");
    assertThat(server.requests().getFirst().target()).isEqualTo("/");
  }

  /** "The system-wide default values are retrieved at the time the HttpClient is constructed." */
  @ParameterizedTest
  @MethodSource("makers")
  void theDefaultSelectorIsTheOneAtConstruction(Maker maker) throws Exception {
    FaultServer proxy = server(Script.ok("by the proxy"));
    ProxySelector before = ProxySelector.getDefault();
    HttpClient client;
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            return uri.getHost().endsWith(".test")
                ? List.of(new Proxy(Proxy.Type.HTTP, proxy.address()))
                : before.select(uri);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException reason) {}
        });
    try {
      client = client(maker.builder());
    } finally {
      ProxySelector.setDefault(before);
    }
    assertThat(client.proxy()).isEmpty();
    assertThat(get(client, "http://one.test/").body()).isEqualTo("by the proxy");
  }

  @ParameterizedTest
  @MethodSource("makers")
  void theAuthenticatorIsToldWhoAsks(Maker maker) throws Exception {
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.send(
                  "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"the vault\"\r\n"
                      + "Content-Length: 2\r\n\r\nno");
              peer.readRequest();
              peer.ok("in");
              peer.readRequest();
              peer.ok("in again");
            });
    var asked = new Asked();
    HttpClient client = client(maker.builder().authenticator(asked));

    HttpResponse<String> response = get(client, server.uri("/a/b?c") + "");
    get(client, server.uri("/a/d").toString());

    assertThat(response.body()).isEqualTo("in");
    assertThat(response.previousResponse().orElseThrow().statusCode()).isEqualTo(401);
    assertThat(asked.prompts)
        .containsExactly(
            "SERVER http 127.0.0.1 %d null basic the vault %s"
                .formatted(server.port(), server.uri("/a/b?c")));
    assertThat(server.requests())
        .extracting(request -> request.header("authorization"))
        .containsExactly(
            List.of(), List.of("Basic dXNlcjpzZXNhbWU="), List.of("Basic dXNlcjpzZXNhbWU="));
  }

  @ParameterizedTest
  @MethodSource("makers")
  void theAuthenticatorIsToldOfAProxy(Maker maker) throws Exception {
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              peer.send(
                  "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"way out\"\r\n"
                      + "Content-Length: 2\r\n\r\nno");
              peer.readRequest();
              peer.ok("out");
            });
    var asked = new Asked();
    HttpClient client =
        client(maker.builder().proxy(ProxySelector.of(proxy.address())).authenticator(asked));

    assertThat(get(client, "http://one.test/x").body()).isEqualTo("out");

    assertThat(asked.prompts)
        .containsExactly(
            "PROXY http %s %d null basic way out http://one.test/x"
                .formatted(proxy.address().getHostString(), proxy.port()));
    assertThat(proxy.requests().getLast().header("proxy-authorization"))
        .containsExactly("Basic dXNlcjpzZXNhbWU=");
  }

  /** "Its value is used and the Authenticator is not invoked." */
  @ParameterizedTest
  @MethodSource("makers")
  void aHeaderOfTheCallersIsUsedInItsPlace(Maker maker) throws Exception {
    FaultServer server = server(wanting(401, "WWW-Authenticate", "Basic realm=x"));
    FaultServer proxy = server(wanting(407, "Proxy-Authenticate", "Basic realm=x"));
    var asked = new Asked();
    HttpClient client = client(maker.builder().authenticator(asked));
    HttpClient proxied =
        client(maker.builder().authenticator(asked).proxy(ProxySelector.of(proxy.address())));

    assertThat(get(client, server.uri("/") + "", "Authorization", "Bearer x").statusCode())
        .isEqualTo(401);
    assertThat(get(proxied, "http://one.test/", "Proxy-Authorization", "Bearer y").statusCode())
        .isEqualTo(407);

    assertThat(asked.prompts).isEmpty();
    assertThat(server.requests().getFirst().header("authorization")).containsExactly("Bearer x");
    assertThat(proxy.requests().getFirst().header("proxy-authorization"))
        .containsExactly("Bearer y");
  }

  @ParameterizedTest
  @MethodSource("makers")
  void withoutAnAuthenticatorTheAnswerIsTheCallers(Maker maker) throws Exception {
    FaultServer server = server(wanting(401, "WWW-Authenticate", "Basic realm=x"));
    HttpClient client = client(maker.builder());

    HttpResponse<String> response = get(client, server.uri("/") + "");

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.body()).isEqualTo("no");
  }

  @ParameterizedTest
  @MethodSource("makers")
  void refusedCredentialsAreReplacedThreeTimes(Maker maker) throws Exception {
    FaultServer server = server(wanting(401, "WWW-Authenticate", "Basic realm=x"));
    var asked = new Asked();
    HttpClient client = client(maker.builder().authenticator(asked));
    try {
      get(client, server.uri("/") + "");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("too many authentication attempts. Limit: 3");
    }
    assertThat(asked.prompts).hasSize(4);
    assertThat(server.requests()).hasSize(5);
  }
}
