package dev.hawser.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Script;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link HttpResponse} and {@link HttpHeaders}, method by method. */
@OnBothClients
class ResponseCompatTest extends WithBothClients {
  @Test
  void itTellsWhatWasAskedAndWhatCame() throws Exception {
    HttpRequest request = to("/bytes/3").build();

    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(letters(3));
    assertThat(response.uri()).isEqualTo(request.uri());
    assertThat(response.request().uri()).isEqualTo(request.uri());
    assertThat(response.request().method()).isEqualTo("GET");
    assertThat(response.version()).isEqualTo(subject.version());
    assertThat(response.previousResponse()).isEmpty();
    assertThat(response.sslSession().isPresent())
        .isEqualTo(request.uri().getScheme().equals("https"));
    assertThat(response).hasToString("(GET " + request.uri() + ") 200");
  }

  @Test
  void theRequestIsTheOneThatWasGiven() throws Exception {
    HttpRequest request = to("/").header("X-Mine", "1").build();

    HttpRequest told = client.send(request, BodyHandlers.discarding()).request();

    assertThat(told).isEqualTo(request).hasSameHashCodeAs(request);
    assertThat(told.version()).isEqualTo(request.version());
    assertThat(told.headers().map()).containsOnlyKeys("X-Mine");
  }

  @Test
  void theLabelIsTheConnections() throws Exception {
    HttpResponse<String> first = get("/");
    HttpResponse<String> second = get("/");

    assertThat(first.connectionLabel()).isPresent().isEqualTo(second.connectionLabel());
    try (var other = builder().build()) {
      assertThat(other.send(to("/").build(), BodyHandlers.ofString()).connectionLabel())
          .isPresent();
    }
  }

  @Test
  void theSessionIsTheConnections() throws Exception {
    HttpResponse<String> response = send(HttpRequest.newBuilder(secure("/")));

    assertThat(response.sslSession())
        .hasValueSatisfying(
            session -> {
              assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
              assertThat(session.getCipherSuite()).startsWith("TLS_");
              assertThat(session.isValid()).isTrue();
            });
    assertThat(response.sslSession().orElseThrow().getPeerCertificates()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 202, 400, 401, 404, 407, 418, 500, 503, 599, 999})
  void everyStatusIsAResponse(int status) throws Exception {
    HttpResponse<String> response = get("/status/" + status);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).startsWith(status + " ");
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 304})
  void someHaveNoBody(int status) throws Exception {
    HttpResponse<String> response = get("/status/" + status);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aHeadHasNoBodyButTellsItsLength() throws Exception {
    HttpResponse<String> response = send(to("/bytes/1000").HEAD());

    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(1000);
    assertThat(response.request().method()).isEqualTo("HEAD");
    assertThat(get("/bytes/1").body()).isEqualTo(letters(1)); // the connection is in step
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes/0",
        "bytes/1",
        "bytes/16383",
        "bytes/16384",
        "bytes/16385",
        "bytes/5000000",
        "chunked/0",
        "chunked/1",
        "chunked/16385",
        "chunked/5000000"
      })
  void bodiesOfAnySizeComeWhole(String path) throws Exception {
    int length = Integer.parseInt(path.substring(path.indexOf('/') + 1));

    assertThat(get("/" + path).body()).isEqualTo(letters(length));
  }

  @Test
  void headersAreFoundWhateverTheirCase() throws Exception {
    HttpHeaders headers = get("/bytes/12").headers();

    assertThat(headers.firstValue("content-LENGTH")).contains("12");
    assertThat(headers.firstValueAsLong("Content-length")).isEqualTo(OptionalLong.of(12));
    assertThat(headers.map()).containsKey("CONTENT-TYPE");
    assertThat(headers.firstValue("X-Absent")).isEmpty();
    assertThat(headers.allValues("X-Absent")).isEmpty();
    assertThatThrownBy(() -> headers.firstValueAsLong("content-type"))
        .isInstanceOf(NumberFormatException.class);
    assertThatThrownBy(() -> headers.map().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> headers.allValues("content-type").add("more"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aHeadersValuesComeInTheirOrder() throws Exception {
    HttpHeaders headers = get("/cookies/set?b=2&a=1&c=3").headers();

    assertThat(headers.allValues("Set-Cookie"))
        .containsExactly("b=2; Path=/", "a=1; Path=/", "c=3; Path=/");
    assertThat(headers.firstValue("set-cookie")).contains("b=2; Path=/");
  }

  @Test
  void pseudoHeadersAreNoHeaders() throws Exception {
    String expected =
        subject.version() == Version.HTTP_2 ? Difference.PSEUDO_HEADERS.of(subject) : "[]";

    List<String> pseudo =
        get("/").headers().map().keySet().stream().filter(name -> name.startsWith(":")).toList();

    assertThat(pseudo).hasToString(expected);
  }

  @Test
  void trailersAreNoHeaders() throws Exception {
    HttpResponse<String> response = get("/trailers");

    assertThat(response.body()).isEqualTo("trailers follow\n");
    assertThat(response.headers().firstValue("x-done")).isEmpty();
  }

  @Test
  void theClientsAddressIsTheOneAskedFor() throws Exception {
    try (var server =
            FaultServer.start(
                peer -> {
                  peer.readRequest();
                  peer.ok(peer.socket().getInetAddress().getHostAddress());
                });
        HttpClient local = builder().localAddress(InetAddress.ofLiteral("127.0.0.7")).build()) {
      assertThat(
              local
                  .send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString())
                  .body())
          .isEqualTo("127.0.0.7");
    }
  }

  // ---- HTTP/2 in clear text

  @Test
  void aServerThatAgreesIsSpokenToInHttp2() throws Exception {
    if (subject.version() == Version.HTTP_1_1) {
      return; // which switches it off, as the next test shows
    }
    try (var server = FaultServer.start(Http2Script.ok("hello"))) {
      for (int i = 0; i < 2; i++) {
        HttpResponse<String> response = send(HttpRequest.newBuilder(server.uri("/")));
        assertThat(response.body()).isEqualTo("hello");
        assertThat(response.version()).isEqualTo(Version.HTTP_2);
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void howManyRequestsAsk() throws Exception {
    var asking = new AtomicInteger();
    try (var server =
        FaultServer.start(
            peer -> {
              while (true) {
                if (peer.readRequest().header("upgrade").contains("h2c")) {
                  asking.incrementAndGet();
                }
                peer.ok("over HTTP/1.1");
              }
            })) {
      var request = HttpRequest.newBuilder(server.uri("/"));
      send(request.GET());
      send(request.POST(BodyPublishers.ofString("body")));
      send(request.GET());
    }
    assertThat(Integer.toString(asking.get()))
        .isEqualTo(subject.version() == Version.HTTP_1_1 ? "0" : Difference.UPGRADES.of(subject));
  }

  // ---- the version

  @Test
  void theRequestsVersionGoesBeforeTheClients() throws Exception {
    for (Version asked : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
      HttpResponse<String> response = send(HttpRequest.newBuilder(secure("/")).version(asked));

      assertThat(response.version()).isEqualTo(asked);
      assertThat(response.request().version()).contains(asked);
    }
  }

  @Test
  void whoDoesNotSpeakHttp2IsSpokenToInHttp1() throws Exception {
    try (var server = FaultServer.start(Script.ok("fine"))) {
      HttpResponse<String> response =
          send(HttpRequest.newBuilder(server.uri("/")).version(Version.HTTP_2));

      assertThat(response.body()).isEqualTo("fine");
      assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
    }
  }
}
