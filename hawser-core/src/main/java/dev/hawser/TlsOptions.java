package dev.hawser;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How TLS handshakes are made. Context and parameters are set by the JDK's own builder methods.
 *
 * {@snippet class="dev.hawser.examples.Options" region="tls"}
 *
 * <p>Files that are named here are read when the client is built, which fails if they cannot be
 * used, and looked at four times a second from then on. When they have changed, and have been left
 * alone since the look before, new handshakes use what they say, and connections that were made
 * before take no new exchange. Files that cannot be used then leave what was read before in use:
 * {@link ExchangeEvent.CertificatesRefused} and a warning tell.
 *
 * @param handshakeTimeout how long the handshake may take, after the TCP connect; it is one or two
 *     round trips and a few milliseconds of computing, so 2 s mean a server in trouble
 * @param validationTimeout how long this side may compute for a handshake, the check of the
 *     server's certificates above all, besides {@code handshakeTimeout}: mostly a millisecond,
 *     longer where a trust manager asks somebody; and at the start of a process that has a fraction
 *     of a core, whose first check takes a second of cold code
 * @param resumeWait how long a handshake may wait for another one with the same origin that is to
 *     bring a session to resume, so that many connections at once do not cost a full handshake
 *     each; zero: not at all. So long without any of them moving, that is, and twenty times that at
 *     most. There is no waiting where a session is at hand, or where a server gives none
 * @param roots files with certificates of authorities to trust; by default none
 * @param systemRoots whether the authorities that the JVM trusts are trusted, too: its own or those
 *     of {@code javax.net.ssl.trustStore}
 * @param identity the certificate to show to servers that ask for one; by default none, or that of
 *     {@code javax.net.ssl.keyStore} where no other of these options needs a context of its own
 * @param trustAnyone whether no certificate is checked at all, nor whose it is: for tests, and for
 *     looking at a server in trouble. Anyone on the way can then read and change what is said
 * @param pins hosts of which one of a few public keys is expected, besides a certificate that is
 *     trusted; by default none
 * @param stapling what becomes of OCSP answers that come with certificates; nobody is asked for any
 * @param provider who computes; of no effect where a {@code sslContext} is given, which has its own
 */
