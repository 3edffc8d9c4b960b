package dev.hawser.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** What a server's handshake shows, whether it is trusted or not. */
final class TlsChecks {
  private static final Duration SOON = Duration.ofDays(14);
  private static final List<String> GROUPS =
      List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1", "secp521r1");

  private final TlsProbe probe;
  private final Supplier<SSLContext> contexts;
  private final Optional<String> agreedGroup;

  /**
   * Looks at nothing yet.
   *
   * @param contexts gives contexts that trust anyone, without sessions
   * @param agreedGroup by a client that was free to choose; empty if that got no connection
   */
  TlsChecks(TlsProbe probe, Supplier<SSLContext> contexts, Optional<String> agreedGroup) {
    this.probe = probe;
    this.contexts = contexts;
    this.agreedGroup = agreedGroup;
  }

  /** Returns false if there is no handshake even with one who trusts anyone. */
  boolean run(CheckReport report) throws InterruptedException {
    TlsProbe.Outcome outcome;
    try {
      outcome = probe.handshake(contexts.get());
    } catch (IOException e) {
      report.add(Check.skip("tls.protocol", "no handshake, even with a client that trusts anyone"));
      return false;
    }
    X509Certificate leaf = outcome.chain().getFirst();
    var ocsp = new OcspChecks(outcome);
    report.add(protocol(outcome));
    report.add("tls.group", () -> groups(outcome));
    report.add(chain(outcome.chain()));
    report.add(expiry(outcome.chain()));
    report.add(names(leaf));
    report.add("tls.stapling", ocsp::staple);
    report.add("tls.ocsp", ocsp::responder);
    report.add(
        Check.ok(
            "tls.alpn",
            outcome.alpn().isEmpty()
                ? "the server chooses none of h2 and http/1.1: clients speak HTTP/1.1 then"
                : outcome.alpn() + ", chosen from h2 and http/1.1"));
    return true;
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

  /** The one agreed on, and those that the server takes when each is offered alone. */
  private Check groups(TlsProbe.Outcome outcome) {
    String id = "tls.group";
    String agreed = agreedGroup.map(group -> group + " agreed on").orElse("");
    if (!outcome.version().equals("TLSv1.3")) {
      // A certificate's curve must be offered as well there, so none can be offered alone.
      return agreed.isEmpty()
          ? Check.skip(id, "not known: TLS 1.2, and no connection that would tell it")
          : Check.ok(id, agreed + "; others can be asked for in TLS 1.3 only");
    }
    List<String> taken = taken();
    String found =
        (agreed.isEmpty() ? "" : agreed + "; ")
            + "the server takes "
            + (taken.isEmpty() ? "none of the usual ones" : String.join(", ", taken));
    return taken.contains("x25519") || taken.contains("X25519MLKEM768")
        ? Check.ok(id, found)
        : Check.warn(
            id,
            found,
            "most clients offer a share for x25519, and need another round trip for any other",
            "Enable x25519 on the server (nginx: ssl_ecdh_curve X25519:prime256v1)");
  }

  private List<String> taken() {
    var taken = new ArrayList<String>();
    for (String group : GROUPS) {
      try {
        TlsProbe.Outcome ignored = probe.handshake(contexts.get(), group);
        taken.add(group);
      } catch (IOException | IllegalArgumentException e) {
        // Not this one, or this JDK does not know it.
      }
    }
    return taken;
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
}
