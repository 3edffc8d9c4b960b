package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code hawser doctor}: a healthy service, and ones that are not. */
@Tag("tls")
@Timeout(120)
class DoctorTest {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestAuthority MIDDLE = ROOT.intermediate("middle");

  @TempDir Path folder;
  private final Shell shell = Shell.toFiles();
  private String cacert;

  @BeforeEach
  void write() throws IOException {
    cacert = ROOT.writePem(folder.resolve("ca.pem")).toString();
  }

  private static TestIdentity identity() {
    return MIDDLE.issue(leaf -> leaf.names("localhost").ips("127.0.0.1"));
  }

  private Map<String, Object> check(String id) throws IOException {
    return shell.jsonList("checks").stream()
        .filter(check -> check.get("id").equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no check " + id + " in " + shell.out()));
  }

  private int examine(String url) {
    return shell.run("doctor", url, "--cacert", cacert, "--tries", "3", "--json");
  }

  private void is(String id, String status, String... found) throws IOException {
    assertThat(check(id)).as(shell.out()).containsEntry("status", status);
    for (String text : found) {
      assertThat(check(id).get("found").toString()).contains(text);
    }
    boolean trouble = status.equals("warn") || status.equals("fail");
    assertThat(check(id).get("why").toString().isEmpty()).isNotEqualTo(trouble);
    assertThat(check(id).get("fix").toString().isEmpty()).isNotEqualTo(trouble);
  }

  private static void answers(Peer peer, String headers) throws IOException {
    while (true) {
      peer.readHead();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + headers + "\r\n");
    }
  }

  @Test
  void aHealthyService() throws Exception {
    try (var server = OriginServer.builder().tls(identity().serverContext()).start()) {
      assertThat(examine(server.uri("/").toString())).as(shell.out() + shell.err()).isZero();

      is("dns", "ok", "127.0.0.1");
      is("tcp", "ok", "127.0.0.1");
      is("tls.handshake", "ok", "trusted", "validation");
      is("http.reuse", "ok", "same connection");
      is("tls.protocol", "ok", "TLSv1.3");
      is("tls.group", "ok", "x25519 agreed on; the server takes x25519, secp256r1");
      is("tls.chain", "ok", "2: ", "CN=middle");
      is("tls.names", "ok", "localhost, 127.0.0.1");
      is("tls.alpn", "ok", "http/1.1");
      is("tls.stapling", "ok", "none is demanded");
      is("tls.ocsp", "ok", "names no responder");
      is("tls.tickets", "ok", "1 ticket given, and taken back");
      is("tls.resumption", "ok", "3 of 3");
      is("tls.time", "ok", "full P50", "resumed P50");
      assertThat(shell.err()).isEmpty();
    }
  }

  @Test
  void aPlainServiceHasNoTlsToLookAt() throws Exception {
    try (var server = OriginServer.start()) {
      assertThat(examine(server.uri("/").toString())).isZero();

      is("tls", "skip", "http://");
      is("http", "ok", "HTTP/1.1 ");
    }
  }

  @Test
  void nobodyListens() throws Exception {
    int port;
    try (var taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }

    assertThat(examine("https://127.0.0.1:" + port + "/")).isEqualTo(Main.FAILED);

    is("tcp", "fail", "127.0.0.1: Connection refused");
    is("tls.handshake", "skip");
    is("http", "skip");
  }

  @Test
  void nobodyKnowsTheName() throws Exception {
    try (var dns = DnsServer.start()) {
      assertThat(shell.run("doctor", "https://nobody.test/", "--dns", dns.address(), "--json"))
          .isEqualTo(Main.FAILED);

      is("dns", "fail", "unknown host nobody.test");
      is("tcp", "skip");
    }
  }

  @Test
  void aStrangersCertificateIsShownAllTheSame() throws Exception {
    TestIdentity stranger =
        TestAuthority.create().issue(leaf -> leaf.names("other.test").ips("127.0.0.1"));
    try (var server = OriginServer.builder().tls(stranger.serverContext()).start()) {
      assertThat(examine(server.uri("/").toString())).isEqualTo(Main.FAILED);

      is("tls.handshake", "fail", "was refused");
      assertThat(check("tls.handshake").get("fix").toString()).contains("--cacert FILE");
      is("tls.names", "ok", "other.test");
      is("tls.protocol", "ok", "TLSv1.3");
      is("http", "skip");
    }
  }

