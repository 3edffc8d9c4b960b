package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.ConnectException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code java.net.http} documents, checked against the JDK's own client where that can be. */
@Tag("tls")
@Timeout(30)
class ClientContractTest extends WithClient {
  // ---- the builder

  @Test
  void theBuilderRefusesWhatTheJdksRefuses() throws Exception {
    List<Consumer<HttpClient.Builder>> faults =
        List.of(
            b -> b.connectTimeout(Duration.ZERO),
            b -> b.connectTimeout(Duration.ofSeconds(-1)),
            b -> b.connectTimeout(null),
            b -> b.priority(0),
            b -> b.priority(257),
            b -> b.cookieHandler(null),
            b -> b.sslContext(null),
            b -> b.sslParameters(null),
            b -> b.executor(null),
            b -> b.followRedirects(null),
            b -> b.version(null),
            b -> b.proxy(null),
            b -> b.authenticator(null));
    for (int i = 0; i < faults.size(); i++) {
      Consumer<HttpClient.Builder> fault = faults.get(i);
      Throwable jdks = catchThrowable(() -> fault.accept(HttpClient.newBuilder()));
      Throwable ours = catchThrowable(() -> fault.accept(Hawser.newBuilder()));

      assertThat(jdks).as("fault %d, the JDK's", i).isNotNull();
      assertThat(ours).as("fault %d", i).isExactlyInstanceOf(jdks.getClass());
    }
  }

  @Test
  void theDefaultsAreTheJdks() {
    try (var jdks = HttpClient.newHttpClient()) {
      assertThat(client.cookieHandler()).isEqualTo(jdks.cookieHandler());
      assertThat(client.connectTimeout()).isEqualTo(jdks.connectTimeout());
      assertThat(client.followRedirects()).isEqualTo(jdks.followRedirects());
      assertThat(client.proxy()).isEqualTo(jdks.proxy());
      assertThat(client.authenticator()).isEqualTo(jdks.authenticator());
      assertThat(client.version()).isEqualTo(jdks.version());
      assertThat(client.executor()).isEqualTo(jdks.executor());
      assertThat(client.sslContext()).isNotNull();
      assertThat(client.sslParameters()).isNotNull().isNotSameAs(client.sslParameters());
    }
  }

  @Test
  void whatWasSetIsTold() throws Exception {
    var cookies = new CookieManager();
    var context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    var parameters = new SSLParameters(null, new String[] {"TLSv1.3"});
    Executor executor = Runnable::run;
    var proxy = ProxySelector.of(null);
    var authenticator = new Authenticator() {};
    try (HttpClient built =
        Hawser.newBuilder()
            .cookieHandler(cookies)
            .connectTimeout(Duration.ofSeconds(3))
            .followRedirects(Redirect.ALWAYS)
            .sslContext(context)
            .sslParameters(parameters)
            .executor(executor)
            .version(Version.HTTP_1_1)
            .proxy(proxy)
            .authenticator(authenticator)
            .priority(256)
            .localAddress(InetAddress.getLoopbackAddress())
            .build()) {
      parameters.setProtocols(new String[] {"TLSv1.2"}); // too late

      assertThat(built.cookieHandler()).containsSame(cookies);
      assertThat(built.connectTimeout()).contains(Duration.ofSeconds(3));
      assertThat(built.followRedirects()).isEqualTo(Redirect.ALWAYS);
      assertThat(built.sslContext()).isSameAs(context);
      assertThat(built.sslParameters().getProtocols()).containsExactly("TLSv1.3");
      assertThat(built.executor()).containsSame(executor);
      assertThat(built.version()).isEqualTo(Version.HTTP_1_1);
      assertThat(built.proxy()).containsSame(proxy);
      assertThat(built.authenticator()).containsSame(authenticator);
    }
  }

  @Test
  void nullsAreRefusedAtOnce() {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1/")).build();

    assertThatThrownBy(() -> client.send(null, BodyHandlers.ofString()))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.send(request, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.sendAsync(null, BodyHandlers.ofString()))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.sendAsync(request, null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.awaitTermination(null))
        .isInstanceOf(NullPointerException.class);
  }

  // ---- calls

