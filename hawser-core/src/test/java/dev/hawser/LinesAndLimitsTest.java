package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's subscribers that hand on lines, and those that stop at a limit (fault 20). */
@Timeout(30)
class LinesAndLimitsTest extends WithClient {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n";

  // ---- lines

  /** Asks for one line at a time, and cancels after so many. */
  private static class Lines implements Flow.Subscriber<String> {
    final List<String> seen = new CopyOnWriteArrayList<>();
    final CountDownLatch failed = new CountDownLatch(1);
    private final int most;
    private Flow.Subscription subscription;

    Lines(int most) {
      this.most = most;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
      newSubscription.request(1);
    }

    @Override
    public void onNext(String line) {
      seen.add(line);
      if (seen.size() == most) {
        subscription.cancel();
      } else {
        subscription.request(1);
      }
    }

    @Override
    public void onError(Throwable throwable) {
      seen.add("error");
      failed.countDown();
    }

    @Override
    public void onComplete() {
      seen.add("end");
    }
  }

  private static BodyHandler<List<String>> to(Lines lines) {
    return info ->
        BodySubscribers.fromLineSubscriber(
            lines, them -> List.copyOf(them.seen), StandardCharsets.UTF_8, null);
  }

  @Test
  void linesComeWholeHoweverTheyAreCut() throws Exception {
    String text = "erste Größe\r\n\r\nzweite €\rdritte\nlast";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var server =
        server(
            Script.keepAlive(
                peer -> {
                  peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                  for (byte each : bytes) { // within characters, and between CR and LF
                    peer.send("1\r\n");
                    peer.send(new byte[] {each});
                    peer.send("\r\n");
                  }
                  peer.send("0\r\n\r\n");
                }));
    var request = HttpRequest.newBuilder(server.uri("/")).build();

    for (int i = 0; i < 2; i++) {
      assertThat(client.send(request, to(new Lines(Integer.MAX_VALUE))).body())
          .containsExactly("erste Größe", "", "zweite €", "dritte", "last", "end");
    }

    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void aBodyCutInALineEndsInAnErrorAfterTheLinesBefore() throws Exception {
    var server = server(Script.answer(HEAD.formatted(20) + "one\ntwo\nthr"));
    var lines = new Lines(Integer.MAX_VALUE);

    assertThatThrownBy(
            () -> client.send(HttpRequest.newBuilder(server.uri("/")).build(), to(lines)))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("11 of 20 bytes");

    // The JDK's adapter tells the lines' subscriber on whatever thread brings it the lines.
    lines.failed.await();
    assertThat(lines.seen).containsExactly("one", "two", "error");
  }

  @Test
  void aCancelAfterALineClosesTheConnection() throws Exception {
    var server = server(Script.answerAndStall(HEAD.formatted(20) + "one\ntwo\nthr"));
    var lines = new Lines(1);

    assertThatThrownBy(
            () -> client.send(HttpRequest.newBuilder(server.uri("/")).build(), to(lines)))
        .isInstanceOf(IOException.class);

    assertThat(lines.seen).containsExactly("one");
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void bytesThatAreNoTextAreReplaced() throws Exception {
    String noUtf8 = "one\n\u00ff\u00ff\ntwo\n";
    var server = server(Script.keepAlive(peer -> peer.send(HEAD.formatted(11) + noUtf8)));
    var lines = new Lines(Integer.MAX_VALUE);

    var body = client.send(HttpRequest.newBuilder(server.uri("/")).build(), to(lines)).body();

    assertThat(body).containsExactly("one", "\ufffd\ufffd", "two", "end");
  }

  // ---- limits

  private FaultServer sending(int bytes) throws IOException {
    return server(
        Script.keepAlive(
            peer -> {
              peer.send(HEAD.formatted(bytes));
              peer.sendForever("x".repeat(Math.clamp(bytes, 1, 10_000)), bytes);
            }));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 1_000_000})
  void aBodyAsLongAsTheLimitComesWhole(int limit) throws Exception {
    var server = sending(limit);
    var handler = BodyHandlers.limiting(BodyHandlers.ofString(), limit);
    var request = HttpRequest.newBuilder(server.uri("/")).build();

    for (int i = 0; i < 2; i++) {
      assertThat(client.send(request, handler).body()).hasSize(limit);
    }

    assertThat(server.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 99_999, 10_000_000})
  void oneByteMoreFailsTheCallAndClosesItsConnection(int limit) throws Exception {
    var server = sending(50_000_000);
    var handler = BodyHandlers.limiting(BodyHandlers.ofString(), limit);
    var request = HttpRequest.newBuilder(server.uri("/")).build();

    assertThatThrownBy(() -> client.send(request, handler))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("body exceeds capacity: " + limit);
    assertThatThrownBy(() -> client.sendAsync(request, handler).get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("body exceeds capacity: " + limit);

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void aBodyOverTheLimitThatHasAlreadyComeFailsToo() throws Exception {
    var server = server(Script.ok("hello"));
    var handler = BodyHandlers.limiting(BodyHandlers.ofString(), 4);

    assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(server.uri("/")).build(), handler))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("body exceeds capacity: 4");

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void aStreamEndsInAnErrorAtTheLimit() throws Exception {
    var server = sending(50_000_000);
    var handler = BodyHandlers.limiting(BodyHandlers.ofInputStream(), 100_000);

    try (InputStream in =
        client.send(HttpRequest.newBuilder(server.uri("/")).build(), handler).body()) {
      assertThat(catchThrowable(in::readAllBytes))
          .isInstanceOf(IOException.class)
          .hasStackTraceContaining("body exceeds capacity: 100000");
    }

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }
}
