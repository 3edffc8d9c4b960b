package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

@Timeout(60)
class DnsFaultsTest {
  private static final String A = "a.test";
  private static final String TRUTH = "127.0.0.2";
  private static final String LIE = "127.6.6.6";

  private DnsServer dns;
  private DnsClient client;

  @BeforeEach
  void start() throws Exception {
    dns = DnsServer.start();
    dns.set(A, Type.A, 10, TRUTH);
    client = new DnsClient(InetAddress.ofLiteral("127.0.0.1"), dns.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    dns.close();
    assertThat(dns.failures()).isEmpty();
  }

  // ---- which and when

  @Test
  void theFirstFailAndTheRestDoNot() throws Exception {
    dns.on(A, DnsFaults.firstly(2, DnsFaults.rcode(Rcode.SERVFAIL)));
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(client.ask(A, Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(client.values(A, Type.A)).containsExactly(TRUTH);
    assertThat(client.values(A, Type.A)).containsExactly(TRUTH);
  }

  @Test
  void silenceIsFollowedByNothing() throws Exception {
    dns.on("silent.test", DnsFaults.silence());
    client.send("silent.test", Type.A);
    dns.awaitQueries("silent.test", Type.A, 1);
    dns.awaitIdle();
    assertThat(client.values(A, Type.A)).as("the first that comes").containsExactly(TRUTH);
  }

  @Test
  void lateIsNotBefore() throws Exception {
    dns.on(A, DnsFaults.late(Duration.ofMillis(60)));
    long start = System.nanoTime();
    assertThat(client.values(A, Type.A)).containsExactly(TRUTH);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(60));
  }

  // ---- errors

  @ParameterizedTest
  @ValueSource(ints = {Rcode.SERVFAIL, Rcode.REFUSED, Rcode.FORMERR, Rcode.NOTIMP})
  void errorsHaveNothingElse(int rcode) throws Exception {
    dns.on(A, DnsFaults.rcode(rcode));
    Message answer = client.ask(A, Type.A);
    assertThat(answer.getRcode()).isEqualTo(rcode);
    assertThat(answer.getSection(Section.ANSWER)).isEmpty();
    assertThat(answer.getSection(Section.AUTHORITY)).isEmpty();
  }

  @Test
  void whatExistsIsDenied() throws Exception {
    dns.on(A, DnsFaults.inTurn(DnsFaults.noName(), DnsFaults.noData()));
    client.send(A, Type.A);
    for (int rcode : new int[] {Rcode.NXDOMAIN, Rcode.NOERROR}) {
      Message denial = client.receive();
      assertThat(denial.getRcode()).isEqualTo(rcode);
      assertThat(denial.getSection(Section.ANSWER)).isEmpty();
      assertThat(denial.getSection(Section.AUTHORITY)).hasSize(1);
    }
  }

  @Test
  void ednsIsAnErrorToAServerFromBeforeIt() throws Exception {
    dns.on(A, DnsFaults.withoutEdns());
    client.send(DnsClient.edns(A, Type.A).toWire());
    Message refusal = client.receive();
    assertThat(refusal.getRcode()).isEqualTo(Rcode.FORMERR);
    assertThat(refusal.getOPT()).isNull();
    assertThat(client.values(A, Type.A)).containsExactly(TRUTH);
    assertThat(dns.queries()).extracting(DnsServer.Seen::edns).containsExactly(true, false);
  }

  // ---- forgeries

  @Test
  void aForgeryHasAnotherId() throws Exception {
    dns.on(A, DnsFaults.inTurn(DnsFaults.wrongId(LIE), DnsQuery::answer));
    Message query = client.send(A, Type.A);
    Message forged = client.receive();
    assertThat(forged.getHeader().getID()).isNotEqualTo(query.getHeader().getID());
    assertThat(forged.getQuestion()).isEqualTo(query.getQuestion());
    assertThat(DnsClient.values(forged)).containsExactly(LIE);

    Message answer = client.receive();
    assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
    assertThat(DnsClient.values(answer)).containsExactly(TRUTH);
  }

  @Test
  void aForgeryHasAnotherQuestion() throws Exception {
    dns.on(A, DnsFaults.wrongQuestion(LIE));
    Message query = client.send(A, Type.A);
    Message forged = client.receive();
    assertThat(forged.getHeader().getID()).isEqualTo(query.getHeader().getID());
    assertThat(forged.getQuestion().getName()).hasToString("another.test.");
    assertThat(DnsClient.values(forged)).containsExactly(LIE);
  }

  @Test
  void aForgeryComesFromElsewhere() throws Exception {
    dns.on(A, DnsFaults.fromElsewhere(LIE));
    Message query = client.send(A, Type.A);
    DatagramPacket packet = client.packet();
    assertThat(packet.getPort()).isNotEqualTo(dns.port());
    var forged = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
    assertThat(forged.getHeader().getID()).isEqualTo(query.getHeader().getID());
    assertThat(DnsClient.values(forged)).containsExactly(LIE);
  }

  @Test
  void aLieIsForTypeAOnly() throws Exception {
    dns.on(A, DnsFaults.wrongId(LIE));
    Message forged = client.ask(A, Type.AAAA);
    assertThat(forged.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(forged.getSection(Section.ANSWER)).isEmpty();
  }

  @Test
  void theTruthBringsPoisonAlong() throws Exception {
    dns.on(A, DnsFaults.alsoSaying("bank.test", Type.A, LIE));
    Message answer = client.ask(A, Type.A);
    assertThat(DnsClient.values(answer)).containsExactly(TRUTH, LIE);
    assertThat(answer.getSection(Section.ADDITIONAL).getFirst().getName())
        .hasToString("bank.test.");
  }

  // ---- size and form

  @Test
  void truncatedUdpIsWholeOverTcp() throws Exception {
    dns.on(A, DnsFaults.truncated(DnsQuery::answer));
    Message cut = client.ask(A, Type.A);
    assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(cut.getSection(Section.ANSWER)).isEmpty();
    Message whole = client.askTcp(A, Type.A);
    assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
    assertThat(DnsClient.values(whole)).containsExactly(TRUTH);
  }

  @Test
  void truncatedUdpAndTcpClosesWithinTheAnswer() throws Exception {
    dns.on(A, DnsFaults.truncated(DnsFaults.cutOff(3)));
    assertThat(client.ask(A, Type.A).getHeader().getFlag(Flags.TC)).isTrue();
    try (var socket = client.connect()) {
      DnsClient.send(socket, DnsClient.query(A, Type.A));
      int announced = new DataInputStream(socket.getInputStream()).readUnsignedShort();
      assertThat(socket.getInputStream().readAllBytes()).hasSize(announced - 3);
    }
  }

  @Test
  void overUdpACutAnswerIsOnlyShort() throws Exception {
    dns.on(A, DnsFaults.cutOff(3));
    client.send(A, Type.A);
    byte[] cut = client.bytes();
    assertThatThrownBy(() -> new Message(cut)).isInstanceOf(IOException.class);
    dns.heal(A);
    client.send(A, Type.A);
    assertThat(client.bytes()).hasSize(cut.length + 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 300, 1_000, 4_094})
  void manyAddresses(int count) throws Exception {
    dns.on(A, DnsFaults.many(count));
    for (int type : new int[] {Type.A, Type.AAAA}) {
      // The longest message holds 4,094 of type A, and 2,339 of type AAAA.
      int fits = type == Type.A ? count : Math.min(count, 2_339);
      assertThat(DnsClient.values(client.askTcp(A, type))).hasSize(fits).doesNotHaveDuplicates();
    }
    assertThat(client.ask(A, Type.A).getHeader().getFlag(Flags.TC)).isEqualTo(count > 0);
  }

  @Test
  void anAnswerAsLongAsAMessageCanBe() throws Exception {
    dns.on(A, DnsFaults.many(5_000));
    try (var socket = client.connect()) {
      DnsClient.send(socket, DnsClient.query(A, Type.A));
      assertThat(DnsClient.bytes(socket)).hasSizeGreaterThan(65_500);
    }
  }

  @Test
  void theOrderRotates() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.1", "127.0.0.2", "127.0.0.3");
    dns.on(A, DnsFaults.rotating());
    assertThat(client.values(A, Type.A)).containsExactly("127.0.0.1", "127.0.0.2", "127.0.0.3");
    assertThat(client.values(A, Type.A)).containsExactly("127.0.0.2", "127.0.0.3", "127.0.0.1");
    assertThat(client.values(A, Type.A)).containsExactly("127.0.0.3", "127.0.0.1", "127.0.0.2");
    assertThat(client.values(A, Type.A)).containsExactly("127.0.0.1", "127.0.0.2", "127.0.0.3");
  }

  @Test
  void ttlsAreAnyBits() throws Exception { // RFC 2181 section 8: with the highest set it means 0
    dns.set("b.test", Type.CNAME, 10, "a.test.");
    dns.set(A, Type.A, 10, TRUTH, "127.0.0.3");
    dns.on("b.test", DnsFaults.rawTtl(0x8000_0007));
    client.send("b.test", Type.A);
    byte[] bytes = client.bytes();
    assertThat(DnsClient.values(new Message(bytes))).containsExactly("a.test.", TRUTH, "127.0.0.3");
    int found = 0;
    for (int i = 0; i + 4 <= bytes.length; i++) {
      found += ByteBuffer.wrap(bytes).getInt(i) == 0x8000_0007 ? 1 : 0;
    }
    assertThat(found).isEqualTo(3);
  }

  @Test
  void garbageIsNoAnswerEightTimes() throws Exception {
    dns.on(A, DnsFaults.inTurn(DnsFaults.garbage(), DnsQuery::answer));
    Message query = client.send(A, Type.A);
    for (int i = 0; i < 8; i++) {
      byte[] bytes = client.bytes();
      if (i >= 2) {
        assertThat(ByteBuffer.wrap(bytes).getShort()).isEqualTo((short) query.getHeader().getID());
      }
      assertThatThrownBy(() -> new Message(bytes))
          .as("message " + i)
          .isInstanceOf(IOException.class);
    }
    assertThat(DnsClient.values(client.receive())).containsExactly(TRUTH);
  }
}
