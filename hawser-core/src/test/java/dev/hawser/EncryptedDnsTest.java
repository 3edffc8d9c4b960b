package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.DnsFaults;
import dev.hawser.faults.DnsServer;
import dev.hawser.faults.DohServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Names from servers over TLS (RFC 7858) and over HTTPS (RFC 8484), through the whole client. */
@Tag("tls")
@Timeout(60)
class EncryptedDnsTest extends WithClient {
  private static final String A = "a.test";

  enum Over {
    TLS,
    HTTPS
  }

  private final TestAuthority authority = TestAuthority.create();
  private DnsServer dns;
  private DohServer doh;
  private FaultServer origin;

  @BeforeEach
  void openServers() throws Exception {
    dns = DnsServer.startWithTls(authority.localhost().serverContext());
    doh = DohServer.before(dns, authority.localhost().tls());
    origin = server(Script.ok("hello"));
    dns.set(A, Type.A, 60, "127.0.0.1");
    dns.set("b.test", Type.A, 60, "127.0.0.1");
  }

  @AfterEach
  void closeServers() throws Exception {
    doh.close();
    dns.close();
    assertThat(dns.failures()).isEmpty();
    assertThat(doh.http().failures()).isEmpty();
  }

  private String address(Over over, String name) {
    return switch (over) {
      case TLS -> "tls://127.0.0.1:" + dns.tlsPort() + "#" + name;
      case HTTPS -> doh.uri() + "#" + name;
    };
  }

  private void ask(String... servers) {
    client.shutdown();
    client =
        options()
            .listener(witness)
            .sslContext(OwnContext.trusting(authority))
            .dns(d -> d.servers(servers).timeout(Duration.ofSeconds(2)))
            .build();
  }

  private String get(String host) throws Exception {
    return send(request(host)).body();
  }

  private HttpRequest.Builder request(String host) {
    return HttpRequest.newBuilder(URI.create("http://" + host + ":" + origin.port() + "/"));
  }

