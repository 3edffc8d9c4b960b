package dev.hawser.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import dev.hawser.wire.NotProcessedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way of a call over connections that carry many exchanges, above what HTTP/2 writes. */
@Timeout(60)
class Http2CallTest {
  private static final TestAuthority ROOT = TestAuthority.create();

  private final ScriptedHttp2 http2 = new ScriptedHttp2();
  private final HawserClient client =
      new ClientBuilder(http2).sslContext(ROOT.clientContext()).build();
  private FaultServer server;

  /** Chooses h2 where it is offered; HTTP/1.1 it really speaks. */
  @BeforeEach
  void open() throws IOException {
    server = server("h2", "http/1.1");
  }

  private static FaultServer server(String... protocols) throws IOException {
    Tls tls =
        Tls.of(ROOT.localhost().serverContext())
            .with(parameters -> parameters.setApplicationProtocols(protocols));
    return FaultServer.builder().tls(tls).start(Script.ok("over HTTP/1.1"));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(client.snapshot().leased()).isZero();
    assertThat(client.snapshot().waiting()).isZero();
    client.shutdown();
    assertThat(client.awaitTermination(Duration.ofSeconds(10))).isTrue();
    assertThat(server.awaitAllClosed(Duration.ofSeconds(10))).isTrue();
    server.close();
    client.shutdownNow();
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(server.uri("/"));
  }

