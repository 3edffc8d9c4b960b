package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.ConnectFailedException;
import dev.hawser.ExchangeEvent;
import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.Load;
import dev.hawser.NameLayer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Lookup;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Names from a real knot, an authority, and through a real unbound, a resolver. */
@Tag("tls")
@Tag("real-servers")
@Timeout(60)
class DnsServersTest {
  private static final String ZONE = "hawser.example";
  private static final Duration GRACE = Duration.ofSeconds(3); // a TTL of 2 s, and one more

  @TempDir private Path dir;
  private final int authority = RealServer.freePort();
  private int serial;

  /** Records of the zone, one a line. */
  private void zone(String... records) throws IOException {
    serial++;
    Files.writeString(
        dir.resolve(ZONE + ".zone"),
        """
        $ORIGIN hawser.example.
        @ 60 SOA ns admin %d 60 60 600 5
        @ 60 NS ns
        ns 60 A 127.0.0.1
        """
                .formatted(serial)
            + String.join("\n", records)
            + "\n");
  }

  @BeforeEach
  void makeZone() throws IOException {
    zone("a 60 A 127.0.0.1");
  }

  private RealServer knot() throws IOException {
    Files.createDirectories(dir.resolve("knot"));
    return RealServer.knot(dir, authority);
  }

  private static HawserClient asking(String... servers) {
    return Hawser.newBuilder().dns(d -> d.servers(servers).timeout(Duration.ofSeconds(2))).build();
  }

  private HawserClient askingKnot() {
    return asking("127.0.0.1:" + authority);
  }

