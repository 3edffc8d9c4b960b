package dev.hawser.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** What a server's handshake shows, whether it is trusted or not. */
final class TlsChecks {
  private static final Duration SOON = Duration.ofDays(14);
  private static final Duration OCSP_PATIENCE = Duration.ofSeconds(5);
  private static final List<String> GROUPS =
      List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1", "secp521r1");

  /** RFC 7633: the certificate must come with an OCSP answer. */
  private static final String MUST_STAPLE = "1.3.6.1.5.5.7.1.24";

  private final TlsProbe probe;
  private final Supplier<SSLContext> contexts;
  private final String path;

  /**
   * Looks at nothing yet.
   *
   * @param contexts gives contexts that trust anyone, without sessions
   * @param path for a request
   */
  TlsChecks(TlsProbe probe, Supplier<SSLContext> contexts, String path) {
    this.probe = probe;
    this.contexts = contexts;
    this.path = path;
  }

  /** Empty if there is no handshake even with one who trusts anyone. */
  List<Check> all() throws InterruptedException {
    TlsProbe.Outcome outcome;
    try {
      outcome = probe.handshake(contexts.get(), null, null);
    } catch (IOException e) {
      return List.of();
    }
    var checks = new ArrayList<Check>();
    checks.add(protocol(outcome));
    checks.add(groups(outcome));
    checks.add(chain(outcome.chain()));
    checks.add(expiry(outcome.chain()));
    checks.add(names(outcome.chain().getFirst()));
    checks.add(staple(outcome));
    checks.add(responder(outcome.chain()));
    checks.add(
        outcome.alpn().isEmpty()
            ? Check.ok("tls.alpn", "none: the server speaks HTTP/1.1")
            : Check.ok("tls.alpn", outcome.alpn()));
    checks.add(tickets(outcome.version()));
    return checks;
  }

  private static Check protocol(TlsProbe.Outcome outcome) {
    String found = outcome.version() + ", " + outcome.suite();
    return switch (outcome.version()) {
      case "TLSv1.3" -> Check.ok("tls.protocol", found);
      case "TLSv1.2" ->
          Check.warn(
              "tls.protocol",
              found,
              "TLS 1.2 takes one round trip more, and its sessions can be linked",
              "Enable TLS 1.3 on the server");
      default ->
          Check.fail(
              "tls.protocol",
              found,
              "it is broken, and clients no longer speak it (RFC 8996)",
              "Enable TLS 1.3 and 1.2 on the server");
    };
  }

  /** The JDK does not tell which one was agreed on; so each is offered alone. */
  private Check groups(TlsProbe.Outcome outcome) {
    if (!outcome.version().equals("TLSv1.3")) {
      return Check.skip(
          "tls.group", "only TLS 1.3 lets them be asked for without the certificate's");
    }
    var taken = new ArrayList<String>();
    for (String group : GROUPS) {
      try {
        TlsProbe.Outcome ignored = probe.handshake(contexts.get(), new String[] {group}, null);
        taken.add(group);
      } catch (IOException | IllegalArgumentException e) {
        // Not this one, or the JDK does not know it.
      }
    }
    String found = taken.isEmpty() ? "none of the usual ones" : String.join(", ", taken);
    return taken.contains("x25519") || taken.contains("X25519MLKEM768")
        ? Check.ok("tls.group", found)
        : Check.warn(
            "tls.group",
            found,
            "clients that offer x25519 first need another round trip",
            "Enable x25519 on the server");
  }

  private static Check chain(List<X509Certificate> chain) {
    var found = new ArrayList<String>();
    chain.forEach(each -> found.add(each.getSubjectX500Principal().getName()));
    String text = chain.size() + ": " + String.join(" < ", found);
    for (int i = 1; i < chain.size(); i++) {
      if (!chain
          .get(i - 1)
          .getIssuerX500Principal()
          .equals(chain.get(i).getSubjectX500Principal())) {
        return Check.warn(
            "tls.chain",
            text,
            "certificate %d is not that of the issuer of certificate %d".formatted(i + 1, i),
            "Send the server's certificate first, then each issuer's, and no others");
      }
    }
    X509Certificate last = chain.getLast();
    boolean whole = last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
    return chain.size() == 1 && !whole
        ? Check.warn(
            "tls.chain",
            text,
            "no certificate of its issuer "
                + last.getIssuerX500Principal().getName()
                + " was sent: clients that do not know it refuse the server",
            "If that is an intermediate, have the server send it (fullchain.pem)")
        : Check.ok("tls.chain", text);
  }

  private static Check expiry(List<X509Certificate> chain) {
    X509Certificate first = chain.getFirst();
    for (X509Certificate each : chain) {
      first = end(each).isBefore(end(first)) ? each : first;
    }
    Instant end = end(first);
    Duration left = Duration.between(Instant.now(), end);
    String found =
        "%d days left: %s ends %s"
            .formatted(left.toDays(), first.getSubjectX500Principal().getName(), end);
    if (left.isNegative()) {
      return Check.fail("tls.expiry", found, "clients refuse it", "Renew it, reload the server");
    }
    Duration whole = Duration.between(first.getNotBefore().toInstant(), end);
    boolean soon = left.compareTo(SOON) < 0 && left.compareTo(whole.dividedBy(5)) < 0;
    return soon
        ? Check.warn(
            "tls.expiry",
            found,
            "less than a fifth of its time is left: it seems that nobody has renewed it",
            "Renew it, and look why that did not happen by itself")
        : Check.ok("tls.expiry", found);
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private Check names(X509Certificate leaf) {
    var names = new ArrayList<String>();
    try {
      Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.forEach(each -> names.add(String.valueOf(each.get(1))));
      }
    } catch (CertificateParsingException e) {
      names.add("some that cannot be read");
    }
    return names.isEmpty()
        ? Check.fail(
            "tls.names",
            "none, only " + leaf.getSubjectX500Principal().getName(),
            "clients no longer look at the common name (RFC 9525)",
            "Have it issued with a subjectAltName for " + probe.host())
        : names.stream().anyMatch(this::isOurs)
            ? Check.ok("tls.names", String.join(", ", names))
            : Check.fail(
                "tls.names",
                String.join(", ", names),
                probe.host() + " is not among them",
                "Use one of these names, have it added, or look which server answers for it (SNI)");
  }

