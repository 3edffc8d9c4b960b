package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Type;

/** Traffic follows a name, by the public client under load, in real time. */
@Timeout(60)
class MovingNameTest extends WithClient {
  private static final String A = "a.test";
  private static final int TTL = 2;

  /** What a client may take after the time to live. */
  private static final Duration GRACE = Duration.ofSeconds(TTL + 1);

  /** When a server was asked, by {@link System#nanoTime()}. */
  private final List<Long> oldServed = new CopyOnWriteArrayList<>();

  private volatile boolean silent;
  private DnsServer dns;
  private int port;

  @BeforeEach
  void openServers() throws IOException {
    dns = DnsServer.start();
    port = server(at("127.0.0.2", 0), this::old).port();
    dns(d -> d);
  }

  @AfterEach
  void closeServers() throws IOException {
    dns.close();
    assertThat(dns.failures()).isEmpty();
  }

  private void dns(UnaryOperator<DnsOptions> change) {
    client.shutdown();
    client = options().listener(witness).dns(d -> change.apply(d.servers(dns.address()))).build();
  }

  private static FaultServer.Builder at(String address, int port) {
    return FaultServer.builder().address(new InetSocketAddress(address, port));
  }

  /** Answers, until it falls silent: then it accepts, and says nothing. */
  private void old(Peer peer) throws IOException {
    while (true) {
      peer.readRequest();
      oldServed.add(System.nanoTime());
      if (silent) {
        peer.stall();
      }
      peer.ok("old");
    }
  }

  private HttpRequest request() {
    return HttpRequest.newBuilder(URI.create("http://" + A + ":" + port + "/"))
        .timeout(Duration.ofSeconds(2))
        .build();
  }

  private static void pass(Duration time) throws InterruptedException {
    Thread.sleep(time); // real time is what this is about
  }

  @Test
  void whenARecordChangesTrafficHasMovedWithinItsTimeToLiveAndASecond() throws Exception {
    server(at("127.0.0.3", port), Script.ok("new"));
    dns.set(A, Type.A, TTL, "127.0.0.2");
    try (var load = Load.on(client, request())) {
      pass(Duration.ofSeconds(1));
      dns.set(A, Type.A, TTL, "127.0.0.3");
      long moved = System.nanoTime();
      pass(GRACE);
      silent = true;
      pass(Duration.ofSeconds(2));
      load.close();

      assertThat(load.failures()).isEmpty();
      assertThat(load.answers()).contains("old", "new").hasSizeGreaterThan(800);
      assertThat(Duration.ofNanos(oldServed.getLast() - moved)).isLessThanOrEqualTo(GRACE);
    }
    assertThat(witness.all(ExchangeEvent.AddressesChanged.class)).hasSize(1);
    assertThat(witness.all(ExchangeEvent.Closed.class))
        .extracting(ExchangeEvent.Closed::reason)
        .contains(CloseReason.ADDRESS_REMOVED);
  }

  @Test
  void anHttp2ConnectionToAnAddressThatIsGoneFinishesItsStreamsAndTakesNoMore() throws Exception {
    var go = new CountDownLatch(1);
    FaultServer from =
        server(
            at("127.0.0.2", 0),
            Http2Script.inTurn(
                Http2Script.answerOk("old"),
                (peer, request) -> {
                  peer.headers(request.stream(), 200);
                  peer.data(request.stream(), "ol");
                  peer.connection().await(go);
                  peer.lastData(request.stream(), "d");
                }));
    FaultServer to = server(at("127.0.0.3", from.port()), Http2Script.ok("new"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + A + ":" + from.port() + "/")).build();
    dns.set(A, Type.A, 1, "127.0.0.2");
    assertThat(client.send(request, BodyHandlers.ofString()).version()).isEqualTo(Version.HTTP_2);
    HttpResponse<InputStream> slow = client.send(request, BodyHandlers.ofInputStream());

    dns.set(A, Type.A, 1, "127.0.0.3");
    // Told just before the pool is.
    assertThat(witness.await(ExchangeEvent.AddressesChanged.class, 1, PATIENCE)).isTrue();
    assertThat(
            witness.await(
                () -> client.snapshot().hosts().getFirst().streamCapacity() == 0, PATIENCE))
        .isTrue();
    assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("new");
    assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("new");
    go.countDown();
    assertThat(slow.body().readAllBytes()).isEqualTo(new byte[] {'o', 'l', 'd'});

    assertThat(from.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(from.transcript()).contains("GOAWAY 0 NO_ERROR");
    assertThat(to.connections()).isEqualTo(1);
    assertThat(client.snapshot().counters().closed())
        .isEqualTo(Map.of(CloseReason.ADDRESS_REMOVED, 1L));
  }

  @Test
  void whileNoServerAnswersTheLastAddressesServeBeyondTheirEnd() throws Exception {
    dns.set(A, Type.A, 1, "127.0.0.2");
    dns(d -> d.timeout(Duration.ofSeconds(1)));
    try (var load = Load.on(client, request())) {
      assertThat(witness.await(() -> load.answers().size() > 10, PATIENCE)).isTrue();
      dns.down();
      pass(Duration.ofSeconds(5));

      ClientSnapshot.Name stale = entry();
      assertThat(stale.ttlLeft()).isNegative();
      assertThat(stale.lastError()).isPresent();
      assertThat(witness.all(ExchangeEvent.LookupFailed.class)).isNotEmpty();

      dns.up();
      assertThat(witness.await(ExchangeEvent.LookupRecovered.class, 1, PATIENCE)).isTrue();
      load.close();
      assertThat(load.failures()).isEmpty();
      assertThat(load.answers()).containsOnly("old");
    }
  }

  private ClientSnapshot.Name entry() {
    return client.snapshot().names().stream()
        .filter(name -> name.type().equals("A"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void ofTwoAddressesADeadOneCostsTheFirstCallTheAttemptDelayAndLaterOnesNothing()
      throws Exception {
    server(
        at("127.0.0.4", port),
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        });
    dns.set(A, Type.A, 60, "127.0.0.3", "127.0.0.4");
    try (var dead = Ports.blackhole(new InetSocketAddress("127.0.0.3", port))) {
      Duration first = client.send(request(), BodyHandlers.ofString()).timeline().connect();
      assertThat(first) // and not the connect timeout's three seconds
          .isBetween(Duration.ofMillis(250), Duration.ofSeconds(2));

      var later = new ArrayList<Duration>();
      for (int i = 0; i < 20; i++) {
        later.add(client.send(request(), BodyHandlers.ofString()).timeline().connect());
      }
      later.sort(Comparator.naturalOrder());
      assertThat(later.getFirst()).isPositive();
      assertThat(later.get(15)).as("of a busy machine").isLessThan(Duration.ofMillis(200));
      assertThat(dead.port()).isEqualTo(port);
    }
  }
}
