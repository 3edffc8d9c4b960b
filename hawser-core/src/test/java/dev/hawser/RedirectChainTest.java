package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redirects over several hops, relative ones, and those between https and http (fault 16). */
@Tag("tls")
@Timeout(30)
class RedirectChainTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .followRedirects(Redirect.NORMAL)
        .sslContext(OwnContext.trusting(ROOT));
  }

  private static Script to(String location) {
    return Script.keepAlive(
        peer ->
            peer.send(
                "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"));
  }

  @Test
  void eachResponseKnowsTheOneBefore() throws Exception {
    var last = server(Script.ok("there"));
    var middle = server(to(last.origin() + "/3"));
    var first = server(to(middle.origin() + "/2"));

    HttpResponse<String> response = send(HttpRequest.newBuilder(first.uri("/1")));

    List<URI> uris = new ArrayList<>();
    for (var each = response; each != null; each = each.previousResponse().orElse(null)) {
      uris.add(each.uri());
    }
    assertThat(response.body()).isEqualTo("there");
    assertThat(uris).containsExactly(last.uri("/3"), middle.uri("/2"), first.uri("/1"));
    assertThat(response.previousResponse().orElseThrow().body()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"to, /a/to", "./to, /a/to", "../to, /to", "/to?q, /to?q", "?q, /a/?q", "to#f, /a/to"})
  void aRelativeLocationIsResolved(String location, String target) throws Exception {
    var server =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 302 Found\r\nLocation: "
                            + location
                            + "\r\nContent-Length: 0\r\n\r\n")));

    try (HawserClient once =
        options().exchange(e -> e.maxRedirects(1)).followRedirects(Redirect.NORMAL).build()) {
      once.send(HttpRequest.newBuilder(server.uri("/a/from")).build(), BodyHandlers.ofString());
    }

    assertThat(server.requests()).extracting(Received::target).containsExactly("/a/from", target);
  }

  @ParameterizedTest
  @CsvSource({"NEVER, 302", "NORMAL, 302", "ALWAYS, 200"})
  void httpsFallsToHttpOnlyWhereAlwaysWasAskedFor(Redirect policy, int status) throws Exception {
    var plain = server(Script.ok("plain"));
    var secure =
        server(FaultServer.builder().tls(ROOT.localhost().tls()), to(plain.origin() + "/"));

    try (HawserClient following = options().followRedirects(policy).build()) {
      var request = HttpRequest.newBuilder(secure.uri("/")).build();
      assertThat(following.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(status);
    }

    assertThat(plain.requests()).hasSize(status == 200 ? 1 : 0);
  }

  @Test
  void httpMayRiseToHttps() throws Exception {
    var secure = server(FaultServer.builder().tls(ROOT.localhost().tls()), Script.ok("secure"));
    var plain = server(to(secure.origin() + "/"));

    assertThat(get(plain).body()).isEqualTo("secure");
  }

  @Test
  void aHeadStaysAHead() throws Exception {
    var server =
        server(
            Script.keepAlive(peer -> peer.send("HTTP/1.1 303 See Other\r\nLocation: /to\r\n\r\n")));

    send(HttpRequest.newBuilder(server.uri("/from")).method("HEAD", BodyPublishers.noBody()));

    assertThat(server.requests()).extracting(Received::method).containsOnly("HEAD");
  }
}
