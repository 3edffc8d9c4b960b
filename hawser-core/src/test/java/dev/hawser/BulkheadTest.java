package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host that stalls takes nothing of another's: no thread, no connection, no place in line. */
@Timeout(120)
class BulkheadTest extends WithClient {
  private static final int CALLERS = 2_000;
  private static final int ASKED = 300;

  private final CountDownLatch answer = new CountDownLatch(1);

  private long p99(FaultServer server) throws Exception {
    long[] took = new long[ASKED];
    for (int i = 0; i < ASKED; i++) {
      long start = System.nanoTime();
      assertThat(get(server).body()).isEqualTo("healthy");
      took[i] = System.nanoTime() - start;
    }
    Arrays.sort(took);
    return took[ASKED * 99 / 100];
  }

  private FaultServer stalling() throws Exception {
    return server(
        Script.keepAlive(
            peer -> {
              peer.await(answer);
              peer.ok("late");
            }));
  }

  private void rebuild(UnaryOperator<HawserClient.Builder> options) {
    client.close();
    client = options.apply(Hawser.newBuilder().listener(witness)).build();
  }

  private List<CompletableFuture<HttpResponse<String>>> crowd(FaultServer server) {
    var request = HttpRequest.newBuilder(server.uri("/")).build();
    var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < CALLERS; i++) {
      calls.add(client.sendAsync(request, BodyHandlers.ofString()));
    }
    return calls;
  }

  @Test
  void twoThousandCallersOfAHostThatStallsAreNotNoticedByAnother() throws Exception {
    FaultServer healthy = server(Script.ok("healthy"));
    FaultServer stalled = stalling();
    long ignored = p99(healthy); // warm
    long before = p99(healthy);
    var calls = crowd(stalled);
    int mine = PoolOptions.DEFAULTS.maxConnectionsPerHost();
    assertThat(stalled.awaitRequests(mine, PATIENCE)).isTrue();
    assertThat(
            witness.await(
                () -> witness.all(ExchangeEvent.Queued.class).size() >= CALLERS, PATIENCE))
        .isTrue();

    long during = p99(healthy);

    assertThat(calls).noneMatch(CompletableFuture::isDone);
    assertThat(during).isLessThan(3 * before + 100_000_000);
    assertThat(stalled.open()).as("connections that it has taken").isEqualTo(mine);
    answer.countDown();
    for (var call : calls) {
      assertThat(call.get().body()).isEqualTo("late");
    }
  }

  @Test
  void withALimitTheStalledHostsOwnCallersKnowSoon() throws Exception {
    rebuild(b -> b.limit(l -> l.enabled(true).maxWait(Duration.ofMillis(100))));
    FaultServer healthy = server(Script.ok("healthy"));
    FaultServer stalled = stalling();
    var calls = crowd(stalled);
    int limit = LimitOptions.DEFAULTS.initial();

    assertThat(witness.await(ExchangeEvent.Failed.class, CALLERS - limit, PATIENCE)).isTrue();

    assertThat(p99(healthy)).isPositive();
    assertThat(stalled.requests()).hasSizeLessThanOrEqualTo(limit);
    assertThat(
            witness.all(ExchangeEvent.Failed.class).stream()
                .allMatch(failed -> failed.error() instanceof CallRefusedException))
        .isTrue();
    answer.countDown();
    long answered = calls.stream().filter(call -> call.handle((r, e) -> e == null).join()).count();
    assertThat(answered).isEqualTo(limit);
  }
}
