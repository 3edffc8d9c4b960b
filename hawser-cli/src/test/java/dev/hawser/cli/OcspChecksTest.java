package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestAuthority.OcspStatus;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code hawser doctor} says of responders that answer, refuse, lie, stall and are gone. */
@Timeout(60)
class OcspChecksTest {
  private static final TestAuthority MIDDLE = TestAuthority.create().intermediate("middle");
  private static final Duration HOUR = Duration.ofHours(1);

  private static TestIdentity naming(String responder) {
    var uri = new GeneralName(GeneralName.uniformResourceIdentifier, responder);
    return MIDDLE.issue(
        leaf ->
            leaf.ips("127.0.0.1")
                .with(
                    certificate ->
                        certificate.addExtension(
                            Extension.authorityInfoAccess,
                            false,
                            new AuthorityInformationAccess(AccessDescription.id_ad_ocsp, uri))));
  }

  private static Check check(List<X509Certificate> chain) throws InterruptedException {
    var outcome =
        new TlsProbe.Outcome(
            "TLSv1.3", "TLS_AES_128_GCM_SHA256", chain, List.of(), "", false, 0, Duration.ZERO);
    return new OcspChecks(outcome).responder();
  }

  private static void says(Check check, Check.Status status, String found) {
    assertThat(check.status()).as(check.toString()).isEqualTo(status);
    assertThat(check.found()).contains(found);
    boolean trouble = status == Check.Status.WARN || status == Check.Status.FAIL;
    assertThat(check.why().isEmpty()).isNotEqualTo(trouble);
    assertThat(check.fix().isEmpty()).isNotEqualTo(trouble);
  }

  /** Makes the answer for a certificate. */
  private interface Answer {
    byte[] to(X509Certificate leaf) throws IOException;
  }

  private static Check answered(Answer answer) throws Exception {
    TestIdentity[] identity = new TestIdentity[1];
    Script responder =
        peer -> {
          peer.readRequest();
          send(peer, answer.to(identity[0].leaf()));
        };
    try (var server = FaultServer.start(responder)) {
      identity[0] = naming(server.uri("/").toString());
      Check check = check(identity[0].chain());
      assertThat(server.failures()).isEmpty();
      return check;
    }
  }

  private static void send(Peer peer, byte[] answer) throws IOException {
    peer.send(
        "HTTP/1.0 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: "
            + answer.length
            + "\r\n\r\n");
    peer.send(answer);
    peer.close();
  }

  @Test
  void aGoodAnswerIsTimed() throws Exception {
    says(answered(leaf -> MIDDLE.ocspAnswer(leaf, OcspStatus.GOOD, HOUR)), Check.Status.OK, "good");
  }

  @Test
  void aRevokedCertificateIsACatastrophe() throws Exception {
    Check check = answered(leaf -> MIDDLE.ocspAnswer(leaf, OcspStatus.REVOKED, HOUR));

    says(check, Check.Status.FAIL, "revoked at ");
    assertThat(check.found()).contains("KEY_COMPROMISE");
    assertThat(check.fix()).contains("new certificate", "new key");
  }

  @Test
  void anAnswerThatDoesNotHoldIsNone() throws Exception {
    for (Answer answer :
        List.<Answer>of(
            leaf -> MIDDLE.ocspAnswer(leaf, OcspStatus.UNKNOWN, HOUR),
            leaf -> MIDDLE.ocspAnswer(leaf, OcspStatus.GOOD, HOUR.negated()),
            leaf -> MIDDLE.ocspAnswer(MIDDLE.certificate(), OcspStatus.GOOD, HOUR),
            leaf -> TestAuthority.create().ocspAnswer(leaf, OcspStatus.GOOD, HOUR))) {
      says(answered(answer), Check.Status.WARN, "does not hold");
    }
  }

  @Test
  void garbageIsNoAnswer() throws Exception {
    says(
        answered(leaf -> "<html>It works!</html>".getBytes(StandardCharsets.US_ASCII)),
        Check.Status.WARN,
        "no OCSP answer");
    says(answered(leaf -> new byte[0]), Check.Status.WARN, "no OCSP answer");
  }

