package dev.hawser.faults.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultProxy;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** How a client is tested, here the JDK's: the example of the documentation. */
class ExampleTest {
  // @start region="example"
  @RegisterExtension final Faults faults = new Faults();

  @Test
  void afterACutAnswerTheNextCallWorks() throws Exception {
    String cut = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel";
    FaultServer server = faults.server(Script.answer(cut), Script.ok("hello"));
    HttpClient client = faults.closing(HttpClient.newHttpClient());
    HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();

    assertThrows(IOException.class, () -> client.send(request, BodyHandlers.ofString()));
    assertEquals("hello", client.send(request, BodyHandlers.ofString()).body());
    assertEquals(2, server.connections());
  }

  // @end

  @Test
  void aPulledCableEndsWithTheTimeout() throws Exception {
    OriginServer origin = faults.origin();
    FaultProxy wire = faults.wireTo(origin.address());
    HttpClient client = faults.closing(HttpClient.newHttpClient());
    wire.holdAfter(0);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + wire.port() + "/"))
            .timeout(Duration.ofMillis(200))
            .build();

    assertThrows(HttpTimeoutException.class, () -> client.send(request, BodyHandlers.ofString()));
    client.shutdownNow();
  }

  @Test
  void anImpostorIsNotTrusted() throws Exception {
    FaultServer server =
        faults.server(
            FaultServer.builder().tls(faults.authority().impostor("other").localhost().tls()),
            Script.closeAfter(1, peer -> peer.ok("secrets")));
    HttpClient client =
        faults.closing(
            HttpClient.newBuilder().sslContext(faults.authority().clientContext()).build());
    HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();

    assertThrows(IOException.class, () -> client.send(request, BodyHandlers.ofString()));
    assertEquals(0, server.requests().size());
  }

  @Test
  void aRecordMoves() throws Exception {
    DnsServer dns = faults.dns();
    var resolver =
        new SimpleResolver(new InetSocketAddress(InetAddress.getLoopbackAddress(), dns.port()));
    Message question =
        Message.newQuery(Record.newRecord(Name.fromString("www.example."), Type.A, DClass.IN));
    for (String address : new String[] {"127.0.0.1", "127.0.0.2"}) {
      dns.set("www.example", Type.A, 60, address);

      Record answer = resolver.send(question).getSection(Section.ANSWER).getFirst();
      assertEquals(address, answer.rdataToString());
    }
  }
}
