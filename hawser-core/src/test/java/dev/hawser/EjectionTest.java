package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Type;

/** Of a name with several addresses, one that fails is used no more while the others are well. */
@Timeout(60)
class EjectionTest extends WithClient {
  private static final String NAME = "a.test";
  private static final InetAddress TWO = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress THREE = InetAddress.ofLiteral("127.0.0.3");

  private final Set<String> sick = ConcurrentHashMap.newKeySet(); // addresses
  private final AtomicInteger slowStream = new AtomicInteger();
  private DnsServer dns;
  private int port;

  @BeforeEach
  void openDns() throws IOException {
    dns = DnsServer.start();
    rebuild(e -> e);
  }

  @AfterEach
  void closeDns() throws IOException {
    dns.close();
    assertThat(dns.failures()).isEmpty();
  }

  private void rebuild(UnaryOperator<EjectionOptions> change) {
    rebuild(change, builder -> builder);
  }

  private void rebuild(
      UnaryOperator<EjectionOptions> change, UnaryOperator<HawserClient.Builder> more) {
    client.close();
    client =
        more.apply(Hawser.newBuilder())
            .listener(witness)
            .ejection(change)
            .dns(d -> d.servers(dns.address()))
            .build();
  }

  /** A server at each of so many addresses from 127.0.0.2 on, which are the name's. */
  private List<FaultServer> servers(int count, Script script) throws IOException {
    var servers = new ArrayList<FaultServer>();
    String[] addresses = new String[count];
    for (int i = 0; i < count; i++) {
      addresses[i] = "127.0.0." + (i + 2);
      servers.add(serverAt(addresses[i], script));
    }
    dns.set(NAME, Type.A, 60, addresses);
    return servers;
  }

  private FaultServer serverAt(String address, Script script) throws IOException {
    FaultServer server =
        server(FaultServer.builder().address(new InetSocketAddress(address, port)), script);
    port = server.port();
    return server;
  }

  private boolean isSick(Peer peer) {
    return sick.contains(at(peer));
  }

  /** The address that was connected to. */
  private static String at(Peer peer) {
    return peer.socket().getLocalAddress().getHostAddress();
  }