  @Test
  void anExpiredCertificateWithoutItsIntermediateOverTls12() throws Exception {
    TestIdentity bad =
        MIDDLE
            .issue(leaf -> leaf.names("localhost").ips("127.0.0.1").expired())
            .withoutIntermediates();
    try (var server = OriginServer.builder().tls(bad.tls().versions("TLSv1.2")).start()) {
      assertThat(examine(server.uri("/").toString())).isEqualTo(Main.FAILED);

      is("tls.handshake", "fail");
      is("tls.expiry", "fail", "days left");
      is("tls.chain", "warn", "1: ");
      is("tls.protocol", "warn", "TLSv1.2");
    }
  }

  @Test
  void aCertificateThatEndsSoonAndAChainOutOfOrder() throws Exception {
    TestIdentity soon =
        MIDDLE
            .issue(
                leaf ->
                    leaf.names("localhost")
                        .ips("127.0.0.1")
                        .valid(Duration.ofDays(-80), Duration.ofDays(10)))
            .withChain(chain -> List.of(chain.get(0), ROOT.certificate(), chain.get(1)));
    try (var server = OriginServer.builder().tls(soon.serverContext()).start()) {
      int ignored = examine(server.uri("/").toString());

      is("tls.expiry", "warn", "9 days left");
      is("tls.chain", "warn", "3: ");
    }
  }

  @Test
  void aServiceThatClosesAndGivesNoTicketsAndHasAWrongClock() throws Exception {
    TestIdentity identity = identity();
    try (var server =
        FaultServer.start(
            peer -> {
              // With a context of its own: it knows no session of the others.
              peer.startTls(Tls.of(identity.serverContext()).versions("TLSv1.2"));
              peer.readHead();
              peer.send(
                  "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n"
                      + "Date: Tue, 03 Jan 2023 10:00:00 GMT\r\n\r\n");
              peer.close();
            })) {
      assertThat(examine("https://127.0.0.1:" + server.port() + "/")).as(shell.out()).isZero();

      is("http", "warn", "503");
      is("http.reuse", "warn");
      is("http.clock", "warn", "behind");
      is("tls.group", "ok", "agreed on; others can be asked for in TLS 1.3 only");
      is("tls.tickets", "warn", "0 taken back");
      is("tls.resumption", "warn", "0 of 3");
      is("tls.time", "ok", "full P50");
      assertThat(check("tls.time").get("found").toString()).doesNotContain("resumed");
    }
  }

  @Test
  void plainHttpWhereTlsIsExpected() throws Exception {
    try (var server = FaultServer.start(peer -> answers(peer, ""))) {
      assertThat(examine("https://127.0.0.1:" + server.port() + "/")).isEqualTo(Main.FAILED);

      is("tls.handshake", "fail");
      is("tls.protocol", "skip");
    }
  }

  @Test
  void aServerThatNeverSpeaksHoldsNobodyUp() throws Exception {
    try (var server = FaultServer.start(peer -> peer.awaitClose(Duration.ofSeconds(30)))) {
      assertThat(
              shell.run(
                  "doctor",
                  "https://127.0.0.1:" + server.port() + "/",
                  "--tls-timeout",
                  "300ms",
                  "--json"))
          .isEqualTo(Main.FAILED);

      is("tls.handshake", "fail", "waiting for the ServerHello");
    }
  }

  @Test
  void aCertificateForOtherNames() throws Exception {
    TestIdentity other = MIDDLE.issue(leaf -> leaf.names("other.test", "*.0.0.1"));
    try (var server = OriginServer.builder().tls(other.serverContext()).start()) {
      assertThat(examine(server.uri("/").toString())).isEqualTo(Main.FAILED);
    }
    is("tls.handshake", "fail");
    is("tls.names", "fail", "other.test");
    assertThat(check("tls.names").get("why").toString()).contains("127.0.0.1 is not among them");
  }

