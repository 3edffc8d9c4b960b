package dev.hawser.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Authentication schemes that are switched off, by the JDK's properties and their defaults in its
 * {@code conf/net.properties}: Basic would show a password to all on the way to a proxy.
 *
 * @param disabled in lower case
 */
public record AuthSchemes(Set<String> disabled) {
  /** With servers none is. */
  static final AuthSchemes OF_SERVERS = new AuthSchemes(Set.of());

  /** With proxies that pass on requests. */
  static final AuthSchemes OF_PROXYING = of("jdk.http.auth.proxying.disabledSchemes");

  /** With proxies that open tunnels. */
  static final AuthSchemes OF_TUNNELING = of("jdk.http.auth.tunneling.disabledSchemes");

  private static AuthSchemes of(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      value = defaults().getProperty(property, "");
    }
    return new AuthSchemes(
        Arrays.stream(value.split(",", -1))
            .map(scheme -> scheme.strip().toLowerCase(Locale.ROOT))
            .filter(scheme -> !scheme.isEmpty())
            .collect(Collectors.toUnmodifiableSet()));
  }

  private static Properties defaults() {
    var properties = new Properties();
    Path file = Path.of(System.getProperty("java.home"), "conf", "net.properties");
    try (var reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      properties.setProperty("jdk.http.auth.tunneling.disabledSchemes", "Basic");
    }
    return properties;
  }

  /** Whether a scheme, or credentials that begin with one, may be used. */
  boolean allows(String credentials) {
    String scheme = credentials.strip().split("\\s", 2)[0];
    return !disabled.contains(scheme.toLowerCase(Locale.ROOT));
  }
}
