package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls to a host that fails are refused at once, and made again when it is well. */
@Timeout(30)
class CircuitBreakerTest extends WithClient {
  private final AtomicBoolean well = new AtomicBoolean();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .breaker(
            b -> b.enabled(true).failuresInARow(3).openFor(Duration.ofMillis(1500)).minCalls(100));
  }

  private Script sick() {
    return Script.keepAlive(
        peer -> {
          if (well.get()) {
            peer.ok("fine");
          } else {
            peer.send("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
          }
        });
  }

  private CallRefusedException refused(FaultServer server) {
    return catchThrowableOfType(CallRefusedException.class, () -> get(server));
  }

  @Test
  void itIsRefusedThenTriedThenWell() throws Exception {
    FaultServer server = server(sick());
    FaultServer other = server(Script.ok("other"));
    for (int i = 0; i < 3; i++) {
      assertThat(get(server).statusCode()).isEqualTo(500);
    }

    CallRefusedException e = refused(server);

    assertThat(e)
        .hasMessageContaining("circuit breaker")
        .hasMessageContaining("3 failures in a row")
        .hasMessageContaining("ms yet");
    assertThat(e.retryAfter()).isBetween(Duration.ofNanos(1), Duration.ofMillis(1500));
    assertThat(server.requests()).as("nothing was sent").hasSize(3);
    assertThat(get(other).body()).as("other hosts have theirs").isEqualTo("other");
    ClientSnapshot.Load load =
        client.snapshot().loads().stream()
            .filter(each -> each.origin().equals(e.details().origin()))
            .findFirst()
            .orElseThrow();
    assertThat(load.callsRefused()).isEqualTo(1);
    assertThat(witness.all(ExchangeEvent.BreakerOpened.class)).hasSize(1);

    well.set(true);
    Thread.sleep(refused(server).retryAfter()); // that is how long it says, and no longer

    assertThat(get(server).body()).isEqualTo("fine");
    assertThat(witness.await(ExchangeEvent.BreakerClosed.class, 1, PATIENCE)).isTrue();
  }

  @Test
  void theRefusalSaysWhatItWas() throws Exception {
    FaultServer server = server(sick());
    for (int i = 0; i < 3; i++) {
      assertThat(get(server).statusCode()).isEqualTo(500);
    }
    assertThat(refused(server).refusal()).isEqualTo(new Refusal.BreakerOpen("3 failures in a row"));
  }

  @Test
  void aHostThatCannotBeReachedOrDoesNotAnswerFails() throws Exception {
    try (Ports nobody = Ports.refused()) {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nobody.port() + "/"));
      for (int i = 0; i < 3; i++) {
        assertThat(catchThrowableOfType(ConnectFailedException.class, () -> send(request)))
            .isNotNull();
      }
      assertThat(catchThrowableOfType(CallRefusedException.class, () -> send(request))).isNotNull();
    }
    FaultServer silent =
        server(
            peer -> {
              peer.readRequest();
              peer.stall();
            });
    var request = HttpRequest.newBuilder(silent.uri("/")).timeout(Duration.ofMillis(50));
    for (int i = 0; i < 3; i++) {
      assertThat(catchThrowableOfType(ExchangeTimeoutException.class, () -> send(request)))
          .isNotNull();
    }
    assertThat(refused(silent)).isNotNull();
  }

  @Test
  void byDefaultThereIsNone() throws Exception {
    client.close();
    client = Hawser.newBuilder().listener(witness).build();
    FaultServer server = server(sick());
    for (int i = 0; i < 60; i++) {
      assertThat(get(server).statusCode()).isEqualTo(500);
    }
  }
}
