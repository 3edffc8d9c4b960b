package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No dead connection is kept, none is used, and when the race is lost all the same nobody notices
 * who need not.
 */
@Timeout(60)
class FreshnessTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  /** Answers one request, and closes without an answer when the next has come. */
  private static final Script CLOSES_ON_REUSE =
      peer -> {
        peer.readRequest();
        peer.ok("once");
        peer.readRequest();
      };

  private final Queue<ExchangeEvent> events = new ConcurrentLinkedQueue<>();
  private final HawserClient client = Hawser.newBuilder().listener(events::add).build();

  @AfterEach
  void nothingIsLeaked() {
    assertThat(client.snapshot().leased()).isZero();
    client.close();
    assertThat(client.snapshot().open()).isZero();
    assertThat(client.snapshot().bufferBytes()).isZero();
  }

  private HawserResponse<String> get(FaultServer server) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
  }

  private static void await(Duration patience, BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(1);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private <E extends ExchangeEvent> List<E> told(Class<E> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  // ---- idle connections

  @Test
  void aConnectionThatTheServerClosesWhileIdleIsClosedWithinASecond() throws Exception {
    var close = new CountDownLatch(1);
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.ok("x");
              peer.await(close);
            })) {
      int port = get(server).connection().localAddress().getPort();
      assertThat(tcpState(port, server.port())).isEqualTo("01"); // ESTABLISHED

      close.countDown();
      assertThat(server.awaitAllClosed(SOON)).isTrue();
      await(Duration.ofSeconds(1), () -> client.snapshot().open() == 0);

      assertThat(tcpState(port, server.port())).as("08 is CLOSE_WAIT").isNotIn("01", "08");
      assertThat(told(ExchangeEvent.Closed.class))
          .extracting(ExchangeEvent.Closed::reason)
          .containsExactly(CloseReason.CLOSED_BY_PEER);
    }
  }

  /**
   * The state of the client's socket, or an empty string. By both ends: the local port alone may
   * stand in an older connection's TIME_WAIT to another server.
   */
  private static String tcpState(int localPort, int remotePort) throws IOException {
    String local = String.format(Locale.ROOT, ":%04X", localPort);
    String remote = String.format(Locale.ROOT, ":%04X", remotePort);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] words = line.strip().split("\\s+", -1);
        if (words[1].endsWith(local) && words[2].endsWith(remote)) {
          return words[3];
        }
      }
    }
    return "";
  }

  @Test
  void theServersKeepAliveTimeoutIsHonouredWithAMargin() throws Exception {
    var closedInTime = new CompletableFuture<Boolean>();
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n");
              closedInTime.complete(peer.clientCloses(Duration.ofSeconds(2)));
            },
            Script.ok("x"))) {
      get(server);
      assertThat(closedInTime.get(5, TimeUnit.SECONDS)).isTrue();

      get(server);

      assertThat(server.connections()).isEqualTo(2);
      assertThat(client.snapshot().counters().closed()).containsEntry(CloseReason.IDLE_TIMEOUT, 1L);
      assertThat(client.snapshot().counters().repeats()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"
      })
  void whatIsNotPersistentIsNeverPooled(String response) throws Exception {
    try (var server = FaultServer.start(Script.keepAlive(peer -> peer.send(response)))) {
      for (int i = 1; i <= 3; i++) {
        assertThat(get(server).body()).isEqualTo("ok");
        assertThat(server.connections()).isEqualTo(i);
        await(SOON, () -> client.snapshot().open() == 0);
      }
      assertThat(client.snapshot().counters().closed())
          .containsEntry(CloseReason.NOT_PERSISTENT, 3L);
    }
  }

  @Test
  void bytesThatNobodyAskedForCloseAnIdleConnection() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.ok("x");
              peer.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
              peer.stall();
            })) {
      get(server);

      await(SOON, () -> client.snapshot().open() == 0);
      assertThat(client.snapshot().counters().closed())
          .containsEntry(CloseReason.UNSOLICITED_BYTES, 1L);
    }
  }

  @Test
  void bytesThatNobodyAskedForAreNeverTheAnswerToTheNextRequest() throws Exception {
    for (int i = 0; i < 50; i++) {
      var answered = new CountDownLatch(1);
      var sent = new CountDownLatch(1);
      try (var server =
          FaultServer.start(
              peer -> {
                peer.readRequest();
                peer.ok("x");
                peer.await(answered);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                sent.countDown();
                peer.stall();
              },
              Script.ok("good"))) {
        get(server);
        answered.countDown();
        sent.await();

        assertThat(get(server).body()).isEqualTo("good");
      }
    }
  }

  @Test
  void aServersHabitOfClosingIsLearnedAndThenNothingIsRepeated() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.socket().setSoTimeout(400);
              while (true) {
                peer.readRequest();
                peer.ok("x");
              }
            })) {
      for (int i = 0; i < 3; i++) {
        get(server);
        await(SOON, () -> client.snapshot().open() == 0);
      }
      assertThat(told(ExchangeEvent.IdleLimitLearned.class)).hasSize(1);
      var host = client.snapshot().hosts().getFirst();
      assertThat(host.learnedIdleLimit().orElseThrow())
          .isBetween(Duration.ofMillis(390), Duration.ofSeconds(3)); // late on a busy machine

      long repeats = client.snapshot().counters().repeats();
      for (int gap : new int[] {300, 350, 380, 395, 400, 405, 420, 450}) {
        assertThat(get(server).body()).isEqualTo("x");
        Thread.sleep(gap); // the gap is what is tested
      }
      assertThat(client.snapshot().counters().repeats()).isEqualTo(repeats);
      assertThat(client.snapshot().counters().failures()).isZero();
    }
  }

  // ---- the race that is lost

  @Test
  void aServerThatClosesAtTheMomentOfReuseFailsNoGet() throws Exception {
    try (var server = FaultServer.start(CLOSES_ON_REUSE)) {
      for (int i = 0; i < 5_000; i++) {
        assertThat(get(server).body()).isEqualTo("once");
      }
      ClientSnapshot.Counters counters = client.snapshot().counters();
      assertThat(counters.failures()).isZero();
      assertThat(counters.repeats()).isEqualTo(4_999);
      assertThat(told(ExchangeEvent.Repeated.class)).hasSize(4_999);
      assertThat(server.connections()).isEqualTo(5_000);
    }
  }

  @Test
  void aServerThatClosesAfterEachAnswerWithoutSayingSoFailsNoGet() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.ok("once");
            })) {
      for (int i = 0; i < 5_000; i++) {
        assertThat(get(server).body()).isEqualTo("once");
      }
      assertThat(client.snapshot().counters().failures()).isZero();
      assertThat(server.connections()).isEqualTo(5_000);
    }
  }

  @Test
  void aServerThatResetsAtTheMomentOfReuseFailsNoGet() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.ok("once");
              peer.readHead();
              peer.reset();
            })) {
      for (int i = 0; i < 500; i++) {
        assertThat(get(server).body()).isEqualTo("once");
      }
      assertThat(client.snapshot().counters().failures()).isZero();
      assertThat(client.snapshot().counters().repeats()).isEqualTo(499);
    }
  }

  @Test
  void aPostOnAConnectionFoundClosedFailsAndSaysWhy() throws Exception {
    try (var server = FaultServer.start(CLOSES_ON_REUSE)) {
      get(server);

      assertThatThrownBy(() -> post(client, server))
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("exchange.repeatNonIdempotent")
          .hasMessageContaining("not repeated")
          .hasMessageContaining("http://" + server.authority());

      assertThat(server.connections()).isEqualTo(1);
      assertThat(client.snapshot().counters().repeats()).isZero();
    }
  }

  @Test
  void aPostIsRepeatedWhereTheCallerSaysThatItMay() throws Exception {
    try (var server = FaultServer.start(CLOSES_ON_REUSE);
        var bold = Hawser.newBuilder().exchange(e -> e.repeatNonIdempotent(true)).build()) {
      post(bold, server);

      assertThat(post(bold, server)).isEqualTo("once");

      assertThat(bold.snapshot().counters().repeats()).isEqualTo(1);
      assertThat(server.requests()).hasSize(3).allMatch(r -> r.text().equals("body"));
    }
  }

  private static String post(HawserClient client, FaultServer server) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofString("body")).build(),
            BodyHandlers.ofString())
        .body();
  }

  @Test
  void aRequestIsRepeatedOnlyOnce() throws Exception {
    try (var server = FaultServer.start(CLOSES_ON_REUSE, peer -> peer.readRequest())) {
      get(server);

      assertThatThrownBy(() -> get(server)).hasMessageContaining("closed before any byte");

      assertThat(server.requests()).hasSize(3);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void aRepeatGoesToAFreshConnectionThoughOthersAreIdle() throws Exception {
    var both = new CountDownLatch(2);
    Script once =
        peer -> {
          peer.readRequest();
          both.countDown();
          peer.await(both);
          peer.ok("once");
          peer.readRequest();
        };
    try (var server = FaultServer.start(once, once, Script.ok("fresh"))) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();
      var first = client.sendAsync(request, BodyHandlers.ofString());
      var second = client.sendAsync(request, BodyHandlers.ofString());
      first.join();
      second.join();
      await(SOON, () -> client.snapshot().idle() == 2);

      HawserResponse<String> response = get(server);

      assertThat(response.body()).isEqualTo("fresh");
      assertThat(response.connection().exchanges()).isEqualTo(1);
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void nothingIsRepeatedOnAFreshConnection() throws Exception {
    try (var server = FaultServer.start(peer -> peer.readRequest())) {
      assertThatThrownBy(() -> get(server)).hasMessageContaining("closed before any byte");

      assertThat(server.connections()).isEqualTo(1);
      assertThat(client.snapshot().counters().repeats()).isZero();
    }
  }

  @Test
  void aConnectionMadeAheadOfNeedThatTurnsOutClosedIsRepeatedToo() throws Exception {
    try (var server = FaultServer.start(peer -> peer.readRequest(), Script.ok("fresh"))) {
      client.warmUp(server.uri("/"), 1);
      await(SOON, () -> client.snapshot().idle() == 1);

      assertThat(get(server).body()).isEqualTo("fresh");
    }
  }

  @Test
  void nothingIsRepeatedOfWhichAnAnswerHasBegun() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.ok("once");
              peer.readRequest();
              peer.send("HTTP/1.1 2");
            })) {
      get(server);

      assertThatThrownBy(() -> get(server)).isInstanceOf(ExchangeException.class);

      assertThat(server.connections()).isEqualTo(1);
    }
  }
}
