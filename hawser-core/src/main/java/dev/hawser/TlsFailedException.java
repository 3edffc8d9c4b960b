package dev.hawser;

import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS handshake failed: the message says what was wrong with the certificate, or with what the
 * server sent instead, and what to change; the reason says the same to programs. A handshake that
 * took too long is a {@link ConnectTimeoutException}.
 *
 * <p>With TLS 1.3 a server that wants another client certificate says so when the request may have
 * been sent; it has not acted on it.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="tls"}
 */
public final class TlsFailedException extends SSLHandshakeException implements ExchangeFailure {
  private static final long serialVersionUID = 2;

  /**
   * The likely cause.
   *
   * {@snippet class="dev.hawser.examples.Errors" region="tls"}
   */
  public enum Reason {
    /** A certificate is past its end. */
    EXPIRED,
    /** A certificate is valid from later on; often a clock is wrong. */
    NOT_YET_VALID,
    /** The certificate is for other names. */
    WRONG_HOST,
    /** The authority that issued it is not in the trust store. */
    UNKNOWN_AUTHORITY,
    /**
     * The server sent its own certificate alone, and the issuer is not in the trust store: mostly
     * an intermediate that the server should have sent.
     */
    MISSING_INTERMEDIATE,
    /** The certificate is its own issuer. */
    SELF_SIGNED,
    /** A key or a signature is weaker than this side allows. */
    WEAK_ALGORITHM,
    /** The authority has revoked a certificate. */
    REVOKED,
    /**
     * The chain is trusted, and has none of the keys that are pinned: {@link TlsOptions#pins()}.
     */
    PIN_MISMATCH,
    /** An OCSP answer must come with the certificate, and there was none that holds. */
    NO_STAPLE,
    /** A certificate was refused for something else: name constraints, no authority, usage. */
    CERTIFICATE_REFUSED,
    /** No version of TLS in common. */
    VERSION_MISMATCH,
    /** No cipher suite, group or signature scheme in common. */
    NO_COMMON_SUITE,
    /** No application protocol (ALPN) in common. */
    NO_COMMON_PROTOCOL,
    /** The server knows no host of this name (SNI). */
    UNRECOGNISED_NAME,
    /** The server wants a client certificate, and none was shown. */
    CLIENT_CERTIFICATE_REQUIRED,
    /** The server refused the client certificate that was shown. */
    CLIENT_CERTIFICATE_REFUSED,
    /** The server answered in plain HTTP. */
    PLAIN_HTTP,
    /** The server answered with something that is not TLS. */
    NOT_TLS,
    /** The server closed or reset the connection in the handshake, and did not say why. */
    CLOSED,
    /** What this side's options ask of TLS cannot be had. */
    CONFIGURATION,
    /** None of these: a fault in the protocol, or an alert that says little. */
    OTHER
  }

  private final transient Details details;

  /** The likely cause. */
  private final Reason reason;

  private final transient List<X509Certificate> chain;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param reason the likely cause
   * @param chain the server's certificates, if they were seen
   * @param cause what lies beneath, if anything
   */
  public TlsFailedException(
      Details details, Reason reason, List<X509Certificate> chain, @Nullable Throwable cause) {
    super(Failures.message(details));
    this.details = details;
    this.reason = reason;
    this.chain = List.copyOf(chain);
    initCause(cause);
  }

  @Override
  public Details details() {
    return details;
  }

  /** {@return the likely cause} */
  public Reason reason() {
    return reason;
  }

  /**
   * {@return the certificates that the server sent, its own first; empty when it was not they that
   * were refused, and mostly with an {@code SSLContext} of the user's, whose checks do not tell}
   * Like the details, they are lost when the exception is serialised.
   */
  public List<X509Certificate> chain() {
    return chain;
  }
}
