package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies reach every subscriber of the JDK, and those that users write, with their demand kept. */
@Timeout(40)
class SubscriberTest {
  private static final int LARGE = 5_000_000;

  private final HawserClient client = Hawser.newHttpClient();

  @AfterEach
  void nothingIsLeaked() throws Exception {
    try (var server = FaultServer.start(Script.ok("fine"))) {
      assertThat(
              client
                  .send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString())
                  .body())
          .isEqualTo("fine");
    }
    eventually(() -> client.snapshot().leased() == 0);
    client.close();
    assertThat(client.snapshot().bufferBytes()).isZero();
  }

  private static void eventually(java.util.function.BooleanSupplier condition) {
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(until);
      Thread.onSpinWait();
    }
  }

  private <T> HawserResponse<T> get(OriginServer origin, String path, BodyHandler<T> handler)
      throws Exception {
    return client.send(HttpRequest.newBuilder(origin.uri(path)).build(), handler);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/bytes/0",
        "/bytes/1",
        "/bytes/20000",
        "/bytes/1000000",
        "/chunked/0",
        "/chunked/20000",
        "/chunked/1000000"
      })
  void everyHandlerOfTheJdkGetsTheWholeBody(String path, @TempDir Path dir) throws Exception {
    try (var origin = OriginServer.start()) {
      int size = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      byte[] expected = get(origin, path, BodyHandlers.ofByteArray()).body();
      assertThat(expected).hasSize(size);
      String text = new String(expected, StandardCharsets.UTF_8);

      assertThat(get(origin, path, BodyHandlers.ofString()).body()).isEqualTo(text);
      assertThat(get(origin, path, BodyHandlers.ofString(StandardCharsets.ISO_8859_1)).body())
          .hasSize(size);
      assertThat(get(origin, path, BodyHandlers.discarding()).body()).isNull();
      assertThat(get(origin, path, BodyHandlers.replacing("x")).body()).isEqualTo("x");
      assertThat(get(origin, path, BodyHandlers.ofFile(dir.resolve("f"))).body())
          .hasBinaryContent(expected);
      try (InputStream in = get(origin, path, BodyHandlers.ofInputStream()).body()) {
        assertThat(in.readAllBytes()).isEqualTo(expected);
      }
      try (Stream<String> lines = get(origin, path, BodyHandlers.ofLines()).body()) {
        assertThat(lines.collect(Collectors.joining("\n"))).hasSizeLessThanOrEqualTo(size);
      }
      var consumed = new ByteArrayOutputStream();
      get(
          origin,
          path,
          BodyHandlers.ofByteArrayConsumer(part -> part.ifPresent(consumed::writeBytes)));
      assertThat(consumed.toByteArray()).isEqualTo(expected);
      assertThat(get(origin, path, BodyHandlers.buffering(BodyHandlers.ofByteArray(), 1000)).body())
          .isEqualTo(expected);
      BodyHandler<Integer> mapping =
          info -> BodySubscribers.mapping(BodySubscribers.ofByteArray(), bytes -> bytes.length);
      assertThat(get(origin, path, mapping).body()).isEqualTo(size);
      BodyHandler<byte[]> mappedStream =
          info -> BodySubscribers.mapping(BodySubscribers.ofInputStream(), SubscriberTest::readAll);
      assertThat(
              CompletableFuture.supplyAsync(
                      () -> unchecked(() -> get(origin, path, mappedStream).body()))
                  .get(20, TimeUnit.SECONDS))
          .isEqualTo(expected);
      assertThat(published(get(origin, path, BodyHandlers.ofPublisher()).body()))
          .isEqualTo(expected);
      assertThat(client.snapshot().counters().leaks()).isZero();
    }
  }

  private static byte[] readAll(InputStream in) {
    return unchecked(in::readAllBytes);
  }

  private static <T> T unchecked(java.util.concurrent.Callable<T> callable) {
    try {
      return callable.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] published(Flow.Publisher<List<ByteBuffer>> publisher) throws Exception {
    var subscriber = BodySubscribers.ofByteArray();
    publisher.subscribe(subscriber);
    return subscriber.getBody().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void trailersAreTold() throws Exception {
    String answer =
        "HTTP/1.1 200 OK\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "5\r\n"
            + "hello\r\n"
            + "0\r\n"
            + "Checksum: abc\r\n\r\n";
    try (var server = FaultServer.start(Script.keepAlive(peer -> peer.send(answer)))) {
      var response =
          client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
      assertThat(response.body()).isEqualTo("hello");
      assertThat(response.trailers().firstValue("checksum")).contains("abc");
    }
  }

  /** Asks for one buffer at a time, from another thread, and counts what comes unasked. */
  private static final class OneByOne implements BodySubscriber<Long> {
    private final CompletableFuture<Long> body = new CompletableFuture<>();
    private final AtomicLong wanted = new AtomicLong();
    private final AtomicReference<Throwable> unasked = new AtomicReference<>();
    private long received;
    private Flow.Subscription subscription;

    @Override
    public CompletionStage<Long> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
      more();
    }

    private void more() {
      Thread.startVirtualThread(
          () -> {
            wanted.incrementAndGet();
            subscription.request(1);
          });
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
      if (wanted.decrementAndGet() < 0) {
        unasked.set(new AssertionError("more than was asked for"));
      }
      item.forEach(part -> received += part.remaining());
      more();
    }

    @Override
    public void onError(Throwable throwable) {
      body.completeExceptionally(throwable);
    }

    @Override
    public void onComplete() {
      if (unasked.get() != null) {
        body.completeExceptionally(unasked.get());
      } else {
        body.complete(received);
      }
    }
  }

  @Test
  void demandIsNeverExceeded() throws Exception {
    try (var origin = OriginServer.start()) {
      for (String path : new String[] {"/bytes/" + LARGE, "/chunked/" + LARGE}) {
        assertThat(get(origin, path, info -> new OneByOne()).body()).isEqualTo(LARGE);
      }
    }
  }

  private enum Fault {
    IN_HANDLER,
    NULL_FROM_HANDLER,
    IN_ON_SUBSCRIBE,
    IN_ON_NEXT,
    IN_ON_COMPLETE,
    IN_GET_BODY,
    NULL_BODY,
    REQUEST_ZERO,
    REQUEST_NEGATIVE,
    CANCEL_AT_ONCE,
    CANCEL_IN_THE_MIDDLE,
    OUT_OF_MEMORY
  }

  private static BodySubscriber<String> faulty(Fault fault) {
    return new BodySubscriber<>() {
      private final CompletableFuture<String> body = new CompletableFuture<>();
      private Flow.Subscription subscription;

      @Override
      public CompletionStage<String> getBody() {
        if (fault == Fault.IN_GET_BODY) {
          throw new IllegalStateException("getBody");
        }
        return fault == Fault.NULL_BODY ? null : body;
      }

      @Override
      public void onSubscribe(Flow.Subscription newSubscription) {
        subscription = newSubscription;
        switch (fault) {
          case IN_ON_SUBSCRIBE -> throw new IllegalStateException("onSubscribe");
          case REQUEST_ZERO -> subscription.request(0);
          case REQUEST_NEGATIVE -> subscription.request(-5);
          case CANCEL_AT_ONCE -> subscription.cancel();
          default -> {
            subscription.request(Long.MAX_VALUE);
            subscription.request(Long.MAX_VALUE);
          }
        }
      }

      @Override
      public void onNext(List<ByteBuffer> item) {
        switch (fault) {
          case IN_ON_NEXT -> throw new IllegalStateException("onNext");
          case OUT_OF_MEMORY -> throw new OutOfMemoryError("made up");
          case CANCEL_IN_THE_MIDDLE -> subscription.cancel();
          default -> {}
        }
      }

      @Override
      public void onError(Throwable throwable) {
        body.completeExceptionally(throwable);
      }

      @Override
      public void onComplete() {
        if (fault == Fault.IN_ON_COMPLETE) {
          throw new IllegalStateException("onComplete");
        }
        body.complete("done");
      }
    };
  }

  /** A small body has come whole with its head, and is delivered on the caller's thread. */
  @ParameterizedTest
  @EnumSource(Fault.class)
  void aFaultySubscriberOfASmallBodyFailsItsCallOnly(Fault fault) throws Exception {
    aFaultySubscriberFailsItsCallOnly(fault, 10);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aFaultySubscriberFailsItsCallOnly(Fault fault) throws Exception {
    aFaultySubscriberFailsItsCallOnly(fault, LARGE);
  }

  private void aFaultySubscriberFailsItsCallOnly(Fault fault, int size) throws Exception {
    try (var origin = OriginServer.start()) {
      BodyHandler<String> handler =
          info -> {
            if (fault == Fault.IN_HANDLER) {
              throw new IllegalStateException("handler");
            }
            return fault == Fault.NULL_FROM_HANDLER ? null : faulty(fault);
          };
      assertThatThrownBy(() -> get(origin, "/bytes/" + size, handler))
          .isInstanceOf(IOException.class);
      var async =
          client.sendAsync(HttpRequest.newBuilder(origin.uri("/bytes/" + size)).build(), handler);
      assertThatThrownBy(() -> async.get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class);
      eventually(() -> client.snapshot().leased() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSubscriberThatThrowsInOnErrorHidesNoFailure(boolean bodyTold) throws Exception {
    BodyHandler<String> handler =
        info ->
            new TakesAll(
                (body, error) -> {
                  if (bodyTold) {
                    body.completeExceptionally(error);
                  }
                  throw new IllegalStateException("made up");
                });
    Script cut = Script.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel");
    try (var server = FaultServer.start(cut)) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();

      assertThatThrownBy(() -> client.send(request, handler))
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("after 3 of 10 bytes")
          .satisfies( // noted a moment after the body was told, which is what the caller waits for
              e ->
                  eventually(
                      () ->
                          Arrays.stream(e.getSuppressed())
                              .anyMatch(IllegalStateException.class::isInstance)));
      assertThatThrownBy(() -> client.sendAsync(request, handler).get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(ExchangeException.class)
          .hasMessageContaining("after 3 of 10 bytes");
      assertThat(client.snapshot().counters().failures()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bytes/0", "/bytes/10", "/bytes/5000000"})
  void aSubscriberThatNeverAsksIsBoundedByTheTimeout(String path) throws Exception {
    try (var origin = OriginServer.start()) {
      BodyHandler<String> handler =
          info ->
              BodySubscribers.fromSubscriber(
                  new Flow.Subscriber<List<ByteBuffer>>() {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {}

                    @Override
                    public void onNext(List<ByteBuffer> item) {
                      throw new AssertionError("nothing was asked for");
                    }

                    @Override
                    public void onError(Throwable throwable) {}

                    @Override
                    public void onComplete() {}
                  },
                  any -> "ended");
      var request =
          HttpRequest.newBuilder(origin.uri(path)).timeout(Duration.ofMillis(500)).build();
      if (path.equals("/bytes/0")) {
        assertThat(client.send(request, handler).body()).isEqualTo("ended");
      } else {
        assertThatThrownBy(() -> client.send(request, handler))
            .isInstanceOf(HttpTimeoutException.class);
      }
    }
  }

  @Test
  void anInputStreamClosedEarlyClosesItsConnection() throws Exception {
    try (var origin = OriginServer.start()) {
      InputStream in = get(origin, "/bytes/50000000", BodyHandlers.ofInputStream()).body();
      assertThat(in.read()).isNotNegative();
      in.close();
      eventually(() -> client.snapshot().open() == 0);
      assertThat(client.snapshot().counters().leaks()).isZero();
    }
  }

  @Test
  void aSlowReaderHoldsTheServerBack() throws Exception {
    var sent = new AtomicLong();
    var full = new CountDownLatch(1);
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
              byte[] part = new byte[100_000];
              for (int i = 0; i < 2000; i++) {
                peer.send(part);
                sent.addAndGet(part.length);
                full.countDown();
              }
            })) {
      var response =
          client.send(
              HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofInputStream());
      assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();
      try (InputStream in = response.body()) {
        assertThat(in.readNBytes(1000)).hasSize(1000);
        assertThat(sent.get())
            .as("sent though not read: socket buffers and no more")
            .isLessThan(60_000_000);
      }
    }
  }

  @Test
  void aBodyThatNobodyReadsIsReportedAndReclaimed() throws Exception {
    var leaked = new CompletableFuture<ExchangeEvent.Leaked>();
    try (var origin = OriginServer.start();
        var leaky =
            Hawser.newBuilder()
                .listener(
                    event -> {
                      if (event instanceof ExchangeEvent.Leaked leak) {
                        leaked.complete(leak);
                      }
                    })
                .build()) {
      drop(leaky, origin);
      for (int i = 0; i < 200 && !leaked.isDone(); i++) {
        System.gc();
        try {
          leaked.get(100, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
          // not found yet
        }
      }
      ExchangeEvent.Leaked leak = leaked.get(1, TimeUnit.SECONDS);
      assertThat(leak.request()).contains("/bytes/50000000");
      assertThat(leak.obtainedAt())
          .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("drop"));
      eventually(() -> leaky.snapshot().open() == 0);
      assertThat(leaky.snapshot().counters().leaks()).isEqualTo(1);
    }
  }

  private static void drop(HawserClient client, OriginServer origin) throws Exception {
    client.send(
        HttpRequest.newBuilder(origin.uri("/bytes/50000000")).build(),
        BodyHandlers.ofInputStream());
  }

  @Test
  void aFileIsWritten(@TempDir Path dir) throws Exception {
    try (var server =
        FaultServer.start(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 200 OK\r\n"
                            + "Content-Disposition: attachment; filename=\"a.txt\"\r\n"
                            + "Content-Length: 5\r\n\r\n"
                            + "hello")))) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();
      Path file =
          client
              .send(
                  request,
                  BodyHandlers.ofFileDownload(
                      dir,
                      java.nio.file.StandardOpenOption.CREATE,
                      java.nio.file.StandardOpenOption.WRITE))
              .body();
      assertThat(Files.readString(file)).isEqualTo("hello");
    }
  }
}