public record TlsOptions(
    Duration handshakeTimeout,
    Duration validationTimeout,
    Duration resumeWait,
    List<TlsFile> roots,
    boolean systemRoots,
    Optional<Identity> identity,
    boolean trustAnyone,
    List<Pins> pins,
    Stapling stapling,
    Provider provider) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final TlsOptions DEFAULTS =
      new TlsOptions(
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          Duration.ofMillis(250),
          List.of(),
          true,
          Optional.empty(),
          false,
          List.of(),
          Stapling.CHECKED,
          Provider.AUTO);

  private static final Pattern PIN = Pattern.compile("sha256/[A-Za-z0-9+/]{43}=");

  /**
   * What this client shows to servers that ask who it is.
   *
   * @param certificates its certificate first, then those of the authorities between it and the
   *     root
   * @param key its private key; may be the same file
   */
  public record Identity(TlsFile certificates, TlsFile key) {
    /** Checks that there are values. */
    public Identity {
      Objects.requireNonNull(certificates, "certificates");
      Objects.requireNonNull(key, "key");
    }
  }

  /** What becomes of OCSP answers that come with a server's certificate. */
  public enum Stapling {
    /** Nothing. */
    IGNORED,
    /**
     * One that says that the certificate is revoked is believed. A certificate that demands an
     * answer (must-staple, RFC 7633) needs a good one; otherwise one that does not hold counts as
     * none.
     */
    CHECKED,
    /** Every certificate needs a good one. */
    REQUIRED
  }

  /** Who computes. Certificates are checked by the JDK in any case. */
  public enum Provider {
    /**
     * Conscrypt where it is on the class path and runs on this system, and no {@code sslParameters}
     * are given, of which it does not heed all; else the JDK.
     */
    AUTO,
    /** The JDK's own implementation. */
    JDK,
    /**
     * BoringSSL, through {@code org.conscrypt:conscrypt-openjdk-uber}: half the computing of a
     * handshake, much less at the start of a process, and a hybrid post-quantum group. A client
     * cannot be built with it where it is not on the class path, or has no library for the system.
     * With {@code --enable-native-access=ALL-UNNAMED} the JVM does not warn of its native code.
     */
    CONSCRYPT
  }

  /**
   * The public keys that are expected of a host: at least one must be on the path from its
   * certificate to a trusted authority. With {@link #trustAnyone()}, it must be the server's own.
   *
   * @param host a name, or {@code *.} and a name for all that have one label before it
   * @param pins {@code sha256/} and the SHA-256 digest of the SubjectPublicKeyInfo in Base64, as
   *     RFC 7469 has it; at least two, as a key that is lost must not lock all clients out
   */
  public record Pins(String host, Set<String> pins) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if there are fewer than two pins, or one is not of that form
     */
    public Pins {
      host = host.toLowerCase(Locale.ROOT);
      pins = Set.copyOf(pins);
      if (pins.size() < 2) {
        throw new IllegalArgumentException(
            "tls.pins has one pin for " + host + "; give a backup pin of a key kept elsewhere");
      }
      for (String pin : pins) {
        if (!PIN.matcher(pin).matches()) {
          throw new IllegalArgumentException(
              "tls.pins has \"%s\"; a pin is sha256/ and 44 characters of Base64".formatted(pin));
        }
      }
    }
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public TlsOptions {
    Checks.positive("tls.handshakeTimeout", handshakeTimeout);
    Checks.positive("tls.validationTimeout", validationTimeout);
    Checks.notNegative("tls.resumeWait", resumeWait);
    roots = List.copyOf(roots);
    Objects.requireNonNull(identity, "identity");
    pins = List.copyOf(pins);
    Objects.requireNonNull(stapling, "stapling");
    Objects.requireNonNull(provider, "provider");
    if (trustAnyone && !roots.isEmpty()) {
      throw new IllegalArgumentException("tls.roots has no effect where tls.trustAnyone is set");
    }
    if (!systemRoots && roots.isEmpty() && !trustAnyone) {
      throw new IllegalArgumentException(
          "tls.systemRoots is false and tls.roots is empty: nobody would be trusted");
    }
  }

  /**
   * {@return these options with another {@link #handshakeTimeout()}}
   *
   * @param handshakeTimeout the new value
   */
  public TlsOptions handshakeTimeout(Duration handshakeTimeout) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with another {@link #validationTimeout()}}
   *
   * @param validationTimeout the new value
   */
  public TlsOptions validationTimeout(Duration validationTimeout) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with another {@link #resumeWait()}}
   *
   * @param resumeWait the new value
   */
  public TlsOptions resumeWait(Duration resumeWait) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with {@link #roots()} besides the JVM's}
   *
   * @param files the files
   */
  public TlsOptions roots(TlsFile... files) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        List.of(files),
        true,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with these {@link #roots()}, and without the JVM's}
   *
   * @param files the files; at least one
   */
  public TlsOptions onlyRoots(TlsFile... files) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        List.of(files),
        false,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with another {@link #identity()}}
   *
   * @param certificates the file with the certificates
   * @param key the file with the key
   */
  public TlsOptions identity(TlsFile certificates, TlsFile key) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        Optional.of(new Identity(certificates, key)),
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with another {@link #identity()}, key and certificates in one file}
   *
   * @param both the file
   */
  public TlsOptions identity(TlsFile both) {
    return identity(both, both);
  }

  /**
   * {@return these options with another {@link #trustAnyone()}}
   *
   * @param trustAnyone the new value
   */
  public TlsOptions trustAnyone(boolean trustAnyone) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with one more of {@link #pins()}}
   *
   * @param host a name, or {@code *.} and a name
   * @param pin of a key in use
   * @param backup of a key that is not in use
   * @param more of others
   */
  public TlsOptions pins(String host, String pin, String backup, String... more) {
    var all = new HashSet<String>(List.of(more));
    all.add(pin);
    all.add(backup);
    var grown = new ArrayList<Pins>(pins);
    grown.add(new Pins(host, all));
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        grown,
        stapling,
        provider);
  }

  /**
   * {@return these options with another {@link #stapling()}}
   *
   * @param stapling the new value
   */
  public TlsOptions stapling(Stapling stapling) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }

  /**
   * {@return these options with another {@link #provider()}}
   *
   * @param provider the new value
   */
  public TlsOptions provider(Provider provider) {
    return new TlsOptions(
        handshakeTimeout,
        validationTimeout,
        resumeWait,
        roots,
        systemRoots,
        identity,
        trustAnyone,
        pins,
        stapling,
        provider);
  }
}
