package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys that are expected of a host. */
@Tag("tls")
@Timeout(60)
class PinsTest {
  private static final String BACKUP = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestAuthority MIDDLE = ROOT.intermediate("middle");
  private static final TestIdentity SERVER =
      MIDDLE.issue(leaf -> leaf.names("a.test", "b.a.test").ips("127.0.0.1"));

  @TempDir Path folder;
  private FaultServer server;

  @BeforeEach
  void open() throws IOException {
    server = FaultServer.startTls(SERVER.serverContext(), Script.ok("fine"));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private static String pin(X509Certificate certificate) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(certificate.getPublicKey().getEncoded());
    return "sha256/" + Base64.getEncoder().encodeToString(digest);
  }

  private String get(String host, String pinned, String pin) throws Exception {
    return get(
        Hawser.newBuilder()
            .tls(t -> t.onlyRoots(TlsFile.of(folder.resolve("root.pem"))))
            .tls(t -> t.pins(pinned, pin, BACKUP)),
        host);
  }

  private String get(HawserClient.Builder builder, String host) throws Exception {
    ROOT.writePem(folder.resolve("root.pem"));
    var loopback = List.of(InetAddress.ofLiteral("127.0.0.1"));
    try (var client =
        builder.dns(d -> d.hosts(Map.of("a.test", loopback, "b.a.test", loopback))).build()) {
      URI uri = URI.create("https://" + host + ":" + server.port() + "/");
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  @Test
  void oneOnThePathWillDoWhicheverItIs() throws Exception {
    assertThat(get("a.test", "a.test", pin(SERVER.leaf()))).isEqualTo("fine");
    assertThat(get("a.test", "a.test", pin(MIDDLE.certificate()))).isEqualTo("fine");
    assertThat(get("a.test", "a.test", pin(ROOT.certificate()))).isEqualTo("fine");
  }

  @Test
  void aStrangersKeyIsRefusedAndTheKeysFoundAreTold() throws Exception {
    String other = pin(ROOT.intermediate("other").certificate());

    var failure =
        catchThrowableOfType(TlsFailedException.class, () -> get("a.test", "a.test", other));

    assertThat(failure.reason()).isEqualTo(TlsFailedException.Reason.PIN_MISMATCH);
    assertThat(failure)
        .hasMessageContaining("none of its keys is pinned")
        .hasMessageContaining(pin(SERVER.leaf()))
        .hasMessageContaining(pin(ROOT.certificate()))
        .hasMessageContaining("tls.pins");
    assertThat(failure.chain()).startsWith(SERVER.leaf());
  }

  /** Anyone can have a copy of the certificate whose key is pinned. */
  @Test
  void whatIsSentBesideThePathDoesNotCount() throws Exception {
    TestIdentity pinned = ROOT.issue(leaf -> leaf.commonName("pinned"));
    TestIdentity swollen =
        SERVER.withChain(chain -> Stream.concat(chain.stream(), pinned.chain().stream()).toList());
    server.close();
    server = FaultServer.startTls(swollen.serverContext(), Script.ok("fine"));

    assertThatThrownBy(() -> get("a.test", "a.test", pin(pinned.leaf())))
        .isInstanceOfSatisfying(
            TlsFailedException.class,
            failure ->
                assertThat(failure.reason()).isEqualTo(TlsFailedException.Reason.PIN_MISMATCH));
  }

  @Test
  void aStarIsOneLabelAndOtherHostsAreFree() throws Exception {
    String stranger = pin(ROOT.intermediate("other").certificate());

    assertThat(get("a.test", "*.a.test", stranger)).isEqualTo("fine");
    assertThatThrownBy(() -> get("b.a.test", "*.A.test", stranger))
        .isInstanceOf(TlsFailedException.class);
    assertThat(get("b.a.test", "*.test", stranger)).isEqualTo("fine");
  }

  @Test
  void withoutTrustTheServersOwnKeyMustBePinned() throws Exception {
    String own = pin(SERVER.leaf());
    String issuers = pin(MIDDLE.certificate());

    assertThat(get(doubting().tls(t -> t.pins("127.0.0.1", own, BACKUP)), "127.0.0.1"))
        .isEqualTo("fine");
    assertThatThrownBy(
            () -> get(doubting().tls(t -> t.pins("127.0.0.1", issuers, BACKUP)), "127.0.0.1"))
        .isInstanceOf(TlsFailedException.class);
  }

  private static HawserClient.Builder doubting() {
    return Hawser.newBuilder().tls(t -> t.trustAnyone(true));
  }

  @Test
  void aPinHasItsFormAndABackup() {
    assertThatThrownBy(() -> new TlsOptions.Pins("a.test", Set.of(BACKUP)))
        .hasMessageContaining("backup");
    assertThatThrownBy(() -> TlsOptions.DEFAULTS.pins("a.test", "AAAA", BACKUP))
        .hasMessageContaining("\"AAAA\"");
  }
}
