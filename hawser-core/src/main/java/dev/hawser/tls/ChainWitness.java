package dev.hawser.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Notes the chain that another trust manager refuses: what that throws seldom has it; and how long
 * it took to decide. It decides nothing itself, but need not ask again about a chain that was found
 * good a moment ago.
 */
public final class ChainWitness extends X509ExtendedTrustManager {
  /** Why a chain was refused is the cause. */
  static final class RefusedException extends CertificateException {
    private static final long serialVersionUID = 1;

    private final transient List<X509Certificate> chain;
    private final transient List<X509Certificate> trusted;

    RefusedException(
        CertificateException why, List<X509Certificate> chain, List<X509Certificate> trusted) {
      super(why.getMessage(), why);
      this.chain = chain;
      this.trusted = trusted;
    }

    List<X509Certificate> chain() {
      return chain;
    }

    /** The authorities that are trusted. */
    List<X509Certificate> trusted() {
      return trusted;
    }
  }

  private interface Check {
    void run() throws CertificateException;
  }

  private final X509ExtendedTrustManager judge;
  private final List<ChainCheck> more;
  private final KnownChains known = new KnownChains(InstantSource.system());

  private ChainWitness(X509ExtendedTrustManager judge, List<ChainCheck> more) {
    this.judge = judge;
    this.more = more;
  }

  /** Where the platform asks for revocations, each handshake is to ask. */
  private static final boolean REVOCATION = Boolean.getBoolean("com.sun.net.ssl.checkRevocation");

  /** Or where it asks for certificates that a server has not sent. */
  private static final boolean MISSING_CERTIFICATES =
      Boolean.getBoolean("com.sun.security.enableAIAcaIssuers");

  /**
   * Whether such trust managers wait for nobody, and compute for a millisecond: the JDK's own do so
   * unless it is set to ask for revocations or for certificates.
   */
  static boolean computesOnly(TrustManager[] judges) {
    return !REVOCATION
        && !MISSING_CERTIFICATES
        && Arrays.stream(judges)
            .allMatch(each -> each instanceof ChainWitness witness && witness.judgeIsTheJdks());
  }

  private boolean judgeIsTheJdks() {
    return judge.getClass().getModule().equals(Object.class.getModule());
  }

  /** In TLS 1.3 a suite has no key exchange: what Conscrypt calls GENERIC, the JDK UNKNOWN. */
  private static String name(String authType) {
    return authType.equals("GENERIC") ? "UNKNOWN" : authType;
  }

  /** The JDK's check, or what it said of the same chain a moment ago. */
  private void judge(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    SSLSession session = engine.getHandshakeSession();
    SSLParameters parameters = engine.getSSLParameters();
    String how =
        authType
            + (session == null ? "" : session.getProtocol())
            + parameters.getEndpointIdentificationAlgorithm();
    var checked =
        new KnownChains.Checked(
            List.of(chain),
            String.valueOf(engine.getPeerHost()),
            how,
            parameters.getAlgorithmConstraints());
    if (REVOCATION || !known.isGood(checked)) {
      judge.checkServerTrusted(chain, authType, engine);
      known.good(checked);
    }
  }

  private static List<byte[]> staples(SSLEngine engine) {
    return engine.getHandshakeSession() instanceof ExtendedSSLSession session
        ? session.getStatusResponses()
        : List.of();
  }

  /** The same trust managers, with a witness each where one can be. */
  public static TrustManager[] beside(TrustManager[] judges) {
    return beside(judges, List.of());
  }

  /**
   * The same trust managers, with a witness each where one can be.
   *
   * @param more what a chain is to pass when they have found it good
   */
  static TrustManager[] beside(TrustManager[] judges, List<ChainCheck> more) {
    TrustManager[] witnessed = judges.clone();
    for (int i = 0; i < witnessed.length; i++) {
      if (witnessed[i] instanceof X509ExtendedTrustManager judge) {
        witnessed[i] = new ChainWitness(judge, more);
      }
    }
    return witnessed;
  }

  private void witness(X509Certificate[] chain, Check check) throws CertificateException {
    Runnable checked = Handshake.checking();
    try {
      check.run();
    } catch (CertificateException e) {
      throw new RefusedException(e, List.of(chain), List.of(judge.getAcceptedIssuers()));
    } finally {
      checked.run();
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    witness(
        chain,
        () -> {
          judge(chain, name(authType), engine);
          for (ChainCheck check : more) {
            check.check(
                List.of(chain),
                List.of(judge.getAcceptedIssuers()),
                engine.getPeerHost(),
                staples(engine));
          }
        });
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    witness(chain, () -> judge.checkServerTrusted(chain, name(authType), socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    witness(chain, () -> judge.checkServerTrusted(chain, name(authType)));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    judge.checkClientTrusted(chain, authType, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    judge.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    judge.checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return judge.getAcceptedIssuers();
  }
}
