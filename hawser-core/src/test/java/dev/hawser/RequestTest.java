package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What gets onto the wire, and what never does (faults 17 to 19). */
@Timeout(30)
class RequestTest extends WithClient {
  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().exchange(e -> e.continueTimeout(Duration.ofMinutes(1)));
  }

  // ---- 17: nothing gets out of its place

  static Stream<Arguments> forged() {
    var none = Map.<String, List<String>>of();
    return Stream.of(
        Arguments.of("CRLF in the method", "GET / HTTP/1.1\r\nA: b\r\n\r\n", none),
        Arguments.of("LF in the method", "GET\n", none),
        Arguments.of("NUL in the method", "GE\0T", none),
        Arguments.of("space in the method", "GE T", none),
        Arguments.of("no method", "", none),
        Arguments.of("CONNECT", "CONNECT", none),
        Arguments.of("CRLF in a name", "GET", Map.of("A\r\nB", List.of("c"))),
        Arguments.of("LF in a name", "GET", Map.of("A\nB", List.of("c"))),
        Arguments.of("NUL in a name", "GET", Map.of("A\0B", List.of("c"))),
        Arguments.of("space in a name", "GET", Map.of("A B", List.of("c"))),
        Arguments.of("colon in a name", "GET", Map.of("A:", List.of("c"))),
        Arguments.of("non-ASCII name", "GET", Map.of("Ä", List.of("c"))),
        Arguments.of("CRLF in a value", "GET", Map.of("A", List.of("b\r\nC: d"))),
        Arguments.of("CR in a value", "GET", Map.of("A", List.of("b\rC"))),
        Arguments.of("LF in a value", "GET", Map.of("A", List.of("b\nC: d"))),
        Arguments.of("NUL in a value", "GET", Map.of("A", List.of("b\0c"))),
        Arguments.of("DEL in a value", "GET", Map.of("A", List.of("b\u007fc"))),
        Arguments.of("what truncates to LF", "GET", Map.of("A", List.of("b\u010aC: d"))),
        Arguments.of("Host", "GET", Map.of("Host", List.of("other"))),
        Arguments.of("host", "GET", Map.of("host", List.of("other"))),
        Arguments.of("Content-Length", "GET", Map.of("Content-Length", List.of("5"))),
        Arguments.of("Transfer-Encoding", "GET", Map.of("Transfer-Encoding", List.of("chunked"))),
        Arguments.of("Connection", "GET", Map.of("Connection", List.of("close"))),
        Arguments.of("Expect", "GET", Map.of("Expect", List.of("100-continue"))),
        Arguments.of("Upgrade", "GET", Map.of("Upgrade", List.of("h2c"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forged")
  void aForgedRequestIsRefusedBeforeAnyByteIsSent(
      String name, String method, Map<String, List<String>> headers) throws Exception {
    var server = server(Script.ok("fooled"));
    var request = new Handmade(method, server.uri("/"), headers);

    Throwable sent = catchThrowable(() -> client.send(request, BodyHandlers.ofString()));
    Throwable sentAsync =
        catchThrowable(() -> client.sendAsync(request, BodyHandlers.ofString()).get());

    assertThat(sent).as(name).isInstanceOf(IllegalArgumentException.class);
    assertThat(sentAsync instanceof ExecutionException ? sentAsync.getCause() : sentAsync)
        .as(name)
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(server.requests()).isEmpty();
    assertThat(server.transcript()).doesNotContain("> ");
  }

  @Test
  void aRequestThatThrowsLeavesNothingBehind() throws Exception {
    var server = server(Script.ok("never"));
    var request =
        new Handmade("GET", server.uri("/"), Map.of()) {
          @Override
          public java.util.Optional<Duration> timeout() {
            throw new IllegalStateException("no idea");
          }
        };

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()).get())
        .satisfies(
            e ->
                assertThat(e instanceof ExecutionException ? e.getCause() : e)
                    .isInstanceOf(IllegalStateException.class));

    assertThat(server.connections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/relative", "ftp://127.0.0.1/", "file:///etc/passwd", "http:///", "mailto:a"})
  void aUriWithoutSchemeOrHostIsRefused(String uri) {
    var request = new Handmade("GET", URI.create(uri), Map.of());

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aHostThatIsNotAsciiIsRefused() {
    var request = new Handmade("GET", URI.create("http://b\u00fccher.example/"), Map.of());

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("host");
  }

  @Test
  void latin1ValuesAndOddMethodsGoOutAsTheyAre() throws Exception {
    var server = server(Script.ok("fine"));
    var headers = Map.of("A", List.of("\u00e9\tx", ""), "B", List.of("c"));

    client.send(new Handmade("PRO!P~", server.uri("/"), headers), BodyHandlers.ofString());

    Received received = server.requests().getFirst();
    assertThat(received.method()).isEqualTo("PRO!P~");
    assertThat(received.header("A")).containsExactly("\u00e9\tx", "");
  }

  // ---- 18: the target

  @ParameterizedTest
  @CsvSource({
    "'', /",
    "/, /",
    "?q=1, /?q=1",
    "/a?, /a?",
    "/a?b=c&d=%20e, /a?b=c&d=%20e",
    "/a%2Fb;v=1/../c, /a%2Fb;v=1/../c",
    "//double, //double",
    "/\u00fc\u20ac?\u00e4=\u00f6, /%C3%BC%E2%82%AC?%C3%A4=%C3%B6",
    "/a#fragment, /a",
    "#fragment, /"
  })
  void theTargetIsPathAndQuery(String written, String target) throws Exception {
    var server = server(Script.ok("fine"));

    client.send(new Handmade("GET", server.uri(written), Map.of()), BodyHandlers.ofString());

    Received received = server.requests().getFirst();
    assertThat(received.requestLine()).isEqualTo("GET " + target + " HTTP/1.1");
    assertThat(received.header("host")).containsExactly(server.authority());
    assertThat(server.transcript()).doesNotContain("fragment");
  }

  @Test
  void whatEndsALineIsQuotedInAUri() throws Exception {
    var server = server(Script.ok("fine"));
    var uri = new URI("http", null, "127.0.0.1", server.port(), "/a b\r\nC: d", null, null);

    send(HttpRequest.newBuilder(uri));

    assertThat(server.requests().getFirst().target()).isEqualTo("/a%20b%0D%0AC:%20d");
  }

  @Test
  void userInfoIsNeitherSentNorShown() throws Exception {
    var server = server(Script.ok("fine"));
    var uri = URI.create("http://user:secret@" + server.authority() + "/a");

    var response = send(HttpRequest.newBuilder(uri));

    assertThat(server.requests().getFirst().header("host")).containsExactly(server.authority());
    assertThat(server.transcript()).doesNotContain("secret", "user:", "Authorization");
    assertThat(response.toString()).doesNotContain("secret");
    assertThat(witness.all(ExchangeEvent.class).toString()).doesNotContain("secret");
  }

  @Test
  void userInfoIsNotInAnError() throws Exception {
    try (var refused = Ports.refused()) {
      var uri = URI.create("http://user:secret@127.0.0.1:" + refused.port() + "/a");

      Throwable thrown = catchThrowable(() -> send(HttpRequest.newBuilder(uri)));

      assertThat(thrown).isInstanceOf(ConnectFailedException.class);
      assertThat(thrown.toString()).doesNotContain("secret", "user:");
    }
  }

  @ParameterizedTest
  @CsvSource({"[::1], [::1]", "[::1%lo], [::1]", "[0:0:0:0:0:0:0:1], [0:0:0:0:0:0:0:1]"})
  void anIpv6LiteralIsInBracketsAndWithoutItsZone(String host, String sent) throws Exception {
    var builder =
        FaultServer.builder().address(new InetSocketAddress(InetAddress.getByName("::1"), 0));
    var server = server(builder, Script.ok("fine"));

    send(HttpRequest.newBuilder(URI.create("http://" + host + ":" + server.port() + "/")));

    assertThat(server.requests().getFirst().header("host"))
        .containsExactly(sent + ":" + server.port());
  }

  // ---- bodies

  @ParameterizedTest
  @CsvSource({"POST, 0", "PUT, 0", "PATCH, 0", "GET, ", "DELETE, ", "HEAD, ", "OPTIONS, "})
  void aMissingBodyIsSaidWhereOneIsExpected(String method, String length) throws Exception {
    var server = server(Script.keepAlive(peer -> peer.send("HTTP/1.1 204 No Content\r\n\r\n")));

    send(HttpRequest.newBuilder(server.uri("/")).method(method, BodyPublishers.noBody()));

    assertThat(server.requests().getFirst().header("content-length"))
        .isEqualTo(length == null ? List.of() : List.of(length));
    assertThat(server.requests().getFirst().header("transfer-encoding")).isEmpty();
  }

  @Test
  void everyPublisherOfTheJdkIsSentWhole(@TempDir Path folder) throws Exception {
    var server = server(Script.ok("fine"));
    String text = "\u00e4 text\r\n".repeat(50_000);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("body"), bytes);

    for (BodyPublisher publisher :
        List.of(
            BodyPublishers.ofString(text),
            BodyPublishers.ofByteArray(bytes),
            BodyPublishers.ofByteArray(
                ("x" + text).getBytes(StandardCharsets.UTF_8), 1, bytes.length),
            BodyPublishers.ofFile(file),
            FileBody.of(file),
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)),
            BodyPublishers.ofByteArrays(List.of(bytes)),
            BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(bytes)),
            BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(bytes), bytes.length),
            BodyPublishers.concat(BodyPublishers.noBody(), BodyPublishers.ofByteArray(bytes)))) {
      send(HttpRequest.newBuilder(server.uri("/")).POST(publisher));
    }

    assertThat(server.requests()).hasSize(10);
    for (Received received : server.requests()) {
      assertThat(received.body()).isEqualTo(bytes);
      boolean chunked = !received.header("transfer-encoding").isEmpty();
      assertThat(received.header("content-length")).hasSize(chunked ? 0 : 1);
    }
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void aBodyOfUnknownLengthIsChunked() throws Exception {
    var wire = new CompletableFuture<String>();
    String expected = "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
    var server =
        server(
            peer -> {
              assertThat(peer.readHead().header("transfer-encoding")).containsExactly("chunked");
              byte[] body = peer.readExactly(expected.length());
              wire.complete(new String(body, StandardCharsets.ISO_8859_1));
              peer.ok("fine");
              peer.readRequest();
              peer.ok("again");
            });
    var parts = Stream.of("hello", "", "0123456789abcdef").map(String::getBytes).toList();

    String answer =
        send(HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofByteArrays(parts)))
            .body();

    assertThat(answer).isEqualTo("fine");
    assertThat(wire.get()).isEqualTo(expected);
    assertThat(get(server).body()).isEqualTo("again"); // so nothing came after the last chunk
    assertThat(server.connections()).isEqualTo(1);
  }

  // ---- 19: publishers that do not keep their word

  @Test
  void morethanDeclaredIsAnErrorAndIsNotSent() throws Exception {
    String bodySent =
        brokenUpload(BodyPublishers.ofString("hello world"), 5, "more than the 5 bytes");
    assertThat("hello").startsWith(bodySent);
  }

  @Test
  void lessThanDeclaredIsAnError() throws Exception {
    assertThat(brokenUpload(BodyPublishers.ofString("hel"), 5, "gave 3 bytes")).isEqualTo("hel");
  }

  @Test
  void aPublisherThatFailsMidwayIsAnError() throws Exception {
    Flow.Publisher<ByteBuffer> fails = publisher(subscriber -> new Publishes(subscriber, "hel"));
    assertThat(brokenUpload(fails, 10, "made up")).isEqualTo("hel");
  }

  @Test
  void aChunkedPublisherThatFailsMidwaySendsNoLastChunk() throws Exception {
    Flow.Publisher<ByteBuffer> fails = publisher(subscriber -> new Publishes(subscriber, "hel"));
    assertThat(brokenUpload(fails, -1, "made up")).isEqualTo("3\r\nhel\r\n");
  }

  @Test
  void aPublisherThatThrowsIsAnError() throws Exception {
    brokenUpload(
        subscriber -> {
          throw new IllegalStateException("made up");
        },
        10,
        "made up");
    brokenUpload(
        subscriber -> {
          throw new OutOfMemoryError("made up");
        },
        10,
        "made up");
    brokenUpload(
        publisher(
            subscriber ->
                new Subscribed() {
                  @Override
                  public void request(long n) {
                    throw new IllegalStateException("made up");
                  }
                }),
        10,
        "made up");
    brokenUpload(
        publisher(
            subscriber ->
                new Subscribed() {
                  @Override
                  public void request(long n) {
                    subscriber.onNext(bytes("one"));
                    subscriber.onNext(bytes("two")); // nobody asked
                  }
                }),
        10,
        "more was published than requested");
  }

  /** Sends what cannot be sent whole; returns the body as far as it came. */
  private String brokenUpload(Flow.Publisher<ByteBuffer> publisher, long length, String message)
      throws Exception {
    var body = new CompletableFuture<String>();
    var server =
        server(
            peer -> {
              peer.readHead();
              var read = new StringBuilder();
              try {
                while (true) {
                  read.append((char) peer.readExactly(1)[0]);
                }
              } catch (IOException e) {
                body.complete(read.toString());
              }
            },
            Script.ok("fresh"));
    BodyPublisher given =
        length < 0
            ? BodyPublishers.fromPublisher(publisher)
            : BodyPublishers.fromPublisher(publisher, length);

    Throwable thrown =
        catchThrowable(() -> send(HttpRequest.newBuilder(server.uri("/")).POST(given)));

    assertThat(thrown).isInstanceOf(ExchangeException.class).hasMessageContaining(message);
    assertThat(((ExchangeFailure) thrown).details().phase()).isEqualTo(Phase.REQUEST);
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(get(server).body()).isEqualTo("fresh");
    assertThat(server.connections()).isEqualTo(2);
    return body.get(10, TimeUnit.SECONDS);
  }

  @Test
  void aPublisherThatNeverGivesEndsAtTheDeadline() throws Exception {
    var cancelled = new CountDownLatch(1);
    stuckUpload(
        publisher(
            subscriber ->
                new Subscribed() {
                  @Override
                  public void cancel() {
                    cancelled.countDown();
                  }
                }));
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aPublisherThatNeverSubscribesEndsAtTheDeadline() throws Exception {
    stuckUpload(subscriber -> {});
  }

  @Test
  void aPublisherThatBlocksInRequestEndsAtTheDeadlineAndIsInterrupted() throws Exception {
    var interrupted = new CountDownLatch(1);
    stuckUpload(
        publisher(
            subscriber ->
                new Subscribed() {
                  @Override
                  public void request(long n) {
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                      interrupted.countDown();
                    }
                  }
                }));
    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private void stuckUpload(Flow.Publisher<ByteBuffer> publisher) throws Exception {
    var server = server(Script.ok("never"));
    var request =
        HttpRequest.newBuilder(server.uri("/"))
            .timeout(Duration.ofMillis(300))
            .POST(BodyPublishers.fromPublisher(publisher, 5));

    assertThatThrownBy(() -> send(request))
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessageContaining("timeout of 300 ms");

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(server.requests()).isEmpty();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Flow.Publisher<ByteBuffer> publisher(
      Function<Flow.Subscriber<? super ByteBuffer>, Flow.Subscription> subscription) {
    return subscriber -> subscriber.onSubscribe(subscription.apply(subscriber));
  }

  private static class Subscribed implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  /** Gives one piece, then fails. */
  private static final class Publishes extends Subscribed {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final String text;
    private boolean given;

    Publishes(Flow.Subscriber<? super ByteBuffer> subscriber, String text) {
      this.subscriber = subscriber;
      this.text = text;
    }

    @Override
    public void request(long n) {
      if (given) {
        subscriber.onError(new IOException("made up"));
      } else {
        given = true;
        subscriber.onNext(bytes(text));
      }
    }
  }

  // ---- Expect: 100-continue

  private static HttpRequest.Builder expecting(FaultServer server) {
    return HttpRequest.newBuilder(server.uri("/"))
        .expectContinue(true)
        .POST(BodyPublishers.ofString("hello"));
  }

  @Test
  void theBodyWaitsForThe100() throws Exception {
    var body = new CompletableFuture<String>();
    var server =
        server(
            peer -> {
              Received head = peer.readHead();
              assertThat(head.header("expect")).containsExactly("100-continue");
              assertThat(peer.somethingComes(Duration.ofMillis(100))).isFalse();
              peer.send("HTTP/1.1 100 Continue\r\n\r\n");
              body.complete(new String(peer.readBody(head), StandardCharsets.UTF_8));
              peer.ok("fine");
              peer.readRequest();
              peer.ok("again");
            });

    assertThat(send(expecting(server)).body()).isEqualTo("fine");

    assertThat(body.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
    assertThat(witness.all(ExchangeEvent.Interim.class)).hasSize(1);
    assertThat(get(server).body()).isEqualTo("again");
    assertThat(server.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"401 Unauthorized", "413 Content Too Large", "417 Expectation Failed", "200 OK"})
  void aFinalAnswerInsteadOfThe100KeepsTheBodyBack(String status) throws Exception {
    var closedWithoutBody = new CompletableFuture<Boolean>();
    var server =
        server(
            peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno");
              try {
                closedWithoutBody.complete(!peer.somethingComes(PATIENCE));
              } catch (EOFException e) {
                closedWithoutBody.complete(true);
                throw e;
              }
            },
            Script.ok("fresh"));

    var response = send(expecting(server));

    assertThat(response.statusCode()).isEqualTo(Integer.parseInt(status.substring(0, 3)));
    assertThat(response.body()).isEqualTo("no");
    assertThat(closedWithoutBody.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(get(server).body()).isEqualTo("fresh");
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void silenceInsteadOfThe100SendsTheBodyInTheEnd() throws Exception {
    var server = server(Script.ok("fine"));

    try (HawserClient impatient =
        Hawser.newBuilder().exchange(e -> e.continueTimeout(Duration.ofMillis(50))).build()) {
      impatient.send(expecting(server).build(), BodyHandlers.ofString());
      assertThat(impatient.snapshot().leased()).isZero();
    }

    assertThat(server.requests().getFirst().text()).isEqualTo("hello");
    assertThat(server.requests().getFirst().header("expect")).containsExactly("100-continue");
  }

  @Test
  void theHeadsDeadlineHoldsAfterThe100() throws Exception {
    var server =
        server(
            peer -> {
              Received head = peer.readHead();
              peer.send("HTTP/1.1 100 Continue\r\n\r\n");
              peer.readBody(head);
              peer.stall();
            });

    try (HawserClient impatient =
        Hawser.newBuilder().exchange(e -> e.headTimeout(Duration.ofMillis(200))).build()) {
      assertThatThrownBy(() -> impatient.send(expecting(server).build(), BodyHandlers.ofString()))
          .isInstanceOf(ExchangeTimeoutException.class)
          .hasMessageContaining("no response head within 200 ms");
    }
  }

  @Test
  void theServersTimeAfterThe100IsItsOwn() throws Exception {
    var server =
        server(
            peer -> {
              Received head = peer.readHead();
              peer.send("HTTP/1.1 100 Continue\r\n\r\n");
              peer.readBody(head);
              peer.pause(Duration.ofMillis(300));
              peer.ok("thought about it");
            });

    Timeline timeline = send(expecting(server)).timeline();

    assertThat(timeline.firstByte()).isGreaterThan(Duration.ofMillis(100));
    assertThat(timeline.body()).isLessThan(timeline.firstByte());
  }

  // ---- what a listener is told

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thatTheRequestIsSentIsToldBeforeTheAnswer(boolean streamed) throws Exception {
    var told = new CountDownLatch(1);
    var server =
        server(
            peer -> {
              peer.readRequest();
              peer.await(told);
              peer.ok("fine");
            });
    ExchangeListener listener =
        event -> {
          if (event instanceof ExchangeEvent.RequestSent) {
            told.countDown();
          }
        };
    var body =
        streamed
            ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[100]))
            : BodyPublishers.ofString("hello");

    try (HawserClient watched = Hawser.newBuilder().listener(listener).build()) {
      HttpRequest request = HttpRequest.newBuilder(server.uri("/")).POST(body).build();
      assertThat(watched.send(request, BodyHandlers.ofString()).body()).isEqualTo("fine");
    }
  }

  @Test
  void withoutABodyThereIsNothingToExpect() throws Exception {
    var server = server(Script.ok("fine"));

    send(HttpRequest.newBuilder(server.uri("/")).expectContinue(true));

    assertThat(server.requests().getFirst().header("expect")).isEmpty();
  }
}
