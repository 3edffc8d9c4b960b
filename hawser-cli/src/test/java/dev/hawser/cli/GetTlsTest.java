package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code hawser get} over TLS: whom it trusts, and what it shows and says. */
@Tag("tls")
@Timeout(60)
class GetTlsTest {
  @TempDir private Path folder;
  private final Shell shell = Shell.toFiles();
  private final TestAuthority authority = TestAuthority.create();
  private String cacert;
  private OriginServer origin;

  @BeforeEach
  void start() throws Exception {
    cacert = authority.writePem(folder.resolve("ca.pem")).toString();
    origin = OriginServer.builder().tls(authority.localhost().serverContext()).start();
  }

  @AfterEach
  void stop() throws Exception {
    origin.close();
  }

  private String url() {
    return origin.uri("/").toString();
  }

  @Test
  void trustsTheGivenAuthority() {
    assertThat(shell.run("get", url(), "--cacert", cacert)).isZero();
    assertThat(shell.err()).isEmpty();
    assertThat(shell.out())
        .contains("TLSv1.3 TLS_", ", x25519, ALPN http/1.1, full handshake")
        .containsPattern("(?m)^  tls        .*█.* ms$");
  }

  @Test
  @SuppressWarnings("unchecked")
  void tellsOfTlsAsJson() throws Exception {
    assertThat(shell.run("get", url(), "--cacert", cacert, "--json")).isZero();
    var tls = (Map<String, Object>) shell.jsonList("exchanges").getFirst().get("tls");
    assertThat(tls)
        .containsEntry("version", "TLSv1.3")
        .containsEntry("alpn", "http/1.1")
        .containsEntry("resumed", false)
        .containsEntry("group", "x25519")
        .containsKey("cipher");
  }

  @ParameterizedTest
  @CsvSource({"jdk, SunJSSE", "conscrypt, Conscrypt", "auto, Conscrypt"})
  @SuppressWarnings("unchecked")
  void theTlsIsTheOneAskedFor(String asked, String provider) throws Exception {
    String[] get = {"get", url(), "--cacert", cacert, "--tls-provider", asked};
    assertThat(shell.run(get)).isZero();
    assertThat(shell.out()).contains("full handshake by " + provider);

    String[] json = Arrays.copyOf(get, get.length + 1);
    json[get.length] = "--json";
    assertThat(shell.run(json)).isZero();
    var tls = (Map<String, Object>) shell.jsonList("exchanges").getFirst().get("tls");
    assertThat(tls).containsEntry("provider", provider);
  }

  @Test
  void namesTheFixForAnUnknownAuthority() {
    assertThat(shell.run("get", url())).isEqualTo(Main.FAILED);
    assertThat(shell.err().lines()).hasSize(1);
    assertThat(shell.err()).contains("--cacert FILE", "--insecure", "TLS handshake");
  }

  @Test
  void namesTheFixForAnotherHostsCertificate() throws Exception {
    TestIdentity other = authority.issue(leaf -> leaf.names("other.example"));
    try (var server = OriginServer.builder().tls(other.serverContext()).start()) {
      String wrong = server.uri("/").toString();
      assertThat(shell.run("get", wrong, "--cacert", cacert)).isEqualTo(Main.FAILED);
      assertThat(shell.err()).contains("--insecure", "127.0.0.1");

      assertThat(shell.run("get", wrong, "--insecure")).isZero();
    }
  }

  @Test
  void anExpiredCertificateIsNoMatterOfTrust() throws Exception {
    TestIdentity expired = authority.issue(leaf -> leaf.ips("127.0.0.1").expired());
    try (var server = OriginServer.builder().tls(expired.serverContext()).start()) {
      String url = server.uri("/").toString();
      assertThat(shell.run("get", url, "--cacert", cacert)).isEqualTo(Main.FAILED);
      assertThat(shell.err()).contains("expired on", "--insecure").doesNotContain("--cacert FILE");
    }
  }