  @ParameterizedTest
  @CsvSource({
    OCSPRespBuilder.TRY_LATER + ",later",
    OCSPRespBuilder.UNAUTHORIZED + ",not in charge",
    OCSPRespBuilder.INTERNAL_ERROR + ",internal error"
  })
  void aRefusalIsWorded(int status, String found) throws Exception {
    byte[] refusal = new OCSPRespBuilder().build(status, null).getEncoded();

    says(answered(leaf -> refusal), Check.Status.WARN, found);
  }

  @Test
  void anErrorOfHttpIsTold() throws Exception {
    Script broken =
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
        };
    try (var server = FaultServer.start(broken)) {
      says(check(naming(server.uri("/").toString()).chain()), Check.Status.WARN, "status 503");
    }
  }

  @Test
  void aDeadResponderIsNamed() throws Exception {
    int port;
    try (var taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    says(
        check(naming("http://127.0.0.1:" + port + "/").chain()),
        Check.Status.WARN,
        "http://127.0.0.1:" + port + "/ cannot be asked: Connection refused");
  }

  @Test
  void aSlowResponderIsNotWaitedFor() throws Exception {
    try (var server = FaultServer.start(Peer::stall)) {
      says(
          check(naming(server.uri("/").toString()).chain()),
          Check.Status.WARN,
          "has not answered within 5s");
    }
  }

  @Test
  void whereNobodyCanBeAskedNobodyIs() throws Exception {
    says(
        check(MIDDLE.issue(leaf -> leaf.ips("127.0.0.1")).chain()),
        Check.Status.OK,
        "names no responder");
    says(
        check(naming("http://127.0.0.1:1/").withoutIntermediates().chain()),
        Check.Status.SKIP,
        "issuer");
    says(
        check(naming("ldap://127.0.0.1/").chain()), Check.Status.WARN, "has no HTTP address: ldap");
  }

  /** OpenSSL's own answers; its own HTTP listens on all addresses, which a test must not. */
  @Tag("real-servers")
  @ParameterizedTest
  @CsvSource({"V,OK,good", "R,FAIL,revoked at 2026-01-02T03:04:05Z", "absent,WARN,does not hold"})
  void asOpensslSaysIt(String state, Check.Status status, String found, @TempDir Path dir)
      throws Exception {
    TestIdentity signer =
        MIDDLE.issue(
            leaf ->
                leaf.commonName("responder")
                    .with(
                        certificate ->
                            certificate.replaceExtension(
                                Extension.extendedKeyUsage,
                                false,
                                new ExtendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning))));
    signer.writePem(dir);
    MIDDLE.writePem(dir.resolve("issuer.pem"));
    Script openssl =
        peer -> {
          byte[] question = peer.readRequest().body();
          send(peer, openssl(dir, question));
        };
    try (var server = FaultServer.start(openssl)) {
      TestIdentity identity = naming(server.uri("/").toString());
      BigInteger serial = identity.leaf().getSerialNumber();
      String revoked = state.equals("R") ? "260102030405Z,keyCompromise" : "";
      String line =
          "%s\t401231235959Z\t%s\t%s\tunknown\t/CN=Test\n"
              .formatted(state, revoked, serial.toString(16).toUpperCase(Locale.ROOT));
      Files.writeString(dir.resolve("index.txt"), state.equals("absent") ? "" : line);

      Check check = check(identity.chain());

      assertThat(server.failures()).isEmpty();
      says(check, status, found);
    }
  }

  private static byte[] openssl(Path dir, byte[] question) throws IOException {
    Files.write(dir.resolve("question"), question);
    Process process =
        new ProcessBuilder(
                ("openssl ocsp -index index.txt -CA issuer.pem -rsigner chain.pem -rkey key.pem"
                        + " -ndays 1 -reqin question -respout answer")
                    .split(" "))
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("output").toFile())
            .start();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(Files.readString(dir.resolve("output")));
      }
      return Files.readAllBytes(dir.resolve("answer"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
