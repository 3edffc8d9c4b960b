package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server in trouble is asked again, if that is wanted and safe; never so often as to harm it. */
@Timeout(30)
class RetryTest extends WithClient {
  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .retry(r -> r.maxRetries(2).baseDelay(Duration.ofMillis(5)).maxDelay(Duration.ofMillis(9)));
  }

  private void reopen(HawserClient.Builder builder) {
    client.close();
    client = builder.listener(witness).build();
  }

  /** Says this so many times, and then that all is well. */
  private static Script troubled(int times, Script trouble) {
    var left = new AtomicInteger(times);
    return Script.keepAlive(
        peer -> {
          if (left.getAndDecrement() > 0) {
            trouble.play(peer);
          } else {
            peer.ok("fine");
          }
        });
  }

  private static Script says(int status, String... fields) {
    String extra = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
    return peer ->
        peer.send("HTTP/1.1 " + status + " X\r\n" + extra + "Content-Length: 4\r\n\r\nbusy");
  }

  private RetriesSeen retries() {
    return new RetriesSeen(
        witness.all(ExchangeEvent.Retrying.class).size(),
        witness.all(ExchangeEvent.RetriesStopped.class).stream()
            .map(ExchangeEvent.RetriesStopped::reason)
            .reduce("", String::concat));
  }

  private record RetriesSeen(int times, String stopped) {}

  // ---- responses

  @Test
  void byDefaultAResponseIsTheCallers() throws Exception {
    reopen(Hawser.newBuilder());
    FaultServer server = server(troubled(1, says(503, "Retry-After: 0")));

    assertThat(get(server).statusCode()).isEqualTo(503);
    assertThat(server.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504})
  void aServerInTroubleIsAskedAgainOverTheSameConnection(int status) throws Exception {
    FaultServer server = server(troubled(2, says(status)));

    HawserResponse<String> response = get(server);

    assertThat(response.body()).isEqualTo("fine");
    assertThat(response.previousResponse().orElseThrow().statusCode()).isEqualTo(status);
    assertThat(server.requests()).hasSize(3);
    assertThat(server.connections()).isEqualTo(1);
    assertThat(response.timeline().backoff()).isPositive();
    assertThat(response.timeline().total()).isGreaterThan(response.timeline().backoff());
    assertThat(retries().times()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 404, 500, 501})
  void otherStatusesAreAnswers(int status) throws Exception {
    FaultServer server = server(troubled(1, says(status)));

    assertThat(get(server).statusCode()).isEqualTo(status);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whenItDoesNotEndTheLastResponseIsTheCallers() throws Exception {
    FaultServer server = server(troubled(9, says(503)));

    HawserResponse<String> response = get(server);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).isEqualTo("busy");
    assertThat(server.requests()).hasSize(3);
    assertThat(retries()).isEqualTo(new RetriesSeen(2, "retry.maxRetries is 2"));
  }

  @Test
  void aPostMayHaveBeenActedOn() throws Exception {
    FaultServer server = server(troubled(1, says(503)));

    HawserResponse<String> response =
        send(HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofString("order")));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(server.requests()).hasSize(1);
    assertThat(retries().stopped()).contains("not idempotent");
  }

  @Test
  void aPutIsSentAgainWholeAndAStreamIsNot() throws Exception {
    FaultServer server = server(troubled(1, says(503)));
    var put = HttpRequest.newBuilder(server.uri("/")).PUT(BodyPublishers.ofString("state"));

    assertThat(send(put).body()).isEqualTo("fine");
    assertThat(server.requests()).hasSize(2).allMatch(each -> each.text().equals("state"));

    FaultServer other = server(troubled(1, says(503)));
    var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("state".getBytes()));
    assertThat(send(HttpRequest.newBuilder(other.uri("/")).PUT(stream)).statusCode())
        .isEqualTo(503);
    assertThat(retries().stopped()).contains("body cannot be had again");
  }

  // ---- Retry-After

  @Test
  void theServerSaysWhen() throws Exception {
    FaultServer server = server(troubled(1, says(503, "Retry-After: 1")));

    HawserResponse<String> response = get(server);

    assertThat(response.body()).isEqualTo("fine");
    assertThat(response.timeline().backoff())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
  }

  @Test
  void aServerThatWantsTooLongHasTheLastWord() throws Exception {
    FaultServer server = server(troubled(1, says(503, "Retry-After: 11")));

    assertThat(get(server).statusCode()).isEqualTo(503);
    assertThat(server.requests()).hasSize(1);
    assertThat(retries().stopped()).contains("11 s").contains("retry.maxRetryAfter");
  }

  // ---- deadlines

  @Test
  void aRetryNeverOutlivesTheRequest() throws Exception {
    FaultServer server = server(troubled(1, says(503, "Retry-After: 5")));

    HawserResponse<String> response =
        send(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofSeconds(2)));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.timeline().backoff()).as("not waited in vain").isZero();
    assertThat(retries().stopped()).contains("timeout leaves no time");
  }

  @Test
  void theAttemptsShareOneDeadline() throws Exception {
    FaultServer server =
        server(
            troubled(
                2,
                peer -> {
                  peer.pause(Duration.ofMillis(300));
                  says(503).play(peer);
                }),
            Peer::stall);
    long start = System.nanoTime();

    try {
      send(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(500)));
      throw new AssertionError("it must not be answered");
    } catch (ExchangeTimeoutException e) {
      assertThat(e).hasMessageContaining("timeout of 500 ms").hasMessageContaining("status 503");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void whoeverClosesTheClientDoesNotWaitForABackoff() throws Exception {
    FaultServer server = server(troubled(1, says(503, "Retry-After: 10")));
    var call =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(witness.await(ExchangeEvent.Retrying.class, 1, PATIENCE)).isTrue();

    client.shutdownNow();

    assertThatThrownBy(call::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("the client was closed");
  }

  // ---- failures

  @Test
  void aPostThatNobodyAcceptsIsSentAgain() throws Exception {
    try (Ports nobody = Ports.refused()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nobody.port() + "/"))
              .POST(BodyPublishers.ofString("order"));

      ConnectFailedException e =
          catchThrowableOfType(ConnectFailedException.class, () -> send(request));

      assertThat(e)
          .hasMessageContaining("at attempt 3")
          .hasMessageContaining("not sent again: retry.maxRetries is 2");
      assertThat(e.details().timeline().backoff()).isPositive();
      assertThat(witness.all(ExchangeEvent.OpenFailed.class)).hasSizeGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void anIdempotentRequestWhoseConnectionBreaksIsSentAgainAndAPostIsNot() throws Exception {
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.reset();
            },
            Script.ok("fine"));
    assertThat(get(server).body()).isEqualTo("fine");
    assertThat(server.requests()).hasSize(2);

    FaultServer other =
        server(
            peer -> {
              peer.readRequest();
              peer.reset();
            });
    assertThatThrownBy(
            () ->
                send(HttpRequest.newBuilder(other.uri("/")).POST(BodyPublishers.ofString("order"))))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("the method is not idempotent");
    assertThat(other.requests()).hasSize(1);
  }

  @Test
  void whatIsNotHttpWillNotBecomeHttp() throws Exception {
    FaultServer server = server(Script.answer("SSH-2.0-OpenSSH\r\n"));

    assertThatThrownBy(() -> get(server)).isInstanceOf(ExchangeException.class);
    assertThat(server.requests()).hasSize(1);
  }

  // ---- the budget

  @Test
  void aServerThatIsDownHasLittleMoreToBear() throws Exception {
    reopen(
        Hawser.newBuilder()
            .retry(r -> r.maxRetries(3).baseDelay(Duration.ofMillis(1)).budget(0.2).burst(10)));
    FaultServer server = server(troubled(Integer.MAX_VALUE, says(503)));

    for (int i = 0; i < 50; i++) {
      assertThat(get(server).statusCode()).isEqualTo(503);
    }

    assertThat(server.requests()).as("50 and the burst, not 200").hasSize(60);
    ClientSnapshot.Load load = client.snapshot().loads().getFirst();
    assertThat(load.retryBudget()).isZero();
    assertThat(load.retries()).isEqualTo(10);
    assertThat(load.retriesRefused()).isEqualTo(47);
    assertThat(retries().stopped()).contains("retry.budget");
  }

  @Test
  void successesEarnRetriesForThatHostAlone() throws Exception {
    reopen(
        Hawser.newBuilder()
            .retry(r -> r.maxRetries(1).baseDelay(Duration.ofMillis(1)).budget(0.5).burst(1)));
    var trouble = new AtomicInteger();
    FaultServer server =
        server(
            Script.keepAlive(
                peer -> {
                  if (trouble.get() > 0) {
                    trouble.decrementAndGet();
                    says(503).play(peer);
                  } else {
                    peer.ok("fine");
                  }
                }));
    FaultServer other = server(troubled(1, says(503)));

    trouble.set(3);
    assertThat(get(server).statusCode()).as("the burst is spent").isEqualTo(503);
    assertThat(get(server).statusCode()).as("and this one has none").isEqualTo(503);
    assertThat(get(other).statusCode()).as("another host has its own").isEqualTo(200);
    get(server);
    get(server); // two successes earn one
    trouble.set(1);
    assertThat(get(server).statusCode()).isEqualTo(200);
  }

  @Test
  void repeatsAfterStaleConnectionsNeedNone() throws Exception {
    reopen(Hawser.newBuilder().retry(r -> r.budget(0).burst(0)));
    FaultServer server = server(Script.closeAfter(1, peer -> peer.ok("fine")));

    for (int i = 0; i < 20; i++) {
      assertThat(get(server).body()).isEqualTo("fine");
    }
  }
}
