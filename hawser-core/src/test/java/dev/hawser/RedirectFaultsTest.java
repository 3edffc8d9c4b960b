package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects to where a client should not go, and with what it cannot send again (fault 16). */
@Timeout(30)
class RedirectFaultsTest extends WithClient {
  private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().followRedirects(Redirect.NORMAL);
  }

  /** Sends whoever asks for {@code /from} on, and tells others what they sent. */
  private static Script redirect(int status, String location) {
    String answer =
        "HTTP/1.1 " + status + " X\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
    return peer -> {
      while (true) {
        Received request = peer.readRequest();
        if (request.target().equals("/from")) {
          peer.send(answer);
        } else {
          peer.ok(request.method() + " " + request.text());
        }
      }
    };
  }

  // ---- to an address of the inner network

  @Test
  void anAddressThatIsNotAllowedIsNotReachedByARedirect() throws Exception {
    InetAddress inner = InetAddress.getByName("127.0.0.2");
    var secret =
        server(
            FaultServer.builder().address(new InetSocketAddress(inner, 0)), Script.ok("metadata"));
    for (String host : List.of("127.0.0.2", "harmless.test")) {
      var server = server(redirect(302, "http://" + host + ":" + secret.port() + "/"));
      HawserClient.Builder guarded =
          options()
              .dns(
                  d ->
                      d.hosts(Map.of("harmless.test", List.of(inner)))
                          .allowed(address -> !address.equals(inner)));
      try (HawserClient careful = guarded.build()) {
        var request = HttpRequest.newBuilder(server.uri("/from")).build();

        assertThatThrownBy(() -> careful.send(request, BodyHandlers.ofString()))
            .isInstanceOf(ConnectFailedException.class)
            .hasMessageContaining(host)
            .hasMessageContaining("dns.allowed");
      }
    }
    assertThat(secret.connections()).isZero();
  }

  // ---- with credentials in it

  @Test
  void credentialsInALocationAreNeitherSentNorShown() throws Exception {
    var other = server(redirect(302, "unused"));
    var server = server(redirect(302, "http://user:secret@" + other.authority() + "/to"));

    var response = send(HttpRequest.newBuilder(server.uri("/from")));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(other.transcript()).doesNotContain("secret", "user:", "Authorization");
    assertThat(response.toString()).doesNotContain("secret");
    assertThat(witness.all(ExchangeEvent.class).toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:secret@127.0.0.1:REFUSED/to",
        "http://user:secret@127.0.0.1:REFUSED/%zz",
        "http://user:secret@[broken/",
        "http://user:secret@not_a_host/",
        "http://user:secret@127.0.0.1:70000/",
        "ftp://user:secret@127.0.0.1/"
      })
  void credentialsInALocationAreNotInAnError(String location) throws Exception {
    try (var refused = Ports.refused()) {
      var server =
          server(redirect(302, location.replace("REFUSED", Integer.toString(refused.port()))));

      Throwable thrown = catchThrowable(() -> send(HttpRequest.newBuilder(server.uri("/from"))));

      assertThat(thrown).isInstanceOf(IOException.class).isInstanceOf(ExchangeFailure.class);
      for (Throwable each = thrown; each != null; each = each.getCause()) {
        assertThat(each.toString()).doesNotContain("secret", "user:");
      }
      assertThat(witness.all(ExchangeEvent.class).toString()).doesNotContain("secret");
    }
  }

  // ---- with a body that is to be sent again

  @ParameterizedTest
  @ValueSource(ints = {307, 308})
  void aStreamIsOpenedAgain(int status) throws Exception {
    var server = server(redirect(status, "/to"));
    var upload =
        HttpRequest.newBuilder(server.uri("/from"))
            .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(DATA)))
            .build();

    try (HttpClient jdk = jdk()) {
      for (HttpClient each : List.of(jdk, client)) {
        assertThat(each.send(upload, BodyHandlers.ofString()).body()).isEqualTo("PUT data");
      }
    }

    assertThat(server.requests()).extracting(Received::text).containsOnly("data");
  }

  /** As the JDK says of them: a stream that is not to be had again is null. */
  private enum OneShot {
    STREAM,
    PUBLISHER;

    BodyPublisher publisher() {
      if (this == PUBLISHER) {
        return BodyPublishers.fromPublisher(new Once());
      }
      var once = new AtomicReference<>(new ByteArrayInputStream(DATA));
      return BodyPublishers.ofInputStream(() -> once.getAndSet(null));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatIsThereOnlyOnceFailsTheCall(OneShot body) throws Exception {
    var server = server(redirect(307, "/to"));

    try (HttpClient jdk = jdk()) {
      for (HttpClient each : List.of(jdk, client)) {
        var upload = HttpRequest.newBuilder(server.uri("/from")).POST(body.publisher()).build();

        assertThatThrownBy(() -> each.send(upload, BodyHandlers.ofString()))
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(HttpTimeoutException.class);
      }
    }

    assertThat(server.requests())
        .as("no request without its body is taken for whole")
        .extracting(Received::target)
        .containsExactly("/from", "/from");
  }

  /** Refuses a second subscriber, as a publisher of what comes only once has to. */
  private static final class Once implements Flow.Publisher<ByteBuffer> {
    private final AtomicBoolean taken = new AtomicBoolean();

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      boolean first = taken.compareAndSet(false, true);
      subscriber.onSubscribe(
          new Flow.Subscription() {
            private final AtomicBoolean given = new AtomicBoolean();

            @Override
            public void request(long n) {
              if (first && given.compareAndSet(false, true)) {
                subscriber.onNext(ByteBuffer.wrap(DATA));
                subscriber.onComplete();
              }
            }

            @Override
            public void cancel() {}
          });
      if (!first) {
        subscriber.onError(new IllegalStateException("serves only once"));
      }
    }
  }

  private static HttpClient jdk() {
    return HttpClient.newBuilder()
        .version(Version.HTTP_1_1)
        .followRedirects(Redirect.NORMAL)
        .build();
  }
}
