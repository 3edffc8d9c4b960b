package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers who want no more, in each phase; the end of a client; Errors of users' code (21, 30). */
@Timeout(30)
class CancelTest extends WithClient {
  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .pool(p -> p.maxConnectionsPerHost(1))
        .tcp(t -> t.connectTimeout(Duration.ofSeconds(2)));
  }

  private enum In {
    LINE,
    CONNECT,
    HEAD,
    BODY
  }

  /** Brings a call into a phase, and says how to see that it is there. */
  private final class Situation implements AutoCloseable {
    private final In phase;
    private final URI uri;
    private final FaultServer server;
    private final Ports blackhole;
    private final CompletableFuture<?> before;

    Situation(In phase) throws Exception {
      this.phase = phase;
      if (phase == In.CONNECT) {
        server = null;
        before = null;
        blackhole = Ports.blackhole();
        uri = URI.create("http://127.0.0.1:" + blackhole.port() + "/");
        return;
      }
      blackhole = null;
      Script script =
          phase == In.BODY
              ? Script.answerAndStall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel")
              : peer -> {
                peer.readRequest();
                peer.stall();
              };
      server = server(script);
      uri = server.uri("/");
      if (phase == In.LINE) {
        before = client.sendAsync(request(), BodyHandlers.ofString());
        assertThat(server.awaitRequests(1, PATIENCE)).isTrue();
      } else {
        before = null;
      }
    }

    HttpRequest request() {
      return HttpRequest.newBuilder(uri).build();
    }

    void await() throws InterruptedException {
      assertThat(
              switch (phase) {
                case LINE -> witness.await(() -> client.snapshot().waiting() == 1, PATIENCE);
                case CONNECT -> witness.await(ExchangeEvent.Resolved.class, 1, PATIENCE);
                case HEAD -> server.awaitRequests(1, PATIENCE);
                case BODY -> witness.await(ExchangeEvent.HeadReceived.class, 1, PATIENCE);
              })
          .as("in phase %s", phase)
          .isTrue();
    }

    /** What a call that has ended leaves. */
    void thenNothingIsLeft() throws Exception {
      assertThat(witness.await(() -> client.snapshot().waiting() == 0, PATIENCE)).isTrue();
      if (before != null) {
        assertThat(before).as("the call before it").isNotDone();
        before.cancel(true);
      }
      if (server != null) {
        assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
        assertThat(server.connections()).isEqualTo(1);
      }
    }

    @Override
    public void close() throws IOException {
      if (blackhole != null) {
        blackhole.close();
      }
    }
  }

  // ---- 21: cancelled

  @ParameterizedTest
  @EnumSource
  void cancellingTheFutureEndsTheCall(In phase) throws Exception {
    try (var situation = new Situation(phase)) {
      var future = client.sendAsync(situation.request(), BodyHandlers.ofString());
      situation.await();

      assertThat(future.cancel(true)).isTrue();

      assertThat(future).isCancelled();
      situation.thenNothingIsLeft();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancellingADerivedFutureEndsTheCall(In phase) throws Exception {
    try (var situation = new Situation(phase)) {
      var derived =
          client
              .sendAsync(situation.request(), BodyHandlers.ofString())
              .thenApply(HttpResponse::body)
              .thenCombine(CompletableFuture.completedFuture("x"), String::concat);
      situation.await();

      assertThat(derived.cancel(true)).isTrue();

      situation.thenNothingIsLeft();
    }
  }

  @Test
  void cancellingWithoutInterruptingLetsTheCallGoOn() throws Exception {
    var go = new CountDownLatch(1);
    var server =
        server(
            Script.keepAlive(
                peer -> {
                  peer.await(go);
                  peer.ok("fine");
                }));
    var future =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(server.awaitRequests(1, PATIENCE)).isTrue();

    future.cancel(false);
    go.countDown();

    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();
    assertThat(get(server).body()).isEqualTo("fine");
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void cancellingAfterTheEndHarmsNoOne() throws Exception {
    var server = server(Script.ok("fine"));
    var future =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    future.get(10, TimeUnit.SECONDS);

    assertThat(future.cancel(true)).isFalse();

    assertThat(get(server).body()).isEqualTo("fine");
    assertThat(server.connections()).isEqualTo(1);
  }

  // ---- 21: interrupted

  @ParameterizedTest
  @EnumSource
  void interruptingAPlatformThreadEndsItsCall(In phase) throws Exception {
    interruptedCall(phase, Thread.ofPlatform());
  }

  @ParameterizedTest
  @EnumSource
  void interruptingAVirtualThreadEndsItsCall(In phase) throws Exception {
    interruptedCall(phase, Thread.ofVirtual());
  }

  private void interruptedCall(In phase, Thread.Builder kind) throws Exception {
    try (var situation = new Situation(phase)) {
      var thrown = new AtomicReference<Throwable>();
      Thread caller =
          kind.start(
              () ->
                  thrown.set(
                      catchThrowable(
                          () -> client.send(situation.request(), BodyHandlers.ofString()))));
      situation.await();

      caller.interrupt();

      assertThat(caller.join(PATIENCE)).isTrue();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      situation.thenNothingIsLeft();
    }
  }

  /** Such a subscriber is fed by another thread than the caller's, who waits for its body. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anInterruptEndsTheWaitForAUsersSubscriber(boolean bodyTold) throws Exception {
    try (var situation = new Situation(In.BODY)) {
      BodyHandler<String> handler =
          info ->
              new TakesAll(
                  (body, error) -> {
                    if (bodyTold) {
                      body.completeExceptionally(error);
                    }
                  });
      var ended = new CompletableFuture<Throwable>();
      var stillInterrupted = new AtomicBoolean();
      Thread caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    ended.complete(catchThrowable(() -> client.send(situation.request(), handler)));
                    stillInterrupted.set(Thread.currentThread().isInterrupted());
                  });
      situation.await();

      caller.interrupt();

      assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      caller.join();
      assertThat(stillInterrupted).as("the exception tells it").isFalse();
      situation.thenNothingIsLeft();
    }
  }

  @Test
  void aThreadThatIsInterruptedAlreadySendsNothing() throws Exception {
    var server = server(Script.ok("fine"));

    Thread.currentThread().interrupt();
    Throwable thrown = catchThrowable(() -> get(server));

    assertThat(thrown).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).as("the exception tells it").isFalse();
    assertThat(server.connections()).isZero();
  }

  // ---- 21: the client's end

  @ParameterizedTest
  @EnumSource
  void shutdownNowEndsCallsAtOnce(In phase) throws Exception {
    try (var situation = new Situation(phase)) {
      var future = client.sendAsync(situation.request(), BodyHandlers.ofString());
      situation.await();

      client.shutdownNow();

      assertThat(client.awaitTermination(PATIENCE)).isTrue();
      assertThat(client.isTerminated()).isTrue();
      assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("closed");
      assertThat(witness.await(() -> client.snapshot().leased() == 0, PATIENCE)).isTrue();
    }
  }

  @Test
  void shutdownLetsRunningCallsEndAndTakesNoMore() throws Exception {
    var go = new CountDownLatch(1);
    var server =
        server(
            peer -> {
              peer.readRequest();
              peer.await(go);
              peer.ok("fine");
              peer.stall();
            });
    var request = HttpRequest.newBuilder(server.uri("/")).build();
    var running = client.sendAsync(request, BodyHandlers.ofString());
    assertThat(server.awaitRequests(1, PATIENCE)).isTrue();
    assertThat(client.isTerminated()).isFalse();

    client.shutdown();

    assertThat(client.isTerminated()).isFalse();
    assertThat(client.awaitTermination(Duration.ofMillis(50))).isFalse();
    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()).get())
        .hasCauseInstanceOf(IOException.class);
    go.countDown();
    assertThat(running.get(10, TimeUnit.SECONDS).body()).isEqualTo("fine");
    assertThat(client.awaitTermination(PATIENCE)).isTrue();
    assertThat(client.isTerminated()).isTrue();
    assertThat(server.awaitAllClosed(PATIENCE)).as("idle connections, too").isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0})
  void awaitingTerminationForNoTimeOnlyLooks(long seconds) throws Exception {
    var server = server(Peer::stall);
    var running =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(server.awaitConnections(1, PATIENCE)).isTrue();
    client.shutdown();

    assertThat(client.awaitTermination(Duration.ofSeconds(seconds))).isFalse();

    assertThat(running).isNotDone();
    running.cancel(true);
    assertThat(client.awaitTermination(ChronoUnit.FOREVER.getDuration())).isTrue();
    assertThat(client.awaitTermination(Duration.ofSeconds(seconds))).isTrue();
  }

  @Test
  void closeWaitsForRunningCallsAndAnInterruptEndsThem() throws Exception {
    var server = server(Peer::stall);
    var running =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(server.awaitConnections(1, PATIENCE)).isTrue();
    var stillInterrupted = new CompletableFuture<Boolean>();
    Thread closing =
        Thread.ofVirtual()
            .start(
                () -> {
                  client.close();
                  stillInterrupted.complete(Thread.currentThread().isInterrupted());
                });
    assertThat(closing.join(Duration.ofMillis(50))).as("closed").isFalse();

    closing.interrupt();

    assertThat(stillInterrupted.get(10, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> running.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class);
    assertThat(client.isTerminated()).isTrue();
  }

  @Test
  void closingTwiceIsClosingOnce() {
    client.close();
    client.close();
    client.shutdown();
    client.shutdownNow();

    assertThat(client.isTerminated()).isTrue();
  }

  // ---- 30: Errors of users' code

  private enum Thrower {
    HANDLER,
    MAPPER,
    CONSUMER,
    PUBLISHER,
    PUBLISHER_LENGTH
  }

  @ParameterizedTest
  @EnumSource
  void anErrorOfUsersCodeComesOutAndCostsNoConnection(Thrower thrower) throws Exception {
    var server = server(Script.ok("fine"));
    BodyHandler<String> handler =
        switch (thrower) {
          case HANDLER -> info -> CancelTest.<HttpResponse.BodySubscriber<String>>fail();
          case MAPPER ->
              info -> BodySubscribers.mapping(BodySubscribers.discarding(), nothing -> fail());
          case CONSUMER ->
              info ->
                  BodySubscribers.mapping(
                      BodySubscribers.ofByteArrayConsumer(bytes -> fail()), nothing -> "");
          default -> BodyHandlers.ofString();
        };
    var request = HttpRequest.newBuilder(server.uri("/"));
    if (thrower == Thrower.PUBLISHER) {
      request.POST(BodyPublishers.fromPublisher(subscriber -> fail()));
    } else if (thrower == Thrower.PUBLISHER_LENGTH) {
      request.POST(
          new HttpRequest.BodyPublisher() {
            @Override
            public long contentLength() {
              return CancelTest.<Long>fail();
            }

            @Override
            public void subscribe(
                java.util.concurrent.Flow.Subscriber<? super ByteBuffer> subscriber) {}
          });
    }

    Throwable sent = catchThrowable(() -> client.send(request.build(), handler));
    Throwable sentAsync =
        catchThrowable(() -> client.sendAsync(request.build(), handler).get(10, TimeUnit.SECONDS));

    assertThat(root(sent)).isInstanceOf(OutOfMemoryError.class).hasMessage("made up");
    assertThat(root(sentAsync)).isInstanceOf(OutOfMemoryError.class).hasMessage("made up");
    assertThat(witness.await(() -> ended() == 2, PATIENCE)).as("each call has ended once").isTrue();
  }

  @Test
  void anErrorOfTheCookieHandlerComesOutAndCostsNoConnection() throws Exception {
    var server = server(Script.ok("fine"));
    for (boolean early : new boolean[] {true, false}) {
      var cookies =
          new CookieManager() {
            @Override
            public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) {
              return early ? CancelTest.<Map<String, List<String>>>fail() : Map.of();
            }

            @Override
            public void put(URI uri, Map<String, List<String>> headers) {
              CancelTest.<Void>fail();
            }
          };
      try (HawserClient baking = options().cookieHandler(cookies).build()) {
        var request = HttpRequest.newBuilder(server.uri("/")).build();

        Throwable thrown = catchThrowable(() -> baking.send(request, BodyHandlers.ofString()));

        assertThat(root(thrown)).isInstanceOf(OutOfMemoryError.class);
        assertThat(baking.snapshot().open()).isZero();
        assertThat(baking.snapshot().counters().failures()).isEqualTo(1);
      }
    }
  }

  /** A mapping may fail when its exchange has long ended well. */
  private int ended() {
    return witness.all(ExchangeEvent.Failed.class).size()
        + witness.all(ExchangeEvent.Completed.class).size();
  }

  private static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static <T> T fail() {
    throw new OutOfMemoryError("made up");
  }
}
