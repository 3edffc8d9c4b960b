package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

@Timeout(60)
class DohServerTest {
  private static final String A = "a.test";
  private static final byte[] QUERY = DnsClient.query(A, Type.A).toWire();

  private DnsServer dns;
  private DohServer doh;
  private HttpClient client;

  @BeforeEach
  void start() throws Exception {
    var authority = TestAuthority.create();
    dns = DnsServer.start();
    dns.set(A, Type.A, 7, "127.0.0.2");
    doh = DohServer.before(dns, authority.localhost().tls());
    client = HttpClient.newBuilder().sslContext(authority.clientContext()).build();
  }

  @AfterEach
  void stop() throws Exception {
    client.shutdownNow();
    doh.close();
    dns.close();
    assertThat(dns.failures()).isEmpty();
    assertThat(doh.http().failures()).isEmpty();
  }

  @Test
  void answersPostAndGetFromTheSameRecords() throws Exception {
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(QUERY);
    for (int i = 2; i < 4; i++) {
      dns.set(A, Type.A, 7, "127.0.0." + i);
      for (HttpRequest request :
          new HttpRequest[] {post(QUERY), get("/dns-query?ct=x&dns=" + encoded)}) {
        HttpResponse<byte[]> response = send(request);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
            .hasValue("application/dns-message");
        assertThat(response.headers().firstValue("cache-control")).hasValue("max-age=7");
        assertThat(DnsClient.values(new Message(response.body()))).containsExactly("127.0.0." + i);
      }
    }
    assertThat(dns.queries(A, Type.A)).isEqualTo(4);
    assertThat(dns.queries()).allMatch(DnsServer.Seen::stream);
    assertThat(doh.http().connections()).as("kept").isEqualTo(1);
  }

  @Test
  void behavesAsTheServerBehindIt() throws Exception {
    dns.on(A, DnsFaults.firstly(1, DnsFaults.rcode(Rcode.SERVFAIL)));
    HttpResponse<byte[]> error = send(post(QUERY));
    assertThat(new Message(error.body()).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(error.headers().firstValue("cache-control")).isEmpty();
    assertThat(new Message(send(post(QUERY)).body()).getRcode()).isEqualTo(Rcode.NOERROR);

    dns.on(A, DnsFaults.many(1_000));
    assertThat(DnsClient.values(new Message(send(post(QUERY)).body()))).hasSize(1_000);

    dns.on(A, DnsFaults.cutOff(3));
    assertThatThrownBy(() -> send(post(QUERY))).isInstanceOf(IOException.class);
  }

  @Test
  void holdsAndReleases() throws Exception {
    dns.hold();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(post(QUERY), BodyHandlers.ofByteArray());
    dns.awaitAnswering(1);
    assertThat(answer).isNotDone();
    dns.release();
    assertThat(DnsClient.values(new Message(answer.get().body()))).containsExactly("127.0.0.2");
  }

  @Test
  void endsWhileAnAnswerIsHeld() throws Exception {
    dns.hold();
    var answer = client.sendAsync(post(QUERY), BodyHandlers.ofByteArray());
    dns.awaitAnswering(1);
    doh.close();
    dns.awaitIdle();
    assertThatThrownBy(answer::get).hasCauseInstanceOf(IOException.class);
  }

  @Test
  void refusesWhatIsNoQuery() throws Exception {
    assertThat(send(get("/")).statusCode()).isEqualTo(404);
    assertThat(send(get("/dns-query")).statusCode()).isEqualTo(400);
    assertThat(send(get("/dns-query?dns=AA==")).statusCode()).isEqualTo(400);
    assertThat(send(get("/dns-query?dns=*")).statusCode()).isEqualTo(400);
    assertThat(send(HttpRequest.newBuilder(doh.uri()).DELETE().build()).statusCode())
        .isEqualTo(405);
    HttpRequest untyped =
        HttpRequest.newBuilder(doh.uri()).POST(BodyPublishers.ofByteArray(QUERY)).build();
    assertThat(send(untyped).statusCode()).isEqualTo(415);
    assertThat(dns.queries()).isEmpty();
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofByteArray());
  }

  private HttpRequest post(byte[] query) {
    return HttpRequest.newBuilder(doh.uri())
        .header("Content-Type", "application/dns-message")
        .POST(BodyPublishers.ofByteArray(query))
        .build();
  }

  private HttpRequest get(String target) {
    return HttpRequest.newBuilder(URI.create(doh.http().origin() + target)).build();
  }
}