  private void answer(Peer peer, String fields) throws IOException {
    String body = at(peer);
    peer.send(
        "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(isSick(peer) ? "500 X" : "200 OK", fields, body.length(), body));
  }

  /** One request a connection: each goes to the address whose turn it is. */
  private final Script closing =
      peer -> {
        peer.readRequest();
        answer(peer, "Connection: close\r\n");
      };

  private final Script keepingAlive = Script.keepAlive(peer -> answer(peer, ""));

  private HttpRequest request() {
    return request(Version.HTTP_1_1);
  }

  private HttpRequest request(Version version) {
    return HttpRequest.newBuilder(URI.create("http://" + NAME + ":" + port + "/"))
        .version(version)
        .build();
  }

  private HttpResponse<String> call() throws IOException, InterruptedException {
    return client.send(request(), BodyHandlers.ofString());
  }

  private List<HttpResponse<String>> calls(int count) throws IOException, InterruptedException {
    var responses = new ArrayList<HttpResponse<String>>();
    for (int i = 0; i < count; i++) {
      responses.add(call());
    }
    return responses;
  }

  private static Stream<String> bodies(List<HttpResponse<String>> responses) {
    return responses.stream().map(HttpResponse::body);
  }

  private ClientSnapshot.Load load() {
    return client.snapshot().loads().stream()
        .filter(load -> load.origin().host().equals(NAME))
        .findFirst()
        .orElseThrow();
  }

  private double figure(String name) {
    return client.snapshot().metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .filter(metric -> metric.labels().get("origin").contains(NAME))
        .findFirst()
        .orElseThrow()
        .value();
  }

  // ---- HTTP/1.1

  @Test
  void anAddressThatAnswers500GetsNoCallsUntilItIsWellAgain() throws Exception {
    rebuild(e -> e.ejectFor(Duration.ofSeconds(3)));
    List<FaultServer> servers = servers(3, closing);
    sick.add("127.0.0.2");

    List<HttpResponse<String>> responses = calls(60);

    assertThat(responses.stream().filter(response -> response.statusCode() == 500)).hasSize(5);
    assertThat(bodies(responses.subList(20, 60))).containsOnly("127.0.0.3", "127.0.0.4");
    assertThat(servers.getFirst().requests()).hasSize(5);
    ExchangeEvent.Ejected told = witness.all(ExchangeEvent.Ejected.class).getFirst();
    assertThat(told.address()).isEqualTo(TWO);
    assertThat(told.length()).isEqualTo(Duration.ofSeconds(3));
    assertThat(told.reason()).isEqualTo("5 failures in a row");
    ClientSnapshot.Ejection ejection = load().ejected().getFirst();
    assertThat(ejection.address()).isEqualTo(TWO);
    assertThat(ejection.left()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(3));
    assertThat(ejection.reason()).isEqualTo("5 failures in a row");
    assertThat(figure("hawser_ejected_addresses")).isEqualTo(1);
    assertThat(figure("hawser_ejections_total")).isEqualTo(1);

    sick.clear();
    assertThat(witness.await(ExchangeEvent.Reinstated.class, 1, PATIENCE)).isTrue();

    assertThat(bodies(calls(6))).contains("127.0.0.2");
    assertThat(load().ejected()).isEmpty();
    assertThat(load().ejections()).isEqualTo(1);
  }

  /** Calls one after the other until so many events of this kind have come. */
  private List<HttpResponse<String>> callsUntil(Class<? extends ExchangeEvent> kind, int count)
      throws IOException, InterruptedException {
    var responses = new ArrayList<HttpResponse<String>>();
    while (witness.all(kind).size() < count) {
      responses.add(call());
    }
    return responses;
  }

  @Test
  void whoIsNotWellWhenItsTimeIsOverFailsOneCallAndGoesForLonger() throws Exception {
    rebuild(e -> e.ejectFor(Duration.ofMillis(500)));
    servers(3, closing);
    sick.add("127.0.0.2");
    assertThat(callsUntil(ExchangeEvent.Ejected.class, 1)).isNotEmpty();
    assertThat(witness.await(ExchangeEvent.Reinstated.class, 1, PATIENCE)).isTrue();

    List<HttpResponse<String>> responses = callsUntil(ExchangeEvent.Ejected.class, 2);

    assertThat(responses.stream().filter(response -> response.statusCode() == 500)).hasSize(1);
    assertThat(witness.all(ExchangeEvent.Ejected.class))
        .extracting(ExchangeEvent.Ejected::length)
        .containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
  }

  @Test
  void idleConnectionsToItAreClosed() throws Exception {
    var all = new CountDownLatch(9);
    servers(
        3,
        peer -> {
          peer.readRequest();
          all.countDown();
          peer.await(all); // so that each of the first has a connection of its own
          answer(peer, "");
          keepingAlive.play(peer);
        });
    wave();
    assertThat(connectionsTo(TWO)).isEqualTo(3);
    sick.add("127.0.0.2");
    while (witness.all(ExchangeEvent.Ejected.class).isEmpty()) {
      wave();
    }

    assertThat(bodies(calls(20))).doesNotContain("127.0.0.2");
    assertThat(witness.await(() -> connectionsTo(TWO) == 0, PATIENCE)).isTrue();
    assertThat(client.snapshot().counters().closed().get(CloseReason.EJECTED)).isPositive();
    assertThat(witness.all(ExchangeEvent.Closed.class))
        .filteredOn(closed -> closed.reason() == CloseReason.EJECTED)
        .allMatch(closed -> closed.connection().remoteAddress().getAddress().equals(TWO));
  }

  private long connectionsTo(InetAddress address) {
    return client.snapshot().hosts().stream()
        .flatMap(host -> host.connections().stream())
        .filter(open -> open.remoteAddress().getAddress().equals(address))
        .count();
  }

  /** Nine calls at once. */
  private void wave() throws Exception {
    var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < 9; i++) {
      calls.add(client.sendAsync(request(), BodyHandlers.ofString()));
    }
    for (var call : calls) {
      assertThat(call.get().body()).startsWith("127.0.0.");
    }
  }

  @Test
  void anAddressThatRefusesConnectionsGoesAndNoCallFails() throws Exception {
    rebuild(e -> e.failuresInARow(1));
    servers(3, closing).getFirst().stopListening();

    List<HttpResponse<String>> responses = calls(12);

    assertThat(bodies(responses)).containsOnly("127.0.0.3", "127.0.0.4");
    assertThat(load().ejected()).extracting(ClientSnapshot.Ejection::address).containsExactly(TWO);
  }

  @Test
  void whenNothingElseAnswersTheEjectedAddressIsUsed() throws Exception {
    rebuild(e -> e.panicShare(1));
    List<FaultServer> servers = servers(2, closing);
    sick.add("127.0.0.2");
    assertThat(calls(20)).isNotEmpty();
    assertThat(load().ejected()).hasSize(1);

    servers.getLast().stopListening();

    assertThat(bodies(calls(3))).containsOnly("127.0.0.2");
  }

  @Test
  void whenAllFailAllAreUsed() throws Exception {
    servers(3, closing);
    sick.addAll(Set.of("127.0.0.2", "127.0.0.3", "127.0.0.4"));

    List<HttpResponse<String>> responses = calls(60);

    assertThat(witness.all(ExchangeEvent.Ejected.class)).isEmpty();
    assertThat(bodies(responses.subList(50, 60))).contains("127.0.0.2", "127.0.0.3", "127.0.0.4");
  }

