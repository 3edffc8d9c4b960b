package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many TLS connections wanted at once. */
@Tag("tls")
@Tag("one-carrier")
@Timeout(60)
class HerdTest {
  private static final int HERD = 50;
  private static final TestAuthority ROOT = TestAuthority.create();

  /** How many of the herd's handshakes were full ones; each call has a connection of its own. */
  private static long fullHandshakes(String version, Duration resumeWait) throws Exception {
    var all = new CountDownLatch(HERD);
    try (var server =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()).versions(version))
                .start(
                    peer -> {
                      peer.readRequest();
                      all.countDown();
                      peer.await(all);
                      peer.ok("fine");
                    });
        var client =
            Hawser.newBuilder()
                .version(
                    HttpClient.Version.HTTP_1_1) // else one connection is made, and shared or not
                .sslContext(OwnContext.trusting(ROOT))
                .tls(t -> t.resumeWait(resumeWait).handshakeTimeout(Duration.ofSeconds(20)))
                .build();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Future<String>>();
      for (int i = 0; i < HERD; i++) {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
        calls.add(callers.submit(() -> client.send(request, BodyHandlers.ofString()).body()));
      }
      for (Future<String> call : calls) {
        assertThat(call.get()).isEqualTo("fine");
      }
      ClientSnapshot.Counters counters = client.snapshot().counters();
      assertThat(counters.handshakes()).isEqualTo(HERD);
      return counters.handshakes() - counters.resumed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aHerdResumesTheSessionOfItsFirst(String version) throws Exception {
    assertThat(fullHandshakes(version, Duration.ofSeconds(20))).isEqualTo(1);
  }

  @Test
  void soDoConnectionsThatAreMadeAheadOfCalls() throws Exception {
    var witness = new Witness();
    try (var server =
            FaultServer.builder()
                .tls(Tls.of(ROOT.localhost().serverContext()).versions("TLSv1.3"))
                .start(Script.ok("fine"));
        var client =
            Hawser.newBuilder()
                .version(
                    HttpClient.Version.HTTP_1_1) // else one connection is made, and shared or not
                .sslContext(OwnContext.trusting(ROOT))
                .tls(t -> t.resumeWait(Duration.ofSeconds(20)))
                .listener(witness)
                .build()) {
      client.warmUp(server.uri("/"), HERD);
      assertThat(witness.await(ExchangeEvent.Opened.class, HERD, Duration.ofSeconds(20))).isTrue();

      ClientSnapshot.Counters counters = client.snapshot().counters();
      assertThat(counters.handshakes() - counters.resumed()).isEqualTo(1);
    }
  }

  @Test
  void withoutTheWaitEachMakesASessionOfItsOwn() throws Exception {
    assertThat(fullHandshakes("TLSv1.3", Duration.ZERO)).isGreaterThan(HERD / 2);
  }
}
