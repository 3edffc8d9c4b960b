package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The final answer comes while the body is still being sent (fault 12, RFC 9112 9.5). */
@Tag("tls")
@Timeout(30)
class EarlyAnswerTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();

  @Override
  HawserClient.Builder options() {
    // Nothing is opened ahead: the server is to have no connection left.
    return Hawser.newBuilder()
        .sslContext(OwnContext.trusting(ROOT))
        .pool(pool -> pool.sizing(PoolOptions.Sizing.FIXED));
  }

  /** Gives as much as is asked for, and never ends. */
  private static final class Endless implements Flow.Publisher<ByteBuffer>, Flow.Subscription {
    final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile Flow.Subscriber<? super ByteBuffer> subscriber;

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> newSubscriber) {
      subscriber = newSubscriber;
      newSubscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      for (long i = 0; i < n; i++) {
        subscriber.onNext(ByteBuffer.allocate(16_384));
      }
    }

    @Override
    public void cancel() {
      cancelled.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1_000_000_000_000L})
  void aRefusalIsDeliveredAndTheRestIsNotSent(long length) throws Exception {
    var server = server(this::refuseAfterAWhile, Script.ok("fresh"));

    var body = new Endless();
    var response = send(upload(server, body, length));

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).isEqualTo("big");
    assertThat(body.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(get(server).body()).isEqualTo("fresh");
    assertThat(server.connections()).isEqualTo(2);
  }

  private void refuseAfterAWhile(Peer peer) throws java.io.IOException {
    peer.readHead();
    peer.readExactly(100_000);
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
    assertThat(peer.clientCloses(PATIENCE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"413 Content Too Large", "200 OK"})
  void aServerThatAnswersAndStopsReadingHoldsNoOneUp(String status) throws Exception {
    var server =
        server(
            FaultServer.builder().receiveBuffer(4096),
            peer -> {
              peer.readHead();
              peer.readExactly(1); // a body that has not begun would not be asked for at all
              peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 3\r\n\r\nbig");
              peer.freeze();
            });

    var body = new Endless();
    var response = send(upload(server, body, -1));

    assertThat(response.statusCode()).isEqualTo(Integer.parseInt(status.substring(0, 3)));
    assertThat(response.body()).isEqualTo("big");
    assertThat(body.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(witness.await(() -> client.snapshot().open() == 0, PATIENCE)).isTrue();
  }

  /** The sender may be about to encrypt one more record when its connection has been closed. */
  @Test
  void uploadsThatTlsServersCutShortLeaveNoBuffers() throws Exception {
    var server =
        server(
            FaultServer.builder().tls(ROOT.localhost().tls()),
            peer -> {
              peer.readHead();
              peer.readExactly(20_000);
              peer.send(
                  "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
                      + "Content-Length: 0\r\n\r\n");
            });

    var ended = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < 200; i++) {
      var upload = upload(server, new Endless(), -1).build();
      ended.add(
          client
              .sendAsync(upload, BodyHandlers.discarding())
              .exceptionally(reset -> null)); // the close may overtake the answer
      if (i >= 8) { // so that some run besides, and not all at once
        ended.get(i - 8).get(10, TimeUnit.SECONDS);
      }
    }

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(witness.await(() -> client.snapshot().open() == 0, PATIENCE)).isTrue();
    noBuffersAreHeld();
  }

  @Test
  void aBodyGoesOutWhileItsEchoComesBack() throws Exception {
    var server =
        server(
            peer -> {
              Received head = peer.readHead();
              assertThat(head.header("transfer-encoding")).containsExactly("chunked");
              peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              for (int size = -1; size != 0; ) {
                String line = peer.readLine();
                size = Integer.parseInt(line, 16);
                byte[] chunk = peer.readExactly(size + 2);
                peer.send(line + "\r\n" + new String(chunk, StandardCharsets.ISO_8859_1));
              }
              peer.readRequest();
              peer.ok("again");
            });

    var subscribed = new CountDownLatch(1);
    try (var words = new Words(subscribed)) {
      var future =
          client.sendAsync(upload(server, words, -1).build(), BodyHandlers.ofInputStream());
      try (InputStream echo = future.get(10, TimeUnit.SECONDS).body()) {
        // The answer can be here before the sender has subscribed; what is submitted to nobody is
        // lost.
        assertThat(subscribed.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100; i++) {
          byte[] word = ("word " + i).getBytes(StandardCharsets.UTF_8);
          words.submit(ByteBuffer.wrap(word));
          assertThat(echo.readNBytes(word.length)).isEqualTo(word);
        }
        words.close();
        assertThat(echo.read()).isEqualTo(-1);
      }
    }

    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();
    assertThat(get(server).body()).isEqualTo("again");
    assertThat(server.connections()).isEqualTo(1);
  }

  /** Tells when somebody listens. */
  private static final class Words extends SubmissionPublisher<ByteBuffer> {
    private final CountDownLatch subscribed;

    Words(CountDownLatch subscribed) {
      this.subscribed = subscribed;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      super.subscribe(subscriber);
      subscribed.countDown();
    }
  }

  private static HttpRequest.Builder upload(
      FaultServer server, Flow.Publisher<ByteBuffer> body, long length) {
    return HttpRequest.newBuilder(server.uri("/"))
        .POST(
            length < 0
                ? BodyPublishers.fromPublisher(body)
                : BodyPublishers.fromPublisher(body, length));
  }
}
