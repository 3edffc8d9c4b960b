package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

@Timeout(60)
class DnsServerTest {
  private static final String A = "a.test";

  private DnsServer dns;
  private DnsClient client;

  @BeforeEach
  void start() throws Exception {
    dns = DnsServer.start();
    client = new DnsClient(InetAddress.ofLiteral("127.0.0.1"), dns.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    dns.close();
  }

  @Test
  void answersAsItsRecordsSayAtThatMoment() throws Exception {
    dns.set(A, Type.A, 2, "127.0.0.2", "127.0.0.3");
    dns.set(A, Type.AAAA, 3, "::2");
    dns.set(A, Type.HTTPS, 4, "1 . alpn=h2,http/1.1 port=8443 ipv4hint=127.0.0.2");
    dns.set("_http._tcp.a.test", Type.SRV, 5, "10 60 8080 a.test.");

    Message answer = client.ask(A, Type.A);
    assertThat(DnsClient.values(answer)).containsExactly("127.0.0.2", "127.0.0.3");
    assertThat(answer.getSection(Section.ANSWER)).extracting(Record::getTTL).containsOnly(2L);
    assertThat(client.values(A, Type.AAAA)).containsExactly("0:0:0:0:0:0:0:2");
    assertThat(client.values(A, Type.HTTPS).getFirst()).contains("h2", "8443", "127.0.0.2");
    assertThat(client.values("_http._tcp.a.test", Type.SRV)).containsExactly("10 60 8080 a.test.");
    assertThat(DnsClient.values(client.askTcp(A, Type.A))).hasSize(2);

    dns.set(A, Type.A, 2, "127.0.0.4");
    assertThat(client.values(A, Type.A)).containsExactly("127.0.0.4");
  }

  @Test
  void anotherClientUnderstandsIt() throws Exception {
    dns.set(
        A, Type.A, 2, IntStream.range(0, 200).mapToObj(i -> "127.0.2." + i).toArray(String[]::new));
    var resolver = new SimpleResolver(InetAddress.ofLiteral("127.0.0.1"));
    resolver.setPort(dns.port());
    resolver.setTimeout(Duration.ofSeconds(10));

    assertThat(DnsClient.values(resolver.send(DnsClient.query(A, Type.A)))).hasSize(200);
    assertThat(dns.queries())
        .containsExactly(
            new DnsServer.Seen(A, Type.A, false, true), new DnsServer.Seen(A, Type.A, true, true));
  }

  @Test
  void namesAreTheSameInUpperAndLowerCase() throws Exception {
    dns.set("A.Test", Type.A, 2, "127.0.0.2");
    assertThat(client.values("a.tEST", Type.A)).containsExactly("127.0.0.2");
    dns.set("alias.test", Type.CNAME, 2, "A.TEST.");
    assertThat(client.values("alias.test", Type.A)).hasSize(2);
    assertThat(client.ask("a.tEST", Type.AAAA).getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(dns.queries(A)).isEqualTo(2);

    dns.on("A.Test", query -> query.refuse(Rcode.REFUSED));
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.REFUSED);
    dns.heal("a.TEST");
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
  }

  @Test
  void whatIsNotThereIsDeniedForAsLongAsTheZoneSays() throws Exception { // RFC 2308
    dns.negativeTtl(7);
    dns.set(A, Type.A, 2, "127.0.0.2");

    Message noData = client.ask(A, Type.AAAA);
    Message noName = client.ask("b.test", Type.A);
    assertThat(noData.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(noName.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    for (Message denial : List.of(noData, noName)) {
      assertThat(denial.getSection(Section.ANSWER)).isEmpty();
      var soa = (SOARecord) denial.getSection(Section.AUTHORITY).getFirst();
      assertThat(soa.getTTL()).isEqualTo(7);
      assertThat(soa.getMinimum()).isEqualTo(7);
    }

    dns.negativeTtl(-1);
    assertThat(client.ask("b.test", Type.A).getSection(Section.AUTHORITY)).isEmpty();
    dns.remove(A, Type.A);
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void aliasesAreFollowedToTheirEnd() throws Exception {
    for (int i = 0; i < 20; i++) {
      dns.set("c" + i + ".test", Type.CNAME, 100, "c" + (i + 1) + ".test.");
    }
    assertThat(client.ask("c0.test", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    dns.set("c20.test", Type.A, 2, "127.0.0.2");
    Message whole = client.askTcp("c0.test", Type.A);
    assertThat(whole.getSection(Section.ANSWER)).hasSize(21);
    assertThat(DnsClient.values(whole)).endsWith("c20.test.", "127.0.0.2");
    assertThat(client.values("c0.test", Type.CNAME)).containsExactly("c1.test.");

    dns.set("c20.test", Type.CNAME, 100, "c0.test.");
    dns.remove("c20.test", Type.A);
    assertThat(client.askTcp("c0.test", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Integer.MAX_VALUE})
  void anyTtlIsSent(long ttl) throws Exception {
    dns.set(A, Type.A, ttl, "127.0.0.2");
    assertThat(client.ask(A, Type.A).getSection(Section.ANSWER).getFirst().getTTL()).isEqualTo(ttl);
  }

  @Test
  void whatDoesNotFitIsCutAndWholeOverTcp() throws Exception {
    dns.set(
        A, Type.A, 2, IntStream.range(0, 60).mapToObj(i -> "127.0.2." + i).toArray(String[]::new));

    Message cut = client.ask(A, Type.A);
    assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(cut.toWire()).hasSizeLessThanOrEqualTo(512);
    client.send(DnsClient.edns(A, Type.A).toWire());
    Message whole = client.receive();
    assertThat(whole.getHeader().getFlag(Flags.TC)).as("EDNS: 1,232 bytes fit").isFalse();
    assertThat(DnsClient.values(whole)).hasSize(60);
    assertThat(DnsClient.values(client.askTcp(A, Type.A))).hasSize(60);
  }

  @Test
  void aBehaviourIsForANameAndMoreSoForItsType() throws Exception {
    dns.set(A, Type.A, 2, "127.0.0.2");
    dns.onAll(query -> query.refuse(Rcode.REFUSED));
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.REFUSED);

    dns.on(A, DnsQuery::answer);
    dns.on(A, Type.AAAA, query -> query.refuse(Rcode.SERVFAIL));
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(client.ask(A, Type.AAAA).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(client.ask("b.test", Type.A).getRcode()).isEqualTo(Rcode.REFUSED);

    dns.heal(A);
    assertThat(client.ask(A, Type.AAAA).getRcode()).isEqualTo(Rcode.REFUSED);
  }

  // ---- waiting

  @Test
  void holdsAnswersUntilTheyAreReleased() throws Exception {
    dns.set(A, Type.A, 2, "127.0.0.2");
    dns.hold();
    for (int i = 0; i < 5; i++) {
      client.send(A, Type.A);
    }
    dns.awaitAnswering(5);
    dns.awaitQueries(A, Type.A, 5);
    dns.set(A, Type.A, 2, "127.0.0.3");
    dns.release();

    for (int i = 0; i < 5; i++) {
      assertThat(DnsClient.values(client.receive())).containsExactly("127.0.0.3");
    }
    dns.awaitIdle();
    assertThat(dns.mostAnswering()).isEqualTo(5);
    assertThat(client.values(A, Type.A)).as("and holds no more").hasSize(1);
  }

  @Test
  void queriesOfOneConnectionAreAnsweredAsTheyAreReady() throws Exception { // RFC 7766 6.2.1.1
    dns.set("slow.test", Type.A, 2, "127.0.0.2");
    dns.set("fast.test", Type.A, 2, "127.0.0.3");
    try (var socket = client.connect()) {
      dns.hold();
      DnsClient.send(socket, DnsClient.query("slow.test", Type.A));
      dns.awaitAnswering(1);
      dns.on(
          "slow.test",
          query -> {
            dns.awaitQueries("third.test", Type.A, 1);
            query.answer();
          });
      dns.release();
      DnsClient.send(socket, DnsClient.query("fast.test", Type.A));
      assertThat(DnsClient.values(DnsClient.receive(socket))).containsExactly("127.0.0.3");

      client.send("third.test", Type.A);
      assertThat(DnsClient.values(DnsClient.receive(socket))).containsExactly("127.0.0.2");
    }
  }

  @Test
  void aClientThatHasSentAllGetsItsAnswers() throws Exception {
    dns.set(A, Type.A, 2, "127.0.0.2");
    dns.hold();
    try (var socket = client.connect()) {
      DnsClient.send(socket, DnsClient.query(A, Type.A));
      dns.awaitAnswering(1);
      socket.shutdownOutput();
      dns.release();
      assertThat(DnsClient.values(DnsClient.receive(socket))).containsExactly("127.0.0.2");
      DnsClient.assertClosed(socket);
    }
  }

  // ---- what went wrong

  @Test
  void aClientThatHasGoneIsNoFailureOfTheTest() throws Exception {
    dns.hold();
    try (var socket = client.connect()) {
      DnsClient.send(socket, DnsClient.query(A, Type.A));
      dns.awaitAnswering(1);
      dns.down();
    }
    dns.release();
    dns.awaitIdle();
    assertThat(dns.failures()).isEmpty();
  }

  @Test
  void whatABehaviourThrowsIsKept() throws Exception {
    dns.on(A, query -> assertThat(query.stream()).isTrue());
    client.send(A, Type.A);
    dns.awaitQueries(A, Type.A, 1);
    dns.awaitIdle();
    assertThat(dns.failures()).singleElement().isInstanceOf(AssertionError.class);
  }

  @Test
  void whatIsNoQueryIsKeptToo() throws Exception {
    client.send(new byte[] {1, 2, 3});
    client.send(new Message(1).toWire());
    client.ask(A, Type.A); // and goes on
    // Each on a thread of its own: those two may come after the third.
    dns.awaitFailures(2);
    assertThat(dns.failures()).hasSize(2);
  }

  // ---- its life

  @Test
  void diesAndComesBackAtTheSamePortAgainAndAgain() throws Exception {
    dns.set(A, Type.A, 2, "127.0.0.2");
    for (int i = 0; i < 20; i++) {
      var socket = client.connect();
      DnsClient.send(socket, DnsClient.query(A, Type.A));
      assertThat(DnsClient.values(DnsClient.receive(socket))).hasSize(1);

      dns.down();
      DnsClient.assertClosed(socket);
      socket.close();
      assertThatThrownBy(client::connect).isInstanceOf(ConnectException.class);

      dns.up();
      assertThat(client.values(A, Type.A)).hasSize(1);
    }
  }

  @Test
  void refusesTcpOnly() throws Exception {
    dns.set(A, Type.A, 2, "127.0.0.2");
    dns.refuseTcp();
    assertThatThrownBy(client::connect).isInstanceOf(ConnectException.class);
    assertThat(client.values(A, Type.A)).hasSize(1);

    dns.down();
    dns.up();
    assertThat(DnsClient.values(client.askTcp(A, Type.A))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.9", "::1"})
  void listensAtOtherAddresses(String host) throws Exception {
    var address = InetAddress.ofLiteral(host);
    try (var other = DnsServer.start(address);
        var there = new DnsClient(address, other.port())) {
      other.set(A, Type.A, 2, "127.0.0.2");
      assertThat(there.values(A, Type.A)).hasSize(1);
      assertThat(DnsClient.values(there.askTcp(A, Type.A))).hasSize(1);
      assertThat(other.address())
          .isEqualTo((host.contains(":") ? "[0:0:0:0:0:0:0:1]" : host) + ":" + other.port());
    }
  }

  @Test
  void speaksTlsAndDiesThereToo() throws Exception {
    var authority = TestAuthority.create();
    try (var secure = DnsServer.startWithTls(authority.localhost().serverContext())) {
      secure.set(A, Type.A, 2, "127.0.0.2");
      var sockets = authority.clientContext().getSocketFactory();
      for (int i = 0; i < 3; i++) {
        try (var socket = sockets.createSocket("127.0.0.1", secure.tlsPort())) {
          socket.setSoTimeout(10_000);
          var answers = new ArrayList<String>();
          for (int j = 0; j < 3; j++) {
            DnsClient.send(socket, DnsClient.query(A, Type.A));
            answers.addAll(DnsClient.values(DnsClient.receive(socket)));
          }
          assertThat(answers).hasSize(3).containsOnly("127.0.0.2");
        }
        secure.down();
        assertThatThrownBy(() -> new Socket("127.0.0.1", secure.tlsPort()))
            .isInstanceOf(ConnectException.class);
        secure.up();
      }
      assertThat(secure.queries()).hasSize(9).allMatch(DnsServer.Seen::stream);
      assertThat(secure.failures()).isEmpty();
    }
    assertThatThrownBy(dns::tlsPort).isInstanceOf(IllegalStateException.class);
  }
}
