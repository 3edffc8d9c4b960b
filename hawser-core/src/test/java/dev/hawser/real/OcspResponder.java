package dev.hawser.real;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * Says of certificates what {@code openssl ocsp} says, signed by a delegate of their authority (RFC
 * 6960 section 4.2.2.2), and over HTTP. OpenSSL's own listener would be bound to every address.
 */
final class OcspResponder implements AutoCloseable {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Path dir;
  private final FaultServer server;

  /** What it knows is one certificate. */
  OcspResponder(Path dir, TestAuthority issuer, X509Certificate of, boolean revoked)
      throws IOException {
    this.dir = Files.createDirectory(dir.resolve("ocsp"));
    issuer.writePem(this.dir.resolve("issuer.pem"));
    TestIdentity delegate =
        issuer.issue(
            leaf ->
                leaf.commonName("responder")
                    .with(
                        c ->
                            c.replaceExtension(
                                Extension.extendedKeyUsage,
                                false,
                                new ExtendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning))));
    delegate.writePem(this.dir);
    String end = DATE.format(of.getNotAfter().toInstant());
    Files.writeString(
        this.dir.resolve("index.txt"),
        "%s\t%s\t%s\t%032X\tunknown\t/CN=server\n"
            .formatted(
                revoked ? "R" : "V",
                end,
                revoked ? DATE.format(of.getNotBefore().toInstant()) + ",keyCompromise" : "",
                of.getSerialNumber()));
    this.server = FaultServer.start(this::serve);
  }

  /** A request is in the target, as nginx sends it (RFC 6960 appendix A). */
  private void serve(Peer peer) throws IOException {
    String target = peer.readRequest().target();
    byte[] request =
        Base64.getDecoder()
            .decode(URLDecoder.decode(target.substring(1), StandardCharsets.US_ASCII));
    byte[] answer = answer(request);
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: "
            + answer.length
            + "\r\nConnection: close\r\n\r\n");
    peer.send(answer);
    peer.close();
  }

  /** Answers for an hour. */
  private byte[] answer(byte[] request) throws IOException {
    Files.write(dir.resolve("request"), request);
    return answer("-reqin", dir.resolve("request").toString());
  }

  /** Answers who asks for the certificate in a file. */
  byte[] answerFor(Path certificate) throws IOException {
    return answer(
        "-issuer",
        dir.resolve("issuer.pem").toString(),
        "-cert",
        certificate.toString(),
        "-no_nonce");
  }

  private byte[] answer(String... request) throws IOException {
    Path answer = dir.resolve("answer");
    var command = new ArrayList<String>(List.of("openssl", "ocsp"));
    command.addAll(List.of("-index", dir.resolve("index.txt").toString()));
    command.addAll(List.of("-CA", dir.resolve("issuer.pem").toString()));
    command.addAll(List.of("-rsigner", dir.resolve("chain.pem").toString()));
    command.addAll(List.of("-rkey", dir.resolve("key.pem").toString()));
    command.addAll(List.of("-nmin", "60", "-respout", answer.toString()));
    command.addAll(List.of(request));
    try {
      RealServer.run(dir, command.toArray(String[]::new));
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
    return Files.readAllBytes(answer);
  }

  String url() {
    return "http://" + server.authority() + "/";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
