package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultProxy;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A peer that is gone without a word: its packets are dropped, no FIN and no RST ever comes (fault
 * 25).
 */
@Timeout(60)
class VanishedPeerTest extends WithClient {
  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .pool(p -> p.idleTimeout(Duration.ofSeconds(1)))
        .exchange(e -> e.bodyIdleTimeout(Duration.ofSeconds(1)).headTimeout(Duration.ofSeconds(1)));
  }

  private HttpRequest request(FaultProxy proxy) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/")).build();
  }

  @Test
  void aBusyConnectionEndsByItsDeadlineInTheHead() throws Exception {
    var server = server(peer -> peer.stall());
    try (var proxy = FaultProxy.before(server.address())) {
      var call = client.sendAsync(request(proxy), BodyHandlers.ofString());
      assertThat(server.awaitConnections(1, PATIENCE)).isTrue();
      proxy.unplug();

      Throwable thrown = catchThrowable(() -> call.get(10, TimeUnit.SECONDS));

      assertThat(thrown).hasCauseInstanceOf(ExchangeTimeoutException.class);
      assertThat(thrown.getCause()).hasMessageContaining("headTimeout");
    }
  }

  @Test
  void aBusyConnectionEndsByItsDeadlineInTheBody() throws Exception {
    var unplugged = new CountDownLatch(1);
    var server =
        server(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel");
              peer.await(unplugged);
              peer.send("lo ...."); // never arrives
              peer.stall();
            });
    try (var proxy = FaultProxy.before(server.address())) {
      var response = client.send(request(proxy), BodyHandlers.ofInputStream());
      try (var body = response.body()) {
        assertThat(body.readNBytes(3)).asString().isEqualTo("hel");
        proxy.unplug();
        unplugged.countDown();

        assertThat(catchThrowable(() -> body.read()))
            .isInstanceOf(IOException.class)
            .hasRootCauseInstanceOf(ExchangeTimeoutException.class);
      }
    }
  }

  @Test
  void anIdleConnectionIsNotTrustedPastItsAge() throws Exception {
    var server = server(Script.ok("fine"));
    try (var proxy = FaultProxy.before(server.address())) {
      client.send(request(proxy), BodyHandlers.ofString());
      proxy.unplug(); // no look at the socket can see that
      assertThat(witness.await(() -> client.snapshot().idle() == 0, PATIENCE))
          .as("given up after idleTimeout: %s", client.snapshot())
          .isTrue();
      proxy.restore();

      assertThat(client.send(request(proxy), BodyHandlers.ofString()).body()).isEqualTo("fine");
      assertThat(server.connections()).isEqualTo(2);
    }
  }
}
