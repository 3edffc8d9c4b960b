package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Settings;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program's life over HTTP/2 and TLS, with a server that behaves. */
@Tag("tls")
@Timeout(120)
class Http2OverTlsTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final int STREAMS = 20;

  private OriginServer origin;

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .sslContext(ROOT.clientContext())
        .followRedirects(Redirect.NORMAL)
        .cookieHandler(new CookieManager());
  }

  @BeforeEach
  void openOrigin() throws IOException {
    origin =
        OriginServer.builder()
            .tls(ROOT.localhost().serverContext())
            .http2(Http2Settings.none().maxConcurrentStreams(STREAMS))
            .start();
  }

  @AfterEach
  void theServerHasSeenNothingForbidden() throws IOException {
    origin.close();
    assertThat(origin.violations()).isEmpty();
    assertThat(origin.streamsAtOnce()).isLessThanOrEqualTo(STREAMS);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(origin.uri(path)).timeout(Duration.ofSeconds(60));
  }

  private HawserResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  @Test
  void theServerChoosesHttp2AndEverythingSaysSo() throws Exception {
    HawserResponse<String> first = get("/");
    HawserResponse<String> second = get("/");

    assertThat(first.version()).isEqualTo(Version.HTTP_2);
    assertThat(first.connection().version()).isEqualTo(Version.HTTP_2);
    assertThat(first.connection().tls().orElseThrow().alpn()).isEqualTo("h2");
    assertThat(first.timeline().reused()).isFalse();
    assertThat(first.timeline().tls()).isPositive();
    assertThat(second.connection().id()).isEqualTo(first.connection().id());
    assertThat(second.timeline().reused()).isTrue();
    assertThat(second.timeline().connect()).isZero();
    assertThat(second.timeline().firstByte()).isPositive();
    assertThat(second.timeline().total()).isGreaterThanOrEqualTo(second.timeline().firstByte());
  }

  @Test
  void whoAsksForHttp11HasAConnectionOfItsOwn() throws Exception {
    HawserResponse<String> shared = get("/");
    HawserResponse<String> own = send(request("/").version(Version.HTTP_1_1));

    assertThat(own.version()).isEqualTo(Version.HTTP_1_1);
    assertThat(own.connection().id()).isNotEqualTo(shared.connection().id());
    assertThat(origin.connections()).isEqualTo(2);
  }

  @Test
  void bodiesGoBothWays() throws Exception {
    byte[] sent = new byte[5_000_000];
    new Random(1).nextBytes(sent);
    var echoed =
        client.send(
            request("/echo").POST(BodyPublishers.ofByteArray(sent)).build(),
            BodyHandlers.ofByteArray());
    assertThat(Arrays.equals(echoed.body(), sent)).isTrue();
    assertThat(get("/bytes/20000000").body()).hasSize(20_000_000);
    assertThat(send(request("/echo").POST(BodyPublishers.ofString("small"))).body())
        .isEqualTo("small");
    assertThat(get("/bytes/0").body()).isEmpty();
    assertThat(get("/trailers").trailers().firstValue("x-done")).hasValue("yes");
    assertThat(origin.connections()).isEqualTo(1);
  }

  @Test
  void manyCallersShareAsFewConnectionsAsTheirStreamsNeed() throws Exception {
    int callers = 64;
    var bodies = together(callers, 5, () -> get("/bytes/1000").body());

    assertThat(bodies).hasSize(5 * callers).allMatch(body -> body.length() == 1000);
    assertThat(origin.connections())
        .isLessThanOrEqualTo(Http2Options.DEFAULTS.maxConnectionsPerHost());
    assertThat(origin.requestsPerConnection().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(5L * callers);
  }

  /** What so many callers, at the same time, get one after the other. */
  private static ArrayList<String> together(int callers, int times, Callable<String> call)
      throws Exception {
    var ready = new CountDownLatch(callers);
    var futures = new ArrayList<Future<ArrayList<String>>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < callers; i++) {
        futures.add(
            threads.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  var got = new ArrayList<String>();
                  for (int n = 0; n < times; n++) {
                    got.add(call.call());
                  }
                  return got;
                }));
      }
    }
    var all = new ArrayList<String>();
    for (var future : futures) {
      all.addAll(future.get());
    }
    return all;
  }

  @Test
  void redirectsAndCookies() throws Exception {
    get("/cookies/set?a=1&b=2");
    assertThat(get("/cookies").body()).contains("a=1", "b=2");

    HawserResponse<String> last = get("/redirect/3");
    assertThat(last.statusCode()).isEqualTo(200);
    assertThat(last.uri()).isEqualTo(origin.uri("/"));
    assertThat(last.version()).isEqualTo(Version.HTTP_2);
    assertThat(last.previousResponse().orElseThrow().statusCode()).isEqualTo(302);
    assertThat(origin.connections()).isEqualTo(1);
  }

  @Test
  void cancellingOneCallLeavesTheOthersTheirConnection() throws Exception {
    HawserResponse<String> before = get("/");
    var stalled = new CountDownLatch(1);
    origin.onHttp2(
        exchange -> {
          if (exchange.target().equals("/stalls")) {
            stalled.countDown();
            exchange.stall(); // until the client resets the stream
          }
          exchange.answer();
        });
    var call = client.sendAsync(request("/stalls").build(), BodyHandlers.ofString());
    assertThat(stalled.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    call.cancel(true);

    assertThat(get("/").connection().id()).isEqualTo(before.connection().id());
    assertThat(origin.connections()).isEqualTo(1);
  }

  @Test
  void closingABodyEarlyLeavesTheOthersTheirConnection() throws Exception {
    HawserResponse<String> before = get("/");
    var streamed = client.send(request("/bytes/100000000").build(), BodyHandlers.ofInputStream());
    try (InputStream body = streamed.body()) {
      assertThat(body.readNBytes(1000)).hasSize(1000);
    }
    assertThat(get("/").connection().id()).isEqualTo(before.connection().id());
  }

  @Test
  void aRefusedRequestIsSentAgainWhateverItsMethod() throws Exception {
    get("/");
    var refused = new CountDownLatch(1);
    origin.onHttp2(
        exchange -> {
          if (refused.getCount() > 0) {
            refused.countDown();
            exchange.reset(Http2Error.REFUSED_STREAM);
          } else {
            exchange.answer();
          }
        });
    assertThat(send(request("/echo").POST(BodyPublishers.ofString("once"))).body())
        .isEqualTo("once");
    assertThat(refused.getCount()).isZero();
  }

  @Test
  void aGracefulEndInTheMiddleOfLoadFailsNoCall() throws Exception {
    HttpRequest request = request("/delay/5").build();
    try (var load = Load.on(client, request)) {
      for (int ends = 1; ends <= 3; ends++) {
        int answered = load.answers().size();
        assertThat(witness.await(() -> load.answers().size() > answered + 50, PATIENCE)).isTrue();
        origin.goAway();
        assertThat(witness.await(() -> closes(CloseReason.GOAWAY) >= 1, PATIENCE)).isTrue();
      }
      load.close();
      assertThat(load.failures()).isEmpty();
      assertThat(origin.connections()).isGreaterThanOrEqualTo(3);
    }
  }

  private long closes(CloseReason reason) {
    return witness.all(ExchangeEvent.Closed.class).stream()
        .filter(event -> event.reason() == reason)
        .count();
  }

  @Test
  void aRudeEndFailsWhatWasUnderWayAndTheNextCallWorks() throws Exception {
    var arrived = new CountDownLatch(1);
    origin.onHttp2(
        exchange -> {
          if (exchange.target().equals("/stalls")) {
            arrived.countDown();
            exchange.stall();
          }
          exchange.answer();
        });
    var call =
        client.sendAsync(
            request("/stalls").POST(BodyPublishers.ofString("once")).build(),
            BodyHandlers.ofString());
    assertThat(arrived.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    origin.resetConnections();

    assertThatThrownBy(call::join).hasCauseInstanceOf(IOException.class);
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(origin.connections()).isEqualTo(2);
  }

  @Test
  void drainingLetsStreamsEndAndTheNextCallOpensAnother() throws Exception {
    var streamed = client.send(request("/bytes/30000000").build(), BodyHandlers.ofInputStream());
    client.drain(origin.uri("/"));
    HawserResponse<String> next = get("/");
    long bytes;
    try (InputStream body = streamed.body()) {
      bytes = body.transferTo(OutputStream.nullOutputStream());
    }
    assertThat(bytes).isEqualTo(30_000_000);
    assertThat(next.connection().id())
        .isNotEqualTo(((HawserResponse<?>) streamed).connection().id());
    assertThat(witness.await(() -> closes(CloseReason.DRAINED) == 1, PATIENCE)).isTrue();
  }

  @Test
  void closingTheClientEndsOpenStreams() throws Exception {
    var arrived = new CountDownLatch(1);
    origin.onHttp2(
        exchange -> {
          arrived.countDown();
          exchange.stall();
        });
    var call = client.sendAsync(request("/").build(), BodyHandlers.ofString());
    assertThat(arrived.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    client.shutdownNow();

    assertThatThrownBy(call::join)
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("the client was closed");
    assertThat(client.awaitTermination(PATIENCE)).isTrue();
  }

  @Test
  void anIdleConnectionIsClosedAfterItsTime() throws Exception {
    try (HawserClient hasty =
        options().pool(p -> p.idleTimeout(Duration.ofMillis(600))).listener(witness).build()) {
      hasty.send(request("/").build(), BodyHandlers.ofString());
      assertThat(witness.await(() -> closes(CloseReason.IDLE_TIMEOUT) == 1, PATIENCE)).isTrue();
      assertThat(hasty.snapshot().open()).isZero();
    }
  }

  @Test
  void aResponseThatNobodyReadsIsCountedAsLeakedAndCostsItsStreamOnly() throws Exception {
    HawserResponse<String> before = get("/");
    client.send(request("/bytes/100000000").build(), BodyHandlers.ofInputStream());
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (client.snapshot().counters().leaks() == 0 && System.nanoTime() < end) {
      System.gc();
      boolean ignored = witness.await(ExchangeEvent.Leaked.class, 1, Duration.ofMillis(20));
    }
    assertThat(client.snapshot().counters().leaks()).isEqualTo(1);
    assertThat(get("/").connection().id()).isEqualTo(before.connection().id());
  }
}
