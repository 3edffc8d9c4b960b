package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.Script;
import java.net.CookieManager;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cookies by the JDK's CookieManager, also along redirects (fault 16). */
@Timeout(30)
class CookieTest extends WithClient {
  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().cookieHandler(new CookieManager()).followRedirects(Redirect.NORMAL);
  }

  private static Script setting(String cookie) {
    return Script.keepAlive(
        peer ->
            peer.send(
                "HTTP/1.1 200 OK\r\nSet-Cookie: " + cookie + "\r\nContent-Length: 0\r\n\r\n"));
  }

  @Test
  void aCookieComesBackOnItsPathOnly() throws Exception {
    var server = server(setting("a=b; Path=/in"));

    send(HttpRequest.newBuilder(server.uri("/in/1")));
    send(HttpRequest.newBuilder(server.uri("/in/2")));
    send(HttpRequest.newBuilder(server.uri("/out")));

    assertThat(server.requests())
        .extracting(request -> String.join("; ", request.header("cookie")))
        .containsExactly("", "a=b", "");
  }

  @Test
  void aSecureCookieDoesNotGoOverPlainHttp() throws Exception {
    var server = server(setting("a=b; Path=/; Secure"));

    get(server);
    get(server);

    assertThat(server.requests().getLast().header("cookie")).isEmpty();
  }

  @Test
  void aRedirectsCookieIsSentToWhereItLeads() throws Exception {
    var server =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 302 Found\r\nLocation: /to\r\nSet-Cookie: a=b; Path=/\r\n"
                            + "Content-Length: 0\r\n\r\n")));

    send(HttpRequest.newBuilder(server.uri("/from")));

    assertThat(server.requests()).hasSize(6);
    assertThat(server.requests().getFirst().header("cookie")).isEmpty();
    assertThat(server.requests().get(1).header("cookie")).containsExactly("a=b");
  }
}
