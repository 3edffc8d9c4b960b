package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Request;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Script;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that a dying HTTP/2 connection may have taken along, by the whole client. */
@Timeout(60)
class Http2StaleTest extends WithClient {
  /** Says that it has taken the second request, and dies over it. */
  private static Http2Script diesOverTheSecond() {
    return peer -> {
      peer.handshake();
      peer.ok(peer.readRequest(), "first");
      Http2Request second = peer.readRequest();
      peer.goAway(second.stream(), Http2Error.NO_ERROR, "going down");
    };
  }

  @Test
  void aGetIsRepeatedOnceLikeOnAStaleConnectionOfHttp1() throws Exception {
    FaultServer server = server(diesOverTheSecond(), Script.ok("again"));
    assertThat(get(server).body()).isEqualTo("first");

    assertThat(get(server).body()).isEqualTo("again");

    assertThat(client.snapshot().counters().repeats()).isEqualTo(1);
  }

  @Test
  void aPostIsNot() throws Exception {
    FaultServer server = server(diesOverTheSecond(), Script.ok("again"));
    assertThat(get(server).body()).isEqualTo("first");

    assertThatThrownBy(
            () -> send(HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofString("x"))))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("was not repeated because");

    assertThat(client.snapshot().counters().repeats()).isZero();
  }

  @Test
  void norIsAGetOfWhichTheAnswerHasBegun() throws Exception {
    FaultServer server =
        server(
            peer -> {
              var http2 = new Http2Peer(peer);
              http2.handshake();
              http2.ok(http2.readRequest(), "first");
              Http2Request second = http2.readRequest();
              http2.headers(second.stream(), 103);
              http2.goAway(second.stream(), Http2Error.NO_ERROR, "going down");
            });
    assertThat(get(server).body()).isEqualTo("first");

    assertThatThrownBy(() -> get(server)).isInstanceOf(ExchangeException.class);
  }
}
