package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Type;

/** Of a name with two addresses, one does not come as far as HTTP. */
@Tag("tls")
@Timeout(60)
class EjectionOverTlsTest extends WithClient {
  private static final String NAME = "a.test";

  private final TestAuthority authority = TestAuthority.create();
  private DnsServer dns;

  @BeforeEach
  void openDns() throws IOException {
    dns = DnsServer.start();
    dns.set(NAME, Type.A, 60, "127.0.0.2", "127.0.0.3");
    client.close();
    client =
        Hawser.newBuilder()
            .listener(witness)
            .ejection(e -> e.failuresInARow(1))
            .sslContext(OwnContext.trusting(authority))
            .dns(d -> d.servers(dns.address()))
            .build();
  }

  @AfterEach
  void closeDns() throws IOException {
    dns.close();
    assertThat(dns.failures()).isEmpty();
  }

  private static FaultServer.Builder at(String address, int port) {
    return FaultServer.builder().address(new InetSocketAddress(address, port));
  }

  @Test
  void anAddressWithoutAHandshakeFailsOneCallAndIsEjected() throws Exception {
    FaultServer broken = server(at("127.0.0.2", 0), Script.resetOnAccept());
    Tls tls = Tls.of(authority.issue(certificate -> certificate.names(NAME)).serverContext());
    server(
        at("127.0.0.3", broken.port()).tls(tls),
        Script.answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfine"));
    var request = HttpRequest.newBuilder(URI.create("https://" + NAME + ":" + broken.port() + "/"));
    int failed = 0;
    for (int i = 0; i < 12; i++) {
      try {
        assertThat(send(request).body()).isEqualTo("fine");
      } catch (TlsFailedException e) {
        failed++;
      }
    }

    assertThat(failed).isEqualTo(1);
    assertThat(witness.all(ExchangeEvent.Ejected.class))
        .extracting(told -> told.address().getHostAddress())
        .containsExactly("127.0.0.2");
  }
}
