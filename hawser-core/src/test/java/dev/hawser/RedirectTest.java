package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.net.CookieManager;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redirects by the JDK's policies and RFC 9110, and cookies. */
@Timeout(30)
class RedirectTest {
  private static FaultServer redirecting(String status, String location) throws Exception {
    return FaultServer.start(
        peer -> {
          while (true) {
            Received request = peer.readRequest();
            if (request.target().equals("/from")) {
              peer.send(
                  "HTTP/1.1 "
                      + status
                      + " X\r\nLocation: "
                      + location
                      + "\r\nContent-Length: 4\r\n\r\nbody");
            } else {
              peer.ok(request.method() + " " + request.text());
            }
          }
        });
  }

  private static HawserClient client(Redirect policy) {
    return Hawser.newBuilder().followRedirects(policy).build();
  }

  @ParameterizedTest
  @CsvSource({
    "301, POST, GET",
    "302, POST, GET",
    "303, POST, GET",
    "307, POST, POST data",
    "308, POST, POST data",
    "301, PUT, PUT data",
    "303, PUT, GET",
    "302, GET, GET",
    "308, GET, GET"
  })
  void methodsFollowTheRfc(String status, String method, String expected) throws Exception {
    try (var server = redirecting(status, "/to");
        var client = client(Redirect.NORMAL)) {
      var body = method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("data");
      var response =
          client.send(
              HttpRequest.newBuilder(server.uri("/from")).method(method, body).build(),
              BodyHandlers.ofString());

      assertThat(response.body().strip()).isEqualTo(expected);
      assertThat(response.uri()).isEqualTo(server.uri("/to"));
      var previous = response.previousResponse().orElseThrow();
      assertThat(previous.statusCode()).isEqualTo(Integer.parseInt(status));
      assertThat(previous.uri()).isEqualTo(server.uri("/from"));
      assertThat(server.connections())
          .as("the redirect's body was read, the connection reused")
          .isEqualTo(1);
    }
  }

  @Test
  void neverMeansNever() throws Exception {
    try (var server = redirecting("302", "/to");
        var client = client(Redirect.NEVER)) {
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(server.uri("/from")).build(), BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(302);
    }
  }

  @Test
  void aLoopEndsAfterFiveAndTheRedirectIsReturned() throws Exception {
    try (var server = redirecting("302", "/from");
        var client = client(Redirect.ALWAYS)) {
      var response =
          client.send(HttpRequest.newBuilder(server.uri("/from")).build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(302);
      assertThat(server.requests()).hasSize(6);
    }
  }

  @Test
  void credentialsDoNotCrossOrigins() throws Exception {
    try (var other = FaultServer.start(Script.ok("other"));
        var server = redirecting("302", "http://" + other.authority() + "/");
        var client = client(Redirect.NORMAL)) {
      var request =
          HttpRequest.newBuilder(server.uri("/from"))
              .header("Authorization", "Bearer secret")
              .header("Cookie", "a=b")
              .header("X-Kept", "yes")
              .build();
      assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("other");

      Received first = server.requests().getFirst();
      Received second = other.requests().getFirst();
      assertThat(first.header("authorization")).hasSize(1);
      assertThat(second.header("authorization")).isEmpty();
      assertThat(second.header("cookie")).isEmpty();
      assertThat(second.header("x-kept")).hasSize(1);
      assertThat(second.header("host")).containsExactly(other.authority());
    }
  }

  @ParameterizedTest
  @CsvSource({"file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://[broken", "%zz"})
  void aRedirectToNowhereIsAnError(String location) throws Exception {
    try (var server = redirecting("302", location);
        var client = client(Redirect.ALWAYS)) {
      assertThatThrownBy(
              () ->
                  client.send(
                      HttpRequest.newBuilder(server.uri("/from")).build(), BodyHandlers.ofString()))
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("redirect");
      assertThat(client.snapshot().leased()).isZero();
    }
  }

  @Test
  void aRedirectWithoutLocationIsAnError() throws Exception {
    try (var server =
            FaultServer.start(Script.answer("HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n"));
        var client = client(Redirect.NORMAL)) {
      assertThatThrownBy(
              () ->
                  client.send(
                      HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString()))
          .hasMessageContaining("without Location");
    }
  }

  @Test
  void cookiesGoRound() throws Exception {
    try (var server =
            FaultServer.start(
                Script.keepAlive(
                    peer ->
                        peer.send(
                            "HTTP/1.1 200 OK\r\n"
                                + "Set-Cookie: a=b; Path=/\r\n"
                                + "Content-Length: 0\r\n\r\n")));
        var client = Hawser.newBuilder().cookieHandler(new CookieManager()).build()) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();
      client.send(request, BodyHandlers.discarding());
      client.send(request, BodyHandlers.discarding());

      assertThat(server.requests().get(0).header("cookie")).isEmpty();
      assertThat(server.requests().get(1).header("cookie")).containsExactly("a=b");
    }
  }
}