  @Test
  void whenTooManyTurnOutToFailAllAreUsedAgainAndNoneGoes() throws Exception {
    servers(3, keepingAlive); // one call at a time: one connection, and nothing known of the others
    sick.addAll(Set.of("127.0.0.2", "127.0.0.3", "127.0.0.4"));

    assertThat(calls(60)).allMatch(response -> response.statusCode() == 500);

    assertThat(witness.all(ExchangeEvent.Ejected.class)).hasSize(1);
    assertThat(witness.all(ExchangeEvent.Reinstated.class))
        .extracting(ExchangeEvent.Reinstated::reason)
        .containsExactly("2 of 3 addresses fail");
    assertThat(load().ejected()).isEmpty();
  }

  @Test
  void noMoreThanTheShareGo() throws Exception {
    rebuild(e -> e.maxShare(0.25));
    servers(4, closing);
    sick.addAll(Set.of("127.0.0.2", "127.0.0.3"));

    List<HttpResponse<String>> responses = calls(80);

    assertThat(witness.all(ExchangeEvent.Ejected.class)).hasSize(1);
    assertThat(bodies(responses.subList(60, 80)).distinct()).hasSize(3);
  }

  @Test
  void itCanBeSwitchedOff() throws Exception {
    rebuild(e -> e.enabled(false));
    servers(3, closing);
    sick.add("127.0.0.2");

    assertThat(calls(30).stream().filter(response -> response.statusCode() == 500)).hasSize(10);

    assertThat(load().ejected()).isEmpty();
  }

  @Test
  void anErrorSaysWhichAddressesAreEjected() throws Exception {
    servers(
        2,
        peer -> {
          peer.readRequest();
          if (!sick.contains("all") || isSick(peer)) {
            answer(peer, "Connection: close\r\n");
          } // else closes without a word
        });
    sick.add("127.0.0.2");
    assertThat(callsUntil(ExchangeEvent.Ejected.class, 1)).isNotEmpty();
    sick.add("all");

    ExchangeException e = catchThrowableOfType(ExchangeException.class, this::call);

    assertThat(e)
        .hasMessageContaining("(ejected: 127.0.0.2 for ")
        .hasMessageContaining(" ms yet: 5 failures in a row)");
    assertThat(e.details().connection().orElseThrow().remoteAddress().getAddress())
        .isEqualTo(THREE);
  }

  // ---- HTTP/2

  @Test
  void anHttp2ConnectionToItEndsItsStreamsAndTakesNoMore() throws Exception {
    var held = new AtomicReference<Http2Peer>();
    var first = new AtomicReference<String>();
    servers(
        2,
        Http2Script.inTurn(
            (peer, request) -> {
              String address = at(peer.connection());
              first.compareAndSet(null, address);
              if (!address.equals(first.get())) {
                peer.ok(request, address);
              } else if (held.get() == null) {
                peer.headers(request.stream(), 200);
                peer.data(request.stream(), "sl");
                held.set(peer);
                slowStream.set(request.stream());
              } else {
                peer.answer(request, 500, new byte[0]);
              }
            }));
    HttpRequest request = request(Version.HTTP_2);
    HttpResponse<InputStream> slow = client.send(request, BodyHandlers.ofInputStream());
    assertThat(slow.version()).isEqualTo(Version.HTTP_2);
    for (int i = 0; i < 5; i++) {
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(500);
    }

    for (int i = 0; i < 5; i++) {
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
    held.get().lastData(slowStream.get(), "ow");

    assertThat(slow.body().readAllBytes()).isEqualTo(new byte[] {'s', 'l', 'o', 'w'});
    assertThat(
            witness.await(
                () -> client.snapshot().counters().closed().containsKey(CloseReason.EJECTED),
                PATIENCE))
        .isTrue();
  }

  // ---- retries

  @Test
  void aRetryAfterAStatusGoesToAnotherAddress() throws Exception {
    rebuild(
        e -> e.enabled(true).failuresInARow(1_000),
        builder -> builder.retry(r -> r.maxRetries(1).baseDelay(Duration.ofMillis(1))));
    firstAskedIsSick(peer -> peer.send("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"));

    assertThat(calls(5)).allMatch(response -> response.statusCode() == 200);
  }

  @Test
  void aRetryAfterAFailureGoesToAnotherAddress() throws Exception {
    rebuild(
        e -> e.failuresInARow(1_000),
        builder -> builder.retry(r -> r.maxRetries(1).baseDelay(Duration.ofMillis(1))));
    firstAskedIsSick(Peer::reset);

    assertThat(calls(5)).allMatch(response -> response.statusCode() == 200);
  }

  private void firstAskedIsSick(Script trouble) throws IOException {
    var first = new AtomicReference<String>();
    servers(
        3,
        Script.keepAlive(
            peer -> {
              first.compareAndSet(null, at(peer));
              if (at(peer).equals(first.get())) {
                trouble.play(peer);
              } else {
                peer.ok("fine");
              }
            }));
  }
}
