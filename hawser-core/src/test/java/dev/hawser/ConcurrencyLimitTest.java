package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host has to bear so many requests at once, and no more; each gives its place back. */
@Timeout(120)
class ConcurrencyLimitTest extends WithClient {
  private static final int LIMIT = 4;

  private final CountDownLatch answer = new CountDownLatch(1);

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .pool(p -> p.maxConnectionsPerHost(100))
        .limit(
            l ->
                l.enabled(true)
                    .min(LIMIT)
                    .initial(LIMIT)
                    .max(LIMIT)
                    .maxWaiting(2)
                    .maxWait(Duration.ofSeconds(20)));
  }

  private ClientSnapshot.Limit limit(FaultServer server) {
    return client.snapshot().loads().stream()
        .filter(load -> load.origin().toString().equals(server.origin()))
        .findFirst()
        .flatMap(ClientSnapshot.Load::limit)
        .orElseThrow();
  }

  private CompletableFuture<HttpResponse<String>> begin(FaultServer server) {
    return client.sendAsync(
        HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
  }

  private void awaitLimit(FaultServer server, int inFlight, int waiting) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (limit(server).inFlight() != inFlight || limit(server).waiting() != waiting) {
      assertThat(System.nanoTime()).as("%s", limit(server)).isLessThan(end);
      LockSupport.parkNanos(1_000_000); // neither is an event
    }
  }

  private FaultServer holding() throws IOException {
    return server(
        Script.keepAlive(
            peer -> {
              peer.await(answer);
              peer.ok("fine");
            }));
  }

  @Test
  void whatIsTooMuchWaitsOrIsRefusedAndTheServerNeverSeesIt() throws Exception {
    FaultServer server = holding();
    var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < LIMIT; i++) {
      calls.add(begin(server));
    }
    assertThat(server.awaitRequests(LIMIT, PATIENCE)).isTrue();
    calls.add(begin(server));
    calls.add(Priority.LOW.call(() -> begin(server)));
    awaitLimit(server, LIMIT, 2);

    CallRefusedException refused =
        catchThrowableOfType(CallRefusedException.class, () -> get(server));

    assertThat(refused.refusal())
        .isEqualTo(new Refusal.LimitReached(LIMIT, LIMIT, 2, Priority.NORMAL));
    assertThat(refused)
        .hasMessageContaining("limit of 4 requests at once")
        .hasMessageContaining("4 in flight, 2 waiting")
        .hasMessageContaining("ms yet");
    assertThat(refused.retryAfter()).isPositive();
    assertThat(refused.details().phase()).isEqualTo(Phase.QUEUE);
    assertThat(server.requests()).hasSize(LIMIT);

    ExchangeTimeoutException late =
        catchThrowableOfType(
            ExchangeTimeoutException.class,
            () ->
                Priority.HIGH.call( // pushes nobody out: each may keep one place
                    () -> {
                      calls.getLast().cancel(true);
                      awaitLimit(server, LIMIT, 1);
                      return send(
                          HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(30)));
                    }));
    assertThat(late).hasMessageContaining("30 ms");

    answer.countDown();
    for (var call : calls.subList(0, LIMIT + 1)) {
      assertThat(call.get().body()).isEqualTo("fine");
    }
    var waited = (HawserResponse<String>) calls.get(LIMIT).get();
    assertThat(waited.timeline().queue()).isPositive();
    awaitLimit(server, 0, 0);
  }

  @Test
  void closingTheClientEndsTheWait() throws Exception {
    FaultServer server = holding();
    var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < LIMIT + 1; i++) {
      calls.add(begin(server));
    }
    assertThat(server.awaitRequests(LIMIT, PATIENCE)).isTrue();
    awaitLimit(server, LIMIT, 1);

    client.shutdownNow();

    for (var call : calls) {
      assertThat(catchThrowableOfType(ExecutionException.class, call::get))
          .hasMessageContaining("closed");
    }
    answer.countDown();
    awaitLimit(server, 0, 0);
  }

  @Test
  void anotherHostHasItsOwn() throws Exception {
    FaultServer server = holding();
    FaultServer other = server(Script.ok("other"));
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < LIMIT; i++) {
      calls.add(begin(server));
    }
    assertThat(server.awaitRequests(LIMIT, PATIENCE)).isTrue();
    for (int i = 0; i < 3 * LIMIT; i++) {
      assertThat(get(other).body()).isEqualTo("other");
    }
    answer.countDown();
    for (var call : calls) {
      assertThat(call.get().statusCode()).isEqualTo(200);
    }
  }

  /** However a call ends, its place is free again: ten thousand, of every kind at random. */
  @Test
  void everyPlaceComesBackHoweverTheCallEnds() throws Exception {
    var random = new SplittableRandom(6);
    FaultServer server = server(ConcurrencyLimitTest::asThePathSays);
    var ends = new AtomicInteger();
    var inHand = new Semaphore(LIMIT + 2);
    for (int i = 0; i < 10_000; i++) {
      int kind = random.nextInt(100);
      inHand.acquire();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  end(server, kind);
                } catch (IOException | ExecutionException | TimeoutException e) {
                  // as it was to end, or refused
                } catch (InterruptedException e) {
                  Thread.interrupted();
                } finally {
                  ends.incrementAndGet();
                  inHand.release();
                }
              });
    }
    inHand.acquire(LIMIT + 2);
    assertThat(ends).hasValue(10_000);
    assertThat(limit(server).refused()).as("a few at most").isLessThan(1_000);
    awaitLimit(server, 0, 0);
  }

  private static void asThePathSays(Peer peer) throws IOException {
    while (true) {
      switch (peer.readRequest().target()) {
        case "/fine" -> peer.ok("fine");
        case "/error" -> peer.send("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
        case "/reset" -> {
          peer.reset();
          return;
        }
        case "/garbage" -> {
          peer.send("SSH-2.0-OpenSSH\r\n");
          return;
        }
        case "/silent" -> peer.stall();
        default -> { // a body that does not end
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n0123456789");
          peer.stall();
        }
      }
    }
  }

  private void end(FaultServer server, int kind)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String path =
        kind < 50
            ? "/fine"
            : kind < 60 ? "/error" : kind < 65 ? "/reset" : kind < 70 ? "/garbage" : "/silent";
    HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(kind < 85 ? path : "/endless"));
    if (kind < 70) {
      send(request);
    } else if (kind < 75) {
      send(request.timeout(Duration.ofMillis(5)));
    } else if (kind < 80) {
      Thread self = Thread.currentThread();
      Thread.ofVirtual().start(self::interrupt);
      send(request);
    } else if (kind < 85) {
      var call = client.sendAsync(request.build(), BodyHandlers.ofString());
      LockSupport.parkNanos(1_000_000);
      call.cancel(true);
    } else if (kind < 92) {
      try (InputStream body = client.send(request.build(), BodyHandlers.ofInputStream()).body()) {
        assertThat(body.read()).isEqualTo('0');
      }
    } else if (kind < 96) {
      send(request.timeout(Duration.ofMillis(5)));
    } else {
      client
          .sendAsync(
              request.build(),
              info -> {
                throw new IllegalStateException("the handler throws");
              })
          .get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aBodyThatNobodyReadsGivesItsPlaceBackWhenItIsFound() throws Exception {
    FaultServer server =
        server(
            Script.keepAlive(
                peer -> {
                  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n0123456789");
                  peer.stall();
                }));
    drop(server);
    assertThat(limit(server).inFlight()).isEqualTo(1);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!witness.await(ExchangeEvent.Leaked.class, 1, Duration.ofMillis(50))) {
      System.gc();
      assertThat(System.nanoTime()).isLessThan(end);
    }
    awaitLimit(server, 0, 0);
  }

  private void drop(FaultServer server) throws IOException, InterruptedException {
    var response =
        client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
  }
}
