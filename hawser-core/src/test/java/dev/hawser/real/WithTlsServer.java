package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.ClientSnapshot;
import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.Phase;
import dev.hawser.TlsFailedException;
import dev.hawser.TlsFailedException.Reason;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that trust a private authority, for servers that run on OpenSSL, and what every story
 * ends with: nothing has leaked.
 */
abstract class WithTlsServer {
  static final Duration PATIENCE = Duration.ofSeconds(10);
  static final TestAuthority ROOT = TestAuthority.create();
  static final TestAuthority MIDDLE = ROOT.intermediate("middle");
  static final TestAuthority RSA_ROOT =
      TestAuthority.create(
          InstantSource.system(), root -> root.commonName("RSA Root").key(KeyKind.RSA_2048));

  @TempDir Path dir;
  private final List<HawserClient> clients = new ArrayList<>();

  /** A client that trusts the two roots alone and knows some names of this machine. */
  HawserClient client(UnaryOperator<TlsOptions> options) throws IOException {
    TlsFile root = trusted(ROOT, "trusted.pem");
    TlsFile rsaRoot = trusted(RSA_ROOT, "trusted-rsa.pem");
    var here = List.of(InetAddress.ofLiteral("127.0.0.1"));
    HawserClient client =
        Hawser.newBuilder()
            .tls(t -> t.onlyRoots(root, rsaRoot).handshakeTimeout(PATIENCE))
            .tls(options::apply)
            .dns(d -> d.hosts(Map.of("a.test", here, "b.test", here, "a.b.test", here)))
            .build();
    clients.add(client);
    return client;
  }

  private TlsFile trusted(TestAuthority authority, String name) throws IOException {
    Path file = dir.resolve(name);
    return TlsFile.of(Files.exists(file) ? file : authority.writePem(file));
  }

  HawserClient client() throws IOException {
    return client(options -> options);
  }

  /** Whose engine shakes hands: in the run with Conscrypt on the class path, that. */
  static boolean isTheJdks(HawserClient client) {
    return client.sslContext().getProvider().getName().equals("SunJSSE");
  }

  static TestIdentity identity(KeyKind kind) {
    return MIDDLE.issue(
        leaf -> leaf.names("localhost", "a.test", "b.test").ips("127.0.0.1").key(kind));
  }

  /** Its files are for the server, which knows them by the folder. */
  Path write(TestIdentity identity) throws IOException {
    identity.writePem(dir);
    Files.writeString(
        dir.resolve("both.pem"),
        Files.readString(dir.resolve("chain.pem")) + Files.readString(dir.resolve("key.pem")));
    return dir;
  }

  /** As {@link #write}, in a folder of its own. */
  TlsOptions shows(TlsOptions options, TestIdentity identity) {
    try {
      Path own = Files.createDirectory(dir.resolve("own-" + identity.leaf().getSerialNumber()));
      identity.writePem(own);
      return options.identity(
          TlsFile.of(own.resolve("chain.pem")), TlsFile.of(own.resolve("key.pem")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static HawserResponse<String> get(HawserClient client, URI uri) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE.multipliedBy(2)).build();
    return client.send(request, BodyHandlers.ofString());
  }

  /** What a call comes to that fails in the TLS handshake, and its message. */
  static TlsFailedException fails(HawserClient client, URI uri, Reason reason, String... words) {
    TlsFailedException failure =
        catchThrowableOfType(TlsFailedException.class, () -> get(client, uri));
    assertThat(failure).as("a call of %s", uri).isNotNull();
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    assertThat(failure).hasMessageContainingAll(words);
    assertThat(failure.details().phase()).isEqualTo(Phase.TLS);
    assertThat(failure.details().advice()).isNotEmpty();
    assertThat(failure.details().origin().host()).isEqualTo(uri.getHost());
    assertThat(failure.details().address().orElseThrow().getPort()).isEqualTo(uri.getPort());
    assertThat(failure.details().timeline().total()).isLessThan(PATIENCE.multipliedBy(2));
    return failure;
  }

  @AfterEach
  void nothingIsLeaked() throws Exception {
    for (HawserClient client : clients) {
      client.shutdown();
      assertThat(client.awaitTermination(PATIENCE)).as("every call has ended").isTrue();
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!atRest(client.snapshot()) && System.nanoTime() < end) {
        Thread.sleep(1);
      }
      assertThat(client.snapshot()).matches(WithTlsServer::atRest, "at rest");
    }
  }

  private static boolean atRest(ClientSnapshot snapshot) {
    return snapshot.open() == 0
        && snapshot.leased() == 0
        && snapshot.waiting() == 0
        && snapshot.bufferBytes() == 0;
  }
}
