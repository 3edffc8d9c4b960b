package dev.hawser.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.TlsOptions.Stapling;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestAuthority.OcspStatus;
import dev.hawser.faults.TestIdentity;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OCSP answers that came with a certificate: good, bad, old, another's, none. */
class StapleCheckTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestAuthority MIDDLE = ROOT.intermediate("middle");
  private static final TestIdentity PLAIN = MIDDLE.issue(leaf -> leaf.commonName("plain"));
  private static final TestIdentity MUST_STAPLE =
      MIDDLE.issue(
          leaf ->
              leaf.commonName("must")
                  .with(
                      builder ->
                          builder.addExtension(
                              new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24"),
                              false,
                              new DERSequence(new ASN1Integer(5)))));

  private static void check(Stapling policy, TestIdentity server, byte[]... staples)
      throws CertificateException {
    new StapleCheck(policy)
        .check(server.chain(), List.of(ROOT.certificate()), "localhost", List.of(staples));
  }

  private static byte[] answer(TestIdentity of, OcspStatus status, Duration until) {
    return MIDDLE.ocspAnswer(of.leaf(), status, until);
  }

  @ParameterizedTest
  @EnumSource(
      value = Stapling.class,
      names = {"CHECKED", "REQUIRED"})
  void aGoodOneIsGood(Stapling policy) {
    for (TestIdentity server : List.of(PLAIN, MUST_STAPLE)) {
      assertThatCode(() -> check(policy, server, answer(server, OcspStatus.GOOD, HOUR)))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void aRevokedOneIsRefused() {
    assertThatThrownBy(
            () -> check(Stapling.CHECKED, PLAIN, answer(PLAIN, OcspStatus.REVOKED, HOUR)))
        .cause()
        .isInstanceOfSatisfying(
            CertPathValidatorException.class,
            e -> assertThat(e.getReason()).isEqualTo(BasicReason.REVOKED));
  }

  @Test
  void noneWillDoUnlessOneIsDemanded() {
    assertThatCode(() -> check(Stapling.CHECKED, PLAIN)).doesNotThrowAnyException();
    assertThatCode(() -> check(Stapling.CHECKED, PLAIN, new byte[0])).doesNotThrowAnyException();

    isMissing(() -> check(Stapling.REQUIRED, PLAIN), "there is none");
    isMissing(() -> check(Stapling.CHECKED, MUST_STAPLE), "there is none");
    isMissing(() -> check(Stapling.CHECKED, MUST_STAPLE, new byte[0]), "there is none");
  }

  @Test
  void whatDoesNotHoldIsAsIfThereWereNone() {
    byte[] old = answer(PLAIN, OcspStatus.GOOD, HOUR.negated());
    byte[] anothers = answer(MUST_STAPLE, OcspStatus.GOOD, HOUR);
    byte[] strangers =
        TestAuthority.create()
            .intermediate("middle")
            .ocspAnswer(PLAIN.leaf(), OcspStatus.GOOD, HOUR);
    byte[] unknown = answer(PLAIN, OcspStatus.UNKNOWN, HOUR);
    byte[] garbage = {1, 2, 3};
    for (byte[] staple : List.of(old, anothers, strangers, unknown, garbage)) {
      assertThatCode(() -> check(Stapling.CHECKED, PLAIN, staple)).doesNotThrowAnyException();
      isMissing(() -> check(Stapling.REQUIRED, PLAIN, staple), "does not hold");
    }
    isMissing(
        () -> check(Stapling.CHECKED, MUST_STAPLE, answer(PLAIN, OcspStatus.GOOD, HOUR)),
        "does not hold");
  }

  private interface Check {
    void run() throws CertificateException;
  }

  private static void isMissing(Check check, String words) {
    assertThatThrownBy(check::run)
        .isInstanceOf(StapleCheck.MissingException.class)
        .hasMessageContaining(words);
  }
}
