package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Faults;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a body does that is read as a stream, over either protocol. */
@Timeout(60)
class BodyStreamTest extends WithClient {
  private enum Over {
    HTTP_1_1,
    HTTP_2
  }

  private final CountDownLatch go = new CountDownLatch(1);
  private final CountDownLatch reset = new CountDownLatch(1); // the server has read RST_STREAM

  /** Sends the rest of a body when told to. */
  private FaultServer sends(Over over, String first, String rest) throws IOException {
    int length = first.length() + rest.length();
    return server(
        over == Over.HTTP_1_1
            ? Script.keepAlive(
                peer -> {
                  peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + first);
                  peer.await(go);
                  peer.send(rest);
                })
            : Http2Script.inTurn(
                (peer, request) -> {
                  peer.headers(request.stream(), 200);
                  peer.data(request.stream(), first);
                  peer.connection().await(go);
                  peer.lastData(request.stream(), rest);
                }));
  }

  private FaultServer sendsAll(Over over, String body) throws IOException {
    return server(over == Over.HTTP_1_1 ? Script.ok(body) : Http2Script.ok(body));
  }

  /** Sends some of a body and no more. */
  private FaultServer stallsAfter(Over over, String first) throws IOException {
    return server(
        over == Over.HTTP_1_1
            ? Script.answerAndStall("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + first)
            : Http2Script.inTurn(
                (peer, request) -> {
                  peer.headers(request.stream(), 200);
                  peer.data(request.stream(), first);
                  peer.awaitFrame(Http2Frame.RST_STREAM);
                  reset.countDown();
                }));
  }

  private InputStream body(FaultServer server) throws IOException, InterruptedException {
    return body(HttpRequest.newBuilder(server.uri("/")));
  }

  private InputStream body(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofInputStream()).body();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static void eventually(BooleanSupplier condition) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(until);
      Thread.onSpinWait();
    }
  }

  private void thenItIsGivenUp(Over over, FaultServer server) throws InterruptedException {
    assertThat(witness.await(ExchangeEvent.Failed.class, 1, PATIENCE)).isTrue();
    assertThat(witness.all(ExchangeEvent.Failed.class)).hasSize(1);
    if (over == Over.HTTP_1_1) {
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(client.snapshot().counters().closed())
          .isEqualTo(Map.of(CloseReason.EXCHANGE_ABANDONED, 1L));
    } else {
      assertThat(reset.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(client.snapshot().open()).isEqualTo(1);
    }
  }

  private void thenItHasEndedWell(FaultServer server) throws Exception {
    assertThat(witness.all(ExchangeEvent.Completed.class)).hasSize(1);
    assertThat(client.snapshot().idle()).isEqualTo(1);
    go.countDown();
    get(server);
    assertThat(server.connections()).isEqualTo(1);
    assertThat(client.snapshot().counters().failures()).isZero();
  }

  // ---- reading

  @ParameterizedTest
  @EnumSource
  void whatHasComeIsReadWhileTheRestIsAwaited(Over over) throws Exception {
    FaultServer server = sends(over, "hello", " world");

    try (InputStream in = body(server)) {
      assertThat(in.read()).isEqualTo('h');
      assertThat(in.available()).isEqualTo(4);
      assertThat(in.read(new byte[0])).isZero();
      byte[] some = new byte[10];
      assertThat(in.read(some, 1, 2)).isEqualTo(2);
      assertThat(some).startsWith(0, 'e', 'l', 0);
      assertThat(in.skip(1)).isEqualTo(1);
      assertThat(in.read(some)).as("what is there").isEqualTo(1);
      assertThat(in.available()).isZero();
      go.countDown();
      assertThat(text(in.readAllBytes())).isEqualTo(" world");
      for (int i = 0; i < 3; i++) {
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(some)).isEqualTo(-1);
        assertThat(in.available()).isZero();
      }
      assertThat(in.read(new byte[0])).isZero();
      assertThatThrownBy(() -> in.read(some, 5, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void itIsTransferred(Over over) throws Exception {
    String body = "0123456789".repeat(50_000);
    FaultServer server = sendsAll(over, body);
    var out = new ByteArrayOutputStream();

    try (InputStream in = body(server)) {
      assertThat(in.transferTo(out)).isEqualTo(500_000);
    }

    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo(body);
  }

  /** A program that only ever looks whether something is there gets to see it. */
  @ParameterizedTest
  @EnumSource
  void whoLooksWithoutReadingSeesWhatComes(Over over) throws Exception {
    FaultServer server = sends(over, "hello", " world");

    try (InputStream in = body(server)) {
      eventually(() -> available(in) == 5);
      assertThat(text(in.readNBytes(5))).isEqualTo("hello");
      assertThat(in.available()).isZero();
      go.countDown();
      eventually(() -> available(in) == 6);
      assertThat(text(in.readAllBytes())).isEqualTo(" world");
    }
  }

  private static int available(InputStream in) {
    try {
      return in.available();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFutureIsDoneWhenTheHeadIsThere(Over over) throws Exception {
    FaultServer server = sends(over, "", "late");
    var call =
        client.sendAsync(
            HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofInputStream());

    try (InputStream in = call.get(10, TimeUnit.SECONDS).body()) {
      go.countDown();
      assertThat(text(in.readAllBytes())).isEqualTo("late");
    }
  }

  // ---- its end

  @ParameterizedTest
  @EnumSource
  void theConnectionIsBackWithTheLastByte(Over over) throws Exception {
    FaultServer server = sends(over, "hello", " world");
    InputStream in = body(server);
    assertThat(text(in.readNBytes(5))).isEqualTo("hello");
    assertThat(client.snapshot().idle()).isZero();
    go.countDown();

    assertThat(text(in.readNBytes(6))).isEqualTo(" world");

    thenItHasEndedWell(server);
    in.close();
    assertThat(client.snapshot().counters().failures()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aSmallBodyEndsThoughNobodyReadsIt(Over over) throws Exception {
    FaultServer server = sends(over, "", "small");
    InputStream in = body(server);
    go.countDown();

    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();

    thenItHasEndedWell(server);
    assertThat(text(in.readAllBytes())).isEqualTo("small");
  }

  @ParameterizedTest
  @EnumSource
  void closingItAfterItsEndGivesNothingUp(Over over) throws Exception {
    go.countDown();
    FaultServer server = sends(over, "hello", " world");
    InputStream in = body(server);
    assertThat(text(in.readAllBytes())).isEqualTo("hello world");

    in.close();
    in.close();

    thenItHasEndedWell(server);
    thenItIsClosed(in);
  }

  /** The server says afterwards that this was all; whoever knew neither asks nor closes. */
  @Test
  void itsEndIsNoticedThoughNobodyReadsOn() throws Exception {
    FaultServer server = sends(Over.HTTP_2, "hello", "");
    InputStream in = body(server);
    assertThat(text(in.readNBytes(5))).isEqualTo("hello");
    go.countDown();

    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();

    thenItHasEndedWell(server);
    assertThat(in.read()).isEqualTo(-1);
  }

  /** The server says afterwards that this was all; whoever knew has not asked for it. */
  @Test
  void closingItWhenItsEndHasComeMeanwhileGivesNothingUp() throws Exception {
    FaultServer server = sends(Over.HTTP_2, "hello", "");
    InputStream in = body(server);
    assertThat(text(in.readNBytes(5))).isEqualTo("hello");
    assertThat(witness.all(ExchangeEvent.Completed.class)).isEmpty();
    go.countDown();
    // What it sends on the same connection afterwards is taken after that.
    get(server);

    in.close();

    assertThat(witness.all(ExchangeEvent.Completed.class)).hasSize(2);
    assertThat(client.snapshot().counters().failures()).isZero();
  }

  /**
   * Who knows from what he reads that this is all, and closes it, has read it to its end: the last
   * chunk comes with what is before it, however much that is.
   */
  @ParameterizedTest
  @ValueSource(ints = {100, 16_384, 32_768, 40_000, 60_000})
  void closingItAfterTheLastByteOfAChunkGivesNothingUp(int size) throws Exception {
    String chunk = Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n0\r\n\r\n";
    var arrived = new CountDownLatch(1);
    FaultServer server =
        server(
            Script.keepAlive(
                peer -> {
                  peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
                  arrived.countDown();
                }));

    try (InputStream in = body(server)) {
      assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(in.readNBytes(size)).hasSize(size);
    }

    thenItHasEndedWell(server);
  }

  @ParameterizedTest
  @EnumSource
  void closingItBeforeItsEndGivesItUp(Over over) throws Exception {
    FaultServer server = stallsAfter(over, "hello");
    InputStream in = body(server);
    assertThat(in.read()).isEqualTo('h');

    in.close();
    in.close();

    thenItIsGivenUp(over, server);
    thenItIsClosed(in);
  }

  /** To read the rest costs less than another connection. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 40000\r\n\r\n%s", CHUNKED})
  void closingItEarlyKeepsAConnectionOnWhichLittleIsLeft(String form) throws Exception {
    String response = "HTTP/1.1 200 OK\r\n" + form.formatted("x".repeat(40_000));
    FaultServer server = server(Script.keepAlive(peer -> peer.send(response)));
    InputStream in = body(server);
    assertThat(in.read()).isEqualTo('x');

    in.close();

    thenItHasEndedWell(server);
    thenItIsClosed(in);
  }

  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n9c40\r\n%s\r\n0\r\n\r\n";

  @Test
  void closingItEarlyCostsAConnectionOnWhichMuchIsLeft() throws Exception {
    FaultServer server = sendsAll(Over.HTTP_1_1, "x".repeat(1_000_000));
    InputStream in = body(server);
    assertThat(in.read()).isEqualTo('x');

    in.close();

    thenItIsGivenUp(Over.HTTP_1_1, server);
  }

  private static void thenItIsClosed(InputStream in) throws IOException {
    assertThat(in.available()).isZero();
    assertThat(in.read(new byte[0])).isZero();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(in::read)
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("closed")
          .hasNoCause();
      assertThatThrownBy(in::readAllBytes)
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("closed");
    }
  }

  // ---- other threads

  /** One that reads all there is, and then waits for more. */
  private static final class Reader {
    private final CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    private final AtomicBoolean stillInterrupted = new AtomicBoolean();
    private final Thread thread;

    Reader(InputStream in, boolean virtual) {
      Runnable reading =
          () -> {
            Throwable e = catchThrowable(in::readAllBytes);
            stillInterrupted.set(Thread.currentThread().isInterrupted());
            thrown.complete(e);
          };
      thread = virtual ? Thread.startVirtualThread(reading) : Thread.ofPlatform().start(reading);
    }

    /** A platform thread in a system call does not say that it waits. */
    void awaitWaiting() {
      if (thread.isVirtual()) {
        eventually(() -> thread.getState() == Thread.State.WAITING);
      }
    }

    Throwable thrown() throws Exception {
      return thrown.get(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1, true", "HTTP_1_1, false", "HTTP_2, true", "HTTP_2, false"})
  void closingItEndsAReadThatWaits(Over over, boolean virtual) throws Exception {
    FaultServer server = stallsAfter(over, "hello");
    InputStream in = body(server);
    var reader = new Reader(in, virtual);
    reader.awaitWaiting();

    in.close();

    assertThat(reader.thrown())
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("closed")
        .hasNoCause();
    thenItIsGivenUp(over, server);
    thenItIsClosed(in);
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1, true", "HTTP_1_1, false", "HTTP_2, true", "HTTP_2, false"})
  void anInterruptEndsTheReadAndClosesIt(Over over, boolean virtual) throws Exception {
    FaultServer server = stallsAfter(over, "hello");
    InputStream in = body(server);
    var reader = new Reader(in, virtual);
    reader.awaitWaiting();

    reader.thread.interrupt();

    assertThat(reader.thrown())
        .isExactlyInstanceOf(IOException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(reader.stillInterrupted).isTrue();
    thenItIsGivenUp(over, server);
    thenItIsClosed(in);
  }

  @ParameterizedTest
  @EnumSource
  void severalThreadsShareItWithoutHarm(Over over) throws Exception {
    InputStream in = body(sendsAll(over, "0123456789".repeat(100_000)));
    var readers = new Reader[8];
    for (int i = 0; i < readers.length; i++) {
      readers[i] = new Reader(in, i % 2 == 0);
    }

    for (Reader reader : readers) {
      reader.thrown(); // they may well trip over each other
    }
    in.close();

    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();
    assertThat(client.snapshot().counters().failures()).isZero();
  }

  // ---- failures

  @ParameterizedTest
  @EnumSource
  void whatEndsItIsToldAfterWhatHasCome(Over over) throws Exception {
    FaultServer server =
        server(
            over == Over.HTTP_1_1
                ? Script.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel")
                : Http2Script.inTurn(
                    (peer, request) -> {
                      peer.headers(request.stream(), 200);
                      peer.data(request.stream(), "hel");
                      peer.resetStream(request.stream(), Http2Error.INTERNAL_ERROR);
                    }));

    try (InputStream in = body(server)) {
      assertThat(text(in.readNBytes(3))).isEqualTo("hel");
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(in::read)
            .isExactlyInstanceOf(IOException.class)
            .hasMessage("closed")
            .cause()
            .isInstanceOf(ExchangeException.class)
            .hasMessageContaining(over == Over.HTTP_1_1 ? "after 3 of 10 bytes" : "INTERNAL_ERROR")
            .satisfies(
                e -> assertThat(((ExchangeFailure) e).details().phase()).isEqualTo(Phase.BODY));
      }
      assertThat(in.available()).isZero();
    }
    assertThat(witness.all(ExchangeEvent.Failed.class)).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void theTimeoutEndsAReadThatWaits(Over over) throws Exception {
    FaultServer server = stallsAfter(over, "hello");

    try (InputStream in =
        body(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(500)))) {
      assertThatThrownBy(in::readAllBytes)
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("closed")
          .hasCauseInstanceOf(ExchangeTimeoutException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTimeoutEndsWhatNobodyReads(Over over) throws Exception {
    FaultServer server = stallsAfter(over, "hello");

    try (InputStream in =
        body(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(500)))) {
      assertThat(witness.await(ExchangeEvent.Failed.class, 1, PATIENCE)).isTrue();
      assertThat(text(in.readNBytes(5))).isEqualTo("hello");
      assertThatThrownBy(in::read).hasCauseInstanceOf(ExchangeTimeoutException.class);
    }
  }

  /** The time that its reader takes is not the server's. */
  @ParameterizedTest
  @EnumSource
  void aServerMayNotStallButAReaderMay(Over over) throws Exception {
    FaultServer slow = sends(over, "hello", " world");
    FaultServer stalls = stallsAfter(over, "hello");
    try (HawserClient patient =
        options().exchange(e -> e.bodyIdleTimeout(Duration.ofMillis(300))).build()) {
      var request = HttpRequest.newBuilder(slow.uri("/")).build();
      try (InputStream in = patient.send(request, BodyHandlers.ofInputStream()).body()) {
        assertThat(text(in.readNBytes(5))).isEqualTo("hello");
        var other = HttpRequest.newBuilder(stalls.uri("/")).build();
        assertThatThrownBy(
                () -> patient.send(other, BodyHandlers.ofInputStream()).body().readAllBytes())
            .cause()
            .isInstanceOf(ExchangeTimeoutException.class)
            .hasMessageContaining("bodyIdleTimeout");
        go.countDown();
        assertThat(text(in.readAllBytes())).isEqualTo(" world");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1, true", "HTTP_1_1, false", "HTTP_2, true", "HTTP_2, false"})
  void shutdownNowEndsAReadThatWaits(Over over, boolean virtual) throws Exception {
    InputStream in = body(stallsAfter(over, "hello"));
    var reader = new Reader(in, virtual);
    reader.awaitWaiting();

    client.shutdownNow();

    assertThat(reader.thrown())
        .hasMessage("closed")
        .cause()
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("the client was closed");
    assertThat(client.awaitTermination(PATIENCE)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void shutdownNowEndsWhatNobodyReads(Over over) throws Exception {
    InputStream in = body(stallsAfter(over, "hello"));

    client.shutdownNow();

    assertThat(client.awaitTermination(PATIENCE)).isTrue();
    assertThat(text(in.readNBytes(5))).isEqualTo("hello");
    assertThatThrownBy(in::read).cause().hasMessageContaining("the client was closed");
  }

  // ---- with others

  /** The end waits for the handler, but what comes before it does not. */
  @Test
  void theLastPartIsReadWhileAPushIsAskedAbout() throws Exception {
    FaultServer server = server(Http2Faults.pushes("pushed", "hello"));
    var call =
        client.sendAsync(
            HttpRequest.newBuilder(server.uri("/first")).build(),
            BodyHandlers.ofInputStream(),
            (initiating, promised, acceptor) -> {
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });

    try (InputStream in = call.get(10, TimeUnit.SECONDS).body()) {
      assertThat(text(in.readNBytes(5))).isEqualTo("hello");
      go.countDown();
      assertThat(in.read()).isEqualTo(-1);
    }
    assertThat(witness.all(ExchangeEvent.Completed.class)).hasSize(1);
  }
}