  @Test
  void dependentActionsRunOnTheExecutor() throws Exception {
    var go = new CountDownLatch(1);
    var server =
        server(
            Script.keepAlive(
                peer -> {
                  peer.await(go);
                  peer.ok("fine");
                }));
    try (var executor = Executors.newSingleThreadExecutor(r -> new Thread(r, "the executor"));
        HttpClient executing = Hawser.newBuilder().executor(executor).build()) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();
      CompletableFuture<String> dependent =
          executing
              .sendAsync(request, BodyHandlers.ofString())
              .thenApply(response -> Thread.currentThread().getName());
      CompletableFuture<String> async =
          dependent.thenApplyAsync(name -> Thread.currentThread().getName());
      go.countDown();

      assertThat(dependent.get(10, TimeUnit.SECONDS)).isEqualTo("the executor");
      assertThat(async.get(10, TimeUnit.SECONDS)).isEqualTo("the executor");
    }
  }

  @Test
  void handlersAndSubscribersRunOnTheExecutor() throws Exception {
    var server = server(Script.ok("fine"));
    var request = HttpRequest.newBuilder(server.uri("/")).build();
    var threads = ConcurrentHashMap.<String>newKeySet();
    BodyHandler<Void> witness =
        head -> {
          threads.add(Thread.currentThread().getName());
          return BodySubscribers.ofByteArrayConsumer(
              part -> threads.add(Thread.currentThread().getName()));
        };
    try (var executor = Executors.newSingleThreadExecutor(r -> new Thread(r, "the executor"));
        HttpClient executing = Hawser.newBuilder().executor(executor).build()) {
      executing.sendAsync(request, witness).get(10, TimeUnit.SECONDS);
      assertThat(threads).containsExactly("the executor");

      // The executor's only thread reads what it could not deliver at the same time.
      byte[] read =
          executing
              .sendAsync(request, BodyHandlers.ofInputStream())
              .thenApply(ClientContractTest::readAll)
              .get(10, TimeUnit.SECONDS);
      assertThat(read).asString(StandardCharsets.UTF_8).isEqualTo("fine");

      BodyHandler<Void> faulty =
          BodyHandlers.ofByteArrayConsumer(
              part -> {
                throw new IllegalStateException("made up");
              });
      assertThatThrownBy(() -> executing.sendAsync(request, faulty).get(10, TimeUnit.SECONDS))
          .hasRootCauseMessage("made up");
    }
  }

  private static byte[] readAll(HttpResponse<InputStream> response) {
    try (var body = response.body()) {
      return body.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anExecutorThatRefusesLosesNoResult() throws Exception {
    var server = server(Script.ok("fine"));
    var executor = Executors.newSingleThreadExecutor();
    executor.shutdown();
    try (HttpClient executing = Hawser.newBuilder().executor(executor).build()) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();

      var future = executing.sendAsync(request, BodyHandlers.ofString());

      assertThat(future.get(10, TimeUnit.SECONDS).body()).isEqualTo("fine");
    }
  }

  @Test
  void aResponseTellsItsConnection() throws Exception {
    var server = server(Script.ok("first"), Script.ok("other"));

    var first = get(server);
    var second = get(server);
    client.drain(server.uri("/"));
    var other = get(server);

    assertThat(first.version()).isEqualTo(Version.HTTP_1_1);
    assertThat(first.sslSession()).isEmpty();
    assertThat(first.previousResponse()).isEmpty();
    assertThat(first.uri()).isEqualTo(server.uri("/"));
    assertThat(first.connectionLabel()).isPresent().isEqualTo(second.connectionLabel());
    assertThat(other.connectionLabel()).isPresent().isNotEqualTo(first.connectionLabel());
    assertThat(first.connection().exchanges()).isEqualTo(1);
    assertThat(second.connection().exchanges()).isEqualTo(2);
    assertThat(second.connection().id()).isEqualTo(first.connection().id());
    assertThat(second.connection().remoteAddress()).isEqualTo(server.address());
    assertThat(second.connection().tls()).isEmpty();
    assertThat(first.timeline().reused()).isFalse();
    assertThat(second.timeline().reused()).isTrue();
  }

  @Test
  void theTimelineAddsUp() throws Exception {
    var server =
        server(
            Script.keepAlive(
                peer -> {
                  peer.pause(Duration.ofMillis(60));
                  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfi");
                  peer.pause(Duration.ofMillis(40));
                  peer.send("ne");
                }));
    for (int i = 0; i < 2; i++) {
      Timeline timeline = get(server).timeline();

      Duration sum =
          timeline
              .queue()
              .plus(timeline.dns())
              .plus(timeline.connect())
              .plus(timeline.tls())
              .plus(timeline.request())
              .plus(timeline.firstByte())
              .plus(timeline.body());
      assertThat(timeline.firstByte()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
      assertThat(timeline.body()).isGreaterThanOrEqualTo(Duration.ofMillis(30));
      assertThat(sum).isLessThanOrEqualTo(timeline.total());
      assertThat(timeline.total().minus(sum)).isLessThan(Duration.ofMillis(500));
      assertThat(timeline.tls()).isZero();
      assertThat(timeline.connect().isPositive()).isEqualTo(i == 0);
    }
  }

  @Test
  void trailersAreThereWithTheBody() throws Exception {
    var server =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "4\r\nfine\r\n0\r\nA: b\r\nA: c\r\n\r\n")));

    var response = get(server);

    assertThat(response.trailers().allValues("a")).containsExactly("b", "c");
    assertThat(response.headers().firstValue("a")).isEmpty();
  }

  // ---- deadlines and failures have the JDK's types

  @Test
  void theRequestsTimeoutCoversTheBody() throws Exception {
    var server = server(Script.answerAndStall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"));

    assertThatThrownBy(
            () -> send(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(200))))
        .isInstanceOf(HttpTimeoutException.class)
        .isNotInstanceOf(HttpConnectTimeoutException.class)
        .hasMessageContaining("200 ms");

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void theConnectTimeoutHasItsOwnType() throws Exception {
    try (var blackhole = Ports.blackhole();
        HttpClient hasty = Hawser.newBuilder().connectTimeout(Duration.ofMillis(200)).build()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + blackhole.port() + "/")).build();

      assertThatThrownBy(() -> hasty.send(request, BodyHandlers.ofString()))
          .isInstanceOf(HttpConnectTimeoutException.class)
          .satisfies(
              e -> assertThat(((ExchangeFailure) e).details().phase()).isEqualTo(Phase.CONNECT));
      assertThatThrownBy(() -> hasty.sendAsync(request, BodyHandlers.ofString()).get())
          .hasCauseInstanceOf(HttpConnectTimeoutException.class);
    }
  }

  @Test
  void theRequestsTimeoutWhileStillConnectingHasThatTypeToo() throws Exception {
    try (var blackhole = Ports.blackhole();
        HttpClient jdk = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + blackhole.port() + "/"))
              .timeout(Duration.ofMillis(300))
              .build();

      for (HttpClient each : List.of(jdk, client)) {
        assertThatThrownBy(() -> each.send(request, BodyHandlers.ofString()))
            .isInstanceOf(HttpConnectTimeoutException.class);
        assertThatThrownBy(() -> each.sendAsync(request, BodyHandlers.ofString()).get())
            .hasCauseInstanceOf(HttpConnectTimeoutException.class);
      }

      long start = System.nanoTime();
      Throwable thrown = catchThrowable(() -> client.send(request, BodyHandlers.ofString()));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(290), Duration.ofSeconds(3));
      assertThat(thrown)
          .hasMessageContaining("the request's timeout of 300 ms passed")
          .hasMessageContaining("127.0.0.1:" + blackhole.port());
      ExchangeFailure.Details details = ((ExchangeFailure) thrown).details();
      assertThat(details.phase()).isEqualTo(Phase.CONNECT);
      assertThat(details.timeline().connect()).isPositive();
      assertThat(client.snapshot().waiting()).isZero();
    }
  }

  @Test
  void aRefusedConnectionIsAConnectException() throws Exception {
    try (var refused = Ports.refused()) {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + refused.port() + "/"));

      assertThatThrownBy(() -> send(request))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("127.0.0.1:" + refused.port())
          .hasMessageContaining("refused");
    }
  }

  @Test
  void anUnknownHostIsAConnectException() {
    var request = HttpRequest.newBuilder(URI.create("http://no-such-host.invalid/"));

    assertThatThrownBy(() -> send(request))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("unknown host no-such-host.invalid")
        .satisfies(e -> assertThat(((ExchangeFailure) e).details().phase()).isEqualTo(Phase.DNS));
  }

  @Test
  void aResponseTellsOfItsOwnExchangeThoughTheConnectionGoesOn() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(server(Script.ok("fine")).uri("/")).build();
    var client = new AtomicReference<HawserClient>();
    ExchangeListener onceMore =
        event -> {
          if (event instanceof ExchangeEvent.Completed done && done.exchange() == 1) {
            client.get().sendAsync(request, BodyHandlers.ofString()).join();
          }
        };

    try (HawserClient busy = Hawser.newBuilder().listener(onceMore).build()) {
      client.set(busy);
      HawserResponse<String> first = busy.send(request, BodyHandlers.ofString());

      assertThat(busy.snapshot().counters().reused()).isEqualTo(1);
      assertThat(first.connection().exchanges()).isEqualTo(1);
    }
  }
}
