package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A resolver that remembers, in front of a server that has learned better. */
@Timeout(60)
class DnsCacheTest {
  private static final String A = "a.test";
  private static final String OLD = "127.0.0.2";
  private static final String NEW = "127.0.0.3";

  private final AtomicLong clock = new AtomicLong();
  private DnsServer upstream;
  private DnsServer stub;
  private DnsCache cache;
  private DnsClient client;

  @BeforeEach
  void start() throws Exception {
    upstream = DnsServer.start();
    upstream.set(A, Type.A, 60, OLD);
    stub = DnsServer.start();
    cache = DnsCache.of(upstream, clock::get);
    stub.onAll(cache);
    client = new DnsClient(InetAddress.ofLiteral("127.0.0.1"), stub.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    stub.close();
    upstream.close();
    assertThat(stub.failures()).isEmpty();
  }

  @Test
  void anAnswerIsServedUntilItsEndWithWhatIsLeftOfIt() throws Exception {
    assertThat(client.values(A, Type.A)).containsExactly(OLD);
    upstream.set(A, Type.A, 60, NEW);

    clock.addAndGet(Duration.ofSeconds(45).toNanos());
    var answer = client.ask("A.test", Type.A);
    assertThat(DnsClient.values(answer)).containsExactly(OLD);
    assertThat(answer.getSection(Section.ANSWER).getFirst().getTTL()).isEqualTo(15);
    assertThat(upstream.queries(A, Type.A)).isOne();

    clock.addAndGet(Duration.ofSeconds(15).toNanos());
    assertThat(client.values(A, Type.A)).containsExactly(NEW);
  }

  @Test
  void whatIsForgottenIsAskedForAgain() throws Exception {
    client.values(A, Type.A);
    upstream.set(A, Type.A, 60, NEW);
    cache.forget("A.TEST");
    assertThat(client.values(A, Type.A)).containsExactly(NEW);
  }

  @Test
  void thatThereIsNothingIsPassedOnAndNotKept() throws Exception {
    assertThat(client.ask("b.test", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    upstream.set("b.test", Type.A, 60, NEW);
    assertThat(client.values("b.test", Type.A)).containsExactly(NEW);
  }
}
