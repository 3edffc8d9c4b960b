package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Through a real haproxy, which closes idle connections after a second. */
@Tag("real-servers")
@Timeout(60)
class HaproxyTest {
  @TempDir private Path dir;

  private RealServer haproxy(FaultServer backend) throws Exception {
    return RealServer.haproxy(
        dir,
        """
        defaults
          mode http
          timeout connect 2s
          timeout client 10s
          timeout server 10s
          timeout http-keep-alive 1s
        frontend front
          bind 127.0.0.1:PORT
          default_backend back
        backend back
          server one BACKEND
        """
            .replace("BACKEND", backend.authority()));
  }

  @Test
  void requestsGoThroughOnOneConnection() throws Exception {
    try (FaultServer backend = FaultServer.start(Script.ok("hello"));
        RealServer proxy = haproxy(backend);
        HawserClient client = Hawser.newHttpClient()) {
      var request = HttpRequest.newBuilder(proxy.uri("/")).build();
      for (int i = 0; i < 100; i++) {
        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("hello");
      }
      assertThat(client.snapshot().counters().opened()).isEqualTo(1);
    }
  }

  @Test
  void anIdleCloseIsSeenAtOnceAndIsNoFailure() throws Exception {
    var closed = new CountDownLatch(1);
    try (FaultServer backend = FaultServer.start(Script.ok("hello"));
        RealServer proxy = haproxy(backend);
        HawserClient client =
            Hawser.newBuilder()
                .listener(
                    event -> {
                      if (event instanceof dev.hawser.ExchangeEvent.Closed) {
                        closed.countDown();
                      }
                    })
                .build()) {
      var request = HttpRequest.newBuilder(proxy.uri("/")).build();
      client.send(request, BodyHandlers.ofString());
      long start = System.nanoTime();

      assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2500));
      assertThat(client.snapshot().open()).isZero();
      assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("hello");
      assertThat(client.snapshot().counters().repeats()).isZero();
    }
  }
}