  @Test
  void whoNeverAnswersOverHttpIsLookedAtAllTheSame() throws Exception {
    Tls tls = Tls.of(identity().serverContext());
    Script silent =
        peer -> {
          peer.startTls(tls);
          peer.stall();
        };
    try (var server = FaultServer.start(silent)) {
      String https = server.uri("/").toString().replace("http:", "https:");
      assertThat(examine(https)).isEqualTo(Main.FAILED);
    }
    is("http", "fail", "timeout");
    is("tls.group", "ok", "x25519 agreed on");
    is("tls.tickets", "ok", "1 ticket given, and taken back");
    is("tls.resumption", "ok", "3 of 3");
    is("tls.time", "ok", "full P50", "resumed P50");
  }

  @Test
  void whoSpeaksHttp2AloneIsLookedAtAllTheSame() throws Exception {
    Tls tls = Tls.of(identity().serverContext()).alpn("h2");
    Script grpc =
        peer -> {
          peer.startTls(tls);
          peer.stall();
        };
    try (var server = FaultServer.start(grpc)) {
      String https = server.uri("/").toString().replace("http:", "https:");
      assertThat(examine(https)).isEqualTo(Main.FAILED);
    }
    is("tls.handshake", "ok");
    is("http", "fail");
    is("tls.alpn", "ok", "h2, chosen");
    is("tls.resumption", "ok", "3 of 3");
    is("tls.time", "ok", "resumed P50");
  }

  @Test
  void ticketsThatAreNotTakenBackAreNoTickets() throws Exception {
    TestIdentity identity = identity();
    Script forgetful =
        peer -> {
          peer.startTls(Tls.of(identity.serverContext())); // with new ticket keys each
          answers(peer, "Connection: close\r\n");
        };
    try (var server = FaultServer.start(forgetful)) {
      assertThat(examine("https://127.0.0.1:" + server.port() + "/")).isZero();
    }
    is("tls.tickets", "warn", "1 ticket given, 0 taken back");
    is("tls.resumption", "warn", "0 of 3");
  }

  @Test
  void eachCheckIsToldAsItComesAndALongOneShowsThatItWorks() throws Exception {
    var terminal = Shell.onTerminal();
    var toldBefore = new ConcurrentLinkedQueue<String>();
    Tls tls = Tls.of(identity().serverContext());
    Script watching =
        peer -> {
          toldBefore.add(terminal.out());
          peer.startTls(tls);
          answers(peer, "");
        };
    try (var server = FaultServer.start(watching)) {
      String url = "https://127.0.0.1:" + server.port() + "/";
      assertThat(terminal.run("doctor", url, "--cacert", cacert, "--tries", "3")).isZero();
    }
    assertThat(toldBefore.peek()).contains("machine.processors").doesNotContain("tcp ");
    assertThat(toldBefore)
        .last()
        .asString()
        .contains("tls.handshake", "tls.group", "tls.resumption")
        .doesNotContain("tls.time");
    assertThat(terminal.err())
        .contains("tls.resumption: connection 2 of 3", "tls.time: connection 3 of 3")
        .endsWith("\r\u001b[K");
    assertThat(terminal.out()).containsPattern("(?m)^\\d+ checks: \\d+ ok");
  }

  @Test
  void itsTextIsForPeople() throws Exception {
    try (var server = OriginServer.builder().tls(identity().serverContext()).start()) {
      String url = server.uri("/").toString();
      assertThat(shell.run("doctor", url, "--tries", "1")).isEqualTo(Main.FAILED);
    }

    assertThat(shell.out())
        .containsPattern("(?m)^ok    tcp {2,}127\\.0\\.0\\.1 in ")
        .containsPattern("(?m)^fail  tls\\.handshake {2,}the certificate of 127\\.0\\.0\\.1")
        .containsPattern("(?m)^      fix {2,}.*--cacert FILE");
  }

  @Test
  void itsOptionsAreChecked() {
    assertThat(shell.run("doctor", "https://localhost/", "--tries", "0")).isEqualTo(Main.USAGE);
    assertThat(shell.run("doctor", "localhost")).isEqualTo(Main.USAGE);
    assertThat(shell.run("doctor", "https://localhost/", "--cacert", "/no/such/file"))
        .isEqualTo(Main.USAGE);
  }
}
