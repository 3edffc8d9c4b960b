package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever else is on a connection, no answer is ever taken for that of another request, and no
 * bytes of one request for another (fault 9). Each of these was once broken.
 */
@Tag("tls")
@Timeout(60)
class ForeignAnswersTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();

  @Test
  void aSecondAnswerLeftInTlsIsNotTheNextRequests() throws Exception {
    try (var server =
            FaultServer.startTls(
                ROOT.localhost().serverContext(),
                peer -> {
                  while (true) {
                    peer.readRequest();
                    peer.ok("own");
                    peer.ok("foreign"); // a record of its own, in the same segment
                  }
                });
        var relay = new Coalescing(server.port());
        var secure = Hawser.newBuilder().sslContext(OwnContext.trusting(ROOT)).build()) {
      URI uri = URI.create("https://127.0.0.1:" + relay.port() + "/");
      for (int i = 0; i < 5; i++) {
        var response = secure.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("own");
      }
      assertThat(server.connections()).isEqualTo(5);
    }
  }

  /** Passes on what comes down in one piece, after a moment in which more may come. */
  private static final class Coalescing implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;

    Coalescing(int target) throws IOException {
      this.target = target;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listener.getLocalPort();
    }

    private void accept() {
      while (!listener.isClosed()) {
        try {
          Socket client = listener.accept();
          Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
          Thread.ofVirtual().start(() -> up(client, server));
          Thread.ofVirtual().start(() -> down(client, server));
        } catch (IOException e) {
          // Closed.
        }
      }
    }

    private static void up(Socket client, Socket server) {
      try (client;
          server) {
        client.getInputStream().transferTo(server.getOutputStream());
      } catch (IOException e) {
        // One of them has enough.
      }
    }

    private static void down(Socket client, Socket server) {
      byte[] buffer = new byte[65_536];
      try (client;
          server) {
        InputStream in = server.getInputStream();
        for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
          Thread.sleep(30);
          while (in.available() > 0) {
            count += in.read(buffer, count, buffer.length - count);
          }
          client.getOutputStream().write(buffer, 0, count);
        }
      } catch (IOException | InterruptedException e) {
        // One of them has enough.
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test
  void anAnswerBeforeAnyRequestIsNotTheFirstRequests() throws Exception {
    var server =
        server(
            peer -> {
              if (peer.number() == 1) {
                peer.ok("foreign");
                peer.clientCloses(PATIENCE);
              } else {
                peer.readRequest();
                peer.ok("own");
              }
            });
    client.warmUp(server.uri("/"), 1);
    assertThat(server.awaitConnections(1, PATIENCE)).isTrue();
    assertThat(witness.await(() -> closed(CloseReason.UNSOLICITED_BYTES) == 1, PATIENCE)).isTrue();

    assertThat(get(server).body()).isEqualTo("own");
  }

  private long closed(CloseReason reason) {
    return client.snapshot().counters().closed().getOrDefault(reason, 0L);
  }

  @Test
  void aBodyAfter204IsNotTheNextRequestsAnswer() throws Exception {
    var server =
        server(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 204 No Content\r\nContent-Length: 46\r\n\r\n");
              if (peer.number() == 1 && !peer.clientCloses(Duration.ofSeconds(2))) {
                peer.readRequest();
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign");
              }
            });

    assertThat(get(server).statusCode()).isEqualTo(204);
    assertThat(get(server).statusCode()).isEqualTo(204);
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void aRequestCutShortByAnEarlyAnswerDoesNotEatTheNextOne() throws Exception {
    var more = new CountDownLatch(1);
    var rest = new CompletableFuture<String>();
    var server =
        server(
            peer -> {
              peer.readHead();
              if (peer.number() > 1) {
                peer.ok("own");
                return;
              }
              peer.readExactly(10);
              peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope");
              more.countDown();
              rest.complete(
                  new String(
                      peer.socket().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
            });
    BodyPublisher slow =
        BodyPublishers.fromPublisher(
            subscriber ->
                subscriber.onSubscribe(
                    new Flow.Subscription() {
                      private int given;

                      @Override
                      public void request(long n) {
                        if (given++ > 0) {
                          await(more);
                        }
                        if (given <= 3) { // the fourth never comes: the request cannot be completed
                          subscriber.onNext(ByteBuffer.wrap(new byte[10]));
                        }
                      }

                      @Override
                      public void cancel() {}
                    }),
            40);

    assertThat(send(HttpRequest.newBuilder(server.uri("/")).POST(slow)).statusCode())
        .isEqualTo(401);
    assertThat(get(server).body()).isEqualTo("own");

    assertThat(rest.get(10, TimeUnit.SECONDS)).doesNotContain("GET");
    assertThat(server.connections()).isEqualTo(2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aPutWhoseStreamIsUsedUpIsNotSentAgainWithoutIt() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    var server =
        server(
            peer -> {
              while (true) {
                var head = peer.readHead();
                bodies.add(new String(peer.readBody(head), StandardCharsets.UTF_8));
                if (head.method().equals("PUT")) {
                  peer.close();
                  return;
                }
                peer.ok("fine");
              }
            });
    get(server); // so that the next one is on a reused connection
    bodies.clear();
    var once = new ByteArrayInputStream("precious".getBytes(StandardCharsets.UTF_8));

    var thrown =
        catchThrowable(
            () ->
                send(
                    HttpRequest.newBuilder(server.uri("/"))
                        .PUT(BodyPublishers.ofInputStream(() -> once))));

    assertThat(thrown).isInstanceOf(IOException.class);
    assertThat(bodies).containsExactly("precious");
  }

  // ---- what a peer does to one connection is not felt on others

  @Test
  void aFloodOfKeyUpdatesOnAnIdleConnectionHoldsUpNoDeadline() throws Exception {
    try (var flood =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()).versions("TLSv1.3"))
                .start(
                    peer -> {
                      peer.readRequest();
                      peer.ok("fine");
                      while (true) {
                        peer.tls().startHandshake(); // TLS 1.3: a KeyUpdate
                      }
                    });
        var secure = Hawser.newBuilder().sslContext(OwnContext.trusting(ROOT)).build()) {
      var silent = server(peer -> peer.stall());
      secure.send(HttpRequest.newBuilder(flood.uri("/")).build(), BodyHandlers.ofString());

      for (int i = 0; i < 3; i++) {
        long start = System.nanoTime();
        var request =
            HttpRequest.newBuilder(silent.uri("/")).timeout(Duration.ofMillis(500)).build();
        assertThat(catchThrowable(() -> secure.send(request, BodyHandlers.ofString())))
            .isInstanceOf(ExchangeTimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      }
    }
  }

  @Test
  void aListenerThatBlocksHoldsUpNoDeadline() throws Exception {
    var release = new CountDownLatch(1);
    var told = new CountDownLatch(1);
    var server =
        server(
            peer -> {
              peer.readRequest();
              peer.ok("fine");
            });
    var silent = server(peer -> peer.stall());
    try (var listened =
        Hawser.newBuilder()
            .listener(
                event -> {
                  if (event instanceof ExchangeEvent.Closed && told.getCount() > 0) {
                    told.countDown();
                    await(release);
                  }
                })
            .build()) {
      listened.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
      assertThat(told.await(10, TimeUnit.SECONDS)).isTrue(); // the house-keeping hangs in it

      long start = System.nanoTime();
      var request = HttpRequest.newBuilder(silent.uri("/")).timeout(Duration.ofMillis(500)).build();
      var late = listened.sendAsync(request, BodyHandlers.ofString());
      assertThat(catchThrowable(() -> late.get(10, TimeUnit.SECONDS)))
          .hasCauseInstanceOf(ExchangeTimeoutException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      release.countDown();
    }
  }
}
