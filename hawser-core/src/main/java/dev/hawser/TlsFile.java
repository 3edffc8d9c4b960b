package dev.hawser;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file with certificates or a private key: PEM (RFC 7468) or PKCS#12, told by its content. It is
 * looked at four times a second and read again when it has changed; see {@link TlsOptions#roots()}
 * and {@link TlsOptions#identity()}.
 *
 * {@snippet class="dev.hawser.examples.Options" region="tlsFiles"}
 *
 * @param path where it is; links are followed at each look, so that a mounted Kubernetes secret can
 *     be named as it is
 * @param password of an encrypted key or a PKCS#12 file; a file in PKCS#12 that has none may do
 *     without
 */
public record TlsFile(Path path, Optional<String> password) {
  /** Checks that there are values. */
  public TlsFile {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(password, "password");
  }

  /**
   * {@return the file at this path, without a password}
   *
   * @param path where it is
   */
  public static TlsFile of(Path path) {
    return new TlsFile(path, Optional.empty());
  }

  /**
   * {@return the same file with a password}
   *
   * @param password the password
   */
  public TlsFile password(String password) {
    return new TlsFile(path, Optional.of(password));
  }

  /** {@return the path; the password is nobody's business} */
  @Override
  public String toString() {
    return path.toString();
  }
}
