package dev.hawser.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ClientSnapshot;
import dev.hawser.ConnectFailedException;
import dev.hawser.ExchangeEvent;
import dev.hawser.ExchangeFailure;
import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.Phase;
import dev.hawser.ProxyFailedException;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Frame;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the API's documentation do what they say. */
@Tag("tls")
@Timeout(60)
class ExamplesTest {
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Log log = (format, values) -> logged.add(format + List.of(values));
  private final HawserClient client = Hawser.newHttpClient();
  private FaultServer server;
  private Ports nobody;

  @BeforeEach
  void start() throws IOException {
    server = FaultServer.start(Script.ok("fine"));
    nobody = Ports.refused();
  }

  @AfterEach
  void stop() throws IOException {
    client.shutdownNow();
    nobody.close();
    server.close();
  }

  private HttpRequest request() {
    return HttpRequest.newBuilder(server.uri("/")).build();
  }

  private HttpRequest toNobody() {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nobody.port() + "/")).build();
  }

  // ---- calls

  @Test
  void figuresAreScraped() throws Exception {
    assertThat(Watching.starved(client)).isIn(true, false); // as this machine is
    var scraped = Scraped.serve(client, 0);
    try {
      URI uri = URI.create("http://127.0.0.1:" + scraped.getAddress().getPort() + "/metrics");
      var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());

      assertThat(response.body()).contains("\nhawser_exchanges_total 1\n");
      assertThat(response.headers().firstValue("content-type"))
          .contains("text/plain; version=0.0.4");
    } finally {
      scraped.stop(0);
    }
  }

  @Test
  void calls() throws Exception {
    assertThat(Calls.first(server.uri("/")).body()).isEqualTo("fine");
    assertThat(Calls.async(client, request()).get().total()).isPositive();
    assertThat(Calls.priority(client, request()).statusCode()).isEqualTo(200);
    assertThat(Calls.checksum(client, request())).isEqualTo("none");
  }

  @Test
  void aWebSocket() throws Exception {
    Script echo =
        peer -> {
          Frame.accept(peer);
          for (int i = 0; i < 2; i++) {
            Frame frame = Frame.read(peer);
            peer.send(Frame.of(frame.first(), frame.payload()).bytes());
          }
        };
    try (FaultServer chat = FaultServer.start(echo);
        HawserClient own = Options.webSocket().build()) {
      URI uri = URI.create("ws://127.0.0.1:" + chat.uri("/").getPort());
      assertThat(Calls.webSocket(own, uri, log).get().isOutputClosed()).isTrue();
      own.close(); // waits until it is closed
    }
    assertThat(logged).containsExactly("{}[hello]");
  }

  @Test
  void aFile(@TempDir Path folder) throws Exception {
    Path backup = Files.writeString(folder.resolve("backup"), "content");

    assertThat(Calls.file(client, server.uri("/"), backup)).isEqualTo(200);
    assertThat(server.requests()).singleElement().extracting(Received::text).isEqualTo("content");
  }

  @Test
  void theReadmes() throws Exception {
    Calls.readme(request(), log);

    assertThat(logged).singleElement().asString().contains("{} over {}", "firstByte", "connection");
  }

  @Test
  void trailers() throws Exception {
    try (FaultServer chunked =
        FaultServer.start(
            Script.answer(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "4\r\nfine\r\n0\r\nChecksum: 42\r\n\r\n"))) {
      assertThat(Calls.checksum(client, HttpRequest.newBuilder(chunked.uri("/")).build()))
          .isEqualTo("42");
    }
  }

  @Test
  void whereTheTimeWent() throws Exception {
    Script slow =
        Script.keepAlive(
            peer -> {
              peer.pause(Duration.ofMillis(600));
              peer.ok("late");
            });
    try (FaultServer slowServer = FaultServer.start(slow);
        HawserClient watched = Hawser.newBuilder().listener(Watching.listener(log)).build()) {
      HawserResponse<String> response =
          watched.send(
              HttpRequest.newBuilder(slowServer.uri("/")).build(), BodyHandlers.ofString());
      Calls.slow(response, log);
      Calls.connection(response, log);
    }

    assertThat(logged).hasSize(3);
    assertThat(logged.get(0)).startsWith("slow: {}");
    assertThat(logged.get(1)).startsWith("the server thinks: {}");
    assertThat(logged.get(2)).contains("exchange 1, none");
  }

  // ---- options

  @Test
  void options() throws Exception {
    for (HawserClient.Builder builder :
        List.of(
            Options.pool(),
            Options.tcp(),
            Options.tls(),
            Options.http1(),
            Options.http2(),
            Options.exchange(),
            Options.retry(),
            Options.breaker(),
            Options.ejection(),
            Options.limit(),
            Options.hedge(),
            Options.decompression(),
            Options.servers(),
            Options.dns(InetAddress.getLoopbackAddress()))) {
      try (HawserClient made = builder.build()) {
        assertThat(made.send(request(), BodyHandlers.ofString()).body()).isEqualTo("fine");
      }
    }
    try (HawserClient made = Options.builder()) {
      assertThat(made.connectTimeout()).contains(Duration.ofSeconds(2));
    }
  }

  @Test
  void addressesOfOnesOwn() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    URI uri = URI.create("http://api.example:" + server.port() + "/");
    for (HawserClient.Builder builder : List.of(Options.dns(here), Options.resolver(here))) {
      try (HawserClient made = builder.build()) {
        assertThat(made.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body())
            .isEqualTo("fine");
      }
    }
  }

  // ---- errors

  @Test
  void errors() throws Exception {
    assertThatThrownBy(() -> Errors.facts(client, toNobody(), log))
        .isInstanceOfSatisfying(
            ConnectFailedException.class,
            failure -> assertThat(Errors.serversFault(failure)).isTrue());
    assertThat(logged).singleElement().asString().contains(Phase.CONNECT.toString());
    assertThat(Errors.types(client, toNobody(), request())).isEqualTo("fine");
  }

  @Test
  void errorsOfTls() throws Exception {
    var identity = TestAuthority.create().localhost();
    try (FaultServer server = FaultServer.startTls(identity.serverContext(), Script.ok("never"))) {
      Errors.tls(client, HttpRequest.newBuilder(server.uri("/")).build(), log);
    }
    assertThat(logged).singleElement().asString().contains("not trusted", "CN=Test Root");
  }

  @Test
  void errorsOfAProxy() throws Exception {
    try (FaultServer proxy =
            FaultServer.start(Script.answer("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"));
        HawserClient proxied =
            Hawser.newBuilder().proxy(ProxySelector.of(proxy.address())).build()) {
      var request = HttpRequest.newBuilder(URI.create("https://example.org/")).build();
      assertThatThrownBy(() -> Errors.proxy(proxied, request, log))
          .isInstanceOf(ProxyFailedException.class);
    }
    assertThat(logged).singleElement().asString().contains("407");
  }

  @Test
  void errorsOfAnExchange() throws Exception {
    try (FaultServer broken = FaultServer.start(Peer::readRequest, Peer::stall)) {
      HttpRequest.Builder request = HttpRequest.newBuilder(broken.uri("/"));
      assertThat(Errors.types(client, request.build(), request())).isEqualTo("broken");
      assertThat(Errors.types(client, request.timeout(Duration.ofMillis(500)).build(), request()))
          .isEqualTo("late");
    }
  }

  // ---- watching

  @Test
  void events() throws Exception {
    var failed = new CountDownLatch(2); // on two threads, in no order
    try (HawserClient watched =
        Hawser.newBuilder()
            .listener(Watching.events(log))
            .listener(
                event -> {
                  if (event instanceof ExchangeEvent.Failed
                      || event instanceof ExchangeEvent.OpenFailed) {
                    failed.countDown();
                  }
                })
            .build()) {
      assertThatThrownBy(() -> watched.send(toNobody(), BodyHandlers.ofString()))
          .isInstanceOf(ExchangeFailure.class);
      assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(logged).anyMatch(line -> line.startsWith("call {} failed: {}[1, "));
    assertThat(logged).anyMatch(line -> line.startsWith("no connection: {}"));
  }

  @Test
  void figures() throws Exception {
    client.send(request(), BodyHandlers.ofString());
    client.send(request(), BodyHandlers.ofString());

    assertThat(Watching.reuse(client)).isEqualTo(0.5);
    assertThat(Watching.closes(client)).isZero();
    Watching.hints(client, log);
    assertThat(logged).as("no names, no hints").isEmpty();
    assertThat(Watching.origin(client, server.uri("/"))).map(ClientSnapshot.Host::idle).contains(1);

    Watching.moved(client, server.uri("/"));
    assertThat(server.awaitConnections(11, Duration.ofSeconds(10))).isTrue();
  }
}
