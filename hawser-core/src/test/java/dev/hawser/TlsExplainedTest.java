package dev.hawser;

import static dev.hawser.TlsFailedException.Reason.CERTIFICATE_REFUSED;
import static dev.hawser.TlsFailedException.Reason.CLIENT_CERTIFICATE_REFUSED;
import static dev.hawser.TlsFailedException.Reason.CLIENT_CERTIFICATE_REQUIRED;
import static dev.hawser.TlsFailedException.Reason.CLOSED;
import static dev.hawser.TlsFailedException.Reason.CONFIGURATION;
import static dev.hawser.TlsFailedException.Reason.EXPIRED;
import static dev.hawser.TlsFailedException.Reason.MISSING_INTERMEDIATE;
import static dev.hawser.TlsFailedException.Reason.NOT_TLS;
import static dev.hawser.TlsFailedException.Reason.NOT_YET_VALID;
import static dev.hawser.TlsFailedException.Reason.NO_COMMON_PROTOCOL;
import static dev.hawser.TlsFailedException.Reason.NO_COMMON_SUITE;
import static dev.hawser.TlsFailedException.Reason.OTHER;
import static dev.hawser.TlsFailedException.Reason.PLAIN_HTTP;
import static dev.hawser.TlsFailedException.Reason.SELF_SIGNED;
import static dev.hawser.TlsFailedException.Reason.UNKNOWN_AUTHORITY;
import static dev.hawser.TlsFailedException.Reason.UNRECOGNISED_NAME;
import static dev.hawser.TlsFailedException.Reason.VERSION_MISMATCH;
import static dev.hawser.TlsFailedException.Reason.WEAK_ALGORITHM;
import static dev.hawser.TlsFailedException.Reason.WRONG_HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.TlsFailedException.Reason;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in which a handshake fails has its reason, the facts found, and what to change. */
@Tag("tls")
@Timeout(60)
class TlsExplainedTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final String HOST = "a.b.example.test";

  @Override
  HawserClient.Builder options() {
    return options(OwnContext.trusting(ROOT));
  }

  private static HawserClient.Builder options(SSLContext context) {
    return Hawser.newBuilder()
        .sslContext(context)
        .dns(d -> d.hosts(Map.of(HOST, List.of(InetAddress.getLoopbackAddress()))));
  }

  private TlsFailedException failure(Tls tls) throws IOException {
    return failure(client, server(FaultServer.builder().tls(tls), Script.ok("never")), "127.0.0.1");
  }

  private static TlsFailedException failure(HawserClient client, FaultServer server, String host) {
    var request =
        HttpRequest.newBuilder(URI.create("https://" + host + ":" + server.port() + "/")).build();
    TlsFailedException failure =
        catchThrowableOfType(
            TlsFailedException.class, () -> client.send(request, BodyHandlers.ofString()));
    assertThat(failure).isNotNull();
    assertThat(failure.details().phase()).isEqualTo(Phase.TLS);
    assertThat(failure.details().advice()).as(failure.getMessage()).isNotEmpty();
    assertThat(server.requests()).isEmpty();
    return failure;
  }

  private static void says(TlsFailedException failure, Reason reason, String... texts) {
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    assertThat(failure).hasMessageContainingAll(texts);
  }

  // ---- the server's certificate

  @Test
  void expired() throws Exception {
    TestIdentity identity = ROOT.issue(leaf -> leaf.ips("127.0.0.1").expired());

    TlsFailedException failure = failure(identity.tls());

    String end = identity.leaf().getNotAfter().toInstant().toString();
    says(failure, EXPIRED, "it expired on " + end, "24 hours ago", "Renew it");
    assertThat(failure.chain()).containsExactly(identity.leaf());
  }

  @Test
  void anIssuerThatExpired() throws Exception {
    TestIdentity identity = ROOT.intermediate("Issuing", issuing -> issuing.expired()).localhost();

    TlsFailedException failure = failure(identity.tls());

    says(failure, EXPIRED, "that of its issuer CN=Issuing expired on");
    assertThat(failure.chain()).isEqualTo(identity.chain());
  }

  /** Then JSSE says no more than that it found no path. */
  @Test
  void anIssuerThatExpiredInAChainOutOfOrder() throws Exception {
    TestAuthority upper = ROOT.intermediate("Upper");
    TestIdentity identity = upper.intermediate("Lower", issuing -> issuing.expired()).localhost();
    Tls outOfOrder = identity.withChain(c -> List.of(c.get(0), c.get(2), c.get(1))).tls();

    says(failure(outOfOrder), EXPIRED, "that of its issuer CN=Lower expired on");
  }

  @Test
  void notYetValid() throws Exception {
    TestIdentity identity = ROOT.issue(leaf -> leaf.ips("127.0.0.1").notYetValid());
    String begin = identity.leaf().getNotBefore().toInstant().toString();

    says(failure(identity.tls()), NOT_YET_VALID, "it is not valid before " + begin, "clock");
  }

  @Test
  void forAnotherHost() throws Exception {
    var identity = ROOT.issue(leaf -> leaf.names("one.example", "*.two.example").ips("192.0.2.1"));

    says(
        failure(identity.tls()),
        WRONG_HOST,
        "certificate of 127.0.0.1 was refused",
        "it is for one.example, *.two.example, 192.0.2.1, not for this host");
  }

  @Test
  void forManyOtherHosts() throws Exception {
    var identity = ROOT.issue(leaf -> leaf.names("a.a", "b.b", "c.c", "d.d", "e.e", "f.f", "g.g"));

    says(failure(identity.tls()), WRONG_HOST, "a.a, b.b, c.c, d.d, e.e and 2 more");
  }

  @Test
  void aWildcardIsForOneLevel() throws Exception {
    var identity = ROOT.issue(leaf -> leaf.names("*.example.test"));
    var server = server(FaultServer.builder().tls(identity.tls()), Script.ok("never"));

    says(failure(client, server, HOST), WRONG_HOST, "of " + HOST, "it is for *.example.test,");
  }

  @Test
  void anAddressAsCommonNameOnly() throws Exception {
    var identity = ROOT.issue(leaf -> leaf.commonName("127.0.0.1"));

    says(failure(identity.tls()), WRONG_HOST, "no name or address, only CN=127.0.0.1");
  }

  @Test
  void ofAnUnknownAuthority() throws Exception {
    var unknown = TestAuthority.create(InstantSource.system(), r -> r.commonName("Other"));

    TlsFailedException failure = failure(unknown.intermediate("Issuing").localhost().tls());

    says(
        failure,
        UNKNOWN_AUTHORITY,
        "its authority CN=Other is not in the trust store",
        "sslContext");
    assertThat(failure.chain()).hasSize(2);
  }

  @Test
  void ofAnUnknownAuthorityThatIsSentAsWell() throws Exception {
    var unknown = TestAuthority.create(InstantSource.system(), r -> r.commonName("Other"));
    TestIdentity identity =
        unknown.localhost().withChain(chain -> List.of(chain.getFirst(), unknown.certificate()));

    says(failure(identity.tls()), UNKNOWN_AUTHORITY, "CN=Other is not in the trust store");
  }

  @Test
  void ofAnUnknownAuthorityByAChainOutOfOrder() throws Exception {
    var unknown = TestAuthority.create(InstantSource.system(), r -> r.commonName("Other"));
    TestIdentity identity = unknown.intermediate("Upper").intermediate("Lower").localhost();
    Tls outOfOrder = identity.withChain(c -> List.of(c.get(0), c.get(2), c.get(1))).tls();

    says(failure(outOfOrder), UNKNOWN_AUTHORITY, "CN=Other is not in the trust store");
  }

  @Test
  void ofAnAuthorityWithTheNameOfATrustedOne() throws Exception {
    says(
        failure(TestAuthority.create().localhost().tls()),
        UNKNOWN_AUTHORITY,
        "CN=Test Root",
        "has another key");
  }

  @Test
  void withoutItsIntermediate() throws Exception {
    TestIdentity identity = ROOT.intermediate("Issuing").localhost().withoutIntermediates();

    says(
        failure(identity.tls()),
        MISSING_INTERMEDIATE,
        "the server sent no certificate of its issuer CN=Issuing",
        "Have the server send the intermediate certificate");
  }

  @Test
  void selfSigned() throws Exception {
    TestIdentity identity =
        TestAuthority.selfSigned(leaf -> leaf.commonName("box").ips("127.0.0.1"));

    says(failure(identity.tls()), SELF_SIGNED, "it is self-signed (CN=box)");
  }

  @Test
  void aWeakKey() throws Exception {
    var weak = ROOT.intermediate("Weak", issuing -> issuing.key(KeyKind.RSA_768));

    says(failure(weak.localhost().tls()), WEAK_ALGORITHM, "too weak", "RSA 768 bit key");
  }

  @Test
  void aWeakSignature() throws Exception {
    var root =
        TestAuthority.create(
            InstantSource.system(), r -> r.commonName("RSA").key(KeyKind.RSA_2048));
    var weak = root.intermediate("Weak", issuing -> issuing.signedWith("MD5withRSA"));
    try (HawserClient rsa = options(OwnContext.trusting(root)).build()) {
      var server = server(FaultServer.builder().tls(weak.localhost().tls()), Script.ok("never"));

      says(failure(rsa, server, "127.0.0.1"), WEAK_ALGORITHM, "too weak", "MD5");
    }
  }

  @Test
  void ofOneWhoIsNoAuthority() throws Exception {
    says(failure(ROOT.impostor("Impostor").localhost().tls()), CERTIFICATE_REFUSED, "CA");
  }

  @Test
  void againstTheNameConstraintsOfItsAuthority() throws Exception {
    var only = new GeneralSubtree(new GeneralName(GeneralName.dNSName, "else.example"));
    var constrained =
        ROOT.intermediate(
            "Constrained",
            issuing ->
                issuing.with(
                    certificate ->
                        certificate.addExtension(
                            Extension.nameConstraints,
                            true,
                            new NameConstraints(new GeneralSubtree[] {only}, null))));

    says(failure(constrained.localhost().tls()), CERTIFICATE_REFUSED, "name constraints");
  }

  // ---- chains that are odd and good all the same

  @Test
  void intermediatesInAnyOrderWithOthersBetween() throws Exception {
    TestAuthority upper = ROOT.intermediate("Upper");
    TestIdentity identity = upper.intermediate("Lower").localhost();
    X509Certificate stranger = TestAuthority.create().certificate();
    succeeds(
        identity
            .withChain(c -> List.of(c.get(0), c.get(2), stranger, c.get(1), ROOT.certificate()))
            .tls());
  }

  /** JSSE's limit ({@code jdk.tls.client.maxInboundCertificateChainLength}). */
  @Test
  void aChainOfTen() throws Exception {
    TestAuthority authority = ROOT;
    for (int i = 1; i <= 9; i++) {
      authority = authority.intermediate("Level " + i);
    }
    succeeds(authority.localhost().tls());
  }

  /** The client guesses groups for its key shares, and the server wants another one it offers. */
  @Test
  void aHelloRetryRequest() throws Exception {
    succeeds(ROOT.localhost().tls().versions("TLSv1.3").groups("secp384r1"));
  }

  private void succeeds(Tls tls) throws Exception {
    assertThat(get(server(FaultServer.builder().tls(tls), Script.ok("fine"))).body())
        .isEqualTo("fine");
  }

  // ---- the same without our witness: a context of the user's

  @Test
  void aContextOfTheUsersIsExplainedAsFarAsItTells() throws Exception {
    try (HawserClient own = options(ROOT.clientContext()).build()) {
      says(
          failureOf(own, ROOT.issue(leaf -> leaf.ips("127.0.0.1").expired())),
          EXPIRED,
          "it expired on",
          "24 hours ago");
      says(failureOf(own, ROOT.issue(leaf -> leaf.names("one.example"))), WRONG_HOST, "127.0.0.1");
      says(
          failureOf(own, ROOT.intermediate("Issuing").localhost().withoutIntermediates()),
          UNKNOWN_AUTHORITY,
          "no authority in the trust store",
          "intermediate certificates");
    }
  }

  private TlsFailedException failureOf(HawserClient own, TestIdentity identity) throws IOException {
    var server = server(FaultServer.builder().tls(identity.tls()), Script.ok("never"));
    return failure(own, server, "127.0.0.1");
  }

  @Test
  void theDefaultContextIsExplained() throws Exception {
    try (HawserClient plain = Hawser.newBuilder().build()) {
      TestIdentity identity = ROOT.localhost();

      TlsFailedException failure = failureOf(plain, identity);

      says(failure, MISSING_INTERMEDIATE, "CN=Test Root");
      assertThat(failure.chain()).isEqualTo(identity.chain());
      assertThat(plain.sslContext()).isSameAs(SSLContext.getDefault());
    }
  }

  // ---- what both sides can do

  /** An old server's answer to any ClientHello: its own version, 32 bytes, no session, a suite. */
  @Test
  void aServerThatSpeaksAnOldVersion() throws Exception {
    byte[] hello = new byte[5 + 4 + 38];
    byte[] head = {22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1};
    System.arraycopy(head, 0, hello, 0, head.length);
    hello[hello.length - 3] = (byte) 0xc0; // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    hello[hello.length - 2] = 0x09;
    var server =
        server(
            peer -> {
              peer.readExactly(5);
              peer.send(hello);
              peer.awaitClose(PATIENCE);
            });

    says(
        failure(client, server, "127.0.0.1"),
        VERSION_MISMATCH,
        "the server speaks TLS 1.0, this side TLSv1.3, TLSv1.2");
  }

  @Test
  void noVersionInCommon() throws Exception {
    says(
        failureWith(parameters("TLSv1.2"), ROOT.localhost().tls().versions("TLSv1.3")),
        VERSION_MISMATCH,
        "no version of TLS that this side speaks: TLSv1.2",
        "protocol_version");
  }

  private static SSLParameters parameters(String version) {
    var parameters = new SSLParameters();
    parameters.setProtocols(new String[] {version});
    return parameters;
  }

  /** With the JDK's engine: tls.provider AUTO takes no other where there are parameters. */
  private TlsFailedException failureWith(SSLParameters parameters, Tls tls) throws IOException {
    try (HawserClient bound = options(ROOT.clientContext()).sslParameters(parameters).build()) {
      var server = server(FaultServer.builder().tls(tls), Script.ok("never"));
      return failure(bound, server, "127.0.0.1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1.3, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384",
    "TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  })
  void noSuiteInCommon(String version, String ours, String theirs) throws Exception {
    SSLParameters parameters = parameters(version);
    parameters.setCipherSuites(new String[] {ours});

    says(
        failureWith(parameters, ROOT.localhost().tls().versions(version).suites(theirs)),
        NO_COMMON_SUITE,
        "offers: " + ours,
        "sslParameters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void noGroupInCommon(String version) throws Exception {
    var root = TestAuthority.create(InstantSource.system(), r -> r.key(KeyKind.RSA_2048));
    var identity = root.issue(leaf -> leaf.key(KeyKind.RSA_2048)); // no curve of its own
    SSLParameters parameters = parameters(version);
    parameters.setNamedGroups(new String[] {"secp256r1"});
    parameters.setCipherSuites(
        new String[] {"TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});

    says(failureWith(parameters, identity.tls().groups("secp384r1")), NO_COMMON_SUITE, "group");
  }

  @Test
  void noApplicationProtocolInCommon() throws Exception {
    Tls other =
        ROOT.localhost().tls().with(p -> p.setApplicationProtocols(new String[] {"spdy/3.1"}));

    says(failure(other), NO_COMMON_PROTOCOL, "h2, http/1.1", "ALPN");
  }

  @Test
  void aNameThatTheServerDoesNotKnow() throws Exception {
    Tls strict =
        ROOT.localhost()
            .tls()
            .with(p -> p.setSNIMatchers(List.of(SNIHostName.createSNIMatcher("other\\.test"))));
    var server = server(FaultServer.builder().tls(strict), Script.ok("never"));

    says(failure(client, server, HOST), UNRECOGNISED_NAME, "no host named " + HOST, "SNI");
  }

  @Test
  void optionsThatCannotBeMet() throws Exception {
    SSLParameters none = parameters("TLSv1.3");
    none.setCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"});

    says(failureWith(none, ROOT.localhost().tls()), CONFIGURATION, "sslParameters");
  }

  @Test
  void anotherAlertIsNamed() throws Exception {
    byte[] internalError = {21, 3, 3, 0, 2, 2, 80};
    var server =
        server(
            peer -> {
              peer.readExactly(5);
              peer.send(internalError);
              peer.awaitClose(PATIENCE);
            });

    says(failure(client, server, "127.0.0.1"), OTHER, "internal_error");
  }

  /** Nobody reads addresses of memory; what BoringSSL says no more of is said in words. */
  @Test
  void anErrorOfTheLibraryIsWorded() throws Exception {
    byte[] brokenHello = {22, 3, 3, 0, 5, 2, 0, 0, 1, 3};
    var server =
        server(
            peer -> {
              peer.readExactly(5);
              peer.send(brokenHello);
              peer.awaitClose(PATIENCE);
            });

    TlsFailedException failure = failure(client, server, "127.0.0.1");

    says(failure, OTHER, "its version and log");
    assertThat(failure.getMessage()).doesNotContain("error:", "0x", "OPENSSL_internal");
    if (!OwnContext.isTheJdks()) {
      says(failure, OTHER, "BoringSSL", "decode error", "tls.provider JDK");
    }
  }

  /** The client may be writing when the connection is reset, and has not read the alert then. */
  @Test
  void anAlertBeforeAResetIsNamed() throws Exception {
    byte[] internalError = {21, 3, 3, 0, 2, 2, 80};
    var server =
        server(
            peer -> {
              HalfHandshake.answer(peer, ROOT.localhost(), "TLSv1.2", 10);
              peer.send(internalError);
              peer.reset();
            });

    says(failure(client, server, "127.0.0.1"), OTHER, "internal_error");
  }

  // ---- the client's certificate

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateIsWanted(String version) throws Exception {
    Tls wanting = ROOT.localhost().tls().versions(version).requireClientCertificate();

    says(failure(wanting), CLIENT_CERTIFICATE_REQUIRED, "wants a client certificate", "sslContext");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateIsRefused(String version) throws Exception {
    TestIdentity expired = ROOT.issue(leaf -> leaf.commonName("caller").expired());
    Tls wanting = ROOT.localhost().tls().versions(version).requireClientCertificate();
    try (HawserClient known = options(OwnContext.trusting(ROOT, expired)).build()) {
      var server = server(FaultServer.builder().tls(wanting), Script.ok("never"));

      says(
          failure(known, server, "127.0.0.1"),
          CLIENT_CERTIFICATE_REFUSED,
          "refused the client certificate",
          "certificate_");
    }
  }

  // ---- something else than TLS, or nothing

  @Test
  void plainHttp() throws Exception {
    says(failureOf(peer -> peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")), PLAIN_HTTP, "http://");
  }

  @Test
  void anotherProtocol() throws Exception {
    says(failureOf(peer -> peer.send("SSH-2.0-OpenSSH_9.2\r\n")), NOT_TLS, "does not speak TLS");
  }

  @Test
  void closedBeforeTheServerHello() throws Exception {
    says(failureOf(peer -> peer.readExactly(5)), CLOSED, "waiting for the ServerHello");
    Script reset =
        peer -> {
          peer.readExactly(5); // or the TCP connect could fail already
          peer.reset();
        };
    says(failureOf(reset), CLOSED, "waiting for the ServerHello");
  }

  @Test
  void closedAfterTheServerHello() throws Exception {
    says(
        failureOf(peer -> HalfHandshake.answer(peer, ROOT.localhost(), "TLSv1.3", 1)),
        CLOSED,
        "waiting for the server's certificate");
  }

  private TlsFailedException failureOf(Script script) throws IOException {
    Script unhurried =
        peer -> {
          script.play(peer);
          if (!peer.socket().isClosed()) {
            peer.shutdownOutput();
            peer.awaitClose(PATIENCE);
          }
        };
    return failure(client, server(unhurried), "127.0.0.1");
  }

  // ---- time-outs

  @Test
  void stalledBeforeTheServerHello() throws Exception {
    stalled(Peer::stall, "waiting for the ServerHello");
  }

  @Test
  void stalledAfterTheServerHello() throws Exception {
    stalled(
        peer -> {
          HalfHandshake.answer(peer, ROOT.localhost(), "TLSv1.3", 1);
          peer.stall();
        },
        "waiting for the server's certificate");
  }

  @Test
  void stalledAfterTheCertificate() throws Exception {
    stalled(
        peer -> {
          HalfHandshake.answer(peer, ROOT.localhost(), "TLSv1.2", 10);
          peer.stall();
        },
        "waiting for the server's Finished");
  }

  private void stalled(Script script, String part) throws Exception {
    try (HawserClient hasty =
        options().tls(t -> t.handshakeTimeout(Duration.ofMillis(700))).build()) {
      timesOut(hasty, server(script), part);
    }
  }

  private static void timesOut(HawserClient hasty, FaultServer server, String part) {
    timesOut(hasty, server, part, "tls.handshakeTimeout");
  }

  private static void timesOut(HawserClient hasty, FaultServer server, String part, String option) {
    var request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/")).build();
    ConnectTimeoutException failure =
        catchThrowableOfType(
            ConnectTimeoutException.class, () -> hasty.send(request, BodyHandlers.ofString()));
    assertThat(failure)
        .hasMessageContaining("the handshake did not end")
        .hasMessageContaining(part)
        .hasMessageContaining("raise " + option);
    assertThat(failure.details().phase()).isEqualTo(Phase.TLS);
  }

  /** Its check ends when the server has seen that the client's deadline closed the connection. */
  @Test
  void aTrustManagerThatTakesItsTime() throws Exception {
    var closed = new CountDownLatch(1);
    var server =
        server(
            peer -> {
              HalfHandshake.answer(peer, ROOT.localhost(), "TLSv1.3", 10);
              peer.awaitClose(PATIENCE);
              closed.countDown();
            });
    try (HawserClient hasty =
        options(OwnContext.of(new SlowTrust(closed)))
            .tls(t -> t.validationTimeout(Duration.ofMillis(700)))
            .build()) {
      timesOut(hasty, server, "checking the server's certificate", "tls.validationTimeout");
    }
  }

  private static final class SlowTrust extends X509ExtendedTrustManager {
    private final CountDownLatch until;

    SlowTrust(CountDownLatch until) {
      this.until = until;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
      try {
        assertThat(until.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
