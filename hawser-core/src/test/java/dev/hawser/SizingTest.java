package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ExchangeEvent.Resized;
import dev.hawser.ExchangeEvent.Resized.Loop;
import dev.hawser.PoolOptions.Sizing;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client whose pools size themselves, on sockets. */
@Timeout(60)
class SizingTest extends WithClient {
  private static final int MOST = 40;

  /** Takes a moment, so that callers meet. */
  private static final Script SLOW =
      Script.keepAlive(
          peer -> {
            peer.pause(Duration.ofMillis(20));
            peer.ok("x");
          });

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .pool(p -> p.sizing(Sizing.ADAPTIVE).maxConnectionsPerHost(MOST).maxIdlePerHost(MOST));
  }

  private void callers(int count, FaultServer server, ExecutorService threads) {
    HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
    for (int i = 0; i < count; i++) {
      threads.execute(
          () -> {
            try {
              while (!over) {
                client.send(request, BodyHandlers.ofString());
              }
            } catch (IOException | InterruptedException | RuntimeException e) {
              failures.add(e);
            }
          });
    }
  }

  @Test
  void connectionsAreOpenedAheadOfCallersThatKeepComing() throws Exception {
    FaultServer server = server(SLOW);
    ClientSnapshot.Size fixed = new ClientSnapshot.Size(0, MOST, Duration.ofSeconds(30));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      callers(4, server, threads);
      assertThat(witness.await(ExchangeEvent.Completed.class, 40, PATIENCE)).isTrue();
      assertThat(witness.all(Resized.class)).as("four share four connections").isEmpty();
      assertThat(client.snapshot().hosts().getFirst().size()).isEqualTo(fixed);
      assertThat(client.snapshot().hosts().getFirst().resized()).isEmpty();

      for (int more = 0; more < 8 && witness.all(Resized.class).isEmpty(); more++) {
        int completed = witness.all(ExchangeEvent.Completed.class).size();
        callers(2, server, threads);
        witness.await(ExchangeEvent.Completed.class, completed + 40, PATIENCE);
      }
      assertThat(witness.await(Resized.class, 1, PATIENCE)).isTrue();

      // More than there are callers, for the next ones.
      assertThat(witness.await(() -> client.snapshot().idle() > 0, PATIENCE)).isTrue();
      Resized resized = witness.all(Resized.class).getLast();
      assertThat(resized.loop()).isEqualTo(Loop.FAST);
      assertThat(resized.origin()).isEqualTo(Origin.of(server.uri("/")));
      assertThat(resized.observed().demand()).isGreaterThanOrEqualTo(8);
      assertThat(resized.observed().queued()).isPositive();
      assertThat(resized.after().minIdle()).isGreaterThan(resized.before().minIdle());
      ClientSnapshot.Host host = client.snapshot().hosts().getFirst();
      assertThat(host.size()).isEqualTo(resized.after());
      assertThat(host.resized()).contains(resized);
      over = true;
    }
    assertThat(failures).isEmpty();
    assertThat(client.snapshot().counters().opened()).isLessThanOrEqualTo(MOST);
  }

  @Test
  void neverMoreThanTheOptionsAllow() throws Exception {
    FaultServer server = server(SLOW);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      callers(10, server, threads);
      assertThat(witness.await(ExchangeEvent.Completed.class, 100, PATIENCE)).isTrue();
      callers(100, server, threads);
      assertThat(witness.await(ExchangeEvent.Completed.class, 3_000, PATIENCE)).isTrue();
      over = true;
    }
    assertThat(failures).isEmpty();
    assertThat(client.snapshot().counters().opened()).isLessThanOrEqualTo(MOST);
  }
}
