package dev.hawser.exchange;

import dev.hawser.ClientSnapshot;
import dev.hawser.TlsOptions;
import dev.hawser.io.Ticker;
import dev.hawser.tls.Alpn;
import dev.hawser.tls.DefaultContext;
import dev.hawser.tls.FileContext;
import dev.hawser.tls.TlsLibrary;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The TLS context and parameters that a client uses: the caller's where given, what files say where
 * some are named, and ours where the caller leaves a choice. Ours are made when first needed: the
 * JDK takes 100 ms and more to read its trust store, which a client of plain HTTP need not wait
 * for.
 */
final class TlsSettings {
  private record Made(
      SSLContext context,
      SSLContext contextForConnections,
      SSLParameters visible,
      Map<Alpn, SSLParameters> forConnections) {}

  private final @Nullable SSLContext givenContext;
  private final @Nullable SSLParameters givenParameters;
  private final @Nullable FileContext files;
  private final TlsOptions.Provider provider;
  private volatile @Nullable Made made; // written once, under this object's monitor

  /** At most one of the context and the files is given. */
  TlsSettings(
      @Nullable SSLContext givenContext,
      @Nullable SSLParameters givenParameters,
      @Nullable FileContext files,
      TlsOptions.Provider provider) {
    this.givenContext = givenContext;
    this.givenParameters = givenParameters;
    this.files = files;
    this.provider = provider;
  }

  /** Who is to compute: of what {@code SSLParameters} can say, the JDK alone heeds all. */
  static TlsOptions.Provider provider(Settings settings) {
    TlsOptions.Provider wanted = settings.tls().provider();
    return wanted == TlsOptions.Provider.AUTO && settings.sslParameters() != null
        ? TlsOptions.Provider.JDK
        : wanted;
  }

  /** Makes what is made at first use. */
  void prepare() {
    Made ignored = made();
  }

  /** What the user sees: the caller's own, that of the files, or the JDK's default. */
  SSLContext context() {
    return files != null ? files.context() : made().context();
  }

  /** What a connection gets. */
  SSLContext contextForConnections() {
    return files != null ? files.context() : made().contextForConnections();
  }

  /** What the user sees: the caller's own, or the context's defaults. */
  SSLParameters visible() {
    return copy(made().visible());
  }

  /** What a connection gets: with ALPN and host name verification (RFC 9110 4.3.4). */
  SSLParameters forConnections(Alpn offer) {
    return Objects.requireNonNull(made().forConnections().get(offer));
  }

  /** Looks after the files; returns when to call again. */
  long sweep(long now) {
    return files == null ? Ticker.NEVER : files.sweep(now);
  }

  /** What the files said. */
  List<ClientSnapshot.Certificate> certificates() {
    return files == null ? List.of() : files.certificates();
  }

  private Made made() {
    Made ready = made;
    if (ready != null) {
      return ready;
    }
    synchronized (this) {
      ready = made;
      if (ready == null) {
        SSLContext context =
            givenContext != null
                ? givenContext
                : files != null ? files.context() : defaultContext();
        SSLParameters visible = givenParameters;
        if (visible == null) {
          SSLParameters defaults = context.getDefaultSSLParameters();
          visible = givenContext != null ? defaults : restricted(defaults);
        }
        SSLContext forConnections =
            givenContext != null || files != null
                ? context
                : DefaultContext.inPlaceOf(context, TlsLibrary.of(provider));
        ready = new Made(context, forConnections, visible, offers(forConnections, visible));
        made = ready;
      }
      return ready;
    }
  }

  private static SSLContext defaultContext() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new java.io.UncheckedIOException(
          new java.io.IOException("the JVM has no default TLS context", e));
    }
  }

  /**
   * TLS 1.3 and 1.2, with suites that encrypt and authenticate in one (AEAD) and keep what was said
   * secret when the server's key is lost (forward secrecy); the order is the JDK's. Who needs
   * others gives parameters or a context of their own.
   */
  private static SSLParameters restricted(SSLParameters defaults) {
    SSLParameters parameters = copy(defaults);
    parameters.setProtocols(
        Arrays.stream(defaults.getProtocols())
            .filter(protocol -> protocol.equals("TLSv1.3") || protocol.equals("TLSv1.2"))
            .toArray(String[]::new));
    parameters.setCipherSuites(
        Arrays.stream(defaults.getCipherSuites())
            .filter(suite -> suite.contains("_GCM_") || suite.contains("_CHACHA20_"))
            .filter(suite -> !suite.startsWith("TLS_RSA_") && !suite.startsWith("TLS_ECDH_"))
            .filter(suite -> !suite.startsWith("TLS_DH_"))
            .toArray(String[]::new));
    return parameters;
  }

  /** Libraries name what they can do differently: each is restricted in its own words. */
  private Map<Alpn, SSLParameters> offers(SSLContext context, SSLParameters visible) {
    SSLParameters base =
        givenParameters == null && givenContext == null
            ? restricted(context.getDefaultSSLParameters())
            : visible;
    var each = new EnumMap<Alpn, SSLParameters>(Alpn.class);
    for (Alpn offer : Alpn.values()) {
      each.put(offer, forConnections(base, offer));
    }
    return each;
  }

  private static SSLParameters forConnections(SSLParameters base, Alpn offer) {
    SSLParameters parameters = copy(base);
    parameters.setApplicationProtocols(offer.protocols());
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
