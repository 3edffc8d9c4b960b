package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestAuthorityTest {
  private static final int ALERT = 21;
  private static final int APPLICATION_DATA = 23;

  private final TestAuthority root = TestAuthority.create();

  @ParameterizedTest
  @EnumSource(
      names = {"RSA_4096", "RSA_768"}, // slow to make; refused by JDK 25
      mode = EnumSource.Mode.EXCLUDE)
  void issuesLeavesOfEachKind(KeyKind kind) throws Exception {
    var identity = root.issue(leaf -> leaf.key(kind).ips("127.0.0.1"));
    assertThat(shake(identity, root.clientContext()).getPeerCertificates()).hasSize(1);
  }

  @Test
  void aDeepChainIsSent() throws Exception {
    var authority = root;
    for (int i = 1; i <= 3; i++) {
      authority = authority.intermediate("Intermediate " + i);
    }
    var identity = authority.localhost();
    assertThat(shake(identity, root.clientContext()).getPeerCertificates()).hasSize(4);
    assertThatThrownBy(() -> shake(identity.withoutIntermediates(), root.clientContext()))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("unable to find valid certification path");
  }

  @Test
  void clientsRefuseWhatIsWrong() {
    SSLContext client = root.clientContext();
    InstantSource clock = InstantSource.system();
    refused(root.issue(leaf -> leaf.ips("127.0.0.1").expired()), client, "NotAfter");
    refused(root.issue(leaf -> leaf.ips("127.0.0.1").notYetValid()), client, "NotBefore");
    refused(root.issue(leaf -> leaf.names("example.org")), client, "127.0.0.1");
    refused(root.impostor("Impostor").localhost(), client, "CA");
    refused(
        TestAuthority.create(clock, r -> r.commonName("Other")).localhost(),
        client,
        "certification path");
    refused(TestAuthority.selfSigned(leaf -> leaf.ips("127.0.0.1")), client, "certification path");
  }

  @Test
  void clientsShowCertificates() throws Exception {
    var server = root.localhost();
    var client = root.issue(leaf -> leaf.commonName("a client"));
    try (var listening =
        FaultServer.builder()
            .tls(server.tls().requireClientCertificate())
            .start(peer -> peer.send(peer.tls().getSession().getPeerPrincipal().getName()))) {
      try (var socket = secure(listening, root.clientContext(client))) {
        assertThat(text(socket)).isEqualTo("CN=a client");
      }
      try (var socket = secure(listening, root.clientContext())) {
        assertThatThrownBy(() -> text(socket)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void choosesVersionGroupAndAlpn() throws Exception {
    Tls tls =
        root.issue(l -> l.key(KeyKind.P384).ips("127.0.0.1"))
            .tls()
            .versions("TLSv1.2")
            .groups("secp384r1")
            .alpn("unheard-of");
    try (var server = FaultServer.builder().tls(tls).start(peer -> peer.send("x"));
        var socket = socket(server, root.clientContext())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"unheard-of", "http/1.1"});
      socket.setSSLParameters(parameters);
      assertThat(text(socket)).isEqualTo("x");
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
      assertThat(socket.getApplicationProtocol()).isEqualTo("unheard-of");
    }
  }

  @Test
  void closesWithAndWithoutCloseNotify() throws Exception {
    Script whole = peer -> peer.send("x");
    Script cut =
        peer -> {
          peer.send("x");
          peer.closeWithoutCloseNotify();
        };
    Tls tls = root.localhost().tls().versions("TLSv1.2");
    try (var server = FaultServer.builder().tls(tls).start(whole, cut)) {
      assertThat(recordTypes(server)).endsWith(APPLICATION_DATA, ALERT);
      assertThat(recordTypes(server)).endsWith(APPLICATION_DATA);
    }
  }

  /** The types of the records that a server sends: plain to see in TLS 1.2. */
  private List<Integer> recordTypes(FaultServer server) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var socket =
        new Socket(server.address().getAddress(), server.port()) {
          @Override
          public InputStream getInputStream() throws IOException {
            return new Copied(super.getInputStream(), bytes);
          }
        }) {
      assertThat(text(over(socket, root.clientContext()))).isEqualTo("x");
    }
    var types = new ArrayList<Integer>();
    ByteBuffer records = ByteBuffer.wrap(bytes.toByteArray());
    while (records.remaining() > 5) {
      types.add((int) records.get());
      records.getShort(); // version
      int length = records.getShort();
      records.position(records.position() + length);
    }
    return types;
  }

  private static final class Copied extends FilterInputStream {
    private final ByteArrayOutputStream copy;

    Copied(InputStream in, ByteArrayOutputStream copy) {
      super(in);
      this.copy = copy;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
      int got = super.read(bytes, offset, count);
      if (got > 0) {
        copy.write(bytes, offset, got);
      }
      return got;
    }
  }

  @Test
  void beginsTlsLater() throws Exception {
    Script tunnel =
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\n\r\n");
          peer.startTls(root.localhost().tls());
          peer.send("inside");
        };
    try (var server = FaultServer.start(tunnel);
        var socket = FaultServerTest.connect(server)) {
      FaultServerTest.send(socket, "CONNECT x:443 HTTP/1.1\r\n\r\n");
      assertThat(FaultServerTest.read(socket, 19)).startsWith("HTTP/1.1 200");
      assertThat(text(over(socket, root.clientContext()))).isEqualTo("inside");
    }
  }

  @Test
  void aBadHandshakeIsAScript() throws Exception {
    try (var server =
        FaultServer.start(peer -> peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"), Peer::reset)) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> secure(server, root.clientContext()).close())
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void writesPem(@TempDir Path folder) throws Exception {
    var files = root.intermediate("Issuing").localhost().writePem(folder);
    assertThat(Files.readString(files.chain())).containsOnlyOnce("\n-----BEGIN CERTIFICATE-----");
    assertThat(Files.readString(files.key())).startsWith("-----BEGIN PRIVATE KEY-----\n");
    assertThat(root.writePem(folder.resolve("ca.pem"))).hasSameTextualContentAs(files.root());
  }

  private static void refused(TestIdentity identity, SSLContext client, String because) {
    assertThatThrownBy(() -> shake(identity, client))
        .isInstanceOf(SSLHandshakeException.class)
        .satisfies(e -> assertThat(reasons(e)).contains(because));
  }

  private static String reasons(Throwable e) {
    return e + (e.getCause() == null ? "" : " / " + reasons(e.getCause()));
  }

  private static SSLSession shake(TestIdentity identity, SSLContext client) throws IOException {
    try (var server = FaultServer.startTls(identity.serverContext(), Peer::stall);
        var socket = secure(server, client)) {
      return socket.getSession();
    }
  }

  private static SSLSocket secure(FaultServer server, SSLContext client) throws IOException {
    SSLSocket socket = socket(server, client);
    try {
      socket.startHandshake();
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static SSLSocket socket(FaultServer server, SSLContext client) throws IOException {
    return over(FaultServerTest.connect(server), client);
  }

  private static SSLSocket over(Socket socket, SSLContext client) throws IOException {
    var secure = (SSLSocket) client.getSocketFactory().createSocket(socket, "127.0.0.1", 443, true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secure.setSSLParameters(parameters);
    return secure;
  }

  private static String text(SSLSocket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
