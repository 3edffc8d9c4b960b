package dev.hawser.cli;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.jcajce.JcaCertificateID;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server's certificate has been revoked, and what it costs to know: from the answer that
 * comes with it, and from the responder that it names.
 */
final class OcspChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What a client that asks would add to each of its new handshakes. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final int LONGEST_ANSWER = 65_536;
  private static final String STAPLING = "tls.stapling";
  private static final String RESPONDER = "tls.ocsp";

  /** RFC 7633: the certificate must come with an OCSP answer. */
  private static final String MUST_STAPLE = "1.3.6.1.5.5.7.1.24";

  private static final String WAIT =
      "clients that check revocation wait for it in each new handshake, and strict ones refuse the"
          + " server";
  private static final String STAPLE =
      "Let the server staple its answer (nginx: ssl_stapling on), then no client has to ask";

  private static final String REPLACE =
      "Get a new certificate for a new key and install it now; ask who revoked this one, and why";

  private final List<X509Certificate> chain;
  private final List<byte[]> staples;

  /** Of a handshake; looks at nothing yet. */
  OcspChecks(TlsProbe.Outcome outcome) {
    this.chain = outcome.chain();
    this.staples = outcome.staples();
  }

  /** The answer that came with the certificates. */
  Check staple() {
    if (!staples.isEmpty() && staples.getFirst().length > 0) {
      return stapled(staples.getFirst());
    }
    return chain.getFirst().getExtensionValue(MUST_STAPLE) != null
        ? Check.fail(
            STAPLING,
            "no OCSP answer came, and the certificate says that one must",
            "clients that honour must-staple refuse the server (RFC 7633)",
            "Enable stapling on the server, or have the certificate issued without must-staple")
        : Check.ok(STAPLING, "none, and none is demanded");
  }

  private Check stapled(byte[] staple) {
    if (chain.size() < 2) {
      return Check.skip(STAPLING, "an OCSP answer comes, but not its issuer's certificate");
    }
    try {
      validate(chain, staple);
      return Check.ok(STAPLING, "a good OCSP answer comes with the certificate");
    } catch (GeneralSecurityException e) {
      return revoked(e) != null
          ? Check.fail(
              STAPLING,
              "the OCSP answer that comes says: " + revocation(revoked(e)),
              "clients that look at it refuse the server",
              REPLACE)
          : Check.fail(
              STAPLING,
              "the OCSP answer that comes does not hold: " + Errors.oneLine(e),
              "clients that look at it refuse the server, or ask the responder themselves",
              "Look why the server has no fresh answer: can it reach the responder?");
    }
  }

  /** Asks the responder that the certificate names, as a client that checks revocation would. */
  Check responder() throws InterruptedException {
    String named;
    try {
      named = responderOf(chain.getFirst());
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Check.skip(RESPONDER, "the certificate cannot be read: " + Errors.oneLine(e));
    }
    if (named == null) {
      return Check.ok(RESPONDER, "the certificate names no responder, so no client asks one");
    }
    if (chain.size() < 2) {
      return Check.skip(
          RESPONDER,
          "not asked: the question names the issuer, whose certificate the server did not send");
    }
    try {
      return ask(URI.create(named));
    } catch (IllegalArgumentException e) {
      return bad("the certificate names a responder that has no HTTP address: " + named);
    } catch (GeneralSecurityException | IOException | OperatorCreationException | OCSPException e) {
      return Check.skip(RESPONDER, "the question cannot be worded: " + Errors.oneLine(e));
    }
  }

  /** Null: none. */
  private static @Nullable String responderOf(X509Certificate leaf)
      throws GeneralSecurityException {
    AuthorityInformationAccess access =
        AuthorityInformationAccess.fromExtensions(
            new JcaX509CertificateHolder(leaf).getExtensions());
    return access == null
        ? null
        : Arrays.stream(access.getAccessDescriptions())
            .filter(each -> each.getAccessMethod().equals(AccessDescription.id_ad_ocsp))
            .map(AccessDescription::getAccessLocation)
            .filter(location -> location.getTagNo() == GeneralName.uniformResourceIdentifier)
            .map(location -> location.getName().toString())
            .findFirst()
            .orElse(null);
  }

  private Check ask(URI responder)
      throws InterruptedException,
          GeneralSecurityException,
          IOException,
          OperatorCreationException,
          OCSPException {
    HttpRequest request =
        HttpRequest.newBuilder(responder)
            .header("Content-Type", "application/ocsp-request")
            .POST(BodyPublishers.ofByteArray(question()))
            .build();
    HawserClient client = Hawser.newBuilder().connectTimeout(PATIENCE).build();
    try {
      long start = System.nanoTime();
      CompletableFuture<HttpResponse<byte[]>> asked =
          client.sendAsync(
              request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER));
      // Of all of it: an answer that dribbles is none.
      HttpResponse<byte[]> response = asked.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      return judge(responder, response, Duration.ofNanos(System.nanoTime() - start));
    } catch (TimeoutException e) {
      return Check.warn(
          RESPONDER,
          "%s has not answered within %s".formatted(responder, Durations.written(PATIENCE)),
          WAIT,
          STAPLE + "; and look what slows the way to the responder down");
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      return Check.warn(
          RESPONDER,
          "%s cannot be asked: %s".formatted(responder, Errors.kind(cause)),
          WAIT,
          STAPLE + "; and let clients through to the responder, if a firewall is in the way");
    } finally {
      client.shutdownNow();
    }
  }

  private byte[] question()
      throws GeneralSecurityException, OperatorCreationException, OCSPException, IOException {
    var digests = new JcaDigestCalculatorProviderBuilder().build();
    return new OCSPReqBuilder()
        .addRequest(
            new JcaCertificateID(
                digests.get(CertificateID.HASH_SHA1),
                chain.get(1),
                chain.getFirst().getSerialNumber()))
        .build()
        .getEncoded();
  }

  private Check judge(URI responder, HttpResponse<byte[]> response, Duration took) {
    if (response.statusCode() != 200) {
      return bad("%s answers with status %d".formatted(responder, response.statusCode()));
    }
    String refusal;
    try {
      refusal = refusal(new OCSPResp(response.body()).getStatus());
    } catch (IOException | IllegalArgumentException e) {
      return bad(responder + " answers, but with something that is no OCSP answer");
    }
    if (!refusal.isEmpty()) {
      return bad("%s does not say: %s".formatted(responder, refusal));
    }
    try {
      validate(chain, response.body());
    } catch (GeneralSecurityException e) {
      return revoked(e) != null
          ? Check.fail(
              RESPONDER,
              "%s says: %s".formatted(responder, revocation(revoked(e))),
              "clients that ask it refuse the server",
              REPLACE)
          : bad("%s answers, but that does not hold: %s".formatted(responder, Errors.oneLine(e)));
    }
    String found = "good, says %s in %s ms".formatted(responder, Durations.shown(took));
    return took.compareTo(SLOW) > 0
        ? Check.warn(RESPONDER, found, "clients that ask it wait as long in a handshake", STAPLE)
        : Check.ok(RESPONDER, found);
  }

  /** RFC 6960, 4.2.1; empty: none. */
  private static String refusal(int status) {
    return switch (status) {
      case OCSPResp.SUCCESSFUL -> "";
      case OCSPResp.MALFORMED_REQUEST -> "it finds the question malformed";
      case OCSPResp.INTERNAL_ERROR -> "it has an internal error";
      case OCSPResp.TRY_LATER -> "it asks to be tried later";
      case OCSPResp.SIG_REQUIRED -> "it wants the question signed";
      case OCSPResp.UNAUTHORIZED -> "it is not in charge of this certificate (unauthorized)";
      default -> "its answer has the unknown status " + status;
    };
  }

  private static Check bad(String found) {
    return Check.warn(
        RESPONDER,
        found,
        "clients that check revocation learn nothing from it, and strict ones refuse the server",
        "Tell the certificate's issuer, who runs it; an answer stapled by the server is as good, as"
            + " long as it lasts");
  }

  /** By this answer alone. */
  private static void validate(List<X509Certificate> chain, byte[] answer)
      throws GeneralSecurityException {
    var validator = CertPathValidator.getInstance("PKIX");
    var checker = (PKIXRevocationChecker) validator.getRevocationChecker();
    checker.setOptions(EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
    checker.setOcspResponses(Map.of(chain.getFirst(), answer));
    var parameters = new PKIXParameters(Set.of(new TrustAnchor(chain.get(1), null)));
    parameters.addCertPathChecker(checker);
    var path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(chain.getFirst()));
    Object ignored = validator.validate(path, parameters);
  }

  private static @Nullable CertPathValidatorException revoked(GeneralSecurityException e) {
    return e instanceof CertPathValidatorException path && path.getReason() == BasicReason.REVOKED
        ? path
        : null;
  }

  private static String revocation(@Nullable CertPathValidatorException e) {
    return e != null && e.getCause() instanceof CertificateRevokedException revoked
        ? "revoked at %s, reason %s"
            .formatted(revoked.getRevocationDate().toInstant(), revoked.getRevocationReason())
        : "revoked";
  }
}
