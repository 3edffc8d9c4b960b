package dev.hawser.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ExchangeOptions;
import dev.hawser.Http1Options;
import dev.hawser.Origin;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Request;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that sends a body, where it is slower than the server that answers. */
@Timeout(20)
class SenderTest {
  /** Stops the sender between its last write and its last word about the deadline. */
  private static final class Held implements Ticker {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    volatile boolean published; // the body, to its end

    @Override
    public long nanos() {
      if (published && Thread.currentThread().getName().equals("hawser-send")) {
        reached.countDown();
        try {
          go.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return SYSTEM.nanos();
    }
  }

  /** So that the deadline that it is still to set is not that of an idle connection. */
  @Test
  void aConnectionWhoseSenderHasNotYetNoticedItsEndIsNotReusable() throws Exception {
    var ticker = new Held();
    BodyPublisher body =
        BodyPublishers.fromPublisher(
            subscriber ->
                subscriber.onSubscribe(
                    new Flow.Subscription() {
                      private boolean given;

                      @Override
                      public void request(long n) {
                        if (given) {
                          ticker.published = true;
                          subscriber.onComplete();
                        } else {
                          given = true;
                          subscriber.onNext(ByteBuffer.wrap(new byte[] {'x'}));
                        }
                      }

                      @Override
                      public void cancel() {}
                    }));
    try (var server = FaultServer.start(Script.ok("fine"));
        var channel = SocketChannel.open(server.address())) {
      var transport =
          new PlainTransport(channel, new Watchdog(Ticker.SYSTEM), new Buffers(1 << 20));
      var exchange =
          new Http1Exchange(
              transport,
              Http1Options.DEFAULTS,
              ExchangeOptions.DEFAULTS,
              ticker,
              Ticker.NEVER,
              true,
              progress());
      var uri = server.uri("/");
      var headers = HttpHeaders.of(Map.of(), (name, value) -> true);

      exchange.exchange(Origin.of(uri), new Request("POST", uri, headers, Map.of(), body, false));
      while (exchange.body().next() != null) {
        // to its end
      }

      ticker.reached.await();
      assertThat(exchange.reusable()).isFalse();
      ticker.go.countDown();
      while (!exchange.reusable()) {
        Thread.onSpinWait();
      }
      assertThat(transport.disarm()).isTrue();
      assertThat(transport.deadline()).isEqualTo(Ticker.NEVER);
    }
  }

  private static Http1Exchange.Progress progress() {
    return new Http1Exchange.Progress() {
      @Override
      public void requestSent() {}

      @Override
      public void interim(int status) {}
    };
  }
}
