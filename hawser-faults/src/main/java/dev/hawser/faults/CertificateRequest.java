package dev.hawser.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate shall say. Without changes: a P-256 key, valid from yesterday for 90 days, for
 * both sides of a connection, and no names.
 */
public final class CertificateRequest {
  /** Writes into the certificate what is not offered here. */
  @FunctionalInterface
  public interface Change {
    /** Changes the certificate before it is signed. */
    void apply(X509v3CertificateBuilder certificate) throws CertIOException;
  }

  final List<String> dnsNames = new ArrayList<>();
  final List<String> addresses = new ArrayList<>();
  final List<Change> changes = new ArrayList<>();
  String commonName;
  KeyKind key = KeyKind.P256;
  Duration notBefore = Duration.ofDays(-1);
  Duration notAfter = Duration.ofDays(90);
  @Nullable String signature;
  boolean authority;

  CertificateRequest(String commonName) {
    this.commonName = commonName;
  }

  static CertificateRequest of(String commonName, Consumer<CertificateRequest> change) {
    var request = new CertificateRequest(commonName);
    change.accept(request);
    return request;
  }

  /** The subject's common name. */
  public CertificateRequest commonName(String name) {
    commonName = name;
    return this;
  }

  /** Adds DNS names, with or without a wildcard. */
  public CertificateRequest names(String... names) {
    dnsNames.addAll(List.of(names));
    return this;
  }

  /** Adds IP addresses. */
  public CertificateRequest ips(String... literals) {
    addresses.addAll(List.of(literals));
    return this;
  }

  /** The kind of key. */
  public CertificateRequest key(KeyKind kind) {
    key = kind;
    return this;
  }

  /** From when until when, counted from now; negative is the past. */
  public CertificateRequest valid(Duration from, Duration until) {
    notBefore = from;
    notAfter = until;
    return this;
  }

  /** Valid until yesterday. */
  public CertificateRequest expired() {
    return valid(Duration.ofDays(-30), Duration.ofDays(-1));
  }

  /** Valid from tomorrow. */
  public CertificateRequest notYetValid() {
    return valid(Duration.ofDays(1), Duration.ofDays(30));
  }

  /** The algorithm that the issuer signs with, for example {@code SHA1withRSA}. */
  public CertificateRequest signedWith(String algorithm) {
    signature = algorithm;
    return this;
  }

  /** Changes what is not offered here: extensions, for example must-staple. */
  public CertificateRequest with(Change change) {
    changes.add(change);
    return this;
  }
}
