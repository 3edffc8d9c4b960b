package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AlgorithmParameters;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and trust in files: mounted, rotated, half written, gone. */
@Tag("tls")
@Timeout(120)
class CertificateFilesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final TestAuthority ROOT = TestAuthority.create();

  @TempDir Path folder;
  private final Witness witness = new Witness();
  private FaultServer server;
  private HawserClient client;

  @BeforeEach
  void open() throws IOException {
    server =
        FaultServer.builder()
            .tls(ROOT.localhost().tls().requireClientCertificate())
            .start(CertificateFilesTest::tellsWhoCalls);
  }

  @AfterEach
  void close() throws IOException {
    if (client != null) {
      client.close();
    }
    server.close();
  }

  private static void tellsWhoCalls(Peer peer) throws IOException {
    while (true) {
      peer.readRequest();
      SSLSession session = peer.tls().getSession();
      peer.ok(session.getPeerPrincipal().getName());
    }
  }

  /** As Kubernetes mounts a secret: files are links through {@code ..data}, which is replaced. */
  private void mount(String version, TestIdentity identity) throws IOException {
    Path data = Files.createDirectory(folder.resolve(".." + version));
    identity.writePem(data);
    Path fresh = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
    Files.move(
        fresh,
        folder.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    for (String name : List.of("chain.pem", "key.pem", "root.pem")) {
      if (!Files.isSymbolicLink(folder.resolve(name))) {
        Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
      }
    }
  }

  private static TestIdentity named(String name) {
    return ROOT.issue(leaf -> leaf.commonName(name));
  }

  private TlsFile file(String name) {
    return TlsFile.of(folder.resolve(name));
  }

  private HawserClient.Builder mounted() {
    return Hawser.newBuilder()
        .tls(
            t ->
                t.onlyRoots(file("root.pem"))
                    .identity(file("chain.pem"), file("key.pem"))
                    .handshakeTimeout(PATIENCE))
        .listener(witness);
  }

  private HttpRequest request() {
    return HttpRequest.newBuilder(server.uri("/")).build();
  }

  private static String get(HttpClient client, HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private void awaitReloads(int count) throws InterruptedException {
    assertThat(witness.await(ExchangeEvent.CertificatesReloaded.class, count, PATIENCE)).isTrue();
  }

  private String awaitRefusal(int count) throws InterruptedException {
    assertThat(witness.await(ExchangeEvent.CertificatesRefused.class, count, PATIENCE)).isTrue();
    return witness.all(ExchangeEvent.CertificatesRefused.class).getLast().problem();
  }

  @Test
  void aReplacedSecretIsUsedByTheNextCallAndOldConnectionsEnd() throws Exception {
    mount("one", named("one"));
    client = mounted().build();
    assertThat(get(client, request())).isEqualTo("CN=one");

    mount("two", named("two"));
    awaitReloads(1);

    assertThat(get(client, request())).isEqualTo("CN=two");
    assertThat(client.snapshot().counters().closed())
        .containsEntry(CloseReason.CERTIFICATES_CHANGED, 1L);
    assertThat(client.snapshot().certificates())
        .filteredOn(ClientSnapshot.Certificate::own)
        .extracting(ClientSnapshot.Certificate::subject)
        .containsExactly("CN=two");
  }

  @Test
  void overHttp2TheOldConnectionFinishesItsStreamsAndTakesNoMore() throws Exception {
    var go = new CountDownLatch(1);
    Http2Script script =
        Http2Script.inTurn(
            (peer, request) -> peer.ok(request, name(peer)),
            (peer, request) -> {
              peer.headers(request.stream(), 200);
              peer.data(request.stream(), "CN=");
              peer.connection().await(go);
              peer.lastData(request.stream(), name(peer));
            });
    mount("one", named("one"));
    client = mounted().build();
    try (FaultServer http2 =
        FaultServer.builder()
            .tls(ROOT.localhost().tls().requireClientCertificate().alpn("h2"))
            .start(script)) {
      HttpRequest request = HttpRequest.newBuilder(http2.uri("/")).build();
      assertThat(get(client, request)).isEqualTo("CN=one");
      HttpResponse<InputStream> slow = client.send(request, BodyHandlers.ofInputStream());

      mount("two", named("two"));
      awaitReloads(1);

      assertThat(get(client, request)).isEqualTo("CN=two");
      go.countDown();
      assertThat(new String(slow.body().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("CN=CN=one");
      assertThat(witness.await(ExchangeEvent.Closed.class, 1, PATIENCE)).isTrue();
      assertThat(client.snapshot().counters().closed())
          .isEqualTo(Map.of(CloseReason.CERTIFICATES_CHANGED, 1L));
      assertThat(http2.connections()).isEqualTo(2);
    }
  }

  private static String name(Http2Peer peer) throws IOException {
    return peer.connection().tls().getSession().getPeerPrincipal().getName();
  }

  @Test
  void fiftyRotationsUnderLoadFailNothing() throws Exception {
    mount("0", named("client-0"));
    client = mounted().build();
    assertThat(get(client, request())).isEqualTo("CN=client-0");
    try (var load = Load.on(client, request())) {
      for (int i = 1; i <= 50; i++) {
        mount(Integer.toString(i), named("client-" + i));
        awaitReloads(i);
        awaitName("CN=client-" + i);
      }
      load.close();
      assertThat(load.failures()).isEmpty();
      assertThat(load.answers()).contains("CN=client-1", "CN=client-25", "CN=client-50");
    }
  }

  /** A handshake that was under way when the files changed may yet serve one call. */
  private void awaitName(String name) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (!get(client, request()).equals(name)) {
      assertThat(System.nanoTime()).as("%s is in use", name).isLessThan(end);
    }
  }

  @Test
  void aNewAuthorityIsTrustedWithoutARestart() throws Exception {
    mount("one", named("one"));
    client = mounted().build();
    TestAuthority other = TestAuthority.create();
    try (var renewed =
        FaultServer.builder().tls(other.localhost().tls()).start(Script.ok("hello"))) {
      HttpRequest toRenewed = HttpRequest.newBuilder(renewed.uri("/")).build();
      assertThatThrownBy(() -> get(client, toRenewed)).isInstanceOf(TlsFailedException.class);

      String both =
          Files.readString(folder.resolve("root.pem"))
              + Files.readString(other.writePem(folder.resolve("other.pem")));
      Files.delete(folder.resolve("root.pem"));
      Files.writeString(folder.resolve("root.pem"), both);
      awaitReloads(1);

      assertThat(get(client, toRenewed)).isEqualTo("hello");
    }
  }

  @Test
  void aHalfWrittenFileLeavesTheLastOneInUseAndIsReadWhenItIsWhole() throws Exception {
    named("one").writePem(folder);
    client = mounted().build();
    assertThat(get(client, request())).isEqualTo("CN=one");
    Path aside = Files.createDirectory(folder.resolve("aside"));
    named("two").writePem(aside);
    String whole = Files.readString(aside.resolve("chain.pem"));

    Files.writeString(folder.resolve("chain.pem"), whole.substring(0, whole.length() / 2));
    assertThat(awaitRefusal(1))
        .contains("tls.identity", "chain.pem", "not yet whole", "has no end");
    assertThat(get(client, request())).isEqualTo("CN=one");

    Files.writeString(folder.resolve("chain.pem"), whole); // before its key
    assertThat(awaitRefusal(2)).contains("key.pem", "not that of the first certificate");
    assertThat(get(client, request())).isEqualTo("CN=one");

    Files.copy(
        aside.resolve("key.pem"), folder.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
    awaitReloads(1);
    assertThat(get(client, request())).isEqualTo("CN=two");
  }

  @Test
  void aDeletedFileLeavesTheLastOneInUseUntilThereIsANewOne() throws Exception {
    named("one").writePem(folder);
    client = mounted().build();

    Files.delete(folder.resolve("key.pem"));

    assertThat(awaitRefusal(1)).contains("there is no file", "key.pem");
    assertThat(get(client, request())).isEqualTo("CN=one");
    named("two").writePem(folder);
    awaitReloads(1);
    assertThat(get(client, request())).isEqualTo("CN=two");
  }

  /** Root may read any file, but nobody reads a folder as one. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFileThatCannotBeReadLeavesTheLastOneInUseUntilItCan(boolean aFolder) throws Exception {
    named("one").writePem(folder);
    client = mounted().build();
    Path key = folder.resolve("key.pem");

    Files.delete(key);
    if (aFolder) {
      Files.createDirectory(key);
    } else {
      Files.createFile(key, PosixFilePermissions.asFileAttribute(Set.of()));
      assumeThat(Files.isReadable(key)).isFalse();
    }

    assertThat(awaitRefusal(1))
        .contains("key.pem", aFolder ? "directory" : "may not be read by this process");
    assertThat(get(client, request())).isEqualTo("CN=one");
    Files.delete(key);
    named("two").writePem(folder);
    awaitReloads(1);
    assertThat(get(client, request())).isEqualTo("CN=two");
  }

  @Test
  void aStoreWithAnotherPasswordLeavesTheLastOneInUseUntilItOpens() throws Exception {
    named("one").writePem(folder);
    store("own.p12", "secret", keyOf(named("one")));
    TlsFile own = file("own.p12").password("secret");
    client =
        Hawser.newBuilder()
            .tls(t -> t.onlyRoots(file("root.pem")).identity(own).handshakeTimeout(PATIENCE))
            .listener(witness)
            .build();
    assertThat(get(client, request())).isEqualTo("CN=one");

    store("own.p12", "changed", keyOf(named("two")));
    assertThat(awaitRefusal(1)).contains("own.p12", "does not open");
    assertThat(get(client, request())).isEqualTo("CN=one");

    store("own.p12", "secret", keyOf(named("three")));
    awaitReloads(1);
    assertThat(get(client, request())).isEqualTo("CN=three");
  }

  /** For a store whose password the key has, too, as is usual. */
  private static Fill keyOf(TestIdentity identity) {
    return (store, password) ->
        store.setKeyEntry(
            "me", identity.key(), password, identity.chain().toArray(X509Certificate[]::new));
  }

  @Test
  void aCertificateThatEndsSoonIsToldOnceAhead() throws Exception {
    ROOT.issue(leaf -> leaf.commonName("old").valid(Duration.ofDays(-9), Duration.ofDays(1)))
        .writePem(folder);
    client = mounted().build();

    assertThat(witness.await(ExchangeEvent.CertificateExpiring.class, 1, PATIENCE)).isTrue();
    Files.writeString(
        folder.resolve("root.pem"), Files.readString(folder.resolve("root.pem")) + "\n");
    awaitReloads(1); // more looks have been made
    var told = witness.all(ExchangeEvent.CertificateExpiring.class).getFirst().certificate();
    assertThat(told.subject()).isEqualTo("CN=old");
    assertThat(told.file()).isEqualTo(folder.resolve("chain.pem"));
    assertThat(Duration.between(java.time.Instant.now(), told.notAfter()))
        .isLessThan(Duration.ofDays(2));
    assertThat(witness.all(ExchangeEvent.CertificateExpiring.class)).hasSize(1);
  }

  @Test
  void aKeyStoreOfJavaWillDo() throws Exception {
    TestIdentity one = named("one");
    store("own.p12", "secret", keyOf(one));
    store("trust.p12", "changeit", (store, _) -> store.setCertificateEntry("root", one.root()));
    TlsFile own = file("own.p12").password("secret");
    TlsFile trust = file("trust.p12").password("changeit");
    client = Hawser.newBuilder().tls(t -> t.onlyRoots(trust).identity(own)).build();

    assertThat(get(client, request())).isEqualTo("CN=one");
    refuses(t -> t.identity(file("own.p12").password("wrong")), "does not open");
    refuses(t -> t.identity(file("trust.p12").password("changeit")), "has no private key");
    assertThat(own.toString()).doesNotContain("secret");
  }

  private interface Fill {
    void on(KeyStore store, char[] password) throws Exception;
  }

  private void store(String name, String password, Fill fill) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    fill.on(store, password.toCharArray());
    var bytes = new ByteArrayOutputStream();
    store.store(bytes, password.toCharArray());
    Files.write(folder.resolve(name), bytes.toByteArray());
  }

  @Test
  void filesAreTrustedBesidesTheJvmsAuthoritiesUnlessTheyAreTheOnlyOnes() throws Exception {
    named("one").writePem(folder);
    client =
        Hawser.newBuilder()
            .tls(t -> t.roots(file("root.pem")).identity(file("chain.pem"), file("key.pem")))
            .build();

    assertThat(get(client, request())).isEqualTo("CN=one");
  }

  @Test
  void anyoneIsTrustedWhereThatIsAskedFor() throws Exception {
    named("one").writePem(folder);
    client =
        Hawser.newBuilder()
            .tls(t -> t.trustAnyone(true).identity(file("chain.pem"), file("key.pem")))
            .build();

    assertThat(get(client, request())).isEqualTo("CN=one");
  }

  private interface Change {
    TlsOptions of(TlsOptions options);
  }

  private static void refuses(Change change, String... words) {
    assertThatThrownBy(() -> Hawser.newBuilder().tls(change::of).build())
        .isInstanceOf(UncheckedIOException.class)
        .message()
        .contains(words);
  }

  @Test
  void filesThatCannotBeUsedFailTheBuildAndSayWhy() throws Exception {
    TestIdentity one = named("one");
    one.writePem(folder);
    named("two").writePem(Files.createDirectory(folder.resolve("other")));
    Files.writeString(folder.resolve("empty.pem"), "");
    Files.write(folder.resolve("der"), one.leaf().getEncoded());

    refuses(t -> t.roots(file("none.pem")), "tls.roots: there is no file", "none.pem");
    refuses(t -> t.roots(file("key.pem")), "tls.roots", "has no PEM certificate");
    refuses(t -> t.roots(file("empty.pem")), "tls.roots", "has no PEM certificate");
    refuses(t -> t.roots(file("der")), "is not PKCS#12");
    refuses(t -> t.identity(file("chain.pem")), "tls.identity", "has no private key");
    refuses(
        t -> t.identity(file("chain.pem"), file("other/key.pem")),
        "not that of the first certificate");
  }

  @Test
  void filesAndAContextOfOnesOwnExcludeEachOther() throws Exception {
    named("one").writePem(folder);
    SSLContext own = ROOT.clientContext();

    assertThatThrownBy(
            () -> Hawser.newBuilder().sslContext(own).tls(t -> t.roots(file("root.pem"))).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tls.roots");
    assertThatThrownBy(() -> TlsOptions.DEFAULTS.onlyRoots())
        .hasMessageContaining("nobody would be trusted");
    assertThatThrownBy(() -> TlsOptions.DEFAULTS.trustAnyone(true).roots(file("root.pem")))
        .hasMessageContaining("no effect");
  }

  @Test
  void anEncryptedKeyNeedsItsPassword() throws Exception {
    TestIdentity one = named("one");
    one.writePem(folder);
    TlsFile locked = locked(one.key(), "open");
    client =
        Hawser.newBuilder()
            .tls(
                t ->
                    t.onlyRoots(file("root.pem"))
                        .identity(file("chain.pem"), locked.password("open")))
            .build();

    assertThat(get(client, request())).isEqualTo("CN=one");
    refuses(t -> t.identity(file("chain.pem"), locked), "no password is given");
    refuses(t -> t.identity(file("chain.pem"), locked.password("shut")), "does not open");
  }

  /** As {@code openssl pkcs8 -topk8} writes it: PBES2. */
  private TlsFile locked(PrivateKey key, String password) throws Exception {
    String scheme = "PBEWithHmacSHA256AndAES_256";
    SecretKey secret =
        SecretKeyFactory.getInstance(scheme).generateSecret(new PBEKeySpec(password.toCharArray()));
    Cipher cipher = Cipher.getInstance(scheme);
    cipher.init(Cipher.ENCRYPT_MODE, secret);
    byte[] encrypted = cipher.doFinal(key.getEncoded());
    var parameters = AlgorithmParameters.getInstance("PBES2");
    parameters.init(cipher.getParameters().getEncoded());
    byte[] der = new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded();
    Files.writeString(
        folder.resolve("locked.pem"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n%s\n-----END ENCRYPTED PRIVATE KEY-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(der)));
    return file("locked.pem");
  }
}
