package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By a SOCKS proxy, which is told names and resolves them itself. */
@Timeout(60)
class SocksTest extends WithClient {
  private final Detour detour = new Detour();
  private volatile String password = "sesame";

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .authenticator(
            new Authenticator() {
              @Override
              protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("user", password.toCharArray());
              }
            })
        .proxy(detour);
  }

  private FaultServer proxy(Script script) throws IOException {
    FaultServer server = server(script);
    detour.useSocks(server);
    return server;
  }

  private static String hex(Peer peer, int count) throws IOException {
    return HexFormat.of().formatHex(peer.readExactly(count));
  }

  private static void send(Peer peer, String hex) throws IOException {
    peer.send(HexFormat.of().parseHex(hex));
  }

  private static void passOn(Peer peer, InetSocketAddress address) throws IOException {
    try (var onwards = new Socket(address.getAddress(), address.getPort())) {
      peer.passOn(onwards);
    }
  }

  /** A proxy that wants no password, and whoever is asked for connects to this server. */
  static Script leadingTo(InetSocketAddress address) {
    return peer -> {
      peer.readExactly(peer.readExactly(2)[1]);
      send(peer, "0500");
      byte[] request = peer.readExactly(5); // version, CONNECT, 0, a name, its length
      peer.readExactly(request[4] + 2);
      send(peer, "05000001" + "7f000001" + "0050");
      passOn(peer, address);
    };
  }

  private static String name(String host) {
    return "%02x".formatted(host.length())
        + HexFormat.of().formatHex(host.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void theProxyIsToldTheNameAndIsThenOutOfTheWay() throws Exception {
    FaultServer origin = server(Script.ok("fine"));
    FaultServer socks =
        proxy(
            peer -> {
              assertThat(hex(peer, 4)).isEqualTo("05020002");
              send(peer, "0500");
              assertThat(hex(peer, 15)).isEqualTo("05010003" + name("one.test") + "1f90");
              send(peer, "05000001" + "7f000001" + "0050");
              passOn(peer, origin.address());
            });

    for (int i = 0; i < 3; i++) {
      HawserResponse<String> response =
          send(HttpRequest.newBuilder(URI.create("http://one.test:8080/x")));
      assertThat(response.body()).isEqualTo("fine");
      assertThat(response.connection().proxied()).isTrue();
      assertThat(response.connection().origin().host()).isEqualTo("one.test");
    }
    assertThat(origin.requests().getFirst().target()).isEqualTo("/x");
    assertThat(socks.connections()).isEqualTo(1);
  }

  @Test
  void withAPassword() throws Exception {
    FaultServer origin = server(Script.ok("fine"));
    proxy(
        peer -> {
          peer.readExactly(4);
          send(peer, "0502");
          assertThat(hex(peer, 13)).isEqualTo("01" + name("user") + name("sesame"));
          send(peer, "0100");
          peer.readExactly(15);
          send(peer, "05000003" + name("bound") + "0050");
          passOn(peer, origin.address());
        });

    assertThat(send(HttpRequest.newBuilder(URI.create("http://one.test/"))).body())
        .isEqualTo("fine");
  }

  @ParameterizedTest
  @CsvSource({
    "0500,05050001000000000000,connection refused",
    "0500,05020001000000000000,not allowed by its rules",
    "05ff,,wants a password",
    "0502,0101,refuses the password",
    "4854,,does not speak SOCKS 5",
    "05,,closed in the middle",
    "0500,05000009,unknown kind"
  })
  void whatGoesWrong(String choice, String then, String said) throws Exception {
    FaultServer socks =
        proxy(
            peer -> {
              peer.readExactly(4);
              send(peer, choice);
              if (then != null) {
                peer.readExactly(13);
                send(peer, then);
              }
            });

    ProxyFailedException failure =
        catchThrowableOfType(
            ProxyFailedException.class,
            () -> send(HttpRequest.newBuilder(URI.create("http://one.test/"))));

    assertThat(failure).hasMessageContaining(said).hasMessageContaining("the SOCKS proxy");
    assertThat(failure.details().phase()).isEqualTo(Phase.PROXY);
    assertThat(failure.getMessage()).doesNotContain("sesame");
    assertThat(socks.awaitAllClosed(PATIENCE)).isTrue();
  }
}