  @ParameterizedTest
  @EnumSource
  void namesAreFoundThereAndNowhereElse(Over over) throws Exception {
    ask(address(over, "localhost"));

    assertThat(get(A)).isEqualTo("hello");
    assertThat(get("b.test")).isEqualTo("hello");
    assertThat(dns.queries()).isNotEmpty().allMatch(DnsServer.Seen::stream);
    assertThatThrownBy(() -> get("gone.test"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unknown host gone.test");
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsStartedAgainIsAskedAgain(Over over) throws Exception {
    ask(address(over, "localhost"));
    assertThat(get(A)).isEqualTo("hello");

    dns.down();
    dns.up();
    doh.http().closeConnections();

    assertThat(get("b.test")).isEqualTo("hello");
  }

  @Test
  void aKeptConnectionThatNobodyAnswersOnCostsNoLookUp() throws Exception {
    ask(address(Over.TLS, "localhost"));
    var mute = ConcurrentHashMap.<SocketAddress>newKeySet(); // as behind a NAT that has forgotten
    dns.onAll(
        query -> {
          if (mute.add(query.from())) {
            query.answer();
          }
        });
    dns.set("c.test", Type.A, 60, "127.0.0.1");
    dns.hold();
    var a = client.sendAsync(request(A).build(), BodyHandlers.ofString());
    var b = client.sendAsync(request("b.test").build(), BodyHandlers.ofString());
    dns.awaitAnswering(4); // so that as many connections are kept
    dns.release();
    assertThat(a.get().body() + b.get().body()).isEqualTo("hellohello");

    assertThat(get("c.test")).isEqualTo("hello");
  }

  @ParameterizedTest
  @EnumSource
  void whenTheAuthoritiesFileChangesConnectionsAreMadeAnew(Over over, @TempDir Path folder)
      throws Exception {
    Path roots = authority.writePem(folder.resolve("roots.pem"));
    client.shutdown();
    client =
        options()
            .listener(witness)
            .tls(t -> t.onlyRoots(TlsFile.of(roots)))
            .dns(d -> d.servers(address(over, "localhost")).timeout(Duration.ofSeconds(2)))
            .build();
    var askers = ConcurrentHashMap.<SocketAddress>newKeySet();
    dns.onAll(
        query -> {
          askers.add(query.from());
          query.answer();
        });
    assertThat(get(A)).isEqualTo("hello");
    Set<SocketAddress> before = Set.copyOf(askers);
    askers.clear();

    Path other = TestAuthority.create().writePem(folder.resolve("other.pem"));
    Files.writeString(roots, Files.readString(roots) + Files.readString(other));
    assertThat(witness.await(ExchangeEvent.CertificatesReloaded.class, 1, PATIENCE)).isTrue();

    assertThat(get("b.test")).isEqualTo("hello");
    assertThat(askers).isNotEmpty().doesNotContainAnyElementsOf(before);
  }

  @ParameterizedTest
  @EnumSource
  void aServerWithAnotherNameIsNotBelieved(Over over) {
    ask(address(over, "another.test"));

    assertThatThrownBy(() -> get(A))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another.test");
    assertThat(dns.queries()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void anErrorThereIsToldWithTheServer(Over over) {
    dns.on(A, DnsFaults.rcode(Rcode.SERVFAIL));
    ask(address(over, "localhost"));

    assertThatThrownBy(() -> get(A))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("SERVFAIL")
        .hasMessageContaining(address(over, "localhost"));
  }

  @ParameterizedTest
  @EnumSource
  void silenceThereMeetsTheDeadline(Over over) {
    dns.on(A, DnsFaults.silence());
    ask(address(over, "localhost"));

    long start = System.nanoTime();
    assertThatThrownBy(() -> get(A)).isInstanceOf(IOException.class).hasMessageContaining(A);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
  }

  @ParameterizedTest
  @EnumSource
  void forgedCutAndGarbledAnswersAreErrors(Over over) throws Exception {
    List<DnsServer.Behaviour> faults =
        List.of(
            DnsFaults.wrongId("127.0.0.1"),
            DnsFaults.wrongQuestion("127.0.0.1"),
            DnsFaults.cutOff(3),
            query -> query.send(new byte[] {1, 2, 3}),
            query -> query.send(new byte[0]));
    ask(address(over, "localhost"));
    var calls = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < faults.size(); i++) {
      dns.on("f" + i + ".test", faults.get(i));
      calls.add(client.sendAsync(request("f" + i + ".test").build(), BodyHandlers.ofString()));
    }
    for (CompletableFuture<?> call : calls) {
      assertThatThrownBy(call::get)
          .as("call %d", calls.indexOf(call))
          .hasCauseInstanceOf(IOException.class);
    }
    assertThat(get(A)).isEqualTo("hello");
  }

  @ParameterizedTest
  @EnumSource
  void theLongestAnswerIsTaken(Over over) throws Exception {
    dns.on(A, Type.AAAA, DnsFaults.noData());
    dns.on(A, Type.A, DnsFaults.many(5_000));
    ask(address(over, "localhost"));
    // All of 127.0.0.0/8 is this machine, but the origin has one address: nobody listens there.
    assertThatThrownBy(() -> get(A))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.64.0.");
  }

  @Test
  void aTrueMessageUnderAWrongHeadIsNoAnswer() throws Exception {
    ask(truthUnder("200 OK\r\nContent-Type: application/dns-message"));
    assertThat(get(A)).isEqualTo("hello");

    for (String head :
        List.of(
            "500 Internal Server Error\r\nContent-Type: application/dns-message",
            "302 Found\r\nLocation: /\r\nContent-Type: application/dns-message",
            "200 OK\r\nContent-Type: text/html",
            "200 OK")) {
      ask(truthUnder(head));
      assertThatThrownBy(() -> get(A))
          .as(head)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("it answers with status " + head.substring(0, 3));
    }
  }

  /** A server for DNS over HTTPS that knows the answer but not how to say so. */
  private String truthUnder(String head) throws IOException {
    return https(
        peer -> {
          while (true) {
            var message = new Message(peer.readRequest().body());
            message.getHeader().setFlag(Flags.QR);
            if (message.getQuestion().getType() == Type.A) {
              Name name = message.getQuestion().getName();
              var address = InetAddress.ofLiteral("127.0.0.1");
              message.addRecord(new ARecord(name, DClass.IN, 60, address), Section.ANSWER);
            }
            byte[] bytes = message.toWire();
            peer.send("HTTP/1.1 " + head + "\r\nContent-Length: " + bytes.length + "\r\n\r\n");
            peer.send(bytes);
          }
        });
  }

  @Test
  void whatIsNoHttpAndWhatIsTooLongAreErrors() throws Exception {
    for (String answer :
        List.of(
            "SSH-2.0-OpenSSH_9.6\r\n",
            "HTTP/1.1 200 OK\r\n"
                + "Content-Type: application/dns-message\r\n"
                + "Content-Length: 66000\r\n\r\n"
                + "x".repeat(66_000))) {
      ask(https(Script.keepAlive(peer -> peer.send(answer))));
      assertThatThrownBy(() -> get(A)).isInstanceOf(IOException.class);
    }
  }

  private String https(Script script) throws IOException {
    Tls tls = authority.localhost().tls().alpn("http/1.1");
    FaultServer wrong = server(FaultServer.builder().tls(tls), script);
    return "https://127.0.0.1:" + wrong.port() + "/dns-query#localhost";
  }
}
