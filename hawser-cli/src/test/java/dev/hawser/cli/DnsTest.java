package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** {@code hawser dns}, and {@code hawser get --dns}. */
class DnsTest {
  private final Shell shell = Shell.toFiles();
  private DnsServer dns;

  @BeforeEach
  void open() throws IOException {
    dns = DnsServer.start();
  }

  @AfterEach
  void close() throws IOException {
    dns.close();
  }

  @Test
  void everyLayerSaysWhatItKnows() throws Exception {
    dns.set("a.test", Type.A, 60, "127.0.0.2", "127.0.0.3");
    dns.set("a.test", Type.AAAA, 30, "::2");

    assertThat(shell.run("dns", "A.test", "--server", dns.address(), "--json")).isZero();

    assertThat(shell.json()).containsEntry("name", "A.test");
    assertThat(layer("stub resolver"))
        .containsEntry("source", dns.address())
        .containsEntry("addresses", List.of("0:0:0:0:0:0:0:2", "127.0.0.2", "127.0.0.3"))
        .containsEntry("error", null);
    assertThat(((Number) layer("stub resolver").get("ttl")).doubleValue()).isEqualTo(30);
    assertThat(layer("hosts file")).containsEntry("addresses", List.of());
    assertThat(layer("own cache")).containsEntry("addresses", List.of());
    assertThat(layer("system")).containsKey("addresses");
  }

  @Test
  void serversThatDifferAreNamed() throws Exception {
    try (var other = DnsServer.start()) {
      dns.set("a.test", Type.A, 60, "127.0.0.2");
      other.set("a.test", Type.A, 60, "127.0.0.3");

      shell.run("dns", "a.test", "--server", dns.address(), "--server", other.address());

      assertThat(shell.out())
          .contains("ttl 60  127.0.0.2")
          .contains(
              "Other than " + other.address() + " says: stub resolver (" + dns.address() + ")");
    }
  }

  @Test
  void aServerInTroubleIsALineAndNotTheEnd() throws Exception {
    dns.onAll(query -> query.refuse(Rcode.REFUSED));

    assertThat(shell.run("dns", "localhost", "--server", dns.address())).isZero();

    assertThat(shell.out()).contains(dns.address() + ": REFUSED").contains("127.0.0.1");
  }

  @Test
  void aFamilyThatIsNotAnsweredDoesNotHideTheOther() throws Exception {
    dns.set("a.test", Type.A, 60, "127.0.0.2");
    dns.on("a.test", Type.AAAA, query -> {});

    shell.run("dns", "a.test", "--server", dns.address(), "--timeout", "2s");

    assertThat(shell.out()).contains("ttl 60  127.0.0.2 (").contains("no answer in");
  }

  @Test
  void aNameThatNobodyKnowsIsAFailure() throws Exception {
    assertThat(shell.run("dns", "no-such-name.test", "--server", dns.address())).isEqualTo(1);
    assertThat(shell.err()).contains("no layer knows no-such-name.test");
  }

  @Test
  void theHostOfAUrlWillDo() throws Exception {
    dns.set("a.test", Type.A, 60, "127.0.0.2");
    assertThat(shell.run("dns", "http://a.test:8080/path", "--server", dns.address())).isZero();
    assertThat(shell.out()).contains("127.0.0.2");
  }

  @Test
  void aServerThatIsNoneIsWrongUsage() {
    assertThat(shell.run("dns", "a.test", "--server", "nonsense")).isEqualTo(2);
    assertThat(shell.err()).contains("--server").contains("192.0.2.53:5353");
  }

  @Test
  void flushSaysWhatItDid() throws Exception {
    shell.run("dns", "localhost", "--server", dns.address(), "--flush");
    assertThat(shell.err()).contains("--flush:");
  }

  @Test
  void getAsksTheGivenServer() throws Exception {
    try (var server = FaultServer.start(Script.ok("fine"))) {
      dns.set("a.test", Type.A, 60, "127.0.0.1");

      String url = "http://a.test:" + server.uri("/").getPort() + "/";
      assertThat(shell.run("get", url, "--dns", dns.address())).isZero();

      assertThat(dns.queries("a.test", Type.A)).isEqualTo(1);
      assertThat(shell.run("get", url, "--dns", "nonsense")).isEqualTo(2);
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> layer(String name) throws Exception {
    return ((List<Map<String, Object>>) shell.json().get("layers"))
        .stream().filter(layer -> layer.get("layer").equals(name)).findFirst().orElseThrow();
  }
}
