package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.NameServer;
import java.net.InetAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Type;

/** The system's files: hosts and resolv.conf, and what happens when they change (fault 37). */
@Timeout(60)
class FilesTest extends WithNames {
  @Test
  void resolvConfIsReadAsItsManualSays() {
    ResolvConf conf =
        ResolvConf.parse(
            """
            # a comment
            ; another
            domain ignored.test
            nameserver 192.0.2.1
            nameserver   2001:db8::1
            nameserver not-an-address
            nameserver fe80::1
            nameserver 192.0.2.4
            search  One.Test two.test.
            options ndots:2 timeout:3 attempts:4 rotate edns0
            options timeout:x
            nonsense
            """);

    assertThat(conf.servers())
        .extracting(NameServer::host)
        .as("the first three that are addresses")
        .containsExactly("192.0.2.1", "2001:db8::1", "fe80::1");
    assertThat(conf.search()).containsExactly("one.test", "two.test");
    assertThat(conf.ndots()).isEqualTo(2);
    assertThat(conf.timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(conf.attempts()).isEqualTo(4);
    assertThat(conf.rotate()).isTrue();
    assertThat(conf.candidates("host")).containsExactly("host.one.test", "host.two.test", "host");
    assertThat(conf.candidates("a.b.c"))
        .containsExactly("a.b.c", "a.b.c.one.test", "a.b.c.two.test");
    assertThat(conf.candidates("host.")).containsExactly("host");
  }

  @Test
  void anEmptyResolvConfHasTheDefaults() {
    assertThat(ResolvConf.parse("")).isEqualTo(ResolvConf.EMPTY);
    assertThat(ResolvConf.parse("options timeout:999 attempts:999 ndots:999").timeout())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void theHostsFileIsReadAsItsManualSays() {
    HostsFile hosts =
        HostsFile.parse(
            """
            127.0.0.1 localhost
            ::1 localhost ip6-localhost # a comment
            192.0.2.7\tOne.Test   one
            192.0.2.8 one.test
            192.0.2.7 one.test
            nonsense one.test
            192.0.2.9
            fe80::1%lo scoped.test
            """);

    assertThat(texts(hosts.of("one.test"))).containsExactly("192.0.2.7", "192.0.2.8");
    assertThat(hosts.of("localhost")).hasSize(2);
    assertThat(hosts.of("none.test")).isEmpty();
  }

  @Test
  void aMegabyteOfHostsIsRead() {
    var text = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      text.append("127.1.")
          .append(i / 250)
          .append('.')
          .append(i % 250)
          .append(" h")
          .append(i)
          .append(".test\n");
    }

    assertThat(texts(HostsFile.parse(text.toString()).of("h49999.test")))
        .containsExactly("127.1.199.249");
  }

  @Test
  void theHostsFileComesFirstAndIsWatched() throws Exception {
    names = configured(d -> d.servers(dns.address()));
    dns.set("a.test", Type.A, 600, "127.0.0.2");
    assertThat(resolve("a.test")).containsExactly("127.0.0.2");

    file("hosts", "127.0.0.7 a.test");
    pass(Duration.ofSeconds(2));
    sweep();
    assertThat(resolve("a.test")).containsExactly("127.0.0.7");
    await("told", () -> changes.size() == 1);

    file("hosts", "127.0.0.8 a.test", "# longer");
    pass(Duration.ofSeconds(2));
    assertThat(resolve("a.test")).containsExactly("127.0.0.8");

    Files.delete(folder.resolve("hosts"));
    pass(Duration.ofSeconds(2));
    assertThat(resolve("a.test")).containsExactly("127.0.0.2");
    await("told", () -> changes.size() == 3);
  }

  /** Whatever is put under InetAddress: with servers of one's own it is not what is asked. */
  @Test
  void theHostsFileCountsWhereServersAreGiven() throws Exception {
    dns.set("a.test", Type.A, 600, "127.0.0.2");
    file("hosts", "127.0.0.7 a.test");
    System.setProperty("jdk.net.hosts.file", folder.resolve("hosts").toString());
    try {
      names = names(d -> d);
    } finally {
      System.clearProperty("jdk.net.hosts.file");
    }
    assertThat(resolve("a.test")).containsExactly("127.0.0.7");
  }

  @Test
  void localhostNeedsNobody() throws Exception {
    assertThat(resolve("localhost")).containsExactly("127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(resolve("a.localhost")).containsExactly("127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(dns.queries()).isEmpty();
  }

  @Test
  void withoutServersTheSystemIsAsked() throws Exception {
    names = configured(d -> d);

    // The test's own hosts file has no such name, the machine's has.
    String own = InetAddress.getLocalHost().getHostName();
    assertThat(resolve(own)).isNotEmpty();
    assertThat(entry(own, "ADDRESS").source()).isEqualTo("system");
  }

  @Test
  void aSystemThatDoesNotKnowSaysSo() throws Exception {
    names = configured(d -> d);

    assertThatThrownBy(() -> resolve("no-such-name.invalid"))
        .hasMessageContaining("no-such-name.invalid");
  }

  @Test
  void resolvConfIsReadAgainWhenItChanges() throws Exception {
    // Its servers listen at port 53, which a test cannot have: what is seen is whom it would ask.
    file("resolv.conf", "nameserver 127.0.0.2", "search one.test");
    var conf =
        new WatchedFile<>(
            folder.resolve("resolv.conf"), ResolvConf::parse, ResolvConf.EMPTY, ticker);
    assertThat(conf.content().servers()).extracting(NameServer::host).containsExactly("127.0.0.2");

    file("resolv.conf", "nameserver 127.0.0.3", "search one.test");
    assertThat(conf.content().servers())
        .as("within a second")
        .extracting(NameServer::host)
        .containsExactly("127.0.0.2");
    pass(Duration.ofSeconds(1));
    assertThat(conf.content().servers()).extracting(NameServer::host).containsExactly("127.0.0.3");

    Files.delete(folder.resolve("resolv.conf"));
    pass(Duration.ofSeconds(1));
    assertThat(conf.content()).isEqualTo(ResolvConf.EMPTY);

    Files.createDirectory(folder.resolve("resolv.conf"));
    pass(Duration.ofSeconds(1));
    assertThat(conf.content()).as("unreadable").isEqualTo(ResolvConf.EMPTY);
  }

  @Test
  void serversAreReadInAllTheirForms() {
    assertThat(NameServer.of("192.0.2.53")).hasToString("192.0.2.53:53");
    assertThat(NameServer.of("192.0.2.53:5353")).hasToString("192.0.2.53:5353");
    assertThat(NameServer.of("2001:db8::1")).hasToString("[2001:db8::1]:53");
    assertThat(NameServer.of("[2001:db8::1]:5353")).hasToString("[2001:db8::1]:5353");
    assertThat(NameServer.of("tls://192.0.2.53#dns.example"))
        .hasToString("tls://192.0.2.53:853#dns.example");
    assertThat(NameServer.of("https://192.0.2.53/dns-query#dns.example"))
        .hasToString("https://192.0.2.53:443/dns-query#dns.example");
    assertThat(NameServer.of("https://dns.example"))
        .hasToString("https://dns.example:443/dns-query");
    for (String wrong :
        List.of(
            "",
            "dns.example",
            "ftp://192.0.2.53",
            "192.0.2.53:0",
            "192.0.2.53:99999",
            "192.0.2.53#5353",
            "192.0.2.53/x",
            "a@192.0.2.53",
            "https://dns.example/dns-query#other.example",
            "a b")) {
      assertThatThrownBy(() -> NameServer.of(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("192.0.2.53:5353");
    }
  }
}
