package dev.hawser.faults;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * How a server shakes hands.
 *
 * {@snippet :
 * Tls.of(identity.serverContext()).versions("TLSv1.2").alpn("http/1.1").requireClientCertificate()
 * }
 *
 * <p>Faults within a handshake need none of this: a script on a plain server that sends bytes,
 * stalls or resets is what a client sees when a handshake goes wrong; {@link Peer#startTls} begins
 * one later.
 *
 * @param context certificate and key, and whom it trusts
 * @param parameters changes protocol versions, suites, groups, client authentication
 * @param alpn the answer to a client that offers protocols, even one that it did not offer; null
 *     for a server that knows nothing of ALPN
 */
public record Tls(SSLContext context, Consumer<SSLParameters> parameters, @Nullable String alpn) {
  /** The platform's defaults, without ALPN. */
  public static Tls of(SSLContext context) {
    return new Tls(context, parameters -> {}, null);
  }

  /** Answers every offer with this protocol. */
  public Tls alpn(String protocol) {
    return new Tls(context, parameters, protocol);
  }

  /** Allows only these, for example {@code TLSv1.2}. */
  public Tls versions(String... versions) {
    return with(parameters -> parameters.setProtocols(versions));
  }

  /** Allows only these suites. */
  public Tls suites(String... suites) {
    return with(parameters -> parameters.setCipherSuites(suites));
  }

  /** Allows only these key exchange groups, for example {@code secp384r1}. */
  public Tls groups(String... groups) {
    return with(parameters -> parameters.setNamedGroups(groups));
  }

  /** Fails the handshake of a client that shows no certificate. */
  public Tls requireClientCertificate() {
    return with(parameters -> parameters.setNeedClientAuth(true));
  }

  /** Changes any parameter. */
  public Tls with(Consumer<SSLParameters> change) {
    return new Tls(context, parameters.andThen(change), alpn);
  }

  /** Shakes hands as the server on a connection of which {@code early} was read already. */
  SSLSocket accept(Socket socket, byte[] early) throws IOException {
    var secure =
        (SSLSocket)
            context.getSocketFactory().createSocket(socket, new ByteArrayInputStream(early), true);
    SSLParameters chosen = secure.getSSLParameters();
    parameters.accept(chosen);
    secure.setSSLParameters(chosen);
    String answer = alpn;
    if (answer != null) {
      secure.setHandshakeApplicationProtocolSelector((_, _) -> answer);
    }
    secure.startHandshake();
    return secure;
  }
}
