package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ExchangeOptions;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Request;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Http2Settings;
import dev.hawser.io.Ticker;
import dev.hawser.wire.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An exchange that is ended by its side, in each of its phases: the connection goes on. */
@Tag("one-carrier")
class Http2CancelTest {
  /** Answers the second request; the first is what a test is about. */
  private static Http2Script secondIsAnswered(CountDownLatch reset) {
    return peer -> {
      peer.handshake();
      peer.readHead();
      peer.awaitFrame(Http2Frame.RST_STREAM);
      reset.countDown();
      peer.ok(peer.readRequest(), "the next");
      peer.stall();
    };
  }

  private final CountDownLatch reset = new CountDownLatch(1);

  private static Thread start(AtomicReference<Throwable> failure, Body body) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                body.run();
              } catch (Throwable e) {
                failure.set(e);
              }
            });
  }

  private interface Body {
    void run() throws Exception;
  }

  private static void cancelEnds(
      Exchange exchange, Thread caller, AtomicReference<Throwable> failure) throws Exception {
    exchange.cancel();
    caller.join();
    assertThat(failure.get()).hasMessageContaining("cancelled");
  }

  private void goesOn(FaultServer server, Http2Rig rig) throws Exception {
    reset.await();
    assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("the next");
    assertThat(server.transcript()).contains("h2 > RST_STREAM 1 CANCEL");
  }

  @Test
  void beforeAnythingIsSent() throws Exception {
    try (var server = FaultServer.start(Http2Script.ok("hello"));
        var rig = new Http2Rig(server.uri("/"))) {
      Exchange exchange = rig.exchange();
      exchange.cancel();
      assertThatThrownBy(() -> rig.run(exchange, Http2Rig.get(server.uri("/"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cancelled");
      assertThat(exchange.nothingSent()).isTrue();
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
    }
  }

  @Test
  void whileTheHeadIsAwaited() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var rig = new Http2Rig(server.uri("/"))) {
      var failure = new AtomicReference<Throwable>();
      Exchange exchange = rig.exchange();
      Thread caller = start(failure, () -> rig.run(exchange, Http2Rig.get(server.uri("/"))));
      assertThat(server.awaitConnections(1, Http2Rig.PATIENCE)).isTrue();
      awaitOpen(rig);
      cancelEnds(exchange, caller, failure);
      goesOn(server, rig);
    }
  }

  @Test
  void byAnInterrupt() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var rig = new Http2Rig(server.uri("/"))) {
      var failure = new AtomicReference<Throwable>();
      Thread caller = start(failure, () -> rig.send(Http2Rig.get(server.uri("/"))));
      awaitOpen(rig);
      caller.interrupt();
      caller.join();
      assertThat(failure.get()).isInstanceOf(IOException.class);
      goesOn(server, rig);
    }
  }

  @Test
  void byItsDeadline() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var rig = new Http2Rig(server.uri("/"))) {
      Exchange exchange = rig.exchange(Ticker.after(Ticker.SYSTEM.nanos(), Duration.ofMillis(200)));
      assertThatThrownBy(() -> rig.run(exchange, Http2Rig.get(server.uri("/"))))
          .isInstanceOf(IOException.class);
      assertThat(exchange.expired()).isTrue();
      goesOn(server, rig);
    }
  }

  @Test
  void byTheDeadlineOfTheHead() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.OPTIONS,
                ExchangeOptions.DEFAULTS.headTimeout(Duration.ofMillis(500)))) {
      Exchange exchange = rig.exchange();
      assertThatThrownBy(() -> rig.run(exchange, Http2Rig.get(server.uri("/"))))
          .isInstanceOf(IOException.class);
      assertThat(exchange.expired()).isTrue();
      goesOn(server, rig);
    }
  }

  @Test
  void whileAWindowIsAwaited() throws Exception {
    Http2Script script =
        peer -> {
          peer.handshake(Http2Settings.none().initialWindowSize(0));
          peer.readHead();
          peer.awaitFrame(Http2Frame.RST_STREAM);
          reset.countDown();
          peer.ok(peer.readRequest(), "the next");
          peer.stall();
        };
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      rig.told.awaitCapacity(Http2Rig.OPTIONS.maxConcurrentStreams());
      var failure = new AtomicReference<Throwable>();
      Exchange exchange = rig.exchange();
      Thread caller =
          start(
              failure,
              () ->
                  rig.run(
                      exchange,
                      Http2Rig.request(
                          "POST", server.uri("/"), BodyPublishers.ofByteArray(new byte[100]))));
      awaitOpen(rig);
      cancelEnds(exchange, caller, failure);
      goesOn(server, rig);
    }
  }

  @Test
  void whileThePublisherBlocks() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var source = new PipedOutputStream();
        var blocked = new PipedInputStream(source);
        var rig = new Http2Rig(server.uri("/"))) {
      var failure = new AtomicReference<Throwable>();
      Exchange exchange = rig.exchange();
      Thread caller =
          start(
              failure,
              () ->
                  rig.run(
                      exchange,
                      Http2Rig.request(
                          "POST", server.uri("/"), BodyPublishers.ofInputStream(() -> blocked))));
      awaitOpen(rig);
      cancelEnds(exchange, caller, failure);
      goesOn(server, rig);
    }
  }

  @Test
  void whileTheBodyIsRead() throws Exception {
    Http2Script script =
        peer -> {
          peer.handshake();
          Http2Request first = peer.readRequest();
          peer.headers(first.stream(), 200);
          peer.data(first.stream(), "a part");
          peer.awaitFrame(Http2Frame.RST_STREAM);
          peer.data(first.stream(), "that comes late");
          peer.lastData(first.stream(), "and its end");
          reset.countDown();
          peer.ok(peer.readRequest(), "the next");
          peer.stall();
        };
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      Exchange exchange = rig.exchange();
      exchange.exchange(rig.origin, Http2Rig.get(server.uri("/")));
      assertThat(exchange.body().next().remaining()).isEqualTo("a part".length());
      var failure = new AtomicReference<Throwable>();
      Thread reader = start(failure, () -> Http2Rig.read(exchange));
      exchange.cancel();
      reader.join();
      assertThat(failure.get()).hasMessageContaining("cancelled");
      exchange.abandon();
      goesOn(server, rig);
    }
  }

  @Test
  void byAPublisherThatFails() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var rig = new Http2Rig(server.uri("/"))) {
      Exchange exchange = rig.exchange();
      InputStream broken =
          new InputStream() {
            @Override
            public int read() {
              throw new UncheckedIOException(new IOException("no more"));
            }

            @Override
            public int read(byte[] bytes, int from, int count) {
              return read();
            }
          };
      assertThatThrownBy(
              () ->
                  rig.run(
                      exchange,
                      Http2Rig.request(
                          "POST", server.uri("/"), BodyPublishers.ofInputStream(() -> broken))))
          .isInstanceOf(IOException.class);
      assertThat(exchange.publisherFailure()).isNotNull();
      goesOn(server, rig);
    }
  }

  @Test
  void byAConnectionThatIsClosedUnderIt() throws Exception {
    try (var server = FaultServer.start(secondIsAnswered(reset));
        var rig = new Http2Rig(server.uri("/"))) {
      var failure = new AtomicReference<Throwable>();
      Thread caller = start(failure, () -> rig.send(Http2Rig.get(server.uri("/"))));
      awaitOpen(rig);
      rig.transport.close();
      caller.join();
      assertThat(failure.get()).isInstanceOf(IOException.class);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private static void awaitOpen(Http2Rig rig) {
    while (rig.connection.open() == 0) {
      Thread.yield();
    }
  }
}