  private HawserResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void requestsShareTheConnectionThatAlpnChose() throws Exception {
    HawserResponse<String> first = send(request());
    HawserResponse<String> second = send(request());

    assertThat(first.body()).isEqualTo("connection 1");
    assertThat(first.version()).isEqualTo(Version.HTTP_2);
    assertThat(first.connection().version()).isEqualTo(Version.HTTP_2);
    assertThat(first.connection().tls().orElseThrow().alpn()).isEqualTo("h2");
    assertThat(first.timeline().reused()).isFalse();
    assertThat(second.timeline().reused()).isTrue();
    assertThat(second.connection().exchanges()).isEqualTo(2);
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void aColdStartOpensOneConnection() throws Exception {
    var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < 50; i++) {
      calls.add(client.sendAsync(request().build(), BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> call : calls) {
      assertThat(call.get().body()).isEqualTo("connection 1");
    }

    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void whoAsksForHttp1GetsIt() throws Exception {
    assertThat(send(request()).body()).isEqualTo("connection 1");

    HawserResponse<String> response = send(request().version(Version.HTTP_1_1));

    assertThat(response.body()).isEqualTo("over HTTP/1.1");
    assertThat(response.connection().tls().orElseThrow().alpn()).isEqualTo("http/1.1");
    assertThat(client.snapshot().hosts()).hasSize(1);
  }

  @Test
  void aClientOfHttp1UsesHttp2WhereTheRequestAsksForIt() throws Exception {
    try (HawserClient http1 =
        new ClientBuilder(http2)
            .sslContext(ROOT.clientContext())
            .version(Version.HTTP_1_1)
            .build()) {
      assertThat(http1.send(request().build(), BodyHandlers.ofString()).body())
          .isEqualTo("over HTTP/1.1");
      assertThat(
              http1.send(request().version(Version.HTTP_2).build(), BodyHandlers.ofString()).body())
          .isEqualTo("connection 1");
    }
  }

  @Test
  void aServerOfHttp1GetsHttp1() throws Exception {
    try (FaultServer old = server("http/1.1")) {
      HttpRequest get = HttpRequest.newBuilder(old.uri("/")).build();
      var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < 8; i++) {
        calls.add(client.sendAsync(get, BodyHandlers.ofString()));
      }
      for (CompletableFuture<HttpResponse<String>> call : calls) {
        assertThat(call.get().body()).isEqualTo("over HTTP/1.1");
      }
      assertThat(http2.connections).isEmpty();
    }
  }

  // ---- repeats

  @Test
  void whatWasNotProcessedIsRepeatedElsewhereWhateverItsMethod() throws Exception {
    http2.then(
        connection -> {
          connection.retire(CloseReason.GOAWAY);
          return new NotProcessedException("GOAWAY (NO_ERROR)", false);
        });

    HawserResponse<String> response = send(request().POST(BodyPublishers.ofString("once")));

    assertThat(response.body()).isEqualTo("connection 2");
    assertThat(http2.requests).containsExactly("POST on 1", "POST on 2");
    assertThat(client.snapshot().counters().repeats()).isEqualTo(1);
    assertThat(client.snapshot().counters().closed()).containsEntry(CloseReason.GOAWAY, 1L);
  }

  @Test
  void notForEver() {
    for (int i = 0; i < 4; i++) {
      http2.thenFail(new NotProcessedException("REFUSED_STREAM", false));
    }

    assertThatThrownBy(() -> send(request()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("REFUSED_STREAM (as before; it was sent 4 times)")
        .hasMessageContaining("overloaded or restarts");
    assertThat(http2.requests).hasSize(4);
  }

  @Test
  void norWhenItsBodyCannotBeSentAgain() {
    http2.thenFail(new NotProcessedException("REFUSED_STREAM", false));

    assertThatThrownBy(() -> send(request().header("once", "only")))
        .hasMessageContaining("REFUSED_STREAM")
        .hasMessageContaining("its body cannot be sent again");
    assertThat(http2.requests).hasSize(1);
  }

  @Test
  void whatMayHaveBeenProcessedIsNotRepeated() throws Exception {
    send(request());
    http2.thenFail(new IOException("reset"));

    assertThatThrownBy(() -> send(request().POST(BodyPublishers.ofString("once"))))
        .hasMessageContaining("reset")
        .hasMessageContaining("was not repeated because");
    assertThat(client.snapshot().open()).as("its stream failed alone").isEqualTo(1);
  }

  @Test
  void anIdempotentRequestIsRepeatedOnceWhenItsConnectionWasThereBefore() throws Exception {
    send(request());
    http2.then(
        connection -> {
          connection.end();
          return new IOException("closed");
        });

    assertThat(send(request()).body()).isEqualTo("connection 2");
  }

  @Test
  void notOnAConnectionThatWasMadeForIt() {
    http2.thenFail(new IOException("closed"));

    assertThatThrownBy(() -> send(request())).hasMessageContaining("closed");
    assertThat(http2.requests).hasSize(1);
  }

  @Test
  void whereHttp1IsRequiredItIsUsedAndRemembered() throws Exception {
    http2.thenFail(new NotProcessedException("HTTP_1_1_REQUIRED", true));

    assertThat(send(request()).body()).isEqualTo("over HTTP/1.1");
    assertThat(send(request()).body()).isEqualTo("over HTTP/1.1");

    assertThat(http2.connections).hasSize(1);
    assertThat(client.snapshot().counters().closed())
        .containsEntry(CloseReason.HTTP_1_1_REQUIRED, 1L);
  }

  // ---- what is given up

  @Test
  void anAbandonedBodyEndsItsStreamAlone() throws Exception {
    HttpResponse<InputStream> response =
        client.send(request().header("held", "").build(), BodyHandlers.ofInputStream());
    assertThat(streams()).isEqualTo(1);
    response.body().close();
    eventually(() -> streams() == 0);

    assertThat(http2.connections.getFirst().exchanges.getFirst().abandoned).isTrue();
    assertThat(send(request()).body()).isEqualTo("connection 1");
  }

  private static void eventually(BooleanSupplier condition) throws InterruptedException {
    long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(patience);
      Thread.sleep(1);
    }
  }

  private int streams() {
    return client.snapshot().hosts().stream().mapToInt(ClientSnapshot.Host::streams).sum();
  }

  @Test
  void shutdownNowEndsConnectionsWithWhatTheyCarry() throws Exception {
    List<CompletableFuture<HttpResponse<InputStream>>> calls =
        List.of(
            client.sendAsync(request().header("held", "").build(), BodyHandlers.ofInputStream()),
            client.sendAsync(request().header("held", "").build(), BodyHandlers.ofInputStream()));
    for (CompletableFuture<HttpResponse<InputStream>> call : calls) {
      call.get();
    }

    client.shutdownNow();

    assertThat(http2.connections.getFirst().transport.isOpen()).isFalse();
    for (CompletableFuture<HttpResponse<InputStream>> call : calls) {
      call.get().body().close();
    }
    eventually(() -> client.snapshot().leased() == 0);
  }
}