  /** RFC 9525, 6.3: a wildcard stands for the whole leftmost label and nothing more. */
  private boolean isOurs(String name) {
    String host = probe.host().toLowerCase(Locale.ROOT);
    int dot = host.indexOf('.');
    return isAddress(host)
        ? isAddress(name) && InetAddress.ofLiteral(name).equals(InetAddress.ofLiteral(host))
        : name.equalsIgnoreCase(host)
            || (dot > 0 && name.equalsIgnoreCase("*" + host.substring(dot)));
  }

  private static boolean isAddress(String text) {
    try {
      return InetAddress.ofLiteral(text).getAddress().length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Check staple(TlsProbe.Outcome outcome) {
    List<X509Certificate> chain = outcome.chain();
    boolean must = chain.getFirst().getExtensionValue(MUST_STAPLE) != null;
    if (!outcome.staples().isEmpty() && outcome.staples().getFirst().length > 0) {
      return stapled(chain, outcome.staples().getFirst());
    }
    return must
        ? Check.fail(
            "tls.stapling",
            "no OCSP answer, and the certificate says that it must have one",
            "clients that honour must-staple refuse it (RFC 7633)",
            "Enable stapling on the server, or have the certificate issued without it")
        : Check.ok("tls.stapling", "none, and none is demanded");
  }

  private static Check stapled(List<X509Certificate> chain, byte[] staple) {
    String id = "tls.stapling";
    if (chain.size() < 2) {
      return Check.skip(id, "an OCSP answer comes, and its issuer's certificate does not");
    }
    try {
      validate(chain, Map.of(chain.getFirst(), staple));
      return Check.ok(id, "a good OCSP answer comes with the certificate");
    } catch (GeneralSecurityException e) {
      return Check.fail(
          id,
          "the OCSP answer that comes does not hold: " + Errors.oneLine(e),
          "clients that look at it refuse the server, or ask the responder themselves",
          "If it is revoked, replace the certificate; else look why the server has no fresh"
              + " answer");
    }
  }

  /** Asks the responder that the certificate names, as a client that checks revocation would. */
  private static Check responder(List<X509Certificate> chain) throws InterruptedException {
    String id = "tls.ocsp";
    if (chain.size() < 2) {
      return Check.skip(id, "the issuer's certificate was not sent");
    }
    long start = System.nanoTime();
    var task = new FutureTask<Check>(() -> asked(chain, start));
    Thread.ofVirtual().start(task);
    try {
      return task.get(OCSP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      return Check.warn(
          id,
          "no answer in " + Durations.written(OCSP_PATIENCE),
          "clients that ask it wait as long",
          "Staple on the server, and look at the way to the responder");
    } catch (ExecutionException e) {
      return Check.skip(id, Errors.oneLine(Objects.requireNonNullElse(e.getCause(), e)));
    }
  }

  private static Check asked(List<X509Certificate> chain, long start)
      throws GeneralSecurityException {
    String id = "tls.ocsp";
    try {
      validate(chain, Map.of());
      long millis = (System.nanoTime() - start) / 1_000_000;
      return Check.ok(id, "good, said in " + millis + " ms");
    } catch (CertPathValidatorException e) {
      if (e.getReason() == BasicReason.REVOKED) {
        return Check.fail(
            id, "revoked: " + e.getMessage(), "clients that ask refuse it", "Replace it");
      }
      return String.valueOf(e.getMessage()).contains("does not specify OCSP responder")
          ? Check.ok(id, "the certificate names no responder")
          : Check.skip(id, "not known: " + e.getMessage());
    }
  }

  /** Asks the responder only where there is no answer yet. */
  private static void validate(List<X509Certificate> chain, Map<X509Certificate, byte[]> answers)
      throws GeneralSecurityException {
    var validator = CertPathValidator.getInstance("PKIX");
    var checker = (PKIXRevocationChecker) validator.getRevocationChecker();
    checker.setOptions(EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
    checker.setOcspResponses(answers);
    var parameters = new PKIXParameters(Set.of(new TrustAnchor(chain.get(1), null)));
    parameters.addCertPathChecker(checker);
    var path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(chain.getFirst()));
    Object ignored = validator.validate(path, parameters);
  }

  private Check tickets(String version) {
    try {
      int sessions = probe.handshake(contexts.get(), null, path).sessions();
      String found = sessions + (version.equals("TLSv1.3") ? " tickets" : " session");
      return sessions == 0
          ? Check.warn(
              "tls.tickets",
              found,
              "every connection costs a full handshake",
              "Enable session tickets on the server (and share their keys between instances)")
          : Check.ok("tls.tickets", found);
    } catch (IOException e) {
      return Check.skip("tls.tickets", Errors.oneLine(e));
    }
  }
}
