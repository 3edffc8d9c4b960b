package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The parts of a handshake: timed, bounded, and nobody else's trouble. */
@Tag("tls")
@Timeout(120)
class HandshakeStagesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int HANGING = 50;
  private static final TestAuthority ROOT = TestAuthority.create();

  @TempDir Path folder;

  private HawserClient.Builder trusting() throws IOException {
    Path root = ROOT.writePem(folder.resolve("root.pem"));
    return Hawser.newBuilder()
        .version(HttpClient.Version.HTTP_1_1) // else one connection is made, and shared or not
        .tls(t -> t.onlyRoots(TlsFile.of(root)).handshakeTimeout(PATIENCE))
        .pool(p -> p.maxConnectionsPerHost(HANGING));
  }

  private static int status(HawserClient client, URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).statusCode();
  }

  @Test
  void theyAreTimed() throws Exception {
    var witness = new Witness();
    TestIdentity identity = ROOT.localhost();
    try (var server =
            FaultServer.builder()
                .tls(Tls.of(identity.serverContext()).versions("TLSv1.3"))
                .start(
                    peer -> {
                      peer.readRequest();
                      peer.send(
                          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                      peer.close();
                    });
        var client = trusting().listener(witness).build()) {
      URI uri = URI.create(server.origin() + "/");
      assertThat(status(client, uri)).isEqualTo(200);
      assertThat(status(client, uri)).isEqualTo(200);
    }

    List<ExchangeEvent.Secured> secured = witness.all(ExchangeEvent.Secured.class);
    HandshakeParts full = secured.getFirst().parts();
    assertThat(secured.getFirst().tls().resumed()).isFalse();
    assertThat(full.serverHello()).isPositive();
    assertThat(full.certificates()).isPositive();
    assertThat(full.validation()).isPositive();
    assertThat(full.finish()).isPositive();
    Duration sum =
        full.serverHello().plus(full.certificates()).plus(full.validation()).plus(full.finish());
    assertThat(sum.minus(secured.getFirst().took()).abs()).isLessThan(Duration.ofSeconds(1));
    assertThat(secured.getLast().tls().resumed()).isTrue();
    assertThat(secured.getLast().parts().validation()).isZero();
    assertThat(secured.getLast().parts().serverHello()).isPositive();
  }

  /** 99 of 100 calls took no longer, each over a connection of its own. */
  private static long p99(HawserClient client, OriginServer healthy) throws Exception {
    long[] took = new long[200];
    for (int i = 0; i < took.length; i++) {
      long start = System.nanoTime();
      assertThat(status(client, healthy.uri("/bytes/10"))).isEqualTo(200);
      took[i] = System.nanoTime() - start;
      client.drain(healthy.uri("/"));
    }
    Arrays.sort(took);
    return took[took.length * 99 / 100];
  }

  private static void hang(
      ExecutorService callers, HawserClient client, URI uri, List<Future<Integer>> calls) {
    for (int i = 0; i < HANGING; i++) {
      calls.add(callers.submit(() -> status(client, uri)));
    }
  }

  private static void endsWithTheDeadline(List<Future<Integer>> calls) {
    for (Future<Integer> call : calls) {
      assertThatThrownBy(call::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(ConnectTimeoutException.class)
          .hasMessageContaining("the handshake did not end");
    }
  }

  @Test
  void oneHostsHandshakesHangAndAnothersAreAsFastAsBefore() throws Exception {
    try (var healthy = OriginServer.builder().tls(ROOT.localhost().serverContext()).start();
        var dead = FaultServer.start(peer -> peer.awaitClose(PATIENCE));
        var client = trusting().tls(t -> t.handshakeTimeout(Duration.ofSeconds(4))).build();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      long ignored = p99(client, healthy); // warm
      long before = p99(client, healthy);
      var calls = new ArrayList<Future<Integer>>();
      hang(callers, client, URI.create("https://127.0.0.1:" + dead.port() + "/"), calls);
      assertThat(dead.awaitConnections(HANGING, PATIENCE)).isTrue();

      long during = p99(client, healthy);

      assertThat(calls).noneMatch(Future::isDone);
      assertThat(during).isLessThan(3 * before + 100_000_000);
      endsWithTheDeadline(calls);
      assertThat(dead.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(client.snapshot().leased()).isZero();
    }
  }

  /** A check that asks somebody who does not answer, as one that fetches revocation lists may. */
  private static final class WaitingTrust extends X509ExtendedTrustManager {
    private final int port;
    private final CountDownLatch waiting = new CountDownLatch(HANGING);
    private final CountDownLatch interrupted = new CountDownLatch(HANGING);

    WaitingTrust(int port) {
      this.port = port;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
      if (engine.getPeerPort() == port) {
        waiting.countDown();
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          interrupted.countDown();
        }
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void aCheckThatHangsIsGivenUpAndHoldsNobodyElseUp() throws Exception {
    try (var healthy = OriginServer.builder().tls(ROOT.localhost().serverContext()).start();
        var doubtful =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()))
                .start(Script.ok("never asked"));
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var trust = new WaitingTrust(doubtful.port());
      SSLContext context = OwnContext.of(trust);
      try (var client =
          Hawser.newBuilder()
              .version(
                  HttpClient.Version.HTTP_1_1) // else one connection is made, and shared or not
              .sslContext(context)
              .pool(p -> p.maxConnectionsPerHost(HANGING))
              .tls(t -> t.validationTimeout(Duration.ofSeconds(3)).resumeWait(Duration.ZERO))
              .build()) {
        assertThat(status(client, healthy.uri("/bytes/10"))).isEqualTo(200);
        client.drain(healthy.uri("/"));
        var calls = new ArrayList<Future<Integer>>();
        hang(callers, client, URI.create("https://127.0.0.1:" + doubtful.port() + "/"), calls);
        trust.waiting.await();

        assertThat(status(client, healthy.uri("/bytes/10"))).isEqualTo(200);

        assertThat(calls).noneMatch(Future::isDone);
        endsWithTheDeadline(calls);
        trust.interrupted.await();
        assertThat(status(client, healthy.uri("/bytes/10"))).isEqualTo(200);
      }
    }
  }
}
