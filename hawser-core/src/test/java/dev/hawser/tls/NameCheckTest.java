package dev.hawser.tls;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.CertificateRequest;
import dev.hawser.faults.TestAuthority;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A common name is no host's name. */
class NameCheckTest {
  private static final TestAuthority ROOT = TestAuthority.create();

  private static void check(String host, Consumer<CertificateRequest> certificate)
      throws CertificateException {
    new NameCheck()
        .check(ROOT.issue(certificate).chain(), List.of(ROOT.certificate()), host, List.of());
  }

  @Test
  void aNameNeedsAnAlternativeName() {
    assertThatCode(() -> check("a.test", leaf -> leaf.names("a.test"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check("a.test", leaf -> leaf.commonName("a.test")))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("a.test");
    assertThatThrownBy(() -> check("a.test", leaf -> leaf.commonName("a.test").ips("127.0.0.1")))
        .isInstanceOf(CertificateException.class);
  }

  /** Which the JDK compares with alternative names only. */
  @Test
  void anAddressIsLeftToTheJdk() {
    for (String address : List.of("127.0.0.1", "::1")) {
      assertThatCode(() -> check(address, leaf -> leaf.ips(address))).doesNotThrowAnyException();
    }
  }
}