  /** What the asked server says. */
  private static NameLayer said(HawserClient client, String name) throws InterruptedException {
    return client.layers(name + "." + ZONE).stream()
        .filter(layer -> layer.layer().equals("stub resolver"))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> addresses(NameLayer layer) {
    assertThat(layer.error()).isEmpty();
    return layer.addresses().stream().map(InetAddress::getHostAddress).sorted().toList();
  }

  private static HttpRequest request(String name, int port) {
    return HttpRequest.newBuilder(URI.create("http://" + name + "." + ZONE + ":" + port + "/"))
        .timeout(Duration.ofSeconds(2))
        .build();
  }

  @Test
  void everyKindOfAnswerIsUnderstood() throws Exception {
    zone(
        "a 60 A 127.0.0.1",
        "a 60 AAAA ::1",
        "alias 30 CNAME second",
        "second 20 CNAME a",
        "dangling 60 CNAME nobody",
        "text 60 TXT \"no address\"");
    try (RealServer knot = knot();
        HawserClient client = askingKnot();
        FaultServer server = FaultServer.start(Script.ok("hello"))) {
      assertThat(knot.port()).isEqualTo(authority);
      assertThat(addresses(said(client, "a"))).containsExactly("0:0:0:0:0:0:0:1", "127.0.0.1");
      NameLayer alias = said(client, "alias");
      assertThat(addresses(alias)).containsExactly("0:0:0:0:0:0:0:1", "127.0.0.1");
      assertThat(alias.ttl()).contains(Duration.ofSeconds(20));
      assertThat(client.send(request("alias", server.port()), BodyHandlers.ofString()).body())
          .isEqualTo("hello");
      for (String gone : List.of("none", "dangling")) {
        assertThatThrownBy(() -> client.send(request(gone, server.port()), BodyHandlers.ofString()))
            .isInstanceOf(ConnectFailedException.class)
            .hasMessageContaining("unknown host " + gone + "." + ZONE);
      }
      assertThatThrownBy(() -> client.send(request("text", server.port()), BodyHandlers.ofString()))
          .hasMessageContaining("exists, and has no address");
      ClientSnapshot.Name negative = entry(client, "none." + ZONE).orElseThrow();
      assertThat(negative.age().plus(negative.ttlLeft()))
          .as("the zone's minimum, RFC 2308")
          .isEqualTo(Duration.ofSeconds(5));
    }
  }

  private static Optional<ClientSnapshot.Name> entry(HawserClient client, String host) {
    return client.snapshot().names().stream()
        .filter(name -> name.host().equals(host) && name.type().equals("A"))
        .findFirst();
  }

  @Test
  void whatDoesNotFitADatagramComesOverTcp() throws Exception {
    zone(
        IntStream.range(0, 200)
            .mapToObj(i -> "many 60 A 10.0.0." + i)
            .collect(Collectors.joining("\n")));
    try (RealServer knot = knot();
        HawserClient client = askingKnot()) {
      assertThat(knot.port()).isEqualTo(authority);
      assertThat(addresses(said(client, "many"))).hasSize(200);
    }
  }

  // ---- a record that moves

  private static FaultServer at(String address, int port, Script script) throws IOException {
    return FaultServer.start(new InetSocketAddress(address, port), script);
  }

  private void awaitAnswer(String address) throws Exception {
    var resolver = new SimpleResolver("127.0.0.1");
    resolver.setPort(authority);
    while (true) {
      var lookup = new Lookup("moving." + ZONE, Type.A);
      lookup.setResolver(resolver);
      lookup.setCache(null);
      if (lookup.run() != null && lookup.getAnswers()[0].rdataToString().equals(address)) {
        return;
      }
    }
  }

  @Test
  void trafficFollowsARecordThatMoves() throws Exception {
    zone("moving 2 A 127.0.0.2");
    var silent = new CountDownLatch(1);
    List<Long> oldServed = new CopyOnWriteArrayList<>();
    Script until =
        peer -> {
          while (true) {
            peer.readRequest();
            oldServed.add(System.nanoTime());
            if (silent.getCount() == 0) {
              peer.stall();
            }
            peer.ok("old");
          }
        };
    List<ExchangeEvent> events = new CopyOnWriteArrayList<>();
    try (RealServer knot = knot();
        FaultServer old = at("127.0.0.2", 0, until);
        FaultServer fresh = at("127.0.0.3", old.port(), Script.ok("new"));
        HawserClient client =
            Hawser.newBuilder()
                .dns(d -> d.servers("127.0.0.1:" + authority))
                .listener(events::add)
                .build();
        Load load = Load.on(client, request("moving", old.port()))) {
      Thread.sleep(1_000); // real time is what this is about
      zone("moving 2 A 127.0.0.3");
      knot.reload();
      awaitAnswer("127.0.0.3");
      long moved = System.nanoTime();
      Thread.sleep(GRACE);
      silent.countDown();
      Thread.sleep(2_000);
      load.close();

      assertThat(load.failures()).isEmpty();
      assertThat(load.answers()).contains("old", "new").hasSizeGreaterThan(800);
      assertThat(Duration.ofNanos(oldServed.getLast() - moved)).isLessThanOrEqualTo(GRACE);
      assertThat(fresh.connections()).isPositive();
      assertThat(events)
          .anyMatch(
              event ->
                  event instanceof ExchangeEvent.Closed closed
                      && closed.reason() == CloseReason.ADDRESS_REMOVED);
    }
  }

  @Test
  void whileTheServerIsDownItsLastAnswersServe() throws Exception {
    zone("a 1 A 127.0.0.1");
    var recovered = new CountDownLatch(1);
    try (FaultServer server = FaultServer.start(Script.ok("hello"));
        HawserClient client =
            Hawser.newBuilder()
                .dns(d -> d.servers("127.0.0.1:" + authority).timeout(Duration.ofSeconds(1)))
                .listener(
                    event -> {
                      if (event instanceof ExchangeEvent.LookupRecovered) {
                        recovered.countDown();
                      }
                    })
                .build()) {
      RealServer first = knot();
      try (Load load = Load.on(client, request("a", server.port()))) {
        Thread.sleep(1_000);
        first.close();
        Thread.sleep(4_000);
        assertThat(entry(client, "a." + ZONE).orElseThrow().ttlLeft()).isNegative();
        try (RealServer second = knot()) {
          assertThat(second.port()).isEqualTo(authority);
          recovered.await();
        }
        load.close();
        assertThat(load.failures()).isEmpty();
      }
    }
  }

  // ---- through a resolver (over HTTPS unbound speaks HTTP/2 alone, which is not there yet)

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:PORT", "tls://127.0.0.1:TLS#localhost"})
  void aResolverIsAskedInBothWays(String form) throws Exception {
    zone("a 60 A 127.0.0.1");
    var root = TestAuthority.create();
    int tls = RealServer.freePort();
    try (RealServer knot = knot();
        RealServer unbound =
            RealServer.unbound(dir, knot.port(), tls, root.localhost().writePem(dir));
        FaultServer server = FaultServer.start(Script.ok("hello"))) {
      String address =
          form.replace("PORT", Integer.toString(unbound.port()))
              .replace("TLS", Integer.toString(tls));
      try (HawserClient client =
          Hawser.newBuilder()
              .sslContext(root.clientContext())
              .dns(d -> d.servers(address).timeout(Duration.ofSeconds(5)))
              .build()) {
        assertThat(client.send(request("a", server.port()), BodyHandlers.ofString()).body())
            .isEqualTo("hello");
        assertThat(entry(client, "a." + ZONE).orElseThrow().source()).contains("127.0.0.1");
        assertThatThrownBy(
                () -> client.send(request("none", server.port()), BodyHandlers.ofString()))
            .hasMessageContaining("unknown host none." + ZONE);
      }
    }
  }
}