  @Test
  void namesTheFixForAMissingClientCertificate() throws Exception {
    var wanting = Tls.of(authority.localhost().serverContext()).requireClientCertificate();
    try (var server = FaultServer.builder().tls(wanting).start(Script.ok("never"))) {
      String url = server.uri("/").toString();
      assertThat(shell.run("get", url, "--cacert", cacert)).isEqualTo(Main.FAILED);
      assertThat(shell.err()).contains("client certificate", "--cert FILE --key FILE");
    }
  }

  @Test
  void insecureTrustsAnyoneAndSaysSo() {
    assertThat(shell.run("get", url(), "--insecure")).isZero();
    assertThat(shell.err().lines()).hasSize(1);
    assertThat(shell.err()).contains("--insecure: nobody's certificate is checked");
  }

  @Test
  void plainHttpWhereTlsIsExpected() throws Exception {
    Script plainHttp =
        peer -> {
          peer.readExactly(5);
          peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        };
    try (var server = FaultServer.start(plainHttp)) {
      String https = server.uri("/").toString().replace("http:", "https:");
      assertThat(shell.run("get", https)).isEqualTo(Main.FAILED);
      assertThat(shell.err()).containsAnyOf("plain HTTP", "does not speak TLS");
    }
  }

  @Test
  void aHandshakeThatStalls() throws Exception {
    try (var server = FaultServer.start(Script.neverRead())) {
      String https = server.uri("/").toString().replace("http:", "https:");
      assertThat(shell.run("get", https, "--tls-timeout", "200ms")).isEqualTo(Main.FAILED);
      assertThat(shell.err()).contains("in the TLS handshake", "raise --tls-timeout");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyKind.class,
      names = {"P256", "RSA_2048", "ED25519"})
  void showsAClientCertificate(KeyKind kind) throws Exception {
    var client = authority.issue(leaf -> leaf.commonName("ann").key(kind)).writePem(folder);
    assertThat(
            shell.run(
                "get",
                url(),
                "--cacert",
                cacert,
                "--cert",
                client.chain().toString(),
                "--key",
                client.key().toString()))
        .as(shell.err())
        .isZero();

    // Both in one file, the key first.
    String both = Files.readString(client.key()) + Files.readString(client.chain());
    Path file = Files.writeString(folder.resolve("both.pem"), both);
    assertThat(shell.run("get", url(), "--cacert", cacert, "--cert", file.toString())).isZero();
  }

  @Test
  void saysWhatIsWrongWithItsFiles() throws Exception {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    var one = authority.issue(leaf -> leaf.commonName("one")).writePem(first);
    var other = authority.issue(leaf -> leaf.commonName("other")).writePem(second);
    String cert = one.chain().toString();

    refuses("there is no file", "--cacert", "/no/such/file");
    refuses("has no PEM certificate", "--cacert", one.key().toString());
    refuses("has no private key", "--cert", cert);
    refuses("not that of the first certificate", "--cert", cert, "--key", other.key().toString());
    refuses("--key needs --cert", "--key", one.key().toString());
    refuses("would have no effect", "--insecure", "--cacert", cacert);

    Path old = Files.writeString(folder.resolve("old"), pem("RSA PRIVATE KEY"));
    refuses("openssl pkcs8 -topk8 -nocrypt", "--cert", cert, "--key", old.toString());
    Path locked = Files.writeString(folder.resolve("locked"), pem("ENCRYPTED PRIVATE KEY"));
    refuses("encrypted", "--cert", cert, "--key", locked.toString());
    Path damaged = Files.writeString(folder.resolve("damaged"), pem("PRIVATE KEY"));
    refuses("has a key that is none of", "--cert", cert, "--key", damaged.toString());
  }

  private void refuses(String why, String... options) {
    var arguments = new ArrayList<>(List.of("get", url()));
    arguments.addAll(List.of(options));
    assertThat(shell.run(arguments.toArray(String[]::new))).isEqualTo(Main.USAGE);
    assertThat(shell.err()).contains(why);
    assertThat(origin.requests()).isZero();
  }

  private static String pem(String label) {
    return "-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n";
  }
}
