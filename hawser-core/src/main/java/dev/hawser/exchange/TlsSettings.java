package dev.hawser.exchange;

import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The TLS parameters that a client uses: the caller's where given, and ours where the caller leaves
 * a choice.
 */
final class TlsSettings {
  private TlsSettings() {}

  static SSLContext context(@Nullable SSLContext given) {
    if (given != null) {
      return given;
    }
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new java.io.UncheckedIOException(
          new java.io.IOException("the JVM has no default TLS context", e));
    }
  }

  /** What the user sees: the caller's own, or the context's defaults. */
  static SSLParameters visible(SSLContext context, @Nullable SSLParameters given) {
    return copy(given != null ? given : context.getDefaultSSLParameters());
  }

  /** What a connection gets: with ALPN and host name verification (RFC 9110 4.3.4). */
  static SSLParameters forConnections(SSLParameters visible) {
    SSLParameters parameters = copy(visible);
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    String identification = parameters.getEndpointIdentificationAlgorithm();
    if (identification == null || identification.isEmpty()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return parameters;
  }

  static SSLParameters copy(SSLParameters original) {
    var copy = new SSLParameters();
    copy.setAlgorithmConstraints(original.getAlgorithmConstraints());
    copy.setApplicationProtocols(original.getApplicationProtocols());
    if (original.getCipherSuites() != null) {
      copy.setCipherSuites(original.getCipherSuites());
    }
    copy.setEnableRetransmissions(original.getEnableRetransmissions());
    copy.setEndpointIdentificationAlgorithm(original.getEndpointIdentificationAlgorithm());
    copy.setMaximumPacketSize(original.getMaximumPacketSize());
    copy.setNamedGroups(original.getNamedGroups());
    if (original.getProtocols() != null) {
      copy.setProtocols(original.getProtocols());
    }
    copy.setServerNames(original.getServerNames());
    copy.setSignatureSchemes(original.getSignatureSchemes());
    copy.setSNIMatchers(original.getSNIMatchers());
    copy.setUseCipherSuitesOrder(original.getUseCipherSuitesOrder());
    if (original.getNeedClientAuth()) {
      copy.setNeedClientAuth(true);
    } else {
      copy.setWantClientAuth(original.getWantClientAuth());
    }
    return copy;
  }
}
