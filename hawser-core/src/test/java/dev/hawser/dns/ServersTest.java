package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.DnsQuery;
import dev.hawser.faults.DnsServer;
import dev.hawser.faults.Ports;
import dev.hawser.io.StageFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What servers do wrong on the wire (faults 31 to 35), and what we make of it. */
@Timeout(60)
class ServersTest extends WithNames {
  private static final String A = "a.test";
  private static final String LIE = "127.6.6.6";

  /** Sends a forgery before the true answer. */
  private void forge(Consumer<Message> change) {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.on(
        A,
        query -> {
          Message forged = lie(query);
          change.accept(forged);
          query.send(forged);
          query.answer();
        });
  }

  private static Message lie(DnsQuery query) throws Exception {
    Message lie = query.reply();
    lie.removeAllRecords(Section.ANSWER);
    if (query.type() == Type.A) {
      lie.addRecord(
          new ARecord(
              query.message().getQuestion().getName(), DClass.IN, 60, InetAddress.ofLiteral(LIE)),
          Section.ANSWER);
    }
    return lie;
  }

  @Test
  void aWrongIdIsPassedOver() throws Exception {
    forge(message -> message.getHeader().setID(message.getHeader().getID() ^ 1));
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @Test
  void aWrongQuestionIsPassedOver() throws Exception {
    forge(
        message -> {
          message.removeAllRecords(Section.QUESTION);
          message.addRecord(
              Record.newRecord(Name.fromConstantString("b.test."), Type.A, DClass.IN),
              Section.QUESTION);
        });
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @Test
  void aQueryIsNoAnswer() throws Exception {
    forge(message -> message.getHeader().unsetFlag(Flags.QR));
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @Test
  void anAnswerFromElsewhereIsPassedOver() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.on(
        A,
        query -> {
          query.sendFromElsewhere(lie(query));
          query.answer();
        });
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @Test
  void recordsOfOtherNamesAreNotBelieved() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.set("bank.test", Type.A, 10, "127.0.0.3");
    dns.on(
        A,
        query -> {
          Message reply = query.reply();
          reply.addRecord(
              new ARecord(
                  Name.fromConstantString("bank.test."),
                  DClass.IN,
                  9_999,
                  InetAddress.ofLiteral(LIE)),
              Section.ANSWER);
          query.send(reply);
        });

    assertThat(resolve(A)).containsExactly("127.0.0.2");
    assertThat(resolve("bank.test")).containsExactly("127.0.0.3");
  }

  @Test
  void garbageIsPassedOver() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.on(
        A,
        query -> {
          query.send(new byte[0]);
          query.send(new byte[] {1, 2, 3});
          byte[] cut = query.reply().toWire();
          query.send(Arrays.copyOf(cut, cut.length - 3));
          query.answer();
        });
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @ParameterizedTest
  @ValueSource(ints = {Rcode.SERVFAIL, Rcode.REFUSED, Rcode.FORMERR, Rcode.NOTIMP})
  void anErrorIsToldAndTheNextServerAsked(int rcode) throws Exception {
    dns.on(A, query -> query.refuse(rcode));
    assertThatThrownBy(() -> resolve(A))
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining(dns.address() + ": " + Rcode.string(rcode));

    try (var other = DnsServer.start()) {
      other.set(A, Type.A, 10, "127.0.0.2");
      names = names(d -> d.servers(dns.address(), other.address()));
      assertThat(resolve(A)).containsExactly("127.0.0.2");
    }
  }

  @Test
  void aServerThatOnlySaysWhoElseMayKnowIsPassedOver() throws Exception {
    dns.on(
        A,
        query -> { // authoritative for another zone, and does not resolve (RFC 2308 section 2.2)
          Message referral = query.reply();
          referral.getHeader().setRcode(Rcode.NOERROR);
          referral.getHeader().unsetFlag(Flags.AA);
          referral.removeAllRecords(Section.AUTHORITY);
          referral.addRecord(
              new NSRecord(
                  Name.fromConstantString("test."),
                  DClass.IN,
                  60,
                  Name.fromConstantString("ns.elsewhere.")),
              Section.AUTHORITY);
          query.send(referral);
        });
    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("refers to other servers");

    try (var other = DnsServer.start()) {
      other.set(A, Type.A, 10, "127.0.0.2");
      names = names(d -> d.servers(dns.address(), other.address()));
      assertThat(resolve(A)).containsExactly("127.0.0.2");
    }
  }

  @Test
  void aDeadServerIsPassedOverAndGoesLastFromThenOn() throws Exception {
    try (var dead = DnsServer.start();
        var silent = DnsServer.start()) {
      dead.down();
      silent.onAll(query -> {});
      dns.set(A, Type.A, 1, "127.0.0.2");
      dns.set("b.test", Type.A, 1, "127.0.0.3");
      names = names(d -> d.servers(dead.address(), silent.address(), dns.address()));

      long start = System.nanoTime();
      assertThat(resolve(A)).containsExactly("127.0.0.2");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));

      int asked = silent.queries().size();
      start = System.nanoTime();
      assertThat(resolve("b.test")).containsExactly("127.0.0.3");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(500));
      assertThat(silent.queries()).hasSize(asked);
    }
  }

  @Test
  void whenAllAreSilentTheErrorNamesThemOnTime() throws Exception {
    dns.onAll(query -> {});
    names = names(d -> d.timeout(Duration.ofMillis(800)));

    long start = System.nanoTime();
    assertThatThrownBy(() -> resolve(A)).isInstanceOf(StageFailure.class).hasMessageContaining(A);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  // ---- size

  @Test
  void whatDoesNotFitComesOverTcp() throws Exception {
    dns.set(
        A,
        Type.A,
        10,
        IntStream.range(0, 300)
            .mapToObj(i -> "127.1." + i / 200 + "." + i % 200)
            .toArray(String[]::new));

    assertThat(resolve(A)).as("bounded").hasSize(256);
    assertThat(dns.queries()).anyMatch(DnsServer.Seen::stream);
  }

  @Test
  void sixtyFourKilobytesAreTaken() throws Exception {
    dns.set(
        A,
        Type.A,
        10,
        IntStream.range(0, 4_000)
            .mapToObj(i -> "127.1." + i / 200 + "." + i % 200)
            .toArray(String[]::new));

    assertThat(resolve(A)).hasSize(256);
  }

  @Test
  void withoutTcpThePartThatCameIsUsed() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.on(
        A,
        query -> {
          if (query.stream()) {
            query.close();
          } else {
            Message part = query.reply();
            part.getHeader().setFlag(Flags.TC);
            query.send(part);
          }
        });

    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @Test
  void aTruncatedAnswerWithNothingInItAndNoTcpIsAnError() {
    dns.on(
        A,
        query -> {
          if (query.stream()) {
            query.close();
          } else {
            Message empty = query.reply();
            empty.removeAllRecords(Section.ANSWER);
            empty.removeAllRecords(Section.AUTHORITY);
            empty.getHeader().setRcode(Rcode.NOERROR);
            empty.getHeader().setFlag(Flags.TC);
            query.send(empty);
          }
        });

    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("truncated");
  }

  @Test
  void overTcpASlowServerMeetsTheDeadline() throws Exception {
    var never = new CountDownLatch(1);
    dns.on(
        A,
        query -> {
          if (query.stream()) {
            never.await();
          }
          Message empty = query.reply();
          empty.getHeader().setFlag(Flags.TC);
          query.send(empty);
        });
    names = names(d -> d.timeout(Duration.ofMillis(600)));

    assertThatThrownBy(() -> resolve(A)).isInstanceOf(StageFailure.class);
    never.countDown();
  }

  @Test
  void aServerFromBeforeEdnsIsAskedWithout() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.set("b.test", Type.A, 10, "127.0.0.3");
    dns.onAll(
        query -> {
          if (query.edns()) {
            query.refuse(Rcode.FORMERR);
          } else {
            query.answer();
          }
        });

    assertThat(resolve(A)).containsExactly("127.0.0.2");
    assertThat(resolve("b.test")).containsExactly("127.0.0.3");
    assertThat(dns.queries("b.test", Type.A)).as("remembered").isEqualTo(1);
  }

  // ---- aliases

  @Test
  void aChainOfTwentyIsFollowedAndItsLeastTtlHolds() throws Exception {
    for (int i = 0; i < 20; i++) {
      dns.set("c" + i + ".test", Type.CNAME, 100 + i, "c" + (i + 1) + ".test.");
    }
    dns.set("c7.test", Type.CNAME, 5, "c8.test.");
    dns.set("c20.test", Type.A, 200, "127.0.0.2");

    assertThat(resolve("c0.test")).containsExactly("127.0.0.2");
    assertThat(entry("c0.test", "A").ttlLeft()).isLessThanOrEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aLoopIsAnErrorAndEnds() {
    dns.set(A, Type.CNAME, 10, "b.test.");
    dns.set("b.test", Type.CNAME, 10, "a.test.");

    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("loop of aliases");
    assertThat(dns.queries().size()).isLessThanOrEqualTo(4);
  }

  @Test
  void anAliasToNothingDoesNotExist() {
    dns.set(A, Type.CNAME, 10, "gone.test.");

    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("unknown host a.test");
  }

  @Test
  void anAnswerThatEndsAtAnAliasIsFollowed() throws Exception {
    dns.set("b.test", Type.A, 10, "127.0.0.2");
    dns.on(
        A,
        query -> {
          Message reply = query.reply();
          reply.getHeader().setRcode(Rcode.NOERROR);
          reply.removeAllRecords(Section.AUTHORITY);
          reply.addRecord(
              new CNAMERecord(
                  query.message().getQuestion().getName(),
                  DClass.IN,
                  7,
                  Name.fromConstantString("b.test.")),
              Section.ANSWER);
          query.send(reply);
        });

    assertThat(resolve(A)).containsExactly("127.0.0.2");
    assertThat(entry(A, "A").ttlLeft()).isLessThanOrEqualTo(Duration.ofSeconds(7));
  }

  // ---- the system's configuration

  @Test
  void refusedByTcpAndUdpIsAnErrorAtOnce() throws Exception {
    try (var refused = Ports.refused()) {
      names = names(d -> d.servers("127.0.0.1:" + refused.port()));
      long start = System.nanoTime();
      assertThatThrownBy(() -> resolve(A)).isInstanceOf(StageFailure.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void namesThatCannotBeInDnsAreErrors() {
    for (String host :
        List.of("a..test", "x".repeat(64) + ".test", ("y".repeat(60) + ".").repeat(5) + "test")) {
      assertThatThrownBy(() -> resolve(host)).as(host).isInstanceOf(StageFailure.class);
    }
  }
}
