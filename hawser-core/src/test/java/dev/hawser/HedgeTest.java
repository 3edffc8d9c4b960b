package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A request that is answered late is sent a second time, if that is safe and its host can bear it;
 * the caller has the first answer, and nothing is left of the other. The servers hold an answer
 * until they are told to give it.
 */
@Timeout(120)
class HedgeTest extends WithClient {
  /** Long enough for a request to be sent by then on a busy machine: else there is no second. */
  private static final Duration AFTER = Duration.ofMillis(100);

  private static final Duration MIN = Duration.ofMillis(50);

  private final CountDownLatch answer = new CountDownLatch(1);
  private final CountDownLatch secondCame = new CountDownLatch(1);
  private final CompletableFuture<Peer.Ending> ending = new CompletableFuture<>();
  private PushPromiseHandler<String> pushes; // null: none are taken
  private final Set<String> seen = ConcurrentHashMap.newKeySet(); // paths

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().hedge(h -> h.enabled(true).after(AFTER));
  }

  private void reopen(HawserClient.Builder builder) {
    client.close();
    client = builder.listener(witness).build();
  }

  @AfterEach
  void letServersGo() {
    answer.countDown();
  }

  // ---- servers

  /** Does one thing with a path's first request, and another with its second; "/" is answered. */
  private Script first(Script first, Script second) {
    return peer -> {
      while (true) {
        String path = peer.readRequest().target();
        if (path.equals("/")) {
          peer.ok("at once");
        } else if (seen.add(path)) {
          first.play(peer);
        } else {
          secondCame.countDown();
          second.play(peer);
        }
      }
    };
  }

  private Script held() {
    return peer -> {
      peer.await(answer);
      peer.ok("first");
    };
  }

  /** Says how the client ends the connection. */
  private Script ends() {
    return peer -> ending.complete(peer.awaitClose(PATIENCE));
  }

  private static Script ok() {
    return peer -> peer.ok("second");
  }

  private static Script says(String response) {
    return peer -> peer.send(response);
  }

  /** With a connection that has been used: the very first request asks for HTTP/2. */
  private FaultServer warm(Script script) throws IOException, InterruptedException {
    FaultServer server = server(script);
    assertThat(get(server).body()).isEqualTo("at once");
    return server;
  }

  // ---- what the client does

  private HttpRequest.Builder to(FaultServer server, String path) {
    return HttpRequest.newBuilder(server.uri(path));
  }

  private CompletableFuture<HttpResponse<String>> begin(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofString(), pushes);
  }

  private static <V> V get(CompletableFuture<V> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private ClientSnapshot.Load load(FaultServer server) {
    return client.snapshot().loads().stream()
        .filter(each -> each.origin().toString().equals(server.origin()))
        .findFirst()
        .orElseThrow();
  }

  private ClientSnapshot.Hedges hedges(FaultServer server) {
    return load(server).hedges().orElseThrow();
  }

  private void awaitLoad(FaultServer server, Predicate<ClientSnapshot.Load> condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.test(load(server))) {
      assertThat(System.nanoTime()).as("%s", load(server)).isLessThan(end);
      LockSupport.parkNanos(1_000_000); // it is no event
    }
  }

  private void awaitWithheld(FaultServer server) {
    awaitLoad(server, load -> load.hedges().orElseThrow().withheld() == 1);
  }

  private static long asked(FaultServer server, String path) {
    return server.requests().stream().filter(each -> each.target().equals(path)).count();
  }

  private List<CloseReason> closed() {
    return witness.all(ExchangeEvent.Closed.class).stream()
        .map(ExchangeEvent.Closed::reason)
        .toList();
  }

  // ---- who is first

  @Test
  void theSecondIsAnsweredFirst() throws Exception {
    FaultServer server = warm(first(ends(), ok()));

    HawserResponse<String> response = send(to(server, "/a"));

    assertThat(response.body()).isEqualTo("second");
    assertThat(get(ending)).isEqualTo(Peer.Ending.FIN);
    assertThat(asked(server, "/a")).isEqualTo(2);
    assertThat(server.connections()).isEqualTo(2);
    assertThat(witness.await(ExchangeEvent.Closed.class, 1, PATIENCE)).isTrue();
    assertThat(closed()).containsExactly(CloseReason.OVERTAKEN);

    var hedged = witness.all(ExchangeEvent.Hedged.class).getFirst();
    var won = witness.all(ExchangeEvent.HedgeWon.class).getFirst();
    assertThat(hedged.after()).isGreaterThanOrEqualTo(AFTER);
    assertThat(hedged.exchange()).isEqualTo(2).isEqualTo(won.exchange());
    assertThat(hedged.connection().id())
        .isEqualTo(2)
        .isEqualTo(won.connection().id())
        .isEqualTo(response.connection().id());
    assertThat(hedges(server)).isEqualTo(new ClientSnapshot.Hedges(Optional.of(AFTER), 1, 1, 0));
    assertThat(load(server).retryBudget()).isEqualTo(99);

    Timeline timeline = response.timeline();
    assertThat(timeline.request().plus(timeline.firstByte()))
        .as("the wait for the first counts")
        .isGreaterThanOrEqualTo(AFTER);
    assertThat(timeline.connect()).isPositive();
    assertThat(timeline.reused()).isFalse();
    assertThat(
            timeline
                .queue()
                .plus(timeline.dns())
                .plus(timeline.connect())
                .plus(timeline.request())
                .plus(timeline.firstByte())
                .plus(timeline.body()))
        .isBetween(timeline.total().minus(Duration.ofMillis(50)), timeline.total());
  }

  @Test
  void theFirstIsAnsweredFirst() throws Exception {
    FaultServer server =
        warm(
            first(
                peer -> {
                  peer.await(secondCame);
                  peer.ok("first");
                },
                ends()));

    HawserResponse<String> response = send(to(server, "/a"));

    assertThat(response.body()).isEqualTo("first");
    assertThat(get(ending)).isEqualTo(Peer.Ending.FIN);
    assertThat(witness.all(ExchangeEvent.Hedged.class)).hasSize(1);
    assertThat(witness.all(ExchangeEvent.HedgeWon.class)).isEmpty();
    assertThat(witness.await(ExchangeEvent.Closed.class, 1, PATIENCE)).isTrue();
    assertThat(closed()).containsExactly(CloseReason.OVERTAKEN);
    assertThat(hedges(server).sent()).isEqualTo(1);
    assertThat(hedges(server).won()).isZero();
    assertThat(response.timeline().reused()).isTrue();
    assertThat(response.timeline().connect()).isZero();
    assertThat(get(server).body()).as("over the same").isEqualTo("at once");
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void whoIsInTimeIsNotSentTwice() throws Exception {
    FaultServer server = warm(Script.ok("at once"));
    for (int i = 0; i < 50; i++) {
      get(server);
    }
    assertThat(witness.all(ExchangeEvent.Hedged.class)).isEmpty();
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void aBodyIsSentWholeBothTimes() throws Exception {
    FaultServer server = warm(first(held(), ok()));

    assertThat(send(to(server, "/a").PUT(BodyPublishers.ofString("state"))).body())
        .isEqualTo("second");
    assertThat(server.requests().stream().filter(each -> each.target().equals("/a")))
        .hasSize(2)
        .allMatch(each -> each.text().equals("state"));
  }

  @Test
  void theSecondGoesToAnotherAddress() throws Exception {
    Script script = first(held(), ok());
    FaultServer one = server(script);
    FaultServer other =
        server(
            FaultServer.builder().address(new InetSocketAddress("127.0.0.2", one.port())), script);
    List<InetAddress> both = List.of(one.address().getAddress(), other.address().getAddress());
    reopen(options().dns(d -> d.hosts(Map.of("a.test", both))));
    var uri = URI.create("http://a.test:" + one.port());
    InetAddress warm = send(HttpRequest.newBuilder(uri)).connection().remoteAddress().getAddress();

    HawserResponse<String> response = send(HttpRequest.newBuilder(uri.resolve("/a")));

    assertThat(response.body()).isEqualTo("second");
    assertThat(response.connection().remoteAddress().getAddress()).isNotEqualTo(warm).isIn(both);
  }

  @Test
  void eachRequestOfARedirectIsForItself() throws Exception {
    reopen(options().followRedirects(Redirect.NORMAL));
    FaultServer server =
        warm(
            peer -> {
              while (true) {
                String path = peer.readRequest().target();
                if (path.equals("/")) {
                  peer.ok("at once");
                } else if (seen.add(path)) {
                  peer.await(answer);
                } else if (path.equals("/a")) {
                  peer.send("HTTP/1.1 302 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
                } else {
                  peer.ok("second");
                }
              }
            });

    assertThat(send(to(server, "/a")).body()).isEqualTo("second");
    assertThat(hedges(server).won()).isEqualTo(2);
  }

  // ---- what is never sent twice

  /** Nor before; that one only loads classes, which may take longer than a request may. */
  private void assertSentOnce(HttpRequest.Builder request) throws Exception {
    FaultServer server = warm(first(held(), ok()));
    assertThat(begin(request.uri(server.uri("/"))).get().body()).isEqualTo("at once");
    var once = begin(request.uri(server.uri("/once")));
    assertThat(server.awaitRequests(3, PATIENCE)).isTrue();

    assertThat(send(to(server, "/later")).body()).isEqualTo("second");

    assertThat(load(server).retryBudget()).as("spent on that one alone").isEqualTo(99);
    assertThat(asked(server, "/once")).isEqualTo(1);
    answer.countDown();
    assertThat(get(once).body()).isEqualTo("first");
  }

  @Test
  void aPostIsNot() throws Exception {
    assertSentOnce(HttpRequest.newBuilder().POST(BodyPublishers.ofString("order")));
  }

  @Test
  void norIsABodyThatMayNotComeAgain() throws Exception {
    assertSentOnce(
        HttpRequest.newBuilder()
            .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[9]))));
  }

  @Test
  void norWhatTheServerMayPushWith() throws Exception {
    pushes = PushPromiseHandler.of(promise -> BodyHandlers.ofString(), new ConcurrentHashMap<>());
    assertSentOnce(HttpRequest.newBuilder());
  }

  /** Without a 100 the body is sent after a second, and by then it has been late for long. */
  @Test
  void norWhatIsStillBeingSent() throws Exception {
    FaultServer server = warm(first(held(), ok()));
    var put = begin(to(server, "/a").expectContinue(true).PUT(BodyPublishers.ofString("x")));
    assertThat(server.awaitRequests(2, PATIENCE)).isTrue();
    assertThat(load(server).retryBudget()).isEqualTo(100);

    answer.countDown();
    assertThat(get(put).body()).isEqualTo("first");
    assertThat(asked(server, "/a")).isEqualTo(1);
  }

  @Test
  void norWhatHasNoTimeLeft() throws Exception {
    FaultServer server = warm(first(held(), ok()));
    assertThatThrownBy(() -> send(to(server, "/a").timeout(AFTER.multipliedBy(3).dividedBy(2))))
        .isInstanceOf(ExchangeTimeoutException.class);
    assertThat(asked(server, "/a")).isLessThanOrEqualTo(1);
    assertThat(hedges(server).withheld()).isZero();
  }

  // ---- what the host cannot bear

  @Test
  void noMoreThanTheRetryBudgetAllows() throws Exception {
    reopen(options().retry(r -> r.burst(1).budget(0)));
    FaultServer server = warm(first(held(), ok()));

    assertThat(send(to(server, "/a")).body()).isEqualTo("second");
    var late = begin(to(server, "/b"));
    awaitWithheld(server);
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
    assertThat(asked(server, "/b")).isEqualTo(1);
    assertThat(hedges(server).sent()).isEqualTo(1);
  }

  @Test
  void noneBeyondTheLimit() throws Exception {
    reopen(options().limit(l -> l.enabled(true).min(1).initial(1).max(1)));
    FaultServer server = warm(first(held(), ok()));

    var late = begin(to(server, "/a"));
    awaitWithheld(server);
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
    assertThat(asked(server, "/a")).isEqualTo(1);
    assertThat(load(server).retryBudget()).as("nothing was spent").isEqualTo(100);
    awaitLoad(server, load -> load.limit().orElseThrow().inFlight() == 0);
  }

  @Test
  void theSecondHasAPlaceOfTheLimit() throws Exception {
    reopen(options().limit(l -> l.enabled(true).min(2).initial(2).max(2)));
    FaultServer server = warm(first(held(), held()));

    var late = begin(to(server, "/a"));
    assertThat(server.awaitRequests(3, PATIENCE)).isTrue();
    assertThat(load(server).limit().orElseThrow().inFlight()).isEqualTo(2);
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
    awaitLoad(server, load -> load.limit().orElseThrow().inFlight() == 0);
  }

  @Test
  void noneWhileTheBreakerIsOpen() throws Exception {
    reopen(
        Hawser.newBuilder()
            .hedge(h -> h.enabled(true).after(Duration.ofSeconds(1)))
            .breaker(b -> b.enabled(true).failuresInARow(1).openFor(Duration.ofSeconds(60))));
    FaultServer server =
        warm(
            peer -> {
              while (true) {
                switch (peer.readRequest().target()) {
                  case "/" -> peer.ok("at once");
                  case "/error" -> peer.send("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
                  default -> held().play(peer);
                }
              }
            });

    var late = begin(to(server, "/a"));
    assertThat(server.awaitRequests(2, PATIENCE)).isTrue();
    assertThat(send(to(server, "/error")).statusCode()).isEqualTo(500);
    assertThat(witness.all(ExchangeEvent.BreakerOpened.class)).hasSize(1);
    awaitWithheld(server);
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
    assertThat(asked(server, "/a")).isEqualTo(1);
  }

  @Test
  void noneWhereThereIsNoOtherConnection() throws Exception {
    reopen(options().pool(p -> p.maxConnectionsPerHost(1)));
    FaultServer server = warm(first(held(), ok()));

    var late = begin(to(server, "/a"));
    awaitWithheld(server);
    assertThat(client.snapshot().waiting()).as("it does not wait").isZero();
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
    assertThat(asked(server, "/a")).isEqualTo(1);
    assertThat(hedges(server).sent()).isZero();
  }

  // ---- failures

  @Test
  void whenTheFirstFailsTheSecondGoesOn() throws Exception {
    var reset = new CountDownLatch(1);
    FaultServer server =
        warm(
            first(
                peer -> {
                  peer.await(secondCame);
                  peer.reset();
                  reset.countDown();
                  throw new IOException("it is reset");
                },
                peer -> {
                  peer.await(reset);
                  peer.pause(Duration.ofMillis(50)); // until the client has seen it
                  peer.ok("second");
                }));

    assertThat(send(to(server, "/a")).body()).isEqualTo("second");
    assertThat(asked(server, "/a")).isEqualTo(2);
    assertThat(client.snapshot().counters().repeats()).isZero();
  }

  @Test
  void whenTheSecondFailsTheFirstGoesOn() throws Exception {
    FaultServer server =
        warm(
            first(
                held(),
                peer -> {
                  peer.reset();
                  throw new IOException("it is reset");
                }));

    var late = begin(to(server, "/a"));
    assertThat(witness.await(() -> closed().contains(CloseReason.EXCHANGE_FAILED), PATIENCE))
        .isTrue();
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
  }

  @Test
  void whenBothFailTheFirstOnesFailureIsTheCallers() throws Exception {
    FaultServer server =
        warm(
            first(
                peer -> {
                  peer.await(secondCame);
                  peer.send("FIRST-2.0-OpenSSH\r\n\r\n");
                  peer.stall();
                },
                says("SECOND-2.0-OpenSSH\r\n\r\n")));

    assertThatThrownBy(() -> send(to(server, "/a")))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("FIRST");
    assertThat(asked(server, "/a")).isEqualTo(2);
  }

  @Test
  void aRefusalDoesNotWin() throws Exception {
    FaultServer server =
        warm(first(held(), says("HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nbusy")));

    var late = begin(to(server, "/a"));
    assertThat(server.awaitRequests(3, PATIENCE)).isTrue();
    awaitLoad(server, _ -> client.snapshot().idle() == 1);
    answer.countDown();

    assertThat(get(late).body()).isEqualTo("first");
    assertThat(closed()).as("its connection is kept").isEmpty();
  }

  @Test
  void cancellingEndsBoth() throws Exception {
    FaultServer server = warm(first(Peer::stall, Peer::stall));
    var late = begin(to(server, "/a"));
    assertThat(server.awaitRequests(3, PATIENCE)).isTrue();

    late.cancel(true);

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void anInterruptEndsBoth() throws Exception {
    FaultServer server = warm(first(Peer::stall, Peer::stall));
    var sending = new FutureTask<>(() -> send(to(server, "/a")));
    Thread thread = Thread.ofVirtual().start(sending);
    assertThat(server.awaitRequests(3, PATIENCE)).isTrue();

    thread.interrupt();

    assertThatThrownBy(sending::get).hasCauseInstanceOf(InterruptedException.class);
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void theDeadlineEndsBoth() throws Exception {
    FaultServer server = warm(first(Peer::stall, Peer::stall));

    assertThatThrownBy(() -> send(to(server, "/a").timeout(Duration.ofMillis(400))))
        .isInstanceOf(ExchangeTimeoutException.class)
        .hasMessageContaining("400 ms");

    assertThat(asked(server, "/a")).isEqualTo(2);
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void closingTheClientEndsBoth() throws Exception {
    FaultServer server = warm(first(Peer::stall, Peer::stall));
    var late = begin(to(server, "/a"));
    assertThat(server.awaitRequests(3, PATIENCE)).isTrue();

    client.shutdownNow();

    assertThatThrownBy(() -> get(late)).hasMessageContaining("closed");
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  // ---- by percentile, and many

  /** One in twenty would never be answered. */
  @Test
  void theSlowestTwentiethIsCutOff() throws Exception {
    reopen(Hawser.newBuilder().hedge(h -> h.enabled(true).minDelay(MIN)));
    var count = new AtomicInteger();
    FaultServer server =
        server(
            first(
                peer -> {
                  if (count.incrementAndGet() % 20 == 0) {
                    peer.stall();
                  } else {
                    peer.ok("first");
                  }
                },
                ok()));
    for (int i = 0; i < 300; i++) {
      get(server);
    }
    assertThat(hedges(server).after().orElseThrow()).isGreaterThanOrEqualTo(MIN);
    int calls = 400;
    long[] took = new long[calls];
    for (int i = 0; i < calls; i++) {
      long start = System.nanoTime();
      assertThat(send(to(server, "/" + i)).statusCode()).isEqualTo(200);
      took[i] = System.nanoTime() - start;
    }

    Arrays.sort(took);
    assertThat(Duration.ofNanos(took[calls * 99 / 100])).isLessThan(Duration.ofSeconds(1));
    ClientSnapshot.Hedges hedges = hedges(server);
    assertThat(hedges.won()).isGreaterThanOrEqualTo(calls / 20);
    assertThat(hedges.sent()).isLessThanOrEqualTo(100 + calls / 5);
  }

  /** However a call ends: two thousand, of every kind at random. */
  @Test
  void nothingIsLeftHoweverItEnds() throws Exception {
    reopen(
        Hawser.newBuilder()
            .hedge(h -> h.enabled(true).after(Duration.ofMillis(3)))
            .retry(r -> r.burst(10_000).budget(1))
            .limit(l -> l.enabled(true).initial(30).min(30).max(30)));
    var random = new SplittableRandom(7);
    FaultServer server = warm(first(HedgeTest::anything, HedgeTest::anything));
    var inHand = new Semaphore(16);
    for (int i = 0; i < 2_000; i++) {
      int kind = random.nextInt(8);
      String path = "/" + i;
      inHand.acquire();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  end(to(server, path), kind);
                } catch (IOException | ExecutionException | TimeoutException e) {
                  // as it was to end
                } catch (InterruptedException e) {
                  Thread.interrupted();
                } finally {
                  inHand.release();
                }
              });
    }
    inHand.acquire(16);
    awaitLoad(server, load -> load.limit().orElseThrow().inFlight() == 0);
    assertThat(hedges(server).sent()).isPositive();
    assertThat(hedges(server).won()).isPositive();
    assertThat(witness.await(() -> client.snapshot().leased() == 0, PATIENCE)).isTrue();
  }

  private static void anything(Peer peer) throws IOException {
    switch (peer.number() % 6) {
      case 0 -> peer.send("HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nbusy");
      case 1 -> {
        peer.pause(Duration.ofMillis(5));
        peer.ok("slow");
      }
      case 2 -> peer.stall();
      case 3 -> {
        peer.pause(Duration.ofMillis(3));
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n0123456789");
        peer.stall();
      }
      case 4 -> {
        peer.pause(Duration.ofMillis(4));
        peer.reset();
        throw new IOException("it is reset");
      }
      default -> peer.ok("fine");
    }
  }

  private void end(HttpRequest.Builder request, int kind)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    request.timeout(Duration.ofMillis(10 + 5 * kind));
    switch (kind % 4) {
      case 0 -> send(request);
      case 1 -> {
        Thread self = Thread.currentThread();
        Thread.ofVirtual()
            .start(
                () -> {
                  LockSupport.parkNanos(4_000_000);
                  self.interrupt();
                });
        send(request);
      }
      case 2 -> {
        var call = begin(request);
        LockSupport.parkNanos(4_000_000);
        call.cancel(true);
      }
      default -> {
        try (InputStream body = client.send(request.build(), BodyHandlers.ofInputStream()).body()) {
          assertThat(body.read()).isPositive();
        }
      }
    }
  }
}
