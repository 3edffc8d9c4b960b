package dev.hawser.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ClientSnapshot;
import dev.hawser.ExchangeFailure;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.Phase;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is done with the servers of all makes, over each protocol that they speak; a make's class
 * starts one server for all of its tests. {@link Make} says which makes are seen to do what.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class Interop {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Make make;
  private Site site;
  private Server server;
  private HawserClient client;

  Interop(Make make) {
    this.make = make;
  }

  abstract Server start(Site site) throws Exception;

  @BeforeAll
  void start(@TempDir Path dir) throws Exception {
    site = Site.in(dir);
    server = start(site);
  }

  @AfterAll
  void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  private void open(Protocol protocol) {
    client = protocol.client().tls(t -> t.onlyRoots(site.root())).build();
  }

  @AfterEach
  void nothingIsLeaked() throws Exception {
    client.shutdown();
    assertThat(client.awaitTermination(PATIENCE)).as("every call has ended").isTrue();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!atRest(client.snapshot()) && System.nanoTime() < end) {
      Thread.sleep(1);
    }
    assertThat(client.snapshot()).matches(Interop::atRest, "at rest");
  }

  private static boolean atRest(ClientSnapshot snapshot) {
    return snapshot.open() == 0
        && snapshot.leased() == 0
        && snapshot.waiting() == 0
        && snapshot.bufferBytes() == 0;
  }

  private HttpRequest.Builder request(Protocol protocol, String path) {
    return HttpRequest.newBuilder(server.uri(protocol, path)).timeout(PATIENCE.multipliedBy(3));
  }

  private HawserResponse<String> send(Protocol protocol, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HawserResponse<String> response = client.send(request.build(), Content.checked());
    assertThat(response.version()).isEqualTo(protocol.version());
    return response;
  }

  /** One connection has carried it all: each exchange ended as its framing says. */
  private void onOneConnection() {
    ClientSnapshot.Counters counters = client.snapshot().counters();
    assertThat(counters.opened()).as("%s", counters).isEqualTo(1);
    assertThat(counters.failures()).as("%s", counters).isZero();
  }

  Stream<Protocol> bodies() {
    return make.protocols(Behaviour.BODIES);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("bodies")
  void bodiesOfAllSizesComeWhole(Protocol protocol) throws Exception {
    open(protocol);
    for (long size : Site.SIZES) {
      assertThat(send(protocol, request(protocol, "/bytes/" + size)).body())
          .isEqualTo(size + " bytes");
    }
    onOneConnection();
  }

  Stream<Protocol> gigabytes() {
    return bodies().filter(protocol -> !protocol.secure()); // it takes long enough
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("gigabytes")
  void aGigabyteComesWhole(Protocol protocol) throws Exception {
    open(protocol);
    assertThat(send(protocol, request(protocol, "/bytes/" + Site.GIGABYTE)).body())
        .isEqualTo("1000000000 bytes");
    onOneConnection();
  }

  Stream<Protocol> uploads() {
    return make.protocols(Behaviour.UPLOADS);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("uploads")
  void uploadsOfAllSizesArriveWhole(Protocol protocol) throws Exception {
    open(protocol);
    for (long size : Site.SIZES) {
      for (BodyPublisher body : List.of(sized(size), unsized(size))) {
        upload(protocol, body, size);
      }
    }
    onOneConnection();
  }

  Stream<Protocol> gigabytesUp() {
    return uploads().filter(protocol -> !protocol.secure());
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("gigabytesUp")
  void aGigabyteArrivesWhole(Protocol protocol) throws Exception {
    open(protocol);
    upload(protocol, unsized(Site.GIGABYTE), Site.GIGABYTE);
    onOneConnection();
  }

  private void upload(Protocol protocol, BodyPublisher body, long size) throws Exception {
    HttpRequest post = request(protocol, "/check").POST(body).build();
    HawserResponse<String> response = client.send(post, BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(protocol.version());
    assertThat(response.body()).isEqualTo(size + " bytes");
  }

  private static BodyPublisher sized(long size) {
    return size == 0 ? BodyPublishers.noBody() : BodyPublishers.fromPublisher(unsized(size), size);
  }

  private static BodyPublisher unsized(long size) {
    return BodyPublishers.ofByteArrays(Content.pieces(size));
  }

  Stream<Protocol> noBody() {
    return make.protocols(Behaviour.NO_BODY);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("noBody")
  void headAnd304EndWithTheirHead(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 3; i++) {
      HawserResponse<String> head = send(protocol, request(protocol, "/bytes/16384").HEAD());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEqualTo("0 bytes");

      HttpRequest.Builder conditional = request(protocol, "/bytes/16384");
      head.headers().firstValue("ETag").ifPresent(tag -> conditional.header("If-None-Match", tag));
      head.headers()
          .firstValue("Last-Modified")
          .ifPresent(date -> conditional.header("If-Modified-Since", date));
      HawserResponse<String> unchanged = send(protocol, conditional);
      assertThat(unchanged.statusCode()).isEqualTo(304);
      assertThat(unchanged.body()).isEqualTo("0 bytes");

      assertThat(send(protocol, request(protocol, "/bytes/16384")).body()).isEqualTo("16384 bytes");
    }
    onOneConnection();
  }

  Stream<Protocol> noContent() {
    return make == Make.NGHTTPD ? Stream.of() : noBody(); // which serves files alone
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("noContent")
  void noContentEndsWithItsHead(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 3; i++) {
      HawserResponse<String> nothing = send(protocol, request(protocol, "/204"));
      assertThat(nothing.statusCode()).isEqualTo(204);
      assertThat(nothing.body()).isEqualTo("0 bytes");
    }
    onOneConnection();
  }

  Stream<Protocol> trailers() {
    return make.protocols(Behaviour.TRAILERS);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("trailers")
  void trailersEndABody(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 3; i++) {
      HawserResponse<String> response = send(protocol, request(protocol, "/trailers"));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("1000 bytes");
      assertThat(response.trailers().firstValue("X-Trailer")).hasValue("last");
      assertThat(response.headers().map()).doesNotContainKey("x-trailer");
    }
    onOneConnection();
  }

  Stream<Protocol> earlyHints() {
    return make.protocols(Behaviour.EARLY_HINTS);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("earlyHints")
  void earlyHintsArePassedOver(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 3; i++) {
      HawserResponse<String> response = send(protocol, request(protocol, "/hints"));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("1000 bytes");
      assertThat(response.headers().map()).doesNotContainKey("link");
    }
    onOneConnection();
  }

  Stream<Protocol> continues() {
    return make.protocols(Behaviour.CONTINUE);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("continues")
  void aBodyThatIsAskedForArrives(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 3; i++) {
      HttpRequest.Builder post =
          request(protocol, "/check").expectContinue(true).POST(sized(1_000_000));
      HawserResponse<String> response = client.send(post.build(), BodyHandlers.ofString());
      assertThat(response.body()).isEqualTo("1000000 bytes");
    }
    onOneConnection();
  }

  Stream<Protocol> earlyAnswers() {
    return make.protocols(Behaviour.EARLY_ANSWER);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("earlyAnswers")
  void aRefusalIsHeardWhileTheBodyIsSent(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 10; i++) {
      for (BodyPublisher body : List.of(sized(20_000_000), unsized(20_000_000))) {
        HttpRequest post = request(protocol, "/refuse").POST(body).build();
        HawserResponse<String> refusal = client.send(post, BodyHandlers.ofString());
        assertThat(refusal.statusCode()).isEqualTo(413);
      }
      assertThat(send(protocol, request(protocol, "/bytes/16384")).body()).isEqualTo("16384 bytes");
    }
    assertThat(client.snapshot().counters().failures()).isZero();
  }

  Stream<Protocol> cuts() {
    return make.protocols(Behaviour.CUT);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("cuts")
  void aBodyThatIsCutOffIsAFailureOfItsOwn(Protocol protocol) throws Exception {
    open(protocol);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> send(protocol, request(protocol, "/cut")))
          .isInstanceOf(IOException.class)
          .isInstanceOfSatisfying(
              ExchangeFailure.class,
              failure -> assertThat(failure.details().phase()).isEqualTo(Phase.BODY));
      assertThat(send(protocol, request(protocol, "/bytes/16384")).body()).isEqualTo("16384 bytes");
    }
    assertThat(client.snapshot().counters().failures()).isEqualTo(3);
    if (protocol.multiplexed()) {
      assertThat(client.snapshot().counters().opened()).as("a stream's end alone").isEqualTo(1);
    }
  }

  Stream<Protocol> reloads() {
    return make.protocols(Behaviour.RELOAD);
  }

  /** GOAWAY over HTTP/2, closed connections over HTTP/1.1, in the middle of everything. */
  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("reloads")
  void reloadsUnderLoadFailNoCall(Protocol protocol) throws Exception {
    open(protocol);
    var requests = new ArrayList<HttpRequest>();
    for (int i = 0; i < 16; i++) {
      requests.add(request(protocol, i < 4 ? "/bytes/1000000" : "/bytes/16384").build());
    }
    try (var callers = Callers.of(client, requests)) {
      callers.until("the first calls", () -> client.snapshot().counters().opened() > 0);
      for (int i = 0; i < 5; i++) {
        long opened = client.snapshot().counters().opened();
        server.reload();
        callers.until(
            "new connections after a reload", () -> client.snapshot().counters().opened() > opened);
      }
      callers.close();
      assertThat(callers.failures())
          .as("of %s calls, %s", callers.calls(), client.snapshot().counters())
          .allMatch(make::drops);
    }
  }
}
